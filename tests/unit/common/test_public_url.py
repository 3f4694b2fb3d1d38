"""The address visitors know the server by: what the setting may say, and which pages are the server's own."""

from __future__ import annotations

import pytest

from common.config import Config
from common.public_url import Origin, origin_of, parse_origin, parse_public_url, same_origin, seen_as


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://school.example", "https://school.example"),
        ("https://school.example/", "https://school.example"),
        (" https://School.Example:443/quiz/ ", "https://school.example/quiz"),
        ("http://192.168.1.20:8000/", "http://192.168.1.20:8000"),
        ("http://[2001:db8::1]:8000", "http://[2001:db8::1]:8000"),
        ("https://school.example/a/b", "https://school.example/a/b"),
    ],
)
def test_a_slash_a_path_and_a_port_are_read(given: str, read: str) -> None:
    assert Config(public_url=given).public_url == read


@pytest.mark.parametrize(
    "given",
    [
        "school.example",
        "school.example/quiz",
        "//school.example",
        "ftp://school.example",
        "wss://school.example",
        "https://",
        "https://school example",
        "https://school.example:port",
        "https://school.example:99999",
        "https://school.example/?a=b",
        "https://school.example/#top",
        "https://me:secret@school.example",
        "https://school.example/a b",
        "https://school.example/a/../b",
        "https://school.example//quiz",
    ],
)
def test_what_is_no_address_is_named_with_the_setting(given: str) -> None:
    with pytest.raises(ValueError, match="public_url"):
        Config(public_url=given)


@pytest.mark.parametrize("given", ["10.0.0.300", "10.0.0.0/33", "127.0.0.1, 10.0.0.5/8"])
def test_proxies_that_are_none_are_named_with_the_setting(given: str) -> None:
    with pytest.raises(ValueError, match="trusted_proxies"):
        Config(trusted_proxies=given)


@pytest.mark.parametrize("text", ["null", "", "https://", "https://[", "about:blank", "https://a@b", "file:///etc"])
def test_what_is_no_web_origin_is_none(text: str) -> None:
    assert parse_origin(text) is None


PUBLIC = parse_public_url("https://school.example/quiz")


@pytest.mark.parametrize(
    ("scheme", "host", "forwarded", "known", "seen"),
    [
        # TLS ended without a word, the Host passed as it is.
        ("http", "school.example", False, True, ("https", "school.example")),
        # The Host without its port, or with the port behind the proxy.
        ("https", "school.example:8443", True, True, ("https", "school.example")),
        # The Host rewritten to an inner name.
        ("http", "app:8000", False, False, ("https", "school.example")),
        # The proxy says that the visitor came without TLS: that is for the redirect to mend.
        ("http", "school.example", True, True, ("http", "school.example")),
        # Another of the server's own names.
        ("http", "192.168.1.20:8000", False, True, ("http", "192.168.1.20:8000")),
    ],
)
def test_the_public_address_stands_in_for_what_a_proxy_changed(
    scheme: str, host: str, forwarded: bool, known: bool, seen: tuple[str, str]
) -> None:
    assert seen_as(PUBLIC, scheme=scheme, host=host, forwarded_scheme=forwarded, known=known) == seen


def test_without_a_public_address_the_request_is_believed() -> None:
    assert seen_as(None, scheme="http", host="x:1", forwarded_scheme=False, known=False) == ("http", "x:1")


@pytest.mark.parametrize(
    ("origin", "scheme", "host", "fetch_site", "own"),
    [
        ("https://school.example", "https", "school.example", "", True),
        ("https://school.example", "http", "school.example", "", True),
        ("http://school.example", "https", "school.example", "", False),
        ("http://school.example:8080", "http", "school.example:8080", "", True),
        ("http://school.example:9090", "http", "school.example:8080", "", False),
        ("http://school.example:9090", "http", "school.example", "", False),
        ("https://school.example:8443", "http", "app:8000", "same-origin", True),
        ("null", "https", "school.example", "same-origin", True),
        ("null", "https", "school.example", "", False),
        ("https://evil.example", "https", "school.example", "", False),
        ("https://evil.example", "https", "school.example", "cross-site", False),
        ("http://school.example:9090", "http", "school.example:8080", "same-site", False),
        ("https://school.example.evil.example", "https", "school.example", "", False),
        ("https://school.example@evil.example", "https", "school.example", "", False),
    ],
)
def test_a_page_is_the_servers_own_when_scheme_host_and_port_are(
    origin: str, scheme: str, host: str, fetch_site: str, own: bool
) -> None:
    assert same_origin(origin, origin_of(scheme, host), None, fetch_site=fetch_site) is own


def test_a_page_at_the_public_address_is_the_servers_own_whatever_the_host_became() -> None:
    page = origin_of("http", "app:8000")
    assert same_origin("https://school.example", page, PUBLIC)
    assert not same_origin("https://school.example:444", page, PUBLIC)


def test_a_schemes_own_port_is_left_out() -> None:
    assert (Origin("https", "a", 443).netloc, Origin("https", "a", 80).netloc) == ("a", "a:80")
