"""Every metric of our own, and the text Prometheus scrapes. docs/metrics.md is generated from here.

Counters and histograms are moved where things happen: a message costs one increment, a broadcast one observation,
however many sockets it goes to. Gauges are read from the live objects by the sampler (common/sampling.py).

With several processes behind one port each writes to ``PROMETHEUS_MULTIPROC_DIR`` and any of them answers for all.
"""

from __future__ import annotations

import os
from pathlib import Path

import psutil
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as render
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_LONG = (1, 10, 60, 300, 900, 1_800, 3_600, 7_200, 14_400)


def _counter_of(name: str, meaning: str, label: str, values: str) -> Counter:
    """A counter of each of these values, from the start: the first of a kind would otherwise go unseen, since a rate
    needs a figure before it."""
    counter = Counter(name, f"{meaning}, by {label}: {values}.", [label])
    for value in values.split(", "):
        counter.labels(value)
    return counter


# -- connections ------------------------------------------------------------------------------------------------------
active_connections = Gauge(
    "websocket_active_connections", "WebSocket connections that are open.", multiprocess_mode="livesum"
)
# A counter of the client library would be exposed with "_total" behind a name that has it in the middle already.
total_connections = Gauge(
    "websocket_total_connections", "WebSocket connections accepted since the start; it only grows.",
    multiprocess_mode="sum",
)  # fmt: skip
connection_duration = Histogram(
    "websocket_connection_duration_seconds", "How long WebSocket connections lasted.", buckets=_LONG
)
connection_errors = _counter_of(
    "connection_errors_total", "WebSocket connections refused or closed by the server", "reason",
    "capacity, draining, origin, path, handshake, protocol, message_size, rate, slow_consumer, superseded, removed, "
    "silent",
)  # fmt: skip
messages_received = Counter(
    "websocket_messages_received_total", "Messages from clients, by type; what cannot be read is INVALID.", ["type"]
)
message_latency = Histogram(
    "websocket_message_duration_seconds", "Time from a message's arrival to its answer.", ["type"], buckets=_FAST
)
broadcasts = Counter("websocket_broadcasts_total", "Fan-outs to the sockets of a session, by kind.", ["kind"])
fan_out_seconds = Histogram(
    "websocket_fan_out_duration_seconds", "Time to write one broadcast to all sockets of this process.", ["kind"],
    buckets=_FAST,
)  # fmt: skip
outbox_bytes = Gauge(
    "websocket_outbox_bytes", "Bytes that were sent and that clients have not taken.", multiprocess_mode="livesum"
)
outbox_max_bytes = Gauge(
    "websocket_outbox_max_bytes", "The same for the connection with most of them.", multiprocess_mode="livemax"
)

# -- sessions ---------------------------------------------------------------------------------------------------------
active_sessions = Gauge(
    "quiz_active_sessions",
    "Sessions that are active (homework is not counted), in the database: take the maximum over instances.",
    multiprocess_mode="livemax",
)  # fmt: skip
total_participants = Gauge(
    "quiz_total_participants",
    "Participants of the sessions that are not over (nor homework), in the database: take the maximum over instances.",
    multiprocess_mode="livemax",
)
session_duration = Histogram(
    "quiz_session_duration_seconds", "Time from the start of a session to its end.", buckets=_LONG
)
sessions_completed = Counter("quiz_sessions_completed_total", "Sessions that ended.")
participants_joined = Counter("quiz_participants_joined_total", "Players who joined a session for the first time.")
join_seconds = Histogram(
    "quiz_join_duration_seconds",
    "Time from a player's wish to be in to being in, by kind: new, or back (with their token).",
    ["kind"],
    buckets=_FAST,
)
answers_submitted = Counter("quiz_answers_submitted_total", "Answers that were recorded.")
correct_answers = Counter("quiz_correct_answers_total", "Recorded answers that were right.")
scoring_latency = Histogram(
    "scoring_latency_seconds", "Time from an answer's arrival to its acknowledgement.", buckets=_FAST
)
leaderboard_latency = Histogram(
    "leaderboard_update_latency_seconds",
    "Time from the first change of a leaderboard to the last socket told, the window included.",
    buckets=_FAST,
)
answers_waiting = Gauge(
    "quiz_answers_waiting", "Answers that wait for their batch to the store.", multiprocess_mode="livesum"
)

