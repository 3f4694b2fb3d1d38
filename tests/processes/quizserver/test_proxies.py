"""Sign-in and play behind proxies: what each kind makes of a visitor's request, and which setting it needs."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.support.serving import Server, start_server, stop_server


@dataclass(frozen=True)
class Proxy:
    """A visitor's browser and the proxy in front, by what reaches the server."""

    origin: str
    host: str
    headers: dict[str, str] = field(default_factory=dict)
    #: Of the server.
    settings: tuple[tuple[str, str], ...] = ()
    #: Of the form alone: what Referrer-Policy makes of its origin.
    form_origin: str = ""


HTTPS = {"X-Forwarded-Proto": "https"}
BROWSER = {"Sec-Fetch-Site": "same-origin"}
NAMES = (("ALLOWED_HOSTS", "school.example,app"),)
PUBLIC = (("PUBLIC_URL", "https://school.example/"),)
PORT = (("PUBLIC_URL", "http://school.example:8080"),)
SECURE = (*PUBLIC, ("SECURE", "1"))

WORKS = {
    "everything passed as it is": Proxy("https://school.example", "school.example", HTTPS, NAMES),
    "TLS without a word": Proxy("https://school.example", "school.example", {}, NAMES),
    "TLS without a word, with a port": Proxy("https://school.example:8443", "school.example:8443", {}, NAMES),
    "the inner name, over TLS": Proxy("https://school.example", "app:8000", HTTPS | BROWSER, NAMES),
    "no referrer, over TLS": Proxy(
        "https://school.example", "school.example", HTTPS | BROWSER, NAMES, form_origin="null"
    ),
    "no referrer, without TLS": Proxy("http://school.example", "school.example", {}, NAMES, form_origin="null"),
    "the port lost": Proxy("http://school.example:8080", "school.example", {}, PORT),
    "the inner name": Proxy("http://school.example:8080", "app:8000", {}, PORT),
    "the inner name and TLS without a word": Proxy("https://school.example", "app:8000", {}, PUBLIC),
    "an unknown inner address": Proxy("https://school.example", "10.1.2.3:8000", HTTPS, PUBLIC),
    "HTTPS alone, TLS without a word": Proxy("https://school.example", "school.example", {}, SECURE),
    "HTTPS alone, the inner name": Proxy("https://school.example", "app:8000", HTTPS, SECURE),
}
#: What nobody can tell from an attack without a setting.
UNCLEAR = {
    "the port lost": Proxy("http://school.example:8080", "school.example", {}, NAMES),
    "the inner name": Proxy("http://school.example:8080", "app:8000", {}, NAMES),
}
FOREIGN = {
    "another page": Proxy("https://evil.example", "school.example", HTTPS | {"Sec-Fetch-Site": "cross-site"}, PUBLIC),
    "another port": Proxy("https://school.example:8443", "school.example", HTTPS, PUBLIC),
    "without TLS": Proxy("http://school.example", "school.example", HTTPS, SECURE),
}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Proxy], Server]]:
    """The server with a proxy's settings, started once for all that share them."""
    running: dict[tuple[tuple[str, str], ...], Server] = {}

    def get(proxy: Proxy) -> Server:
        if proxy.settings not in running:
            running[proxy.settings] = start_server(tmp_path_factory.mktemp("proxied"), **dict(proxy.settings))
        return running[proxy.settings]

    yield get
    for server in running.values():
        stop_server(server)


def ask(server: Server, proxy: Proxy, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, str]:
    """Status, cookies and text of a request as the proxy passes it on."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    sent = {"Host": proxy.host, **proxy.headers, **headers}
    if body:
        sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": proxy.form_origin or proxy.origin}
    connection.request(method, path, body or None, sent)
    reply = connection.getresponse()
    cookies = "; ".join(cookie.partition(";")[0] for cookie in reply.headers.get_all("Set-Cookie") or [])
    text = reply.read().decode()
    connection.close()
    return reply.status, cookies, text


def post_form(server: Server, proxy: Proxy, page: str, action: str, form: dict[str, str]) -> tuple[int, str]:
    """Status and text of a form that was opened and sent."""
    status, cookies, text = ask(server, proxy, "GET", page)
    assert status == 200, text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', text)
    assert token
    form = {**form, "csrfmiddlewaretoken": token[1]}
    status, _, text = ask(server, proxy, "POST", action, urlencode(form), Cookie=cookies)
    return status, text


def password(server: Server) -> str:
    made = re.search(r'"password": "([^"]+)"', (server.log.parent / "credentials.json").read_text())
    assert made
    return made[1]


def sign_in(server: Server, proxy: Proxy) -> tuple[int, str]:
    form = {"username": "host", "password": password(server), "next": "/admin/"}
    return post_form(server, proxy, "/admin/login/", "/admin/login/", form)


def opens(server: Server, proxy: Proxy) -> bool:
    """Whether a page's WebSocket is let in."""
    uri = f"ws://{proxy.host}/ws"
    try:
        sock = socket.create_connection(("127.0.0.1", server.port))
        with connect(uri, sock=sock, origin=Origin(proxy.origin), proxy=None, additional_headers=proxy.headers):
            return True
    except InvalidStatus as refused:
        assert refused.response.status_code == 403
        return False


@pytest.mark.parametrize("name", WORKS)
def test_hosts_sign_in_players_play_and_the_language_changes(name: str, serving: Callable[[Proxy], Server]) -> None:
    proxy = WORKS[name]
    server = serving(proxy)
    assert sign_in(server, proxy)[0] == 302
    assert post_form(server, proxy, "/", "/i18n/setlang/", {"language": "de", "next": "/"})[0] == 302
    assert opens(server, proxy)


@pytest.mark.parametrize("name", UNCLEAR)
def test_where_a_setting_is_needed_the_page_says_which(name: str, serving: Callable[[Proxy], Server]) -> None:
    proxy = UNCLEAR[name]
    status, text = sign_in(serving(proxy), proxy)
    assert status == 403
    assert f"<code>PUBLIC_URL={proxy.origin}</code>" in text


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_page_gets_nowhere(name: str, serving: Callable[[Proxy], Server]) -> None:
    proxy = FOREIGN[name]
    server = serving(proxy)
    assert sign_in(server, proxy)[0] == 403
    assert not opens(server, proxy)


def test_an_unknown_host_is_told_which_settings_name_it(serving: Callable[[Proxy], Server]) -> None:
    proxy = Proxy("http://other.example", "other.example", {}, NAMES)
    status, _, text = ask(serving(proxy), proxy, "GET", "/admin/login/")
    assert status == 400
    assert "ALLOWED_HOSTS" in text
