"""What a server answers to, and the address it tells others."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from common import addresses


@pytest.fixture(autouse=True)
def two_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    def entry(family: int, address: str) -> Any:
        return SimpleNamespace(family=family, address=address)

    interfaces = {
        "lo": [entry(socket.AF_INET, "127.0.0.1")],
        "wlan0": [entry(socket.AF_INET, "192.168.1.20"), entry(socket.AF_INET6, "fe80::1")],
        "eth1": [entry(socket.AF_INET, "169.254.3.4")],
    }
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: interfaces)


def test_a_server_open_to_the_network_answers_to_the_machines_addresses() -> None:
    hosts = addresses.own_hosts("0.0.0.0")
    assert {"localhost", "127.0.0.1", "192.168.1.20"} <= set(hosts)
    assert "169.254.3.4" not in hosts


def test_a_server_on_loopback_answers_to_nothing_else() -> None:
    assert addresses.own_hosts("127.0.0.1") == list(addresses.LOOPBACK)


def test_it_tells_others_an_address_that_they_can_reach() -> None:
    assert addresses.reachable_url("0.0.0.0", 8000) == "http://192.168.1.20:8000"
    assert addresses.reachable_url("127.0.0.1", 8000) == "http://127.0.0.1:8000"


def test_without_a_network_it_tells_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "net_if_addrs", dict)
    assert addresses.reachable_url("0.0.0.0", 8000) == "http://127.0.0.1:8000"
