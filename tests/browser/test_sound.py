"""What is heard: tones that the page makes, as far as a device and its person let it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.hosts import Host, violations
from tests.browser.players import Player, Visitor
from tests.browser.server import Server

#: Stands in for the browser's own: it keeps what is played, and sounds once the test has allowed it.
FAKE_AUDIO = """
(() => {
  const heard = (window.heard = { tones: [], contexts: 0, allowed: __ALLOWED__, state: "none", volume: 0 });
  const param = (set = () => {}) => ({
    set value(to) { set(to); }, setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {},
    setTargetAtTime: (to) => set(to),
  });
  window.AudioContext = class extends EventTarget {
    constructor() {
      super();
      heard.contexts += 1;
      this.began = performance.now();
      this.become(heard.allowed ? "running" : "suspended");
    }
    become(state) {
      this.state = heard.state = state;
      this.dispatchEvent(new Event("statechange"));
    }
    get currentTime() { return (performance.now() - this.began) / 1000; }
    get destination() { return {}; }
    async resume() {
      if (!navigator.userActivation.hasBeenActive && !heard.allowed) return new Promise(() => {});
      this.become("running");
    }
    async suspend() { this.become("suspended"); }
    createGain() {
      const first = heard.contexts && !this.out;
      this.out = true;
      return { gain: param((to) => { if (first) heard.volume = to; }), connect: (to) => to };
    }
    createOscillator() {
      let frequency = 0;
      const tone = { stopped: null };
      return {
        frequency: { set value(to) { frequency = to; } }, connect: (to) => to,
        start(at) { Object.assign(tone, { frequency, at }); heard.tones.push(tone); },
        stop(at) { tone.stopped = at ?? "now"; },
      };
    }
  };
})();
"""
TICK, LAST, CLOSE, REVEAL, PODIUM, LOBBY = 880, 1175, 494, 784, 698, 262
NewScreen = Callable[..., Visitor]
NewHost = Callable[..., Host]
NewPlayer = Callable[..., Player]


def fake(visitor: Visitor, *, allowed: bool) -> None:
    """Put a stand-in for the browser's sound into the pages that are opened from now on."""
    visitor.context.add_init_script(FAKE_AUDIO.replace("__ALLOWED__", "true" if allowed else "false"))


def tones(page: Page) -> list[int]:
    found: list[int] = page.evaluate("() => heard.tones.map(tone => tone.frequency)")
    return found


def hears(page: Page, frequency: int) -> None:
    """Wait for a tone."""
    page.wait_for_function("wanted => heard.tones.some(tone => tone.frequency === wanted)", arg=frequency)


def forget(page: Page) -> None:
    page.evaluate("() => { heard.tones.length = 0; }")


def state(page: Page, name: str) -> Any:
    return page.evaluate("name => heard[name]", name)


