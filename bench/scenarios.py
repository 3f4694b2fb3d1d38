"""What is measured. Each scenario starts its own processes and returns figures; absolute times vary by machine."""

from __future__ import annotations

import time
from typing import Any

from bench.drive import Server, client

Figures = dict[str, Any]

_BROADCAST_BYTES = 256


def _session(server: Server, module: str, **options: Any) -> str:
    """A session to join; the naive way has one for everybody."""
    return server.session(**options) if module == "bench.target" else "session"


def _joinable(server: Server, module: str, *, active: bool) -> str:
    """A session to join, which is being played already where it is to be active."""
    session_id = _session(server, module, **({"pace": "host", "time_limit_ms": 600_000} if active else {}))
    for command in ("start", "next") if active else ():
        server.rest("POST", f"sessions/{session_id}/{command}")
    return session_id


def broadcast(module: str, count: int, rounds: int, env: dict[str, str] | None = None) -> Figures:
    """Messages a second that reach the clients, of a broadcast to ``count`` sockets, ``rounds`` times."""
    server = Server(module, env=env)
    load = client()
    try:
        session_id = _session(server, module)
        load.ask(do="connect", url=server.ws, count=count)
        if module != "bench.raw":
            load.ask(do="join", session_id=session_id, leaderboard="none")
        rates, costs = [], []
        for _ in range(3):
            cpu = server.cpu_seconds()
            load.ask(do="reset")
            # From the request on: the naive way puts a message into thousands of queues before the first one arrives.
            started = time.perf_counter()
            server.ask(session_id=session_id, count=rounds, size=_BROADCAST_BYTES)
            got = load.ask(do="until", kind="BENCH", count=count * rounds, seconds=120)
            rates.append(count * rounds / (time.perf_counter() - started))
            costs.append((server.cpu_seconds() - cpu) / (count * rounds) * 1e6)
            if not got["done"]:
                return {"lost": count * rounds - got["counts"]["BENCH"]}
        return {"per_second": round(sorted(rates)[1]), "cpu_us_each": round(sorted(costs)[1], 2), "sockets": count}
    finally:
        load.stop()
        server.stop()


def idle(count: int, module: str = "bench.target", env: dict[str, str] | None = None) -> Figures:
    """Memory per socket joined to one session, and CPU of a session in which nothing happens."""
    server = Server(module, env=env)
    try:
        base = server.rss_mb()
        load = client()
        try:
            session_id = _session(server, module)
            load.ask(do="connect", url=server.ws, count=count)
            joined = load.ask(do="join", session_id=session_id)
            # What joining left is collected by then.
            time.sleep(10)
            cpu, started = server.cpu_seconds(), time.monotonic()
            time.sleep(20)
            share = (server.cpu_seconds() - cpu) / (time.monotonic() - started)
            rss = server.rss_mb()
        finally:
            load.stop()
        return {
            "sockets": count,
            "base_mb": round(base, 1),
            "rss_mb": round(rss, 1),
            "kb_per_socket": round((rss - base) * 1024 / count, 1),
            "idle_cpu_percent": round(share * 100, 2),
            "joined": joined["done"],
        }
    finally:
        server.stop()


def join_storm(
    count: int, module: str = "bench.target", env: dict[str, str] | None = None, *, active: bool = False
) -> Figures:
    """Players who join as fast as the server takes them, already connected; latencies of those at 2,400 a second.

    :param active: into a session whose first question is open, with leaderboards.
    """
    server = Server(module, env=env)
    try:
        load = client()
        try:
            session_id = _joinable(server, module, active=active)
            connect = load.ask(do="connect", url=server.ws, count=count)
            # At the aimed rate the latency is the server's, not that of a queue in front of it.
            paced = load.ask(do="join", session_id=session_id, seconds=count / 2_400)
        finally:
            load.stop()
        load = client()
        try:
            session_id = _joinable(server, module, active=active)
            load.ask(do="connect", url=server.ws, count=count)
            cpu = server.cpu_seconds()
            burst = load.ask(do="join", session_id=session_id, seconds=0)
            cpu = server.cpu_seconds() - cpu
        finally:
            load.stop()
        return {
            "players": count,
            "connects_per_second": round(count / connect["seconds"]),
            "joins_per_second": round(count / burst["seconds"]),
            "cpu_us_each": round(cpu / count * 1e6, 1),
            **latency(paced, "SESSION_JOINED"),
            "all_joined": paced["done"] and burst["done"],
        }
    finally:
        server.stop()


