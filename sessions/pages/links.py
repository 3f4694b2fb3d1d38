"""Addresses that a host shows to a room, and their QR code."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from common.addresses import LOOPBACK
from sessions.pages.views import join_url, qr_svg


@dataclass(frozen=True, slots=True)
class Links:
    """Where players join and what the projector shows. ``join_text`` is for reading aloud: without the scheme."""

    join: str
    join_text: str
    screen: str
    qr: SafeString
    #: Only the server's own machine reaches this address: a room of phones would scan it in vain.
    only_here: bool


def links_of(request: HttpRequest, join_code: str) -> Links:
    """The links of a session as its visitors reach this server."""
    join = join_url(request, join_code)
    address = join.partition("//")[2].rpartition("/j/")[0]
    host = address.partition("/")[0]
    only_here = host in LOOPBACK or host.rpartition(":")[0] in LOOPBACK
    return Links(join, address, reverse("screen", args=[join_code]), qr_svg(join), only_here)
