"""How a session lies in Redis: the names of its keys, and values as text. The scripts in lua/ read the same forms.

Every key of a session bears the hash tag of its shard (common/shards.py), and so do the timers, streams and
connections of the sessions of a shard: a script touches one shard. Join codes, the servers, and what was set aside are
keys of their own, which no script touches together with others.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from common.shards import Shards
from quizzes.rules.content import content_from_json, content_to_json
from scoring.rules.answers import StoredAnswer
from scoring.rules.points import Schedule
from scoring.rules.regrading import Given, Worth
from sessions.rules.options import options_from_json, options_to_json
from sessions.rules.people import NOTHING, Arranged, pack_needs, unpack_needs
from sessions.rules.state import SessionEvent, SessionSetup, SessionState, event_to_json, state_from_json, state_to_json
from sessions.services.ports import Decision, ParticipantState

SERVERS = "servers"
POISON = "poison"
#: Matches the keys of all sessions, see :attr:`Keys.session`.
ALL_SESSIONS = "session:{*}:*"

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
#: Scores stand above this many places of joining in a member's weight, see lua/prelude.lua.
PLACE = 2**21


class Keyspace:
    """All keys, of so many shards; called with the id of a session, those that its scripts touch."""

    def __init__(self, shards: int) -> None:
        self.shards = Shards(shards)
        #: By shard: a sorted set of sessions by when they are due, and the set of sessions whose streams hold records.
        self.timers = [f"timers:{tag}" for tag in self.shards.tags]
        self.streams = [f"streams:{tag}" for tag in self.shards.tags]

    def __call__(self, session_id: str) -> Keys:
        return Keys(session_id, self.shards.tag(session_id))

    def of_server(self, server_id: str) -> list[str]:
        """By shard, the set of sessions that a server has players in."""
        return [_connections(tag, server_id) for tag in self.shards.tags]


class Keys:
    """The keys of one session, and those of its shard."""

    def __init__(self, session_id: str, tag: str) -> None:
        """:param tag: the shard's hash tag."""
        self.tag = tag
        self._own = tag = f"{tag}:{session_id}"
        #: Hash: setup, state and its revision, and what the scripts count with.
        self.session = f"session:{tag}"
        #: Hash by user: the packed participant.
        self.participants = f"participants:{tag}"
        #: Hash by name key: the user who bears the name.
        self.names = f"names:{tag}"
        #: Hash by user: the connection.
        self.connected = f"connected:{tag}"
        #: Sorted set of users.
        self.leaderboard = f"leaderboard:{tag}"
        #: Hash by user: points that are not yet to be told.
        self.withheld = f"withheld:{tag}"
        #: Hash by user: the questions shown in self pace.
        self.shown = f"shown:{tag}"
        #: Sorted set of events by sequence number.
        self.events = f"events:{tag}"
        #: Stream of records on their way to the database. It does not expire.
        self.stream = f"stream:{tag}"
        #: Held by whoever rebuilds the session.
        self.lock = f"lock:session:{tag}"
        #: Of the shard, see :class:`Keyspace`.
        self.timers = f"timers:{self.tag}"
        self.streams = f"streams:{self.tag}"

    def of_server(self, server_id: str) -> str:
        """The sessions of the shard that a server has players in."""
        return _connections(self.tag, server_id)

    def answers_to(self, question_id: str) -> str:
        """Answers to one question, by user."""
        return f"answers:{self._own}:{question_id}"

    def answers_of_quiz(self, setup: SessionSetup) -> list[str]:
        """The answers of every question, in the quiz's order."""
        return [self.answers_to(question.id) for question in setup.quiz.questions]

    def of_session(self, setup: SessionSetup) -> list[str]:
        """All of them, but for the lock, which its holder gives back."""
        held = [self.participants, self.names, self.connected, self.leaderboard, self.withheld, self.shown]
        return [self.session, *held, self.events, self.stream, *self.answers_of_quiz(setup)]


def code_key(join_code: str) -> str:
    """Where the session of a join code is found."""
    return f"code:{join_code}"


def _connections(tag: str, server_id: str) -> str:
    return f"connections:{tag}:{server_id}"


def expires_at(setup: SessionSetup, state: SessionState, now: int) -> int:
    """When the keys of a session may go: its duration and an hour from now, 24 hours at most, of a homework an hour;
    Unix milliseconds.

    A session that is still live then is read from the database again.
    """
    if state.status == "completed" or setup.options.closes_at:
        # A homework is open for weeks; it stays for as long as somebody is connected (keep.lua).
        return now + _HOUR_MS
    until = state.expires_at or now + _DAY_MS
    return min(max(until, now) + (setup.max_duration_ms if state.status == "waiting" else 0) + _HOUR_MS, now + _DAY_MS)


def score_of(place: float) -> int:
    """The score in a place on the leaderboard."""
    return math.ceil(place / PLACE)


def pack_participant(participant: ParticipantState) -> str:
    """``position|joined_at|renamed_at|status|username``; with ``;arranged_at;moves;team;needs`` behind ``renamed_at``
    where something is arranged for the player.
    """
    times = f"{participant.joined_at}|{participant.renamed_at}{_pack_arranged(participant.arranged)}"
    return f"{participant.position}|{times}|{participant.status}|{participant.username}"


