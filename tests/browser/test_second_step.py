"""A host sets up the second step of signing in, and signs in with it, on pages that axe finds nothing wrong with."""

from __future__ import annotations

import base64

from django_otp.oath import totp
from playwright.sync_api import Browser, Page, expect

from tests.browser.hosts import Host, violations
from tests.browser.server import Server


def _sign_in(host: Host, name: str, password: str) -> None:
    host.visit("/admin/")
    host.page.locator("[name=username]").fill(name)
    host.page.locator("[name=password]").fill(password)
    host.page.keyboard.press("Enter")


def _code(page: Page, *, steps_on: int) -> str:
    """What the app shows, whose secret the page tells; the code of a later step, as one works once."""
    secret = page.locator(".qz-secret ~ .qz-help code").inner_text().replace(" ", "")
    return f"{totp(base64.b32decode(secret), drift=steps_on):06}"


def test_a_host_sets_up_the_second_step_and_signs_in_with_it(browser: Browser, server: Server) -> None:
    password = server.add_host("second-step")
    host = Host(browser, server)
    page = host.page
    _sign_in(host, "second-step", password)
    expect(page.locator(".qz-hero")).to_be_visible()
    host.visit("/admin/account/")
    expect(page.get_by_text("this device")).to_be_visible()
    found = {"account": violations(page)}

    page.get_by_role("link", name="Set up the second step").click()
    expect(page.locator(".qz-secret svg")).to_be_visible()
    found["set up"] = violations(page)
    now, later = _code(page, steps_on=0), _code(page, steps_on=1)
    page.get_by_label("Your password").fill(password)
    page.get_by_label("Code that the app shows").fill(now)
    page.keyboard.press("Enter")
    expect(page.locator(".qz-recovery li")).to_have_count(10)
    recovery = page.locator(".qz-recovery li").first.inner_text()
    found["recovery codes"] = violations(page)
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_text("10 recovery codes are left")).to_be_visible()
    found["account with a second step"] = violations(page)

    other = Host(browser, server)
    _sign_in(other, "second-step", password)
    expect(other.page.locator("#id_code")).to_be_focused()
    found["code"] = violations(other.page)
    other.page.keyboard.type("not a code")
    other.page.keyboard.press("Enter")
    expect(other.page.get_by_role("alert")).to_be_visible()
    other.page.locator("#id_code").fill(later)
    other.page.keyboard.press("Enter")
    expect(other.page.locator(".qz-hero")).to_be_visible()

    page.reload()
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("You are signed in here only.")).to_be_visible()
    other.visit("/admin/")
    _sign_in(other, "second-step", password)
    other.page.locator("#id_code").fill(recovery.upper())
    other.page.keyboard.press("Enter")
    expect(other.page.locator(".qz-hero")).to_be_visible()
    for width in (390, 1366):
        page.set_viewport_size({"width": width, "height": 900})
        page.reload()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert {name: problems for name, problems in found.items() if problems} == {}
    for one in (host, other):
        assert one.complaints == []
        one.context.close()
