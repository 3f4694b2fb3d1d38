"""What the practice views share: who asks, how often that may be, and how errors are told."""

from __future__ import annotations

import math

from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import Throttled
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from common import metrics
from common.clock import SystemClock
from common.config import CONFIG
from common.limits import Buckets, network_of
from common.rest import BoundedJSONParser, Problem
from practice.tokens import token_hash

_SCHEME = "practice"
#: Bytes of a body: 200 reviews, each with an answer that is a list of options.
_BODY = 524_288
_MINUTE_MS = 60_000

_clock = SystemClock()
_addresses = Buckets(CONFIG.rate_practice_requests_per_minute, _MINUTE_MS)
_decks = Buckets(CONFIG.rate_practice_per_minute, _MINUTE_MS)


class PracticeParser(BoundedJSONParser):
    """JSON of no more bytes than reviews can have."""

    bound = _BODY


class PracticeAPI(APIView):
    """A view for players, who have no account: what they show is all that counts, and no cookie does."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes: tuple[type[BaseParser], ...] = (PracticeParser,)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Count the request."""
        super().initial(request, *args, **kwargs)
        _refuse_for(_addresses.take(network_of(request.META.get("REMOTE_ADDR", "")), _clock.now()))

    def token(self, request: Request) -> str:
        """What the request shows to open a deck.

        :raises Problem: when it shows nothing.
        """
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        if scheme.lower() != _SCHEME or not token.strip().isascii():
            raise unknown_deck()
        token = str(token.strip())
        count_for(token_hash(token))
        return token


def count_for(key: str) -> None:
    """Count a request for what one player practises.

    :raises Throttled: when there were too many.
    """
    _refuse_for(_decks.take(key, _clock.now()))


def unknown_deck() -> Problem:
    """No deck has the token."""
    told = _("There is no such practice: it was deleted or not used for too long, or its link is not whole.")
    return Problem(status.HTTP_404_NOT_FOUND, told, code="UNKNOWN_DECK")


def _refuse_for(wait_ms: int) -> None:
    if wait_ms:
        metrics.limits_hit.labels("practice").inc()
        raise Throttled(math.ceil(wait_ms / 1_000))
