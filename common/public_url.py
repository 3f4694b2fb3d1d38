"""The address visitors know the server by, and what of a request that tells. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

#: A host name, an IPv4 address, or an IPv6 address in brackets.
_HOST = re.compile(r"^(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])$")
_PATH = re.compile(r"^(?:/[A-Za-z0-9._~-]+)*$")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """A web origin (RFC 6454): two pages share one when scheme, host and port are the same.

    ``host`` is in lower case, an IPv6 address in brackets.
    """

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """Host and port as a Host header says them: a scheme's own port is left out."""
        return self.host if _DEFAULT_PORTS.get(self.scheme) == self.port else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """Where visitors find the server. ``path`` is empty, or begins with a slash and does not end with one."""

    origin: Origin
    path: str = ""

    def __str__(self) -> str:
        return f"{self.origin}{self.path}"


def parse_origin(text: str) -> Origin | None:
    """The origin that a browser's Origin header names, or ``None`` for ``null`` and whatever is no web origin."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), _host_of(parts.hostname or "")
    if scheme not in _DEFAULT_PORTS or not _HOST.match(host) or "@" in parts.netloc:
        return None
    return Origin(scheme, host, port or _DEFAULT_PORTS[scheme])


def origin_of(scheme: str, host_header: str) -> Origin | None:
    """The origin of the page that a request with this Host header belongs to, or ``None`` if the header is none."""
    return parse_origin(f"{'https' if scheme in ('https', 'wss') else 'http'}://{host_header}")


def parse_public_url(text: str) -> PublicUrl:
    """Read the setting PUBLIC_URL.

    :raises ValueError: with what is wrong and an example of what is right.
    """
    given = text.strip()
    if "://" not in given:
        raise ValueError(
            f"needs https:// or http:// in front, such as https://{given.strip('/') or 'quiz.example.org'}"
        )
    parts = urlsplit(given)
    if parts.scheme.lower() not in _DEFAULT_PORTS:
        raise ValueError(f"{parts.scheme}:// is not for web pages; it has to begin with https:// or http://")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("is an address alone, such as https://quiz.example.org/quiz, without ?, # or a user's name")
    origin = parse_origin(given)
    if origin is None:
        raise ValueError("has no host name that can be one, such as https://quiz.example.org")
    path = parts.path.rstrip("/")
    if not _PATH.match(path) or any(part in (".", "..") for part in path.split("/")):
        raise ValueError("has a path with characters other than letters, digits and . _ ~ -, such as /quiz")
    return PublicUrl(origin, path)


def seen_as(
    public: PublicUrl | None, *, scheme: str, host: str, forwarded_scheme: bool, known: bool
) -> tuple[str, str]:
    """The scheme and Host by which the visitor sees the page, as far as the request and the settings tell.

    A proxy may pass the Host without its port, put the server's inner name in its place, or end TLS without a word.
    Whatever belongs to the public address is then taken for what PUBLIC_URL says.

    :param scheme: of the request, after X-Forwarded-Proto of a trusted proxy.
    :param forwarded_scheme: whether the request says itself by which scheme it came (X-Forwarded-Proto).
    :param known: whether ``host`` is one of the server's own names.
    """
    if public is None:
        return scheme, host
    asked = origin_of(scheme, host)
    if known and (asked is None or asked.host != public.origin.host):
        return scheme, host
    told = scheme if forwarded_scheme else public.origin.scheme
    if told == public.origin.scheme:
        return told, public.origin.netloc
    return scheme, host


def same_origin(origin: str, page: Origin | None, public: PublicUrl | None, *, fetch_site: str = "") -> bool:
    """Whether a request comes from a page of this server.

    :param origin: the Origin header.
    :param page: the origin by which this request's address is known, see :func:`seen_as`.
    :param fetch_site: the header Sec-Fetch-Site, which scripts cannot set. Browsers send it over HTTPS and to their own
        machine, and it says what no proxy can blur.
    """
    if fetch_site == "same-origin":
        return True
    sender = parse_origin(origin)
    if sender is None:
        return False
    if sender in (page, public.origin if public else None):
        return True
    if page is None or fetch_site:
        return False
    # TLS ended at a proxy that does not say so. A page that came over TLS is at least as good as one that did not.
    return sender.scheme == "https" and page.scheme == "http" and _unsecured(sender) == page


def _unsecured(sender: Origin) -> Origin:
    port = _DEFAULT_PORTS["http"] if sender.port == _DEFAULT_PORTS["https"] else sender.port
    return Origin("http", sender.host, port)


def _host_of(hostname: str) -> str:
    return f"[{hostname}]" if ":" in hostname else hostname
