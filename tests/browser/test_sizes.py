"""A question on every size of page: nothing is cut, covered or off the screen.

A page is loaded once for each question, and then given each of the sizes. A zoom of 200 % is a page of half the size.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.players import Player, Visitor
from tests.browser.quizzes import LONG
from tests.browser.server import Server
from tests.support.images import picture

NewPlayer = Callable[..., Player]
NewScreen = Callable[..., Visitor]
ADDRESS = f"/images/{'1' * 32}.webp"
Size = tuple[int, int]
PHONES: list[Size] = [(320, 480), (320, 568), (360, 640), (360, 740), (390, 844), (412, 915)]
WIDE: list[Size] = [(768, 1024), (1024, 768), (1280, 720), (1920, 1080), (3840, 2160)]
PROJECTORS: list[Size] = [(1024, 768), (1280, 720), (1280, 800), (1366, 768), (1920, 1080), (1920, 1200), (3840, 2160)]
#: Both ways up.
SIZES = [*PHONES, *[(height, width) for width, height in PHONES[1:]], *WIDE]
#: Sizes of a phone at a zoom of 200 %: options come first, and the rest is scrolled to.
ZOOMED: list[Size] = [(180, 320), (195, 422), (457, 206)]


def _question(number: int, text: str, options: list[str], *, pictured: bool) -> dict[str, Any]:
    return {
        "id": f"q{number}",
        "kind": "choice",
        "text": text,
        "options": options,
        "correct_answers": options[:1],
        "time_limit_ms": LONG,
        **({"media": ADDRESS} if pictured else {}),
    }


def _quiz(name: str, language: str, questions: list[dict[str, Any]]) -> dict[str, Any]:
    images = {ADDRESS: base64.b64encode(picture("JPEG", size=(1200, 900))).decode()}
    return {"id": name, "title": "Sizes", "language": language, "questions": questions, "images": images}


_SHORT = ["red", "green", "blue", "yellow", "black", "white"]
_LONG = ["Freundschaft", "Wissenschaft", "Gesellschaft", "Landschaft", "Eigenschaft", "Botschaft"]
_PHRASES = ["a kind of bread", "to put something off", "as soon as possible", "once in a blue moon"]
SIZED = _quiz(
    "sizes",
    "de",
    [
        _question(1, "Which colour is this?", _SHORT[:4], pictured=True),
        _question(2, "Is it this one?", _SHORT[:2], pictured=True),
        _question(3, "Which word goes with this picture?", _LONG, pictured=True),
        _question(4, "What does it mean when people say this to one another?", _PHRASES, pictured=False),
        _question(5, "Which word is it?", _LONG, pictured=False),
        _question(6, "Which of these three is right?", _SHORT[:3], pictured=True),
    ],
)
ARABIC = _quiz(
    "sizes-ar",
    "ar",
    [
        _question(1, "ما معنى هذه الكلمة؟", ["كتاب", "مدرسة", "نافذة", "سيارة"], pictured=True),
        _question(2, "ما هذا؟", ["صداقة", "علم", "مجتمع", "رسالة", "طبيعة", "صفة"], pictured=True),
    ],
)

#: What is wrong with what a page shows, as sentences. A part is a selector and how many of it there have to be.
_FAULTS = """async (parts) => {
  for (const animation of document.getAnimations()) {
    if (animation.effect.getTiming().iterations !== Infinity) animation.finish();
  }
  for (let n = 0; n < 3; n++) await new Promise((done) => requestAnimationFrame(done));
  const faults = [];
  for (const selector of parts) {
    const found = [...document.querySelectorAll(selector)];
    if (!found.length) faults.push(`no ${selector}`);
    for (const node of found) {
      const name = `${selector} ${node.textContent.slice(0, 12)}`;
      const box = node.getBoundingClientRect();
      if (box.width < 8 || box.height < 8) faults.push(`${name} is too small: ${box.width} x ${box.height}`);
      if (box.top < -1 || box.left < -1 || box.bottom > innerHeight + 1 || box.right > innerWidth + 1) {
        faults.push(`${name} is off the page: ${Math.round(box.top)} to ${Math.round(box.bottom)} of ${innerHeight}`);
        continue;
      }
      const hides = getComputedStyle(node).overflow !== 'visible' && node.tagName !== 'IMG';
      if (hides && (node.scrollHeight > node.clientHeight + 2 || node.scrollWidth > node.clientWidth + 2)) {
        faults.push(`${name} is cut`);
      }
      for (const [x, y] of [[0.5, 0.5], [0.5, 0.98], [0.98, 0.5]]) {
        const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
        if (top && !node.contains(top) && !top.contains(node)) faults.push(`${name} is covered by ${top.className}`);
      }
    }
  }
  return faults;
}"""


@pytest.fixture(scope="module", autouse=True)
def _quizzes(server: Server) -> None:
    server.add_quiz(SIZED)
    server.add_quiz(ARABIC)


def has_picture(page: Page, question: dict[str, Any]) -> bool:
    if "media" not in question:
        return False
    page.wait_for_function("() => document.querySelector('img.picture')?.naturalWidth > 0")
    return True


def faults(page: Page, parts: list[str], size: Size) -> list[str]:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    found: list[str] = page.evaluate(_FAULTS, parts)
    return [f"{size[0]} x {size[1]}: {fault}" for fault in found]


@pytest.mark.parametrize(("quiz", "locale", "scheme"), [(SIZED, "en", "light"), (ARABIC, "ar", "dark")])
def test_a_phone_shows_the_question_its_picture_and_all_options(
    server: Server, new_player: NewPlayer, quiz: dict[str, Any], locale: str, scheme: str
) -> None:
    session = server.open_session(quiz["id"], pace="host", auto_start=True)
    ana = new_player(locale=locale, color_scheme=scheme, reduced_motion="reduce")
    ana.visit(f"/j/{session.code}")
    ana.page.locator("#name").fill("Ana")
    ana.page.locator("#enter").click()
    expect(ana.page.locator("#view")).to_be_visible()
    found = []
    for question in quiz["questions"]:
        session.do("next")
        expect(ana.page.locator("h1#question")).to_have_text(question["text"])
        parts = ["h1#question", ".option", *(["img.picture"] if has_picture(ana.page, question) else [])]
        for size in SIZES:
            found += [f"{question['id']} {fault}" for fault in faults(ana.page, parts, size)]
    assert not found, "\n".join(found)


def test_where_not_everything_fits_the_options_come_first_and_the_page_says_that_there_is_more(
    server: Server, new_player: NewPlayer
) -> None:
    session = server.open_session("sizes", pace="host", auto_start=True)
    ana = new_player(reduced_motion="reduce")
    ana.join(session, "Ana")
    for _ in range(3):
        session.do("next")
    question = SIZED["questions"][2]
    expect(ana.page.locator("h1#question")).to_have_text(question["text"])
    assert has_picture(ana.page, question)
    for size in ZOOMED:
        ana.page.set_viewport_size({"width": size[0], "height": size[1]})
        told = ana.page.evaluate(
            """async () => (await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))), {
              wide: document.documentElement.scrollWidth > innerWidth,
              scrolls: document.documentElement.scrollHeight > innerHeight + 1,
              hint: !document.querySelector('.below').hidden,
              options: document.querySelector('.option').getBoundingClientRect().top,
              picture: document.querySelector('img.picture').getBoundingClientRect().top,
            })"""
        )
        assert not told["wide"], size
        assert told["scrolls"] == told["hint"], size
        if told["scrolls"]:
            assert told["options"] < told["picture"], size


@pytest.mark.parametrize(("quiz", "locale", "scheme"), [(SIZED, "en", "dark"), (ARABIC, "ar", "light")])
def test_the_hall_sees_the_question_its_picture_and_all_options(
    server: Server, new_screen: NewScreen, quiz: dict[str, Any], locale: str, scheme: str
) -> None:
    session = server.open_session(quiz["id"], pace="host", auto_start=True)
    hall = new_screen(locale=locale, color_scheme=scheme, reduced_motion="reduce")
    hall.visit(f"/screen/{session.code}")
    found = []
    for question in quiz["questions"]:
        session.do("next")
        expect(hall.page.locator("h1")).to_have_text(question["text"])
        parts = [".question h1", ".options li", ".ring", *(["img.picture"] if has_picture(hall.page, question) else [])]
        for size in PROJECTORS:
            found += [f"{question['id']} {fault}" for fault in faults(hall.page, parts, size)]
        session.do("close-question")
        expect(hall.page.locator("section.result")).to_be_visible()
        parts = [".options li", *(["img.picture"] if has_picture(hall.page, question) else [])]
        for size in PROJECTORS:
            found += [f"{question['id']}, result: {fault}" for fault in faults(hall.page, parts, size)]
    assert not found, "\n".join(found)
