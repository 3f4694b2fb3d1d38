"""What is measured. Each scenario starts its own processes and returns figures; absolute times vary by machine."""

from __future__ import annotations

import time
from typing import Any

from bench.drive import Process, Server, client

Figures = dict[str, Any]

_BROADCAST_BYTES = 256


def _joined(server: Server, count: int, **options: Any) -> tuple[Process, str, Figures]:
    load = client()
    session_id = server.session(**options)
    connect = load.ask(do="connect", url=server.ws, count=count)
    joined = load.ask(do="join", session_id=session_id)
    joined["connect_seconds"] = connect["seconds"]
    return load, session_id, joined


def broadcast(module: str, count: int, rounds: int, env: dict[str, str] | None = None) -> Figures:
    """Messages a second that reach the clients, of a broadcast to ``count`` sockets, ``rounds`` times."""
    server = Server(module, env=env)
    load = client()
    try:
        session_id = ""
        if module == "bench.target":
            session_id = server.session()
        load.ask(do="connect", url=server.ws, count=count)
        if module != "bench.raw":
            load.ask(do="join", session_id=session_id, leaderboard="none")
        rates, costs = [], []
        for _ in range(3):
            cpu = server.cpu_seconds()
            load.ask(do="reset")
            server.ask(session_id=session_id, count=rounds, size=_BROADCAST_BYTES)
            got = load.ask(do="until", kind="BENCH", count=count * rounds, seconds=120)
            rates.append(count * rounds / (got["span_ms"]["BENCH"] / 1_000))
            costs.append((server.cpu_seconds() - cpu) / (count * rounds) * 1e6)
            if not got["done"]:
                return {"lost": count * rounds - got["counts"]["BENCH"]}
        return {"per_second": round(sorted(rates)[1]), "cpu_us_each": round(sorted(costs)[1], 2), "sockets": count}
    finally:
        load.stop()
        server.stop()


def idle(count: int, env: dict[str, str] | None = None) -> Figures:
    """Memory per socket joined to one session, and CPU of a session in which nothing happens."""
    server = Server(env=env)
    try:
        base = server.rss_mb()
        load, _, joined = _joined(server, count)
        try:
            time.sleep(3)
            cpu, started = server.cpu_seconds(), time.monotonic()
            time.sleep(10)
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


def join_storm(count: int, env: dict[str, str] | None = None) -> Figures:
    """Players who join as fast as the server takes them, already connected."""
    server = Server(env=env)
    try:
        load = client()
        try:
            session_id = server.session()
            connect = load.ask(do="connect", url=server.ws, count=count)
            # At the aimed rate the latency is the server's, not that of a queue in front of it.
            paced = load.ask(do="join", session_id=session_id, seconds=count / 2_400)
        finally:
            load.stop()
        load = client()
        try:
            session_id = server.session()
            load.ask(do="connect", url=server.ws, count=count)
            burst = load.ask(do="join", session_id=session_id, seconds=0)
        finally:
            load.stop()
        return {
            "players": count,
            "connects_per_second": round(count / connect["seconds"]),
            "joins_per_second": round(count / burst["seconds"]),
            "at_2400_per_second": paced["latency_ms"].get("SESSION_JOINED"),
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
            session_id = server.session() if module == "bench.target" else ""
            load.ask(do="connect", url=server.ws, count=count)
            load.ask(do="join", session_id=session_id, leaderboard="none")
            cpu = server.cpu_seconds()
            got = load.ask(do="ping", rounds=5, seconds=1.0)
            cost = (server.cpu_seconds() - cpu) / (5 * count)
        finally:
            load.stop()
        return {"players": count, **got["latency_ms"]["PONG"], "cpu_us_each": round(cost * 1e6, 1)}
    finally:
        server.stop()


def answers(
    count: int,
    *,
    seconds: float = 2.0,
    pace: str = "host",
    reveal: str = "immediately",
    stalled: int = 0,
    leaderboard: str = "full",
    env: dict[str, str] | None = None,
) -> Figures:
    """All players answer one question within the window while leaderboards run; also the question's fan-out."""
    server = Server(env=env)
    try:
        load = client()
        try:
            session_id = server.session(pace=pace, reveal=reveal, time_limit_ms=60_000)
            load.ask(do="connect", url=server.ws, count=count)
            load.ask(do="join", session_id=session_id, leaderboard=leaderboard, seconds=count / 2_400)
            if stalled:
                load.ask(do="stall", count=stalled)
            server.rest("POST", f"sessions/{session_id}/start")
            load.ask(do="until", kind="SESSION_STARTED", count=count - stalled, seconds=20)
            load.ask(do="reset")
            server.rest("POST", f"sessions/{session_id}/next")
            opened = load.ask(do="until", kind="QUESTION_OPENED", count=count - stalled, seconds=20)
            cpu = server.cpu_seconds()
            got = load.ask(do="answer", seconds=seconds)
            busy = (server.cpu_seconds() - cpu) / got["seconds"]
            kind = "SCORE_UPDATED" if reveal == "immediately" else "ANSWER_ACCEPTED"
            time.sleep(1)
            after = load.ask(do="tally")
            results = server.rest("GET", f"sessions/{session_id}/results?wait=true")
            return {
                "players": count,
                "acknowledged": got["counts"].get(kind, 0),
                "stored": len(results["answers"]),
                "errors": got["counts"].get("ERROR", 0),
                "per_second": round(count / got["seconds"]),
                **got["latency_ms"].get(kind, {}),
                "boards": after["counts"].get("LEADERBOARD_UPDATED", 0),
                "boards_per_player": round(after["counts"].get("LEADERBOARD_UPDATED", 0) / count, 1),
                "server_cpu": round(busy, 2),
                "question_last_client_ms": opened["span_ms"].get("QUESTION_OPENED"),
                "question_everybody": opened["done"],
                "closes": after["closes"],
                "rss_mb": round(server.rss_mb(), 1),
            }
        finally:
            load.stop()
    finally:
        server.stop()


def soak(count: int, seconds: int) -> Figures:
    """One session after the other for a long time; memory after the first and at the end."""
    server = Server()
    try:
        deadline = time.monotonic() + seconds
        sizes, rounds = [], 0
        while time.monotonic() < deadline:
            load = client()
            try:
                session_id = server.session(pace="host", reveal="immediately", time_limit_ms=60_000)
                # Others each time: the same ones would come too often for the limit on joins.
                load.ask(do="connect", url=server.ws, count=count, prefix=f"round-{rounds}-")
                load.ask(do="join", session_id=session_id, seconds=0.5)
                server.rest("POST", f"sessions/{session_id}/start")
                for _ in range(5):
                    load.ask(do="reset")
                    server.rest("POST", f"sessions/{session_id}/next")
                    load.ask(do="until", kind="QUESTION_OPENED", count=count, seconds=20)
                    load.ask(do="answer", seconds=0.5)
                server.rest("POST", f"sessions/{session_id}/end")
            finally:
                load.stop()
            rounds += 1
            sizes.append(round(server.rss_mb(), 1))
        return {"sessions": rounds, "players": count, "first_mb": sizes[0], "last_mb": sizes[-1], "most_mb": max(sizes)}
    finally:
        server.stop()