def test_the_screen_sounds_from_the_lobby_to_the_podium(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host", time_limit_ms=6_000)
    screen = new_screen()
    fake(screen, allowed=True)
    screen.visit(f"/screen/{session.code}")
    page = screen.page
    hears(page, LOBBY)
    session.do("start")
    page.wait_for_selector("[data-scene=ready]")
    assert page.evaluate("() => heard.tones.every(tone => tone.stopped !== null)")
    forget(page)
    session.do("next")
    hears(page, LAST)
    hears(page, CLOSE)
    hears(page, REVEAL)
    heard = tones(page)
    # One for each of the last five seconds, the very last one higher, then the close and what was right.
    assert [tone for tone in heard if tone in (TICK, LAST)] == [TICK] * 4 + [LAST]
    assert heard.index(LAST) < heard.index(CLOSE) < heard.index(REVEAL)
    forget(page)
    session.do("end")
    hears(page, PODIUM)
    assert LOBBY not in tones(page)


def test_a_key_and_a_slider_change_it_and_the_device_remembers(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host")
    screen = new_screen()
    fake(screen, allowed=True)
    screen.visit(f"/screen/{session.code}")
    page = screen.page
    button, volume = page.get_by_role("button", name="Sound (M)"), page.get_by_label("Volume")
    expect(button).to_have_attribute("aria-pressed", "true")
    hears(page, LOBBY)
    assert state(page, "volume") == 0.25
    volume.fill("100")
    page.wait_for_function("() => heard.volume === 1")
    page.locator("body").press("m")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(volume).to_be_disabled()
    page.wait_for_function("() => heard.state === 'suspended'")
    forget(page)
    session.do("start")
    session.do("next")
    session.do("close-question")
    page.wait_for_selector("[data-scene=result]")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert (state(page, "contexts"), tones(page)) == (0, [])
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(volume).to_have_value("100")
    session.do("end")
    hears(page, PODIUM)


def test_while_the_browser_refuses_it_the_page_says_what_helps(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host")
    screen = new_screen()
    fake(screen, allowed=False)
    screen.visit(f"/screen/{session.code}")
    page = screen.page
    hint = page.locator("#sound-hint")
    expect(hint).to_have_text("For the sound, click here once or press a key.")
    assert tones(page) == []
    page.locator("main").click()
    hears(page, LOBBY)
    expect(hint).to_be_hidden()
    # It was switched on all the while: the click did not switch it off.
    expect(page.get_by_role("button", name="Sound (M)")).to_have_attribute("aria-pressed", "true")


def test_the_switch_itself_is_a_click_that_lets_it_sound(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host")
    screen = new_screen()
    fake(screen, allowed=False)
    screen.visit(f"/screen/{session.code}")
    screen.see("For the sound, click here once or press a key.")
    button = screen.page.get_by_role("button", name="Sound (M)")
    button.click()
    hears(screen.page, LOBBY)
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_whoever_wants_less_motion_hears_nothing(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host")
    screen = new_screen(reduced_motion="reduce", bypass_csp=True)
    fake(screen, allowed=True)
    screen.visit(f"/screen/{session.code}")
    screen.see("No sound: this device asks for less motion.")
    button = screen.page.get_by_role("button", name="Sound (M)")
    button.click(force=True)
    session.do("start")
    session.do("next")
    session.do("close-question")
    session.do("end")
    screen.page.wait_for_selector("[data-scene=end]")
    assert (state(screen.page, "contexts"), tones(screen.page)) == (0, [])
    expect(button).to_have_attribute("aria-disabled", "true")
    assert violations(screen.page) == []


def test_a_browser_without_sound_is_named_and_nothing_else_fails(server: Server, new_screen: NewScreen) -> None:
    session = server.open_session("every-kind", pace="host")
    screen = new_screen()
    screen.context.add_init_script("delete window.AudioContext; delete window.webkitAudioContext;")
    screen.visit(f"/screen/{session.code}")
    screen.see("This browser makes no sounds.")
    session.do("start")
    session.do("next")
    screen.page.wait_for_selector("[data-scene=question]")


def test_the_console_sounds_unless_a_screen_beside_it_does(server: Server, new_host: NewHost) -> None:
    host = new_host()
    fake(host, allowed=True)
    session = host.run("every-kind")
    hears(host.page, LOBBY)
    screen = host.open_tab()
    screen.goto(f"{server.url}/screen/{session.code}")
    hears(screen, LOBBY)
    host.sees("#sound-hint", "The big screen in this browser has the sound.")
    forget(host.page)
    session.do("start")
    session.do("next")
    session.do("close-question")
    hears(screen, REVEAL)
    assert tones(host.page) == []
    screen.close()
    expect(host.page.locator("#sound-hint")).to_be_hidden()
    session.do("end")
    hears(host.page, PODIUM)


def test_on_a_phone_it_is_off_until_it_is_switched_on(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host")
    player = new_player()
    fake(player, allowed=False)
    fetched: list[str] = []
    player.page.on("request", lambda request: fetched.append(request.url))
    player.join(session, "Ana")
    player.see("The game begins when your host starts it.")
    switch = player.page.get_by_role("button", name="Sound")
    expect(switch).to_have_attribute("aria-pressed", "false")
    assert not any("sound" in address for address in fetched)
    assert state(player.page, "contexts") == 0
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    hears(player.page, LOBBY)
    player.page.reload()
    expect(switch).to_have_attribute("aria-pressed", "true")
    player.page.locator("#title").click()
    session.do("start")
    session.do("next")
    player.page.wait_for_selector("section.question")
    session.do("close-question")
    hears(player.page, REVEAL)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
