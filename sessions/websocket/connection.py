"""One client's connection: let in or turned away, held to its limits, its messages parsed and its errors told."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from common import metrics, tracing
from common.limits import TokenBucket, network_of
from scoring.ports import ServiceUnavailable
from sessions.fanout.sockets import EXTENSION, FrameSocket, QueueSocket, Socket
from sessions.protocol import encoding, inbound, outbound
from sessions.protocol.errors import RECOVERABLE, RateLimited, SessionError, service_unavailable
from sessions.rules.player_names import USER_ID
from sessions.rules.state import SessionSetup
from sessions.services.playing import Superseded
from sessions.services.ports import connection_name
from sessions.websocket.base_consumer import BaseConsumer, Send
from sessions.wiring.runtime import Runtime, current_runtime

logger = logging.getLogger(__name__)

_RECEIVED = {name: metrics.messages_received.labels(name) for name in (*inbound.TYPES, "INVALID")}
_LATENCY = {name: metrics.message_latency.labels(name) for name in inbound.TYPES}
#: What is over a limit is counted (limit_exceeded_total): a flood must not become one of log lines.
_LEVELS = {"SERVICE_UNAVAILABLE": logging.WARNING, "RATE_LIMITED": logging.DEBUG}
for _code in RECOVERABLE:
    # From the start: a rate does not see the first of a kind otherwise.
    metrics.errors.labels(_code)
_NAMES = {struct: name for name, struct in inbound.TYPES.items()}

_numbers = itertools.count(1)


class Connection(BaseConsumer):
    """What every client has, whatever its messages mean; that is for a subclass to say."""

    runtime: Runtime
    socket: Socket
    #: The session the client is in.
    setup: SessionSetup | None = None

    async def opened(self, send: Send) -> bool:
        self.runtime = await current_runtime()
        if self.runtime.turn_away():
            await self._refuse(send)
            return False
        config = self.runtime.config
        wanted = parse_qs(self.scope.get("query_string", b"").decode("latin-1")).get("user_id", [""])[0]
        valid = USER_ID.match(wanted) is not None
        self.chosen_id = valid
        self.user_id = wanted if valid else str(uuid.uuid4())
        self.messages = TokenBucket(config.rate_messages_per_second)
        self.answers = TokenBucket(config.rate_answers_per_second)
        self.boards = TokenBucket(config.rate_boards_per_second)
        self._opened_at = time.monotonic()
        self._received_at = time.perf_counter()
        client = self.scope.get("client")
        self.address = network_of(client[0]) if client else ""
        self.violations = TokenBucket(config.rate_violations, period_ms=10_000)
        await send({"type": "websocket.accept"})
        name = self._named_anew()
        writer = self.scope.get("extensions", {}).get(EXTENSION)
        self.socket = (
            FrameSocket(name, writer, outbox_bytes=config.ws_outbox_bytes)
            if writer is not None
            else QueueSocket(name, send, outbox_bytes=config.ws_outbox_bytes)
        )
        self.socket.user_id = self.user_id
        self.runtime.opened(self.socket)
        if wanted and not valid:
            self.reply_error(
                SessionError(
                    "INVALID_MESSAGE",
                    "user_id: 1 to 36 characters of A-Z a-z 0-9 . _ - but not . or .. ; you have a new one",
                ),
                None,
            )
        return True

    async def _refuse(self, send: Send) -> None:
        if "websocket.http.response" in self.scope.get("extensions", {}):
            headers = [(b"content-type", b"text/plain"), (b"retry-after", b"5")]
            await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
            await send({"type": "websocket.http.response.body", "body": b"The server is at capacity.\n"})
        else:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": outbound.CLOSE_OVERLOAD, "reason": "at capacity"})

    async def gone(self) -> None:
        if self.socket.broken is not None and not self.socket.closed:
            code, reason = self.socket.broken
            if code == outbound.CLOSE_TOO_LARGE:
                metrics.limits_hit.labels("message_size").inc()
            self.socket.closing(code, reason)
        self.socket.closed = True
        self.runtime.closed(self.socket)
        metrics.connection_duration.observe(time.monotonic() - self._opened_at)

    async def received_binary(self, data: bytes) -> None:
        if len(data) > self.runtime.config.ws_max_message_bytes:
            self._close_too_large()
            return
        if not self._within(self.messages.take(self.now()), "messages", lambda: None):
            return
        _RECEIVED["INVALID"].inc()
        self.reply_error(SessionError("INVALID_MESSAGE", "Messages are text frames of JSON, not binary ones."), None)

    async def received(self, text: str) -> None:
        if self.socket.closed:
            return
        bound = self.runtime.config.ws_max_message_bytes
        # A character is up to four bytes: only what is near the bound needs to be encoded to be measured.
        if len(text) > bound or (len(text) * 4 > bound and len(text.encode(errors="replace")) > bound):
            self._close_too_large()
            return
        started = self._received_at = time.perf_counter()
        if not self._within(self.messages.take(self.now()), "messages", lambda: inbound.message_id_of(text)):
            return
        with tracing.span("websocket.message"):
            await self._answer(text, started)

    async def _answer(self, text: str, started: float) -> None:
        reply_to = None
        try:
            with tracing.span("validate"):
                message, reply_to = inbound.parse(text)
            name = _NAMES[type(message)]
            tracing.describe(name, user_id=self.user_id, request_id=reply_to)
            _RECEIVED[name].inc()
            await self._handle(message, reply_to)
            _LATENCY[name].observe(time.perf_counter() - started)
            if logger.isEnabledFor(logging.DEBUG):
                logger.debug("handled", extra={"type": name, **self._log_fields(reply_to)})
        except inbound.BadMessage as error:
            _RECEIVED["INVALID"].inc()
            self.reply_error(SessionError(error.code, str(error)), error.reply_to)
        except RateLimited as limited:
            retry_to = reply_to
            self._refuse_message(limited.message, limited.retry_after_ms, lambda: retry_to)
        except SessionError as error:
            self.reply_error(error, reply_to)
        except Superseded:
            self.socket.close(outbound.CLOSE_SUPERSEDED, "connected elsewhere")
        except ServiceUnavailable:
            self.reply_error(service_unavailable(), reply_to)
        except asyncio.CancelledError:
            raise
        except Exception:
            logger.exception("message_failed", extra=self._log_fields(reply_to))
            self.reply_error(SessionError("INTERNAL_ERROR", "Something went wrong here; please try again."), reply_to)

    async def _handle(self, message: inbound.Inbound, reply_to: str | None) -> None:
        """Answer a message. What is raised is told to the client."""
        raise NotImplementedError

    def _named_anew(self) -> str:
        """A name for the connection that says when it was given."""
        return connection_name(self.runtime.server_id, next(_numbers), self.now())

    def _within(self, retry_after_ms: int, limit: str, reply_to: Callable[[], str | None]) -> bool:
        """Whether a limit lets the message pass; if not, the client is told when it will.

        :param retry_after_ms: how long the limit wants the client to wait; 0 when it does not.
        :param reply_to: finds the message's id, which costs something to read from a message that is not parsed.
        """
        if not retry_after_ms:
            return True
        metrics.limits_hit.labels(limit).inc()
        self._refuse_message("Too many messages; please wait.", retry_after_ms, reply_to)
        return False

    def _refuse_message(self, text: str, retry_after_ms: int, reply_to: Callable[[], str | None]) -> None:
        if self.violations.take(self.now()):
            metrics.limits_hit.labels("violations").inc()
            self.socket.close(outbound.CLOSE_RATE, "kept on after RATE_LIMITED")
            return
        self.reply_error(SessionError("RATE_LIMITED", text), reply_to(), retry_after_ms)

    def _log_fields(self, request_id: str | None) -> dict[str, Any]:
        return {
            "user_id": self.user_id,
            "session_id": self.setup.id if self.setup else None,
            "request_id": request_id,
            "latency_ms": round((time.perf_counter() - self._received_at) * 1_000, 1),
        }

    def _close_too_large(self) -> None:
        metrics.limits_hit.labels("message_size").inc()
        self.socket.close(outbound.CLOSE_TOO_LARGE, "message too large")

    def now(self) -> int:
        """Unix milliseconds."""
        return self.runtime.clock.now()

    def reply(self, message: outbound.Outbound, reply_to: str | None) -> None:
        """Answer this client."""
        self.socket.send_own(encoding.encode(message, at=self.now(), reply_to=reply_to))

    def reply_error(self, error: SessionError, reply_to: str | None, retry_after_ms: int | None = None) -> None:
        """Answer this client with an error, and log it in one line."""
        metrics.errors.labels(error.code).inc()
        level = _LEVELS.get(error.code, logging.INFO)
        if logger.isEnabledFor(level):
            logger.log(level, "refused", extra={"code": error.code, **self._log_fields(reply_to)})
        self.reply(
            outbound.Error(
                code=error.code,
                message=error.message,
                recoverable=RECOVERABLE[error.code],
                reply_to=reply_to,
                retry_after_ms=retry_after_ms,
                reason=error.reason,
                result=error.result,
            ),
            reply_to,
        )
