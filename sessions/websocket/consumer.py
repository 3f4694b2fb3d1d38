"""The WebSocket face: takes a message, calls one service, answers. It decides nothing, and touches no ORM."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from sessions.protocol import encoding, inbound, outbound
from sessions.protocol.errors import RateLimited, SessionError
from sessions.rules.attempts import attempt_id
from sessions.rules.boards import board_view
from sessions.rules.hearing import text_at_close
from sessions.rules.join_codes import read_code
from sessions.rules.people import NO_NEEDS
from sessions.rules.state import SessionSetup, SessionState, is_open
from sessions.services.event_messages import closes_at, opens_at, question_asked, question_opened
from sessions.services.playing import Membership, Showing
from sessions.services.ports import Joined
from sessions.services.presence import host_progress
from sessions.services.pupils import Seat
from sessions.services.tokens import Proof
from sessions.websocket.connection import Connection
from sessions.websocket.host_auth import may_host

logger = logging.getLogger(__name__)


class QuizConsumer(Connection):
    """One client of the quiz protocol."""

    #: The session this very connection has been let into: coming again over it needs no token.
    _member_of: str = ""
    #: Homework: the attempt under way.
    _attempt: int = 1

    #: What that proved, as far as the place has not moved to another client since.
    _member: Proof | None = None

    #: Looks whether the host is still signed in.
    _watch: asyncio.Task[None] | None = None

    async def gone(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        await super().gone()
        if self.setup is not None:
            await self.runtime.hub.leave(self.setup.id, self.socket)
        if self._member_of:
            self.runtime.presence.disconnected(self._member_of, self.user_id, self.socket.name)

    async def _handle(self, message: inbound.Inbound, reply_to: str | None) -> None:
        match message:
            case inbound.SubmitAnswer():
                await self._answer_question(message, reply_to)
            case inbound.Ping():
                seq = self.socket.seq if self.setup is not None else None
                self.reply(outbound.Pong(encoding.iso(self.now()), seq), reply_to)
            case inbound.JoinSession():
                await self._join(message, reply_to)
            case inbound.NextQuestion():
                await self._next(message, reply_to)
            case inbound.GetLeaderboard():
                await self._leaderboard(message, reply_to)
            case inbound.GetSummary():
                setup = await self._joined(message.session_id)
                self._require_player()
                summary = await self.runtime.players.summary(
                    setup, user_id=self.user_id, attempt=self._attempt, needs=self.socket.needs
                )
                self.reply(summary, reply_to)
            case inbound.StartAttempt():
                await self._start_attempt(message, reply_to)
            case inbound.ChooseTeam():
                setup = await self._joined(message.session_id)
                self._require_player()
                await self.runtime.people.choose_team(setup, self.user_id, message.team)
                self.reply(outbound.TeamChanged(setup.id, self.user_id, message.team), reply_to)
            case inbound.LeaveSession():
                await self._leave(message, reply_to)

    async def _answer_question(self, message: inbound.SubmitAnswer, reply_to: str | None) -> None:
        if not self._within(self.answers.take(self.now()), "answers", lambda: reply_to):
            return
        setup = await self._joined(message.session_id)
        self._require_player()
        outcome = await self.runtime.players.answer(
            setup,
            user_id=attempt_id(self.user_id, message.attempt or self._attempt),
            question_id=message.question_id,
            answer=message.answer,
            claimed_ms=message.time_taken_ms,
            needs=self.socket.needs,
        )
        stored = outcome.stored
        if outcome.revealed:
            self.reply(
                outbound.ScoreUpdated(
                    session_id=setup.id,
                    user_id=self.user_id,
                    new_score=outcome.score,
                    points_earned=stored.points,
                    is_correct=stored.verdict == "correct",
                    question_id=stored.question_id,
                    reason=stored.verdict,
                    rule=outcome.rule,
                    correct_answers=list(outcome.solution.correct_answers) if outcome.solution else None,
                    explanation=outcome.solution.explanation if outcome.solution else None,
                    text=text_at_close(outcome.solution) if outcome.solution else None,
                    difference=[[*segment] for segment in outcome.difference] if outcome.difference else None,
                    gaps=outcome.gaps,
                    your_gaps=outcome.your_gaps,
                ),
                reply_to,
            )
        else:
            self.reply(
                outbound.AnswerAccepted(setup.id, stored.question_id, encoding.iso(stored.submitted_at)), reply_to
            )
        if setup.pace == "host":
            self.runtime.presence.answered(setup.id)

    async def _join(self, message: inbound.JoinSession, reply_to: str | None) -> None:
        if self.setup is None:
            # Named anew before anything waits: the name tells when the player asked to be let in.
            self.socket.name = self._named_anew()
        setup = await self._find(message.session_id, token=message.session_token)
        # Ten thousand players who come back after a restart prove it by token; they are no flood of joins.
        if message.role != "player" or message.session_token is None:
            wait = await self.runtime.joins.take(f"{self.address} {self.user_id}", self.now())
            if not self._within(wait, "joins", lambda: reply_to):
                return
        user_id, proof, seat = await self._who(setup, message)
        entered_before = self.setup is None
        if entered_before:
            await self._enter(setup, message, user_id)
            try:
                membership = await self._let_in(setup, message, user_id, proof, seat)
            except BaseException:
                await self.runtime.hub.leave(setup.id, self.socket)
                raise
        else:
            # A refusal changes nothing: who is in a session stays there until this one has let them in.
            membership = await self._let_in(setup, message, user_id, proof, seat)
            await self._step_out(on_to=setup, player=user_id if membership else None)
            await self._enter(setup, message, user_id)
        self.setup = setup
        if message.role == "host" and self._watch is None:
            self._watch = asyncio.create_task(self._watch_host())
        try:
            await self._welcome(setup, membership, message, reply_to, entered_before=entered_before)
        except BaseException:
            self.setup = None
            await self.runtime.hub.leave(setup.id, self.socket)
            raise
        if membership is not None and not membership.joined.present:
            self.runtime.presence.joined(setup.id, membership.joined.participant)

    async def _who(self, setup: SessionSetup, message: inbound.JoinSession) -> tuple[str, Proof | None, Seat | None]:
        """The user id, what proves it, and the place of a pupil."""
        if message.role == "host" and not await may_host(self.scope, setup):
            raise SessionError("INVALID_TOKEN", "Only the session's host, signed in, can be here as its host.")
        if message.role != "player":
            return self.user_id, None, None
        if message.place_code is not None:
            proof = await self._take_place(setup, message.place_code)
            return proof.user_id, proof, None
        seat = await self._seat(setup, message)
        if seat is not None:
            known = await self.runtime.store.participant(setup.id, seat.user_id) if message.card else None
            # A card is the pupil's own wherever the place has moved to; a picked name was the browser's before.
            return seat.user_id, Proof(seat.user_id, known.arranged.moves if known else 0), seat
        user_id, given = self.runtime.players.identify(
            setup.id,
            user_id=self.user_id,
            chosen=self.chosen_id,
            token=message.session_token,
            join_key=message.join_key,
        )
        return user_id, given, None

    async def _take_place(self, setup: SessionSetup, code: str) -> Proof:
        """Move a player's place to this client, unless its address guesses codes."""
        wait = await self.runtime.places_tried.take(self.address, self.now())
        if wait:
            raise RateLimited("Too many codes were tried from here; please wait.", wait)
        if self.chosen_id:
            raise SessionError("INVALID_MESSAGE", "JOIN_SESSION: `place_code` is for connections without `user_id`")
        return await self.runtime.places.take(setup, code)

    async def _watch_host(self) -> None:
        """Close once whoever acts as the host may no longer: signed out, switched off, another password.

        On whichever instance that happened: it is in the database.
        """
        while True:
            await asyncio.sleep(self.runtime.config.host_check_seconds)
            setup = self.setup
            if setup is None or self.socket.role != "host":
                continue
            try:
                allowed = await may_host(self.scope, setup)
            except Exception:
                # The database is away: nobody is put out for that.
                logger.info("host_not_checked", exc_info=True)
                continue
            if not allowed:
                self.socket.close(outbound.CLOSE_REMOVED, "signed out")
                return

    async def _enter(self, setup: SessionSetup, message: inbound.JoinSession, user_id: str) -> None:
        self.socket.role, self.socket.leaderboard, self.socket.user_id = message.role, message.leaderboard, user_id
        await self.runtime.hub.enter(setup.id, self.socket)

    async def _seat(self, setup: SessionSetup, message: inbound.JoinSession) -> Seat | None:
        """The place of a pupil in the session of a class; ``None`` for anybody else, and for who comes back."""
        if message.session_token is not None:
            return None
        if self._member_of == setup.id and message.pupil is None and message.card is None:
            return None
        return await self.runtime.pupils.seat(
            setup,
            pupil_id=message.pupil,
            card=message.card,
            join_key=message.join_key,
            username=message.username,
        )

    async def _let_in(
        self, setup: SessionSetup, message: inbound.JoinSession, user_id: str, proof: Proof | None, seat: Seat | None
    ) -> Membership | None:
        if message.role != "player":
            return None
        if proof is None and self._member is not None and self._member_of == setup.id and user_id == self.user_id:
            proof = self._member
        membership = await self.runtime.players.join(
            setup,
            user_id=user_id,
            proof=proof,
            username=seat.name if seat else message.username,
            listed=seat is not None,
            connection=self.socket.name,
            returning=message.session_token is not None or message.place_code is not None,
            suggested=message.name_suggested,
        )
        if seat is not None:
            joined = await self.runtime.people.give_again(setup.id, membership.joined, seat.needs)
            membership = replace(membership, joined=joined)
        self.user_id, self._member_of, self._attempt = user_id, setup.id, membership.attempt
        arranged = membership.joined.participant.arranged
        self._member, self.socket.needs = Proof(user_id, arranged.moves), arranged.needs
        # From here on the player's own, whatever connections they open; before, nothing proves who it is.
        self.messages, self.answers, self.boards = (
            limit.of(f"{setup.id} {user_id}")
            for limit in (self.runtime.messages, self.runtime.answers, self.runtime.boards)
        )
        return membership

    async def _welcome(
        self,
        setup: SessionSetup,
        membership: Membership | None,
        message: inbound.JoinSession,
        reply_to: str | None,
        *,
        entered_before: bool,
    ) -> None:
        """:param entered_before: whether the socket was in its room when the player was let in: then nothing that
        happened since is missed.
        """
        joined = membership.joined if membership else None
        if joined is not None and entered_before:
            state, count = joined.state, joined.participant_count
        else:
            state, count = await self._standing(setup, message.session_id)
        setup = self.setup = await self.runtime.players.grown(setup, state)
        told = board_view(setup.options, message.role, state.status)
        self.reply(
            outbound.SessionJoined(
                session_id=setup.id,
                quiz_id=setup.quiz.id,
                join_code=setup.join_code,
                title=setup.quiz.title,
                status=state.status,
                pace=setup.pace,
                user_id=self.user_id,
                username=joined.participant.username if joined else message.username or "",
                session_token=membership.token if membership else None,
                participant_count=count,
                your_score=joined.score if joined else None,
                your_rank=joined.rank if joined and told.own else None,
                your_place=joined.place if joined and told.own else None,
                seq=state.seq,
                question=self._open_question(setup, state, joined),
                asked=self._asked_question(setup, state),
                answered=list(joined.answered) if joined else [],
                resumed=joined.resumed if joined else False,
                role=message.role,
                reveal=setup.reveal,
                scoring=setup.scoring,
                phase=state.phase,
                paused=bool(state.paused_at),
                locked=state.locked,
                question_count=len(setup.quiz.questions),
                language=setup.quiz.language,
                advance_at=encoding.iso(state.advance_at) if state.advance_at and not state.paused_at else None,
                held=state.held,
                options=setup.options,
                server_time=encoding.iso(self.now()),
                opens_at=opens_at(state),
                closes_at=closes_at(state, self.user_id if joined else ""),
                your_needs=outbound.YourNeeds.of(self.socket.needs) if self.socket.needs != NO_NEEDS else None,
                your_team=joined.participant.arranged.team or None if joined else None,
                attempt=self._attempt if joined else 1,
            ),
            reply_to,
        )
        if message.last_seq is not None and message.last_seq < state.seq:
            await self.runtime.hub.missed(setup.id, self.socket, after=message.last_seq, upto=state.seq)
        await self.runtime.hub.activate(setup.id, self.socket, state.seq)
        if message.role == "host" and state.phase == "open":
            self.reply(await host_progress(self.runtime.store, setup.id, state.question_id), None)

    async def _standing(self, setup: SessionSetup, asked_for: str) -> tuple[SessionState, int]:
        """Where the session stands, and how many players are connected."""
        state, count = await asyncio.gather(
            self.runtime.store.state(setup.id), self.runtime.store.participant_count(setup.id)
        )
        if state is None:
            raise SessionError("INVALID_SESSION", f"Session {asked_for} does not exist")
        return state, count

    def _open_question(
        self, setup: SessionSetup, state: SessionState, joined: Joined | None
    ) -> outbound.QuestionOpened | None:
        now = self.now()
        if setup.pace == "host":
            if state.phase != "open" or not (
                state.paused_at or is_open(setup, state, state.question_id, now, needs=self.socket.needs)
            ):
                return None
            question = setup.quiz.questions[state.question_index]
            return question_opened(
                setup,
                question,
                opened_at=state.opened_at,
                deadline=state.deadline,
                now=now,
                user_id=self.user_id if joined else "",
                needs=self.socket.needs,
            )
        if joined is None or state.status != "active":
            return None
        shown = self.runtime.players.current_question(setup, state, joined)
        return self._shown(setup, shown) if shown else None

    def _shown(self, setup: SessionSetup, shown: Showing) -> outbound.QuestionOpened:
        """Self pace: a question as it is on show to this player."""
        return question_opened(
            setup,
            shown.question,
            opened_at=shown.opened_at,
            deadline=0,
            now=self.now(),
            user_id=self.user_id,
            needs=self.socket.needs,
        )

    def _asked_question(self, setup: SessionSetup, state: SessionState) -> outbound.QuestionAsked | None:
        if state.phase != "asked":
            return None
        question = setup.quiz.questions[state.question_index]
        return question_asked(setup, question, options_at=state.options_at, now=self.now(), needs=self.socket.needs)

    async def _next(self, message: inbound.NextQuestion, reply_to: str | None) -> None:
        setup = await self._joined(message.session_id)
        self._require_player()
        row = attempt_id(self.user_id, self._attempt)
        shown = await self.runtime.players.next_question(setup, user_id=row)
        if shown is not None:
            self.reply(self._shown(setup, shown), reply_to)
            return
        answered = await self.runtime.store.answers_of(setup.id, row)
        score = await self.runtime.store.score(setup.id, row)
        self.reply(outbound.Finished(setup.id, len(answered), len(setup.quiz.questions), score), reply_to)

    async def _start_attempt(self, message: inbound.StartAttempt, reply_to: str | None) -> None:
        setup = await self._joined(message.session_id)
        self._require_player()
        await self.runtime.players.attempts.begin(setup, user_id=self.user_id, attempt=message.attempt)
        self._attempt = message.attempt
        self.reply(outbound.AttemptStarted(setup.id, message.attempt, setup.options.attempts), reply_to)

    async def _leaderboard(self, message: inbound.GetLeaderboard, reply_to: str | None) -> None:
        setup = await self._joined(message.session_id)
        if not self._within(self.boards.take(self.now()), "boards", lambda: reply_to):
            return
        await self.runtime.hub.snapshot(
            setup.id, self.socket, offset=message.offset, limit=message.limit, reply_to=reply_to
        )

    async def _leave(self, message: inbound.LeaveSession, reply_to: str | None) -> None:
        setup = await self._joined(message.session_id)
        await self._step_out()
        self.reply(outbound.SessionLeft(setup.id), reply_to)

    async def _step_out(self, *, on_to: SessionSetup | None = None, player: str | None = None) -> None:
        """Out of the session this connection is in.

        :param on_to: the session the connection goes on to; it may be the same one.
        :param player: the user id it goes on with as a player, if it does.
        """
        setup, self.setup = self.setup, None
        if setup is None:
            return
        stays = on_to is not None and on_to.id == setup.id
        if not stays:
            await self.runtime.hub.leave(setup.id, self.socket)
        user_id = self.socket.user_id
        if self.socket.role == "player" and not (stays and player == user_id):
            participant = await self.runtime.store.participant(setup.id, user_id)
            if await self.runtime.players.leave(setup.id, user_id=user_id) and participant is not None:
                self.runtime.presence.left(setup.id, participant)

    # -- which session, and who --------------------------------------------------------------------------------------

    async def _joined(self, session_id: str) -> SessionSetup:
        setup = self.setup
        if setup is not None and (
            session_id in {setup.id, setup.join_code} or read_code(session_id) == setup.join_code
        ):
            if self.socket.outgrown:
                setup = self.setup = await self.runtime.players.grown(setup)
                self.socket.outgrown = False
            return setup
        await self._find(session_id)  # an unknown session is told apart from one not joined
        raise SessionError("NOT_JOINED", "Join the session first.")

    async def _find(self, id_or_code: str, *, token: str | None = None) -> SessionSetup:
        """The session with this id or join code, unless this address guesses codes."""
        member = token is not None and self.runtime.players.is_member(id_or_code, token)
        return await self.runtime.lookups.find(id_or_code, address=self.address, member=member)

    def _require_player(self) -> None:
        if self.socket.role != "player":
            raise SessionError("NOT_JOINED", "Only players answer.")
