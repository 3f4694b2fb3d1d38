"""The names and addresses this machine is reached by, so that phones in the same room can join without set-up."""

from __future__ import annotations

import ipaddress
import socket

import psutil

#: Addresses to bind that mean "all of this machine's".
WILDCARDS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def network_problem(text: str) -> str:
    """What is wrong with an address or a network that a setting names; empty when nothing is. ``*`` is any."""
    if text in ("", "*"):
        return ""
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        # A name is one process's way to say "over a Unix socket"; anything else is a slip.
        return "" if text.replace("-", "").replace("_", "").isalnum() and not text[0].isdigit() else str(error)
    return ""


def network_addresses() -> list[str]:
    """This machine's IPv4 addresses in its networks, without loopback and link-local ones."""
    found = []
    for addresses in psutil.net_if_addrs().values():
        for entry in addresses:
            if entry.family == socket.AF_INET:
                address = ipaddress.ip_address(entry.address)
                if not (address.is_loopback or address.is_link_local):
                    found.append(entry.address)
    return found


def own_hosts(bind: str) -> list[str]:
    """Host names a server on this bind address answers to: loopback's, and the machine's own where it listens."""
    if bind in WILDCARDS:
        name = socket.gethostname()
        return [*LOOPBACK, *network_addresses(), name, f"{name}.local"]
    return [*LOOPBACK, *([] if bind in LOOPBACK else [bind])]


def reachable_url(bind: str, port: int) -> str:
    """The address to tell others: one of the machine's in its network where the server listens there."""
    addresses = network_addresses() if bind in WILDCARDS else []
    host = addresses[0] if addresses else ("127.0.0.1" if bind in WILDCARDS else bind)
    return f"http://{host}:{port}"