def unpack_participant(user_id: str, packed: str) -> ParticipantState:
    """The reverse.

    :raises ValueError: for text of another form.
    """
    position, joined_at, renamed_at, status, username = packed.split("|", 4)
    renamed_at, _, arranged = renamed_at.partition(";")
    if status not in {"connected", "disconnected", "left", "removed"}:
        raise ValueError(f"status {status!r}")
    return ParticipantState(
        user_id,
        username,
        int(position),
        int(joined_at),
        status,  # type: ignore[arg-type]  # one of them, as was checked
        int(renamed_at),
        _unpack_arranged(arranged),
    )


def _pack_arranged(arranged: Arranged) -> str:
    if arranged == NOTHING:
        return ""
    return f";{arranged.at};{arranged.moves};{arranged.team};{pack_needs(arranged.needs)}"


def _unpack_arranged(packed: str) -> Arranged:
    if not packed:
        return NOTHING
    at, moves, team, needs = packed.split(";")
    return Arranged(int(at), int(moves), int(team), unpack_needs(needs))


def ranked_parts(packed: str) -> tuple[str, int, int]:
    """Name, position and team: what a ranking tells of a packed participant."""
    position, _, marks, _, username = packed.split("|", 4)
    return username, int(position), _unpack_arranged(marks.partition(";")[2]).team


def pack_answer(answer: StoredAnswer) -> str:
    """``verdict|points|elapsed_ms|submitted_at|answer``."""
    return f"{answer.verdict}|{answer.points}|{answer.elapsed_ms}|{answer.submitted_at}|{answer.answer}"


def unpack_answer(user_id: str, question_id: str, packed: str) -> StoredAnswer:
    """The reverse.

    :raises ValueError: for text of another form.
    """
    verdict, points, elapsed, submitted_at, answer = packed.split("|", 4)
    if verdict not in {"correct", "almost", "wrong"}:
        raise ValueError(f"verdict {verdict!r}")
    return StoredAnswer(
        user_id,
        question_id,
        answer,
        verdict,  # type: ignore[arg-type]  # one of them, as was checked
        int(points),
        int(elapsed),
        int(submitted_at),
    )


#: Before the text of an answer in the scripts that grade again, where accents do not matter for who gave it, and where
#: they do.
_LENIENT, _STRICT = "a", "-"


def pack_worths(worths: Mapping[Given, Worth]) -> list[str]:
    """What was given, verdict and schedule, one after the other."""
    return [
        part
        for given, worth in worths.items()
        for part in (
            (_LENIENT if given.lenient else _STRICT) + given.answer,
            worth.verdict,
            pack_schedule(worth.schedule),
        )
    ]


def unpack_given(packed: str) -> Given:
    """What was given, as the scripts tell it."""
    return Given(packed[1:], packed[0] == _LENIENT)


def pack_schedule(schedule: Schedule) -> str:
    """``15,14,...@step``."""
    return f"{','.join(map(str, schedule.points))}@{schedule.step_ms}"


def pack_shown(shown: Mapping[str, int]) -> str:
    """``question=time,...`` in the order of the last showing."""
    return ",".join(f"{question_id}={at}" for question_id, at in shown.items())


def unpack_shown(packed: str | None) -> dict[str, int]:
    """The reverse."""
    pairs = (pair.rpartition("=") for pair in (packed or "").split(",") if pair)
    return {question_id: int(at) for question_id, _, at in pairs}


def pack_state(state: SessionState) -> str:
    """The state as JSON; equal states make equal text."""
    return json.dumps(state_to_json(state), separators=(",", ":"))


def unpack_state(packed: str) -> SessionState:
    """The reverse."""
    return state_from_json(json.loads(packed))


def pack_event(event: SessionEvent) -> str:
    """The event as JSON."""
    return json.dumps(event_to_json(event), separators=(",", ":"))


def unpack_event(packed: str) -> SessionEvent:
    """The reverse."""
    return SessionEvent(**json.loads(packed))


def pack_decision(decision: Decision) -> str:
    """The decision as JSON."""
    return json.dumps(
        {
            "state": state_to_json(decision.state),
            "events": [event_to_json(event) for event in decision.events],
            "command": decision.command,
            "actor": decision.actor,
        }
    )


def unpack_decision(packed: str) -> Decision:
    """The reverse.

    :raises ValueError, KeyError, TypeError: for text of another form.
    """
    data = json.loads(packed)
    events = tuple(SessionEvent(**event) for event in data["events"])
    return Decision(state_from_json(data["state"]), events, command=data["command"], actor=data["actor"])


def pack_setup(setup: SessionSetup) -> str:
    """The setup as JSON, the frozen quiz with it."""
    data: dict[str, Any] = {name: getattr(setup, name) for name in setup.__slots__}
    data["quiz"], data["options"] = content_to_json(setup.quiz), options_to_json(setup.options)
    if not data["options"]:
        # For releases that do not know of any.
        del data["options"]
    return json.dumps(data, separators=(",", ":"))


def unpack_setup(packed: str) -> SessionSetup:
    """The reverse."""
    data = json.loads(packed)
    options = options_from_json(data.get("options", {}))
    return SessionSetup(**{**data, "quiz": content_from_json(data["quiz"]), "options": options})