# -- errors and limits ------------------------------------------------------------------------------------------------
errors = Counter(
    "error_total", "ERROR messages by code, and HTTP answers of 400 and above as HTTP_STATUS.", ["type"]
)  # fmt: skip
limits_hit = _counter_of(
    "limit_exceeded_total", "How often a limit refused something", "limit",
    "connections, message_size, messages, answers, boards, joins, lookups, participants, session_time, "
    "request_time, request_size, violations, frames, import, api_keys, logins, practice",
)  # fmt: skip
database_errors = Counter("database_errors_total", "Failed units of work on the database, by exception.", ["type"])

lines_suppressed = Counter("log_lines_suppressed_total", "Log lines that were not written, by LOG_LINES_PER_MINUTE.")

# -- HTTP -------------------------------------------------------------------------------------------------------------
http_duration = Histogram(
    "http_request_duration_seconds", "Time of HTTP requests, by route.", ["method", "route", "status"], buckets=_FAST
)

# -- stores -----------------------------------------------------------------------------------------------------------
redis_clients = Gauge("redis_connected_clients", "Clients connected to Redis.", multiprocess_mode="livemax")
redis_down = Gauge("redis_down", "1 while Redis is configured and does not answer.", multiprocess_mode="livemax")
database_down = Gauge("database_down", "1 while the database does not answer.", multiprocess_mode="livemax")
postgresql_connections = Gauge(
    "postgresql_active_connections", "Connections to our PostgreSQL database.", multiprocess_mode="livemax"
)
postgresql_max_connections = Gauge(
    "postgresql_max_connections", "Connections PostgreSQL allows.", multiprocess_mode="livemax"
)
database_pool_waiting = Gauge(
    "database_pool_waiting", "Requests that wait for a pooled database connection.", multiprocess_mode="livesum"
)
database_pool_used_ratio = Gauge(
    "database_pool_used_ratio", "Share of the pool's connections that are in use.", multiprocess_mode="livemax"
)
breaker_state = Gauge(
    "circuit_breaker_state", "0 closed, 1 half open, 2 open.", ["name"], multiprocess_mode="livemax"
)  # fmt: skip
write_behind_lag = Gauge(
    "write_behind_lag_seconds", "Age of the oldest acknowledged answer that is not in the database yet.",
    multiprocess_mode="livemax",
)  # fmt: skip
write_behind_queue = Gauge(
    "write_behind_queue_answers", "Acknowledged answers that are not in the database yet.", multiprocess_mode="livesum"
)
stream_entries = Gauge(
    "answer_stream_entries", "Answers in the Redis streams: take the maximum over instances.",
    multiprocess_mode="livemax",
)  # fmt: skip
set_aside = Counter(
    "records_set_aside_total", "Acknowledged records that the database refused; they are in the Redis stream poison."
)
store_losses = _counter_of(
    "store_losses_total", "Times a store was found to lack what it had, or to be another one, and was repaired", "what",
    "redis_replaced, redis_emptied, redis_lost_keys, redis_went_back, redis_split, database_went_back",
)  # fmt: skip
clock_steps = _counter_of(
    "clock_steps_total", "Times a clock was set while the server ran, which play does not follow", "whose",
    "machine, redis, instance",
)  # fmt: skip
brought_back = Counter(
    "records_brought_back_total", "Records that had been set aside and were written after all."
)  # fmt: skip
cache_hits = Counter("cache_hits_total", "Look-ups a cache answered.", ["cache"])
cache_misses = Counter("cache_misses_total", "Look-ups a cache could not answer.", ["cache"])

# -- process ----------------------------------------------------------------------------------------------------------
loop_lag = Histogram("event_loop_lag_seconds", "How late the event loop ran a timer, looked at four times a second.",
                     buckets=_FAST)  # fmt: skip
loop_tasks = Gauge("event_loop_tasks", "Tasks of the event loop.", multiprocess_mode="livesum")
process_memory = Gauge("process_memory_bytes", "Resident memory of the process.", multiprocess_mode="livesum")
memory_used = Gauge(
    "memory_used_ratio", "Share of the machine's or container's memory in use.", multiprocess_mode="livemax"
)
uptime = Gauge("process_uptime_seconds", "Time since the process started.", multiprocess_mode="livemin")
draining = Gauge("process_draining", "1 while the process drains before it stops.", multiprocess_mode="livemax")


def forget_process() -> None:
    """The process ends: its gauges no longer count among those of its siblings."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]  # has no types


def _forget_the_dead() -> None:
    """Siblings that were killed could not do it themselves."""
    for path in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        if not psutil.pid_exists(pid):
            mark_process_dead(pid)  # type: ignore[no-untyped-call]


def exposition() -> bytes:
    """All metrics in the text format of Prometheus."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        _forget_the_dead()
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # has no types
    return render(registry)
