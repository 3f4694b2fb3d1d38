"""Scenarios of a school: many sessions of a class each, as most servers of this kind have them. See scenarios.py."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

from bench.drive import Process, Server, client
from bench.scenarios import Figures, latency
from bench.stores import Stores, real_stores

#: Requests of hosts under way at a time.
_HOSTS = 8
#: Seconds before idle time is measured, and for which it is.
_SETTLE, _IDLE = 5.0, 12.0
#: Fewer than the quiz has, so that nobody is done before the time is over.
_QUESTIONS = 20


def open_sessions(server: Server, count: int, **options: Any) -> list[str]:
    """Sessions, opened by hosts side by side."""
    if server.data == "":
        return [f"session-{number}" for number in range(count)]
    with ThreadPoolExecutor(_HOSTS) as hosts:
        return list(hosts.map(lambda _: server.session(time_limit_ms=600_000, **options), range(count)))


def tell_all(server: Server, sessions: Sequence[str], command: str) -> float:
    """Each host gives the command; seconds it took."""
    started = time.perf_counter()
    with ThreadPoolExecutor(_HOSTS) as hosts:
        list(hosts.map(lambda session_id: server.rest("POST", f"sessions/{session_id}/{command}"), sessions))
    return time.perf_counter() - started


class Cost:
    """Processor time of the servers since it was made, in seconds by part."""

    def __init__(self, servers: Sequence[Server], stores: Stores | None) -> None:
        self._servers, self._stores = servers, stores
        self._before, self._began = self._now(), time.monotonic()

    def _now(self) -> dict[str, float]:
        own = {"server": sum(server.cpu_seconds() for server in self._servers)}
        return own | (self._stores.cpu_seconds() if self._stores else {})

    @property
    def seconds(self) -> float:
        """How long ago it was made."""
        return time.monotonic() - self._began

    def since(self, less: Mapping[str, float] = MappingProxyType({})) -> dict[str, float]:
        """By part.

        :param less: what each part spends in a second anyway.
        """
        took = self.seconds
        return {part: spent - self._before[part] - less.get(part, 0) * took for part, spent in self._now().items()}

    def percent(self) -> float:
        """All of it, of a core."""
        return sum(self.since().values()) / self.seconds * 100


def _named(cost: dict[str, float], what: str) -> Figures:
    return {f"{what}_{part}_cpu_s": round(spent, 2) for part, spent in cost.items()}


def classes(
    count: int, size: int, *, module: str = "bench.target", pace: str = "host", stores: Stores | None = None
) -> Figures:
    """Classes that come, wait, are asked, answer within two seconds, lose their connections and come back."""
    naive = module == "bench.naive"
    server = Server(module, env=stores.env if stores else None)
    school = client("bench.school")
    people = count * size
    try:
        sessions = open_sessions(server, count, pace=pace, reveal="immediately")
        school.ask(do="enrol", sessions=sessions, size=size, prefix="p")
        cost = Cost([server], stores)
        came = school.ask(do="arrive", url=[server.ws])
        joining = cost.since()
        asked = _ask_first_question(server, school, sessions, pace, naive=naive)
        time.sleep(_SETTLE)
        cost = Cost([server], stores)
        time.sleep(_IDLE)
        idle = cost.percent()
        cost = Cost([server], stores)
        got = school.ask(do="answers", seconds=2.0)
        time.sleep(1)
        busy = cost.since()
        boards = school.ask(do="tally")["counts"].get("LEADERBOARD_UPDATED", 0)
        cost = Cost([server], stores)
        back = school.ask(do="back", since=0, over=2.0, drop=True)
        return {
            "players": people,
            "joined": came["counts"].get("SESSION_JOINED", 0),
            "joins_per_second": round(people / came["seconds"]),
            **_named(joining, "joins"),
            "idle_cpu_percent": round(idle, 2),
            **asked,
            "acknowledged": sum(got["counts"].get(kind, 0) for kind in ("SCORE_UPDATED", "ANSWER_ACCEPTED")),
            "errors": got["errors"],
            **latency(got, "SCORE_UPDATED"),
            **_named(busy, "answers"),
            "boards_per_player": round(boards / people, 1),
            "back": back["back"],
            "last_back_s": round(back["last_after"], 2),
            **_named(cost.since(), "back"),
            "rss_mb": round(server.rss_mb(), 1),
        }
    finally:
        school.stop()
        server.stop()


def classes_on_a_cluster(count: int, size: int) -> Figures:
    """The same on a cluster of three masters, each with a replica."""
    with real_stores(shards=3) as stores:
        return classes(count, size, stores=stores)


def _ask_first_question(server: Server, school: Process, sessions: Sequence[str], pace: str, *, naive: bool) -> Figures:
    """Start, and have the first question before everybody; how long that takes from the hosts' first press."""
    if naive:
        school.ask(do="given", question={"question_id": "q", "options": ["a", "b"], "kind": "choice"})
        return {}
    tell_all(server, sessions, "start")
    if pace == "self":
        got = school.ask(do="next", seconds=2.0)
        return {"questions": got["counts"].get("QUESTION_OPENED", 0), **latency(got, "QUESTION_OPENED", "question_")}
    school.ask(do="reset")
    began = time.perf_counter()
    pressed = tell_all(server, sessions, "next")
    pupils = school.ask(do="enrol", sessions=[], size=0, prefix="")["pupils"]
    got = school.ask(do="until", kind="QUESTION_OPENED", count=pupils, seconds=60)
    return {
        "next_pressed_s": round(pressed, 2),
        "question_last_s": round(got["last"].get("QUESTION_OPENED", began) - began, 2),
        "questions": got["counts"].get("QUESTION_OPENED", 0),
    }