def ping(count: int, module: str = "bench.target", env: dict[str, str] | None = None) -> Figures:
    """Round trips of PING from idle members of a session."""
    server = Server(module, env=env)
    try:
        load = client()
        try:
            session_id = _session(server, module)
            load.ask(do="connect", url=server.ws, count=count)
            load.ask(do="join", session_id=session_id, leaderboard="none")
            cpu = server.cpu_seconds()
            got = load.ask(do="ping", rounds=5, seconds=1.0)
            cost = (server.cpu_seconds() - cpu) / (5 * count)
        finally:
            load.stop()
        return {"players": count, **latency(got, "PONG"), "cpu_us_each": round(cost * 1e6, 1)}
    finally:
        server.stop()


def answers(
    count: int,
    *,
    seconds: float = 2.0,
    pace: str = "host",
    reveal: str = "immediately",
    leaderboard: str = "full",
    instances: int = 1,
    env: dict[str, str] | None = None,
) -> Figures:
    """All players answer one question within the window while leaderboards run; also the question's fan-out."""
    servers = [Server(core=core, env=env) for core in range(instances)]
    first = servers[0]
    try:
        load = client()
        try:
            session_id = first.session(pace=pace, reveal=reveal, time_limit_ms=60_000)
            for server in servers:
                load.ask(do="connect", url=server.ws, count=count // instances)
            load.ask(do="join", session_id=session_id, leaderboard=leaderboard, seconds=count / 2_400)
            first.rest("POST", f"sessions/{session_id}/start")
            load.ask(do="until", kind="SESSION_STARTED", count=count, seconds=20)
            load.ask(do="reset")
            first.rest("POST", f"sessions/{session_id}/next")
            opened = load.ask(do="until", kind="QUESTION_OPENED", count=count, seconds=20)
            time.sleep(0.5)
            cpu = sum(server.cpu_seconds() for server in servers)
            got = load.ask(do="answer", seconds=seconds)
            busy = sum(server.cpu_seconds() for server in servers) - cpu
            kind = "SCORE_UPDATED" if reveal == "immediately" else "ANSWER_ACCEPTED"
            time.sleep(1)
            after = load.ask(do="tally")
            results = first.rest("GET", f"sessions/{session_id}/results?wait=true")
            return {
                "players": count,
                "acknowledged": got["counts"].get(kind, 0),
                "stored": len(results["answers"]),
                "errors": got["counts"].get("ERROR", 0),
                "per_second": round(count / got["seconds"]),
                **latency(got, kind),
                "boards_per_player": round(after["counts"].get("LEADERBOARD_UPDATED", 0) / count, 1),
                "server_cpu": round(busy / got["seconds"], 2),
                "cpu_us_each": round(busy / count * 1e6, 1),
                "question_last_client_ms": opened["span_ms"].get("QUESTION_OPENED"),
                "question_everybody": opened["done"],
                "closes": sum(after["closes"].values()),
                "rss_mb": round(sum(server.rss_mb() for server in servers), 1),
            }
        finally:
            load.stop()
    finally:
        for server in servers:
            server.stop()


def latency(tally: Figures, kind: str, prefix: str = "") -> Figures:
    """P50, P99 and the largest of the round trips that ended with this kind of message."""
    found = tally["latency_ms"].get(kind, {})
    return {f"{prefix}{name}_ms": found[name] for name in ("p50", "p99", "max") if name in found}


def naive_answers(count: int) -> Figures:
    """The same by the naive way: each answer tells all players the score."""
    server = Server("bench.naive")
    try:
        load = client()
        try:
            load.ask(do="connect", url=server.ws, count=count)
            load.ask(do="join", session_id="session")
            question = {"session_id": "session", "question_id": "q", "options": ["a", "b"]}
            cpu = server.cpu_seconds()
            got = load.ask(do="answer", seconds=2.0, question=question)
            told = load.ask(do="until", kind="LEADERBOARD_UPDATED", count=count * count, seconds=60)
            busy = server.cpu_seconds() - cpu
            return {
                "players": count,
                "acknowledged": got["counts"].get("SCORE_UPDATED", 0),
                "per_second": round(count / got["seconds"]),
                **latency(got, "SCORE_UPDATED"),
                "boards_per_player": round(told["counts"].get("LEADERBOARD_UPDATED", 0) / count, 1),
                "cpu_us_each": round(busy / count * 1e6, 1),
                "rss_mb": round(server.rss_mb(), 1),
            }
        finally:
            load.stop()
    finally:
        server.stop()


def slow_readers(count: int, stalled: int, questions: int = 6) -> Figures:
    """Some clients take nothing any more, while leaderboards go to everybody; what the others notice, and what is kept.

    The outboxes are bounded at 128 KiB, so that the stalled reach the bound within the scenario.
    """
    server = Server(env={"WS_OUTBOX_BYTES": str(128 * 1024)})
    try:
        load = client()
        try:
            session_id = server.session(pace="host", reveal="immediately", time_limit_ms=60_000)
            if stalled:
                load.ask(do="connect", url=server.ws, count=stalled, far=True)
            load.ask(do="connect", url=server.ws, count=count - stalled)
            load.ask(do="join", session_id=session_id, seconds=count / 2_400)
            server.rest("POST", f"sessions/{session_id}/start")
            load.ask(do="until", kind="SESSION_STARTED", count=count, seconds=20)
            load.ask(do="stall", count=stalled)
            rss = server.rss_mb()
            acknowledged, worst, kept = 0, [], 0.0
            for _ in range(questions):
                load.ask(do="reset")
                server.rest("POST", f"sessions/{session_id}/next")
                load.ask(do="until", kind="QUESTION_OPENED", count=count - stalled, seconds=20)
                got = load.ask(do="answer", seconds=2.0)
                acknowledged += got["counts"].get("SCORE_UPDATED", 0)
                worst.append(got["latency_ms"]["SCORE_UPDATED"]["p99"])
                kept = max(kept, server.metric("websocket_outbox_bytes"))
            closed = server.metric('connection_errors_total{reason="slow_consumer"}')
            return {
                "players": count,
                "stalled": stalled,
                "acknowledged": acknowledged,
                "expected": (count - stalled) * questions,
                "p99_ms": sorted(worst)[len(worst) // 2],
                "p99_of_each_question_ms": worst,
                "closed_as_slow": round(closed),
                "outboxes_kb": round(kept / 1024),
                "rss_before_mb": round(rss, 1),
                "rss_mb": round(server.rss_mb(), 1),
            }
        finally:
            load.stop()
    finally:
        server.stop()


def soak(count: int, seconds: int) -> Figures:
    """One session after the other for a long time; the server's memory after each, and where it settles."""
    server = Server()
    try:
        deadline = time.monotonic() + seconds
        before, failed, lost = server.rss_mb(), 0, 0
        sizes: list[float] = []
        while time.monotonic() < deadline:
            try:
                lost += _play(server, count, len(sizes) + failed)
                sizes.append(round(server.rss_mb(), 1))
            except Exception as error:
                failed += 1
                print(f"soak: a session failed: {error!r}", flush=True)
                if failed > _FAILURES:
                    break
        third = max(1, len(sizes) // 3)
        settled = [round(sum(part) / len(part), 1) for part in (sizes[third : 2 * third], sizes[-third:]) if part]
        return {
            "sessions": len(sizes),
            "failed": failed,
            "players": count,
            "answers_lost": lost,
            "before_mb": round(before, 1),
            "after_first_mb": sizes[0] if sizes else None,
            "middle_third_mb": settled[0] if settled else None,
            "last_third_mb": settled[-1] if settled else None,
            "last_mb": sizes[-1] if sizes else None,
            "each_mb": sizes,
        }
    finally:
        server.stop()


#: Sessions of a soak that may fail before it ends.
_FAILURES = 5


def _play(server: Server, count: int, number: int) -> int:
    """A whole session of five questions; how many answers were not acknowledged."""
    load, lost = client(), 0
    try:
        session_id = server.session(pace="host", reveal="immediately", time_limit_ms=60_000)
        # Others each time: the same ones would come too often for the limit on joins.
        load.ask(do="connect", url=server.ws, count=count, prefix=f"round-{number}-")
        load.ask(do="join", session_id=session_id, seconds=0.5)
        server.rest("POST", f"sessions/{session_id}/start")
        for _ in range(5):
            load.ask(do="reset")
            server.rest("POST", f"sessions/{session_id}/next")
            load.ask(do="until", kind="QUESTION_OPENED", count=count, seconds=20)
            got = load.ask(do="answer", seconds=0.5)
            lost += count - got["counts"].get("SCORE_UPDATED", 0)
        server.rest("POST", f"sessions/{session_id}/end")
    finally:
        load.stop()
    return lost
