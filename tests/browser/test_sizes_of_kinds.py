"""Every kind of question, the result, the end and the lobby, on every size of page: nothing is cut, covered or off it.

Each page is loaded once for a way of writing and a colour scheme, and given each of the sizes in turn. Where a phone is
too small for all of a question, the page scrolls, says so, and has what is answered with before the picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.crowd import Crowd
from tests.browser.players import Player, Visitor
from tests.browser.quizzes import LONG
from tests.browser.server import Server
from tests.browser.test_sizes import ADDRESS, PROJECTORS, SIZED, Size, faults, has_picture

NewPlayer = Callable[..., Player]
NewScreen = Callable[..., Visitor]
#: Phones, tablets and desks, both ways up, and what a zoom of 125, 150 and 200 % leaves of them.
PAGES: list[Size] = [
    (320, 480),
    (320, 568),
    (360, 640),
    (412, 915),
    (568, 320),
    (640, 360),
    (915, 412),
    (768, 1024),
    (1024, 768),
    (1366, 768),
    (1920, 1080),
    (3840, 2160),
    *(
        (round(width / zoom), round(height / zoom))
        for width, height in ((412, 915), (1366, 768))
        for zoom in (1.25, 1.5, 2)
    ),
]
_WORDS = {
    "de": ["Freundschaft", "Wissenschaft", "Gesellschaft", "Landschaft", "Eigenschaft", "Bürgerinitiative"],
    "ar": ["صداقة", "علم", "مجتمع", "استقلالية", "طبيعة", "مستشفى"],
}
_ASKED = {"de": "Welches dieser Wörter passt?", "ar": "ما الكلمة المناسبة هنا؟"}


def _quiz(language: str) -> dict[str, Any]:
    words, text = _WORDS[language], _ASKED[language]

    def question(name: str, kind: str, **more: Any) -> dict[str, Any]:
        return {"id": name, "kind": kind, "text": f"{text} ({name})", "time_limit_ms": LONG, **more}

    def choice(name: str, count: int, **more: Any) -> dict[str, Any]:
        return question(name, "choice", options=words[:count], correct_answers=words[:1], **more)

    spoken = {"listen": "beside", "listen_language": language}
    return {
        "id": f"sized-kinds-{language}",
        "title": "Sizes",
        "language": language,
        "images": SIZED["images"],
        "questions": [
            choice("five", 5),
            choice("five-pictured", 5, media=ADDRESS),
            choice("two", 2),
            choice("heard", 4, **spoken),
            question("truth", "true_false", correct_answers=["True"], media=ADDRESS),
            question("multi", "multi", options=words, correct_answers=words[:2]),
            question("order", "order", options=words[1:6], correct_answers=words[1:6]),
            question("typed", "typed", correct_answers=[words[5]], media=ADDRESS),
            question("heard-typed", "typed", correct_answers=[words[5]], **spoken),
            question("number", "number", correct_answers=["12"]),
            question("poll", "poll", options=words[:3]),
        ],
    }


#: What a question is answered with, and what it is heard by.
CONTROLS = [".option", ".written", ".letters .letter", ".listen-place button", ".foot .primary"]
#: Whether the page says that there is more below, and what stands outside it.
_ROOM = """() => {
  const page = document.documentElement;
  const below = document.querySelector('.below');
  const picture = document.querySelector('#view img.picture');
  const first = document.querySelector('.option, .written');
  return {
    wide: page.scrollWidth > innerWidth + 1,
    scrolls: page.scrollHeight > innerHeight + 8,
    hint: Boolean(below && !below.hidden),
    late: Boolean(picture && first && first.getBoundingClientRect().top > picture.getBoundingClientRect().top),
  };
}"""


@pytest.fixture(scope="module", autouse=True)
def _quizzes(server: Server) -> None:
    for language in _WORDS:
        server.add_quiz(_quiz(language))


def _on_show(page: Page, selectors: list[str]) -> list[str]:
    return [selector for selector in selectors if page.locator(selector).filter(visible=True).count()]


def _sizes_of(page: Page, what: str, always: list[str], *, hinted: bool = True) -> list[str]:
    """What is wrong with a page on each size: whole where it can be, else scrolled and said to be."""
    found = []
    for size in PAGES:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        wrong = faults(page, always, size)
        room = page.evaluate(_ROOM)
        if room["wide"]:
            found.append(f"{what} {size}: wider than the page")
        if hinted and room["scrolls"] != room["hint"]:
            found.append(f"{what} {size}: scrolls {room['scrolls']}, and says so {room['hint']}")
        if room["scrolls"] and room["late"]:
            found.append(f"{what} {size}: the picture comes before what is answered with")
        # Below the edge is where it scrolls to.
        found += [f"{what} {fault}" for fault in wrong if not (room["scrolls"] and "off the page" in fault)]
        if hinted and room["scrolls"] and min(size) >= 640:
            found.append(f"{what} {size}: scrolls with all that room")
    return found


@pytest.mark.parametrize(("language", "locale", "scheme"), [("de", "de", "dark"), ("ar", "ar", "light")])
def test_a_phone_has_room_for_every_kind_of_question_and_its_result(
    server: Server, new_player: NewPlayer, language: str, locale: str, scheme: str
) -> None:
    quiz = _quiz(language)
    session = server.open_session(quiz["id"], pace="host")
    ana = new_player(locale=locale, color_scheme=scheme, reduced_motion="reduce")
    ana.visit(f"/j/{session.code}")
    ana.page.locator("#name").fill("Ana-Maria von Hohenzollern-S.")
    ana.page.locator("#enter").click()
    expect(ana.page.locator("section.lobby")).to_be_visible()
    found = _sizes_of(ana.page, "lobby", ["section.lobby h1"], hinted=False)
    session.do("start")
    for question in quiz["questions"]:
        session.do("next")
        expect(ana.page.locator("h1#question")).to_have_text(question["text"])
        if "listen" in question:
            expect(ana.page.locator(".listen-place button").first).to_be_visible()
        pictured = ["img.picture"] if has_picture(ana.page, question) else []
        found += _sizes_of(ana.page, question["id"], ["h1#question", *_on_show(ana.page, CONTROLS), *pictured])
        session.do("close-question")
        expect(ana.page.locator("section.result")).to_be_visible()
        found += _sizes_of(ana.page, f"{question['id']}, result", [".verdict"], hinted=False)
    session.do("end")
    expect(ana.page.locator("section.end .review").first).to_be_visible()
    found += _sizes_of(ana.page, "end", ["section.end h1"], hinted=False)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("language", "locale", "scheme"), [("de", "de", "light"), ("ar", "ar", "dark")])
def test_the_hall_has_room_for_every_kind_of_question_and_for_the_podium(
    server: Server, new_screen: NewScreen, language: str, locale: str, scheme: str
) -> None:
    quiz = _quiz(language)
    session = server.open_session(quiz["id"], pace="host")
    hall = new_screen(locale=locale, color_scheme=scheme, reduced_motion="reduce")
    hall.visit(f"/screen/{session.code}")
    expect(hall.page.locator("svg.qr")).to_be_visible()

    def look(what: str, parts: list[str]) -> None:
        parts = _on_show(hall.page, parts)
        for size in PROJECTORS:
            found.extend(f"{what} {fault}" for fault in faults(hall.page, parts, size))

    found: list[str] = []
    look("lobby", ["svg.qr", ".code"])
    crowd = Crowd(server, session)
    session.do("start")
    for question in quiz["questions"]:
        session.do("next")
        expect(hall.page.locator("section.question h1")).to_have_text(question["text"])
        pictured = ["img.picture"] if has_picture(hall.page, question) else []
        if question["id"] == "five":
            crowd.answer("five", question["options"])
        look(question["id"], [".question h1", ".options li", ".ring", *pictured])
        session.do("close-question")
        expect(hall.page.locator("section.result")).to_be_visible()
        look(f"{question['id']}, result", [".options li", ".result h1", *pictured])
    session.do("end")
    expect(hall.page.locator("section.end")).to_be_visible()
    look("end", ["section.end h1", ".podium li"])
    crowd.leave()
    assert not found, "\n".join(found)
