"""Session events as the hub sends them: encoded once, with what differs per player as an ending of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from msgspec import UNSET

from leaderboards.ranking import Standings
from scoring.rules.answers import StoredAnswer
from scoring.rules.difference import difference_shown
from scoring.rules.grading import as_given
from scoring.rules.points import PointsRule, Verdict, points_rule
from scoring.rules.regrading import without_accents
from sessions.fanout.sockets import Message, Socket, send_to_all, send_to_each
from sessions.protocol import encoding, outbound
from sessions.rules.people import Needs
from sessions.rules.state import SessionState, is_revealed
from sessions.services.event_messages import closes_at, options_for, render_event, your_gaps
from sessions.services.ports import Store

#: The end of a message for one player.
Suffix = Callable[[Socket], bytes]
#: What is another in a message for a player who needs it: fields of the payload.
Changes = Callable[[Needs], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Event:
    """A session event on its way to the sockets of a room."""

    seq: int
    kind: str
    question_id: str
    body: bytes


class EventReader:
    """Reads events that were missed, and what an event has for each player."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def since(self, session_id: str, after: int) -> list[Event]:
        """The events of a session after this sequence number, in order."""
        events = await self._store.events_since(session_id, after)
        # After the state too: an event may open a question that was asked again before them.
        state, setup = await self._store.state(session_id), await self._store.setup(session_id)
        if state is None or setup is None:
            return []
        return [
            Event(event.seq, event.kind, event.question_id, await render_event(self._store, setup, event))
            for event in events
        ]

    async def suffix(self, session_id: str, event: Event) -> Suffix | None:
        """What an event has for each player; one read of the store for all of them."""
        match event.kind:
            case "question_opened":
                return await self._opened(session_id, event.question_id)
            case "question_closed":
                return await self._closed(session_id, event.question_id)
            case "answers_regraded":
                return await self._regraded(session_id, event.question_id)
            case "closing_changed":
                return await self._closing(session_id)
            case "ended":
                setup = await self._store.setup(session_id)
                standings = await self._store.standings(session_id)
                ranked = setup is None or setup.options.goal == "none"
                return own_place(standings) if ranked else own_score(standings)
        return None

    async def changes(self, session_id: str, event: Event) -> Changes | None:
        """What is another in an event for a player who needs more time, or text for what others hear."""
        if event.kind not in {"question_asked", "question_opened", "deadline_changed", "resumed"}:
            return None
        state, setup = await self._store.state(session_id), await self._store.setup(session_id)
        question = setup.quiz.question(event.question_id) if setup else None
        if setup is None or state is None or question is None:
            return None
        shown = event.kind in {"question_asked", "question_opened"}

        def changed(needs: Needs) -> dict[str, object]:
            found: dict[str, object] = {}
            if needs.slow and (until := _open_until(state, event)):
                at = needs.deadline(*until)
                found["deadline"] = encoding.iso(at) if at else None
            if needs.slow and shown:
                found["time_limit_ms"] = needs.limit_ms(setup.limit_ms(question))
            if needs.text_for_sound and shown:
                found["text"] = question.text
            return found

        return changed

    async def _opened(self, session_id: str, question_id: str) -> Suffix | None:
        setup = await self._store.setup(session_id)
        question = setup.quiz.question(question_id) if setup else None
        if setup is None or question is None or options_for(setup, question, "anybody") is None:
            return None

        def opened(socket: Socket) -> bytes:
            own = options_for(setup, question, socket.user_id)
            assert own is not None
            return encoding.splice(own)

        return opened

    async def _closed(self, session_id: str, question_id: str) -> Suffix | None:
        state, setup = await self._store.state(session_id), await self._store.setup(session_id)
        answers = await self._store.answers_to(session_id, question_id)
        standings = await self._store.standings(session_id)
        question = setup.quiz.question(question_id) if setup else None
        if question is None or setup is None:
            return None
        language = setup.quiz.language
        kind = question.kind
        accepted = state.accepted_to(question_id) if state else ()

        def rule_of(stored: StoredAnswer | None) -> PointsRule:
            verdict, points = (stored.verdict, stored.points) if stored else (None, 0)
            return points_rule(question, setup.scoring, verdict, points)

        @cache
        def compared(answer: str, verdict: Verdict) -> list[list[str]] | None:
            found = difference_shown(question, answer, verdict, language=language, accepted=accepted)
            return [[*segment] for segment in found] if found else None

        @cache
        def by_gap(answer: str, *, lenient: bool) -> list[outbound.YourGap] | None:
            asked = without_accents(question) if lenient else question
            return your_gaps(asked, answer, language=language, accepted=accepted)

        def closed(socket: Socket) -> bytes:
            stored = answers.get(socket.user_id)
            own = standings.own(socket.user_id)
            return encoding.splice(
                outbound.ClosedForYou(
                    your_answer=as_given(kind, stored.answer) if stored else None,
                    is_correct=stored is not None and stored.verdict == "correct",
                    points_earned=stored.points if stored else 0,
                    reason=stored.verdict if stored else None,
                    your_score=own[1] if own else 0,
                    rule=rule_of(stored),
                    difference=compared(stored.answer, stored.verdict) if stored else None,
                    your_gaps=by_gap(stored.answer, lenient=socket.needs.ignore_accents) if stored else None,
                )
            )

        return closed

    async def _closing(self, session_id: str) -> Suffix | None:
        state = await self._store.state(session_id)
        if state is None:
            return None

        def closing(socket: Socket) -> bytes:
            return encoding.splice(outbound.ClosingForYou(closes_at(state, socket.user_id) or ""))

        return closing

    async def _regraded(self, session_id: str, question_id: str) -> Suffix | None:
        state, setup = await self._store.state(session_id), await self._store.setup(session_id)
        question = setup.quiz.question(question_id) if setup else None
        if setup is None or state is None or question is None:
            return None
        # Of several attempts nobody is told here: it takes a look at the results.
        revealed = is_revealed(setup, state, question_id) and setup.options.attempts == 1
        answers = await self._store.answers_to(session_id, question_id) if revealed else {}
        standings = await self._store.standings(session_id)
        language, accepted = setup.quiz.language, state.accepted_to(question_id)

        @cache
        def by_gap(answer: str, *, lenient: bool) -> list[outbound.YourGap] | None:
            asked = without_accents(question) if lenient else question
            return your_gaps(asked, answer, language=language, accepted=accepted)

        def regraded(socket: Socket) -> bytes:
            stored = answers.get(socket.user_id)
            own = standings.own(socket.user_id)
            if stored is None:
                return encoding.splice(outbound.RegradedForYou())
            return encoding.splice(
                outbound.RegradedForYou(
                    your_answer=as_given(question.kind, stored.answer),
                    is_correct=stored.verdict == "correct",
                    points_earned=stored.points,
                    reason=stored.verdict,
                    rule=points_rule(question, setup.scoring, stored.verdict, stored.points),
                    new_score=own[1] if own else 0,
                    your_gaps=by_gap(stored.answer, lenient=socket.needs.ignore_accents) or UNSET,
                )
            )

        return regraded