def back_after_kill(count: int, size: int, *, stores: Stores | None = None) -> Figures:
    """The process is killed while all sessions are played, and started again; when the last player is back."""
    server = Server(env=stores.env if stores else None)
    school = client("bench.school")
    try:
        sessions = _playing(server, school, count, size, pace="host")
        school.ask(do="answers", seconds=2.0)
        started = server.kill_and_start()
        listening = time.perf_counter() - started
        back = school.ask(do="back", since=started, over=0)
        return {
            "players": count * size,
            "sessions": len(sessions),
            "listening_s": round(listening, 2),
            "lost": back["lost"],
            "back": back["back"],
            "last_back_s": round(back["last_after"], 2),
            "tried_again": back["retries"],
            "errors": back["errors"],
        }
    finally:
        school.stop()
        server.stop()


def redis_restart(lobbies: int, count: int, size: int, *, stores: Stores, seconds: float = 30.0) -> Figures:
    """Redis is killed and started on its data while some classes play and many sessions only wait."""
    server = Server(env=stores.env)
    school = client("bench.school")
    try:
        open_sessions(server, lobbies, pace="self", reveal="immediately")
        sessions = _playing(server, school, count, size, pace="self")
        school.begin(do="play", sessions=sessions, seconds=seconds, pause=seconds / _QUESTIONS)
        time.sleep(seconds / 4)
        restarted = time.perf_counter()
        stores.restart_redis()
        got = school.answer()
        return {
            "sessions": lobbies + count,
            "players": count * size,
            "acknowledged": got["acknowledged"],
            "longest_gap_s": round(got["longest_gap"], 2),
            "gap_began_after_s": round(got["longest_gap_at"] - restarted, 2),
            "not_acknowledged": got["wrong"],
            "errors": got["errors"],
            "closes": got["closes"],
        }
    finally:
        school.stop()
        server.stop()


def _playing(server: Server, school: Process, count: int, size: int, *, pace: str) -> list[str]:
    """Sessions in which everybody has joined and, in host pace, the first question is open."""
    sessions = open_sessions(server, count, pace=pace, reveal="immediately")
    school.ask(do="enrol", sessions=sessions, size=size, prefix="p")
    school.ask(do="arrive", url=[server.ws])
    if pace == "host":
        _ask_first_question(server, school, sessions, pace, naive=False)
    else:
        tell_all(server, sessions, "start")
    return sessions


def plan(most: int, stores: Stores) -> list[tuple[str, Callable[[], Figures]]]:
    """Names and scenarios; what is compared stands side by side.

    :param most: players of a scenario; classes are left out that would make it more.
    """

    def sized(count: int, size: int) -> int:
        return min(count, max(1, most // size))

    school = sized(100, 30)
    rows: list[tuple[str, Callable[[], Figures]]] = [
        (f"classes {school} x 30 naive", lambda: classes(school, 30, module="bench.naive")),
        (f"classes {school} x 30 embedded", lambda: classes(school, 30)),
        (f"classes {school} x 30 Valkey and PostgreSQL", lambda: classes(school, 30, stores=stores)),
        (f"classes {school} x 30 cluster and PostgreSQL", lambda: classes_on_a_cluster(school, 30)),
        (f"classes {school} x 30 self pace, embedded", lambda: classes(school, 30, pace="self")),
        (
            f"classes {school} x 30 self pace, Valkey and PostgreSQL",
            lambda: classes(school, 30, pace="self", stores=stores),
        ),
    ]
    if most >= 9_000:
        rows += [
            ("classes 300 x 30 naive", lambda: classes(300, 30, module="bench.naive")),
            ("classes 300 x 30 embedded", lambda: classes(300, 30)),
            ("classes 300 x 30 Valkey and PostgreSQL", lambda: classes(300, 30, stores=stores)),
            ("classes 300 x 30 cluster and PostgreSQL", lambda: classes_on_a_cluster(300, 30)),
            ("classes 300 x 30 self pace, embedded", lambda: classes(300, 30, pace="self")),
            (
                "classes 300 x 30 self pace, Valkey and PostgreSQL",
                lambda: classes(300, 30, pace="self", stores=stores),
            ),
        ]
    small = sized(500, 10)
    playing = sized(100, 10)
    return [
        *rows,
        (f"kill -9 of {small} x 10 embedded", lambda: back_after_kill(small, 10)),
        (f"kill -9 of {small} x 10 Valkey and PostgreSQL", lambda: back_after_kill(small, 10, stores=stores)),
        (
            f"Redis restarted under {playing} classes of 10 and {playing * 19} lobbies",
            lambda: redis_restart(playing * 19, playing, 10, stores=stores),
        ),
    ]
