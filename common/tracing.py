"""Traces: off, at the cost of one comparison, until OTEL_EXPORTER_OTLP_ENDPOINT names a collector.

A WebSocket lives for hours, so a span is one message, not one socket. Its children follow the work wherever tasks and
threads take it; a message to the other instances carries the trace with it (:func:`carrier`, :func:`continued`).
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.propagate import extract, inject

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

T = TypeVar("T")

_tracer: trace.Tracer | None = None
_provider: TracerProvider | None = None
_NOTHING: AbstractContextManager[Any] = nullcontext()


def start(endpoint: str, *, exporter: SpanExporter | None = None) -> None:
    """Begin to trace this process.

    :param endpoint: of an OTLP collector over HTTP, such as ``http://localhost:4318``; empty leaves tracing off.
    :param exporter: takes the spans instead of the collector.
    """
    global _tracer, _provider
    if _tracer is not None or not (endpoint or exporter):
        return
    # Imported here: nobody without a collector pays for loading them.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
    from opentelemetry.instrumentation.redis import RedisInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    _provider = TracerProvider(resource=Resource.create({"service.name": "quizserver"}))
    target = exporter or OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")
    _provider.add_span_processor(BatchSpanProcessor(target))
    trace.set_tracer_provider(_provider)
    _tracer = _provider.get_tracer("quizserver")
    PsycopgInstrumentor().instrument(tracer_provider=_provider)
    RedisInstrumentor().instrument(tracer_provider=_provider)


def stop() -> None:
    """Send what was not sent yet."""
    if _provider is not None:
        _provider.shutdown()


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """A span around a block, child of the one it stands in."""
    if _tracer is None:
        return _NOTHING
    return _tracer.start_as_current_span(name, attributes=attributes)


def describe(name: str, **attributes: str | None) -> None:
    """Name the span we are in, and say more of it."""
    if _tracer is not None:
        current = trace.get_current_span()
        current.update_name(name)
        current.set_attributes({key: value for key, value in attributes.items() if value is not None})


def carrier() -> dict[str, str] | None:
    """The trace we are in, for another process to go on with."""
    if _tracer is None:
        return None
    headers: dict[str, str] = {}
    inject(headers)
    return headers


def continued(headers: Mapping[str, str] | None, name: str) -> AbstractContextManager[Any]:
    """A span that goes on with the trace another process sent."""
    return _NOTHING if _tracer is None else _continued(headers or {}, name)


@contextmanager
def _continued(headers: Mapping[str, str], name: str) -> Iterator[None]:
    token = otel_context.attach(extract(headers))
    try:
        with span(name):
            yield
    finally:
        otel_context.detach(token)


def bound(function: Callable[[], T]) -> Callable[[], T]:
    """The function as it would run here, for a thread to run it."""
    if _tracer is None:
        return function
    here = contextvars.copy_context()
    return lambda: here.run(function)
