"""Log lines: JSON for machines, text for a terminal. Code logs with the standard library and ``extra={...}``.

Every line has ``timestamp``, ``level`` and ``message``; JSON lines always have ``user_id``, ``session_id``,
``trace_id``, ``request_id`` and ``latency_ms`` too, null where there is none, so that a query may rely on them.
Answers, tokens, keys and passwords are never logged; what bears such a name is masked all the same.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections import Counter
from typing import Any, Literal

import msgspec
import structlog
from opentelemetry import trace
from structlog.types import EventDict, Processor, WrappedLogger

from common import metrics
from common.limits import Buckets

LogFormat = Literal["auto", "json", "text"]

FIELDS = ("timestamp", "level", "message", "user_id", "session_id", "trace_id", "request_id", "latency_ms")

_SECRET = re.compile(r"answers?$|token|password|secret|authorization|cookie|(^|_)key$", re.IGNORECASE)
_KEY_IN_TEXT = re.compile(r"(Api-Key\s+|Bearer\s+)\S+", re.IGNORECASE)
#: PostgreSQL repeats the row it refuses, an answer with it. A row may have lines of its own, so that all goes up to
#: where a traceback goes on; in the ``repr`` of an error a line break is two characters.
_ROW_IN_TEXT = re.compile(r"(\n|\\n)(DETAIL|CONTEXT):.*?(?=\Z|\n\nThe above exception|\n\nDuring handling)", re.DOTALL)
_MASK = "[masked]"
_OWN = ("quizserver", "sessions", "leaderboards", "scoring", "classes", "quizzes", "practice")
_MINUTE_MS = 60_000
#: Characters that tell one kind of line from others, and kinds whose suppressed lines are counted.
_KIND_LENGTH = 200
_KINDS = 1_000
_encoder = msgspec.json.Encoder(enc_hook=str)


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask fields that are named like a secret, and credentials and rows of the database inside a text."""
    # Django's lines about refused requests bring it; its text has the query, where clients may have put anything.
    event.pop("request", None)
    for name, value in event.items():
        if _SECRET.search(name):
            event[name] = _MASK
        elif isinstance(value, str):
            event[name] = _ROW_IN_TEXT.sub(rf"\1\2: {_MASK}", _KEY_IN_TEXT.sub(rf"\1{_MASK}", value))
    return event


def add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The ids of the span the line was logged in."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
        event["span_id"] = trace.format_span_id(context.span_id)
    return event


def complete(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The promised fields first, null where there is none."""
    # uvicorn's own line once more, with colours.
    event.pop("color_message", None)
    fields: EventDict = {name: event.pop(name, None) for name in FIELDS}
    return {**fields, **event}


def to_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """One line of JSON; a value JSON does not know is written as its text."""
    return _encoder.encode(event).decode(errors="replace")


#: Handshakes and frames that cannot be used have a line of our own (quizserver/server/protocol.py).
_TOLD_ALREADY = ("connection ", "HTTP response sent", "Invalid UTF-8 sequence")


class WithoutConnections(logging.Filter):
    """Drops what uvicorn says about every single WebSocket: with thousands of players it is noise; metrics count."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = str(record.msg)
        return not (message.startswith(_TOLD_ALREADY) or "WebSocket %s" in message)


class OnlyTracebacks(logging.Filter):
    """Drops what Django says about an answer of 500 and above that no exception led to: http_request has said it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)


class Bounded(logging.Filter):
    """Bounds how often lines of one kind are written, from WARNING on: what fails fails for every player at once.

    The kind is the logger, the level and the text before anything is put into it. A line that passes after others did
    not says how many (``suppressed``). Of one kind and one error a traceback is written once a minute; between them its
    lines say what the error says.
    """

    def __init__(self, per_minute: int) -> None:
        """:param per_minute: lines of one kind, in a burst of as many at most; 0 for no bound."""
        super().__init__()
        self._lines = Buckets(per_minute, _MINUTE_MS)
        self._tracebacks = Buckets(1 if per_minute else 0, _MINUTE_MS)
        self._suppressed: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        kind, now = f"{record.name} {record.levelno} {record.msg}"[:_KIND_LENGTH], time.monotonic_ns() // 1_000_000
        if self._lines.take(kind, now):
            metrics.lines_suppressed.inc()
            if kind in self._suppressed or len(self._suppressed) < _KINDS:
                self._suppressed[kind] += 1
            return False
        if suppressed := self._suppressed.pop(kind, 0):
            record.suppressed = suppressed
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            if self._tracebacks.take(f"{kind} {type(error).__name__}", now):
                record.exc_info = record.exc_text = None
                record.error = repr(error)
        return True


def formatter(style: LogFormat) -> structlog.stdlib.ProcessorFormatter:
    """The formatter of the handlers; ``auto`` is text on a terminal and JSON elsewhere."""
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_trace,
    ]
    last: list[Processor] = (
        # Plain: structlog's own choice shows the variables of every frame, and answers and tokens are among them.
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
        if text
        else [structlog.processors.EventRenamer("message"), complete, to_json]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            # Behind it: a traceback ends with what the error says.
            mask_secrets,
            *last,
        ],
    )


def logging_settings(level: str, style: LogFormat, per_minute: int) -> dict[str, Any]:
    """Django's LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": formatter, "style": style}},
        "filters": {
            "without_connections": {"()": WithoutConnections},
            "only_tracebacks": {"()": OnlyTracebacks},
            "bounded": {"()": Bounded, "per_minute": per_minute},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines", "filters": ["bounded"]}},
        # What libraries say at DEBUG is whole frames and headers, with answers, tokens and cookies in them.
        "root": {"handlers": ["console"], "level": "INFO" if level == "DEBUG" else level},
        "loggers": {
            **{name: {"level": level} for name in _OWN},
            # Django's own handlers would write each line a second time.
            "django": {"handlers": [], "level": "INFO"},
            # Refused requests have a line of their own (http_request); this logger adds the tracebacks of failures.
            "django.request": {"level": "ERROR", "filters": ["only_tracebacks"]},
            # Scanners send any Host; the answer is 400 and counted.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            "uvicorn.error": {"filters": ["without_connections"]},
            "daphne": {"level": "WARNING"},
            # Four lines about every sign-in that went well.
            "axes": {"level": "WARNING"},
            # Says in a second line what http_request says, and three about every WebSocket.
            "django.channels.server": {"level": "WARNING"},
        },
    }