def write(sockets: Sequence[Socket], message: Message, suffix: Suffix | None) -> None:
    """Send a message to sockets that are ready for it, to players with what is theirs at its end."""
    if suffix is None:
        send_to_all(sockets, message)
        return
    players = [s for s in sockets if s.role == "player"]
    payload = message.payload
    if encoding.type_of(payload) == outbound.QuestionOpened.type:
        payload = encoding.without_options(payload)
    send_to_each(players, encoding.head_of(payload), suffix, after=message.after)
    send_to_all([s for s in sockets if s.role != "player"], message)


def own_place(standings: Standings) -> Suffix:
    """The end of a message that tells each player their rank and score."""

    ranks, order, places = standings.ranks(), standings.order, standings.places()
    nowhere = encoding.splice(outbound.Own(None, None, None))

    def place(socket: Socket) -> bytes:
        rank = ranks.get(socket.user_id)
        if rank is None:
            return nowhere
        score = order[rank - 1].score
        return encoding.own_suffix(rank, score, places[score])

    return place


def own_score(standings: Standings) -> Suffix:
    """The same for players who may not know their rank."""

    def score(socket: Socket) -> bytes:
        own = standings.own(socket.user_id)
        return encoding.splice(outbound.Own(None, own[1] if own else None, None))

    return score


def _open_until(state: SessionState, event: Event) -> tuple[int, int] | None:
    """When the question of an event opened and until when it is open for most; of one that is over as it was told."""
    if state.phase == "open" and state.question_id == event.question_id:
        return state.opened_at, state.deadline
    return encoding.opened_and_deadline(event.body) if event.kind == "question_opened" else None
