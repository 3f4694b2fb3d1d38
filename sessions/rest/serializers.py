"""Shapes of the session API: what it takes, and what it answers (for the OpenAPI schema)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from quizzes.rest.serializers import QuestionSerializer
from quizzes.rest.word_serializers import FromWordsSerializer
from quizzes.rules.limits import GAPS_MAX
from scoring.rules.grading import MAX_TYPED_LENGTH
from scoring.rules.points import POINTS_RULES
from sessions.protocol.encoding import iso
from sessions.rest.exports import SEPARATORS
from sessions.rest.homework_serializers import Homework, arranged
from sessions.rules.again import SHARE
from sessions.rules.homework import check as check_homework
from sessions.rules.lifecycle import HOST_COMMANDS, allowed
from sessions.rules.options import OPTIONS, InvalidOptions, SessionOptions, all_options, fit, options_from_json
from sessions.rules.people import NEEDS, TIMES, InvalidNeeds, Needs
from sessions.services.event_messages import closes_at, opens_at
from sessions.services.hosting import SessionView
from sessions.services.ports import ParticipantState
from sessions.wiring.runtime import runtime

STATUSES = ["waiting", "active", "completed"]
PLAYER_STATES = ["connected", "disconnected", "left", "removed"]
PACES = ["self", "host"]
REVEALS = ["immediately", "on_close"]
SCORINGS = ["speed", "scaled", "flat"]


def _option_field(name: str) -> serializers.Field[Any, Any, Any, Any]:
    default, may = OPTIONS[name].default, OPTIONS[name].metadata
    if isinstance(default, bool):
        return serializers.BooleanField(required=False, help_text=may["means"])
    if isinstance(default, int):
        return serializers.IntegerField(required=False, min_value=0, max_value=may["most"], help_text=may["means"])
    if may["an_id"]:
        return serializers.CharField(required=False, allow_blank=True, max_length=36, help_text=may["means"])
    return serializers.ChoiceField(may["choices"], required=False, help_text=may["means"])


class Options(serializers.Serializer[dict[str, Any]]):
    """What is arranged for a session, see docs/hosting.md."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: _option_field(name) for name in OPTIONS}

    def to_internal_value(self, data: Any) -> Any:
        """As the rules have them: an option that there is not, or "yes" for true, is named instead of passed over."""
        if not isinstance(data, dict):
            raise serializers.ValidationError("An object, please.")
        try:
            return options_from_json(data)
        except InvalidOptions as error:
            raise serializers.ValidationError({error.name: str(error)}) from None


class CreateSession(serializers.Serializer[dict[str, Any]]):
    """Body of POST sessions: a quiz that is there, or pasted words to make one of."""

    quiz_id = serializers.CharField(max_length=36, required=False)
    words = FromWordsSerializer(required=False, help_text="Instead of a quiz_id.")
    max_participants = serializers.IntegerField(default=1000, min_value=1, max_value=10_000)
    pace = serializers.ChoiceField(PACES, default="self")
    reveal = serializers.ChoiceField(REVEALS, required=False, help_text="By default as the pace has it.")
    scoring = serializers.ChoiceField(
        SCORINGS, default="speed", help_text="`scaled`: speed points over the whole time of a question; `flat`: none."
    )
    time_limit_ms = serializers.IntegerField(
        required=False, allow_null=True, min_value=1_000, max_value=600_000, help_text="For every question."
    )
    shuffle_questions = serializers.BooleanField(default=False)
    options = Options(required=False)
    homework = Homework(required=False, help_text="Instead of its options; it is self-paced.")
    auto_start = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("quiz_id" in attrs) == ("words" in attrs):
            raise serializers.ValidationError({"quiz_id": "Give a quiz_id or words, one of them."})
        if "homework" in attrs:
            attrs = attrs | arranged(attrs.pop("homework"), attrs, asked=self.initial_data)
        # Before pasted words are stored.
        check_homework(attrs.get("options", SessionOptions()), pace=attrs["pace"], now=runtime().clock.now())
        try:
            fit(attrs.get("options", SessionOptions()), pace=attrs["pace"])
        except InvalidOptions as error:
            raise serializers.ValidationError({"options": {error.name: str(error)}}) from None
        return attrs


class TransitionRequest(serializers.Serializer[dict[str, Any]]):
    """Body of the transitions."""

    revision = serializers.IntegerField(
        required=False, min_value=0, help_text="Only if the session is still at this revision, else 409."
    )


class Extension(TransitionRequest):
    """Body of POST extend."""

    by_ms = serializers.IntegerField(
        min_value=1_000, max_value=600_000, help_text="Milliseconds by which the deadline of the open question moves."
    )


class AskingAgain(TransitionRequest):
    """Body of POST ask-again."""

    share = serializers.FloatField(
        default=SHARE,
        min_value=0.01,
        max_value=1,
        help_text="From 0 to 1: a question comes back when fewer of its answers than this share were right.",
    )


class SessionQuestion(QuestionSerializer):
    """A question as the session asks it."""

    again_of = serializers.CharField(allow_null=True, help_text="Id of the question that this one asks again, or null.")


class Questions(serializers.Serializer[dict[str, Any]]):
    """The questions of a session, in their order."""

    session_id = serializers.CharField()
    questions = SessionQuestion(many=True)


class ClosingOfPlayer(serializers.Serializer[dict[str, Any]]):
    """Until when the answers of one player count."""

    user_id = serializers.CharField()
    closes_at = serializers.CharField()


class Session(serializers.Serializer[dict[str, Any]]):
    """A session."""

    session_id = serializers.CharField()
    quiz_id = serializers.CharField()
    title = serializers.CharField()
    join_code = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    phase = serializers.CharField()
    opens_at = serializers.CharField(allow_null=True, help_text="When a homework that waits opens.")
    closes_at = serializers.CharField(allow_null=True, help_text="When the session ends by itself.")
    extensions = ClosingOfPlayer(many=True, help_text="Players of a homework who have longer.")
    pace = serializers.ChoiceField(PACES)
    reveal = serializers.ChoiceField(REVEALS)
    scoring = serializers.ChoiceField(SCORINGS)
    max_participants = serializers.IntegerField()
    time_limit_ms = serializers.IntegerField(allow_null=True)
    options = Options()
    participant_count = serializers.IntegerField()
    question_id = serializers.CharField(allow_null=True)
    question_index = serializers.IntegerField(allow_null=True)
    question_count = serializers.IntegerField()
    deadline = serializers.CharField(allow_null=True)
    options_at = serializers.CharField(allow_null=True, help_text="When the options of the question on show come.")
    advance_at = serializers.CharField(
        allow_null=True, help_text="When the closed question gives way to the next one by itself."
    )
    held = serializers.BooleanField(help_text="Whether the host has stopped that for this question.")
    paused = serializers.BooleanField()
    locked = serializers.BooleanField()
    allowed = serializers.ListField(
        child=serializers.ChoiceField(list(HOST_COMMANDS)), help_text="Transitions that would change something now."
    )
    revision = serializers.IntegerField()
    seq = serializers.IntegerField()
    created_at = serializers.CharField()
    start_time = serializers.CharField(allow_null=True)
    end_time = serializers.CharField(allow_null=True)


class SessionPage(serializers.Serializer[dict[str, Any]]):
    """A page of sessions."""

    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = Session(many=True)


class BoardLine(serializers.Serializer[dict[str, Any]]):
    """A line of the ranking."""

    rank = serializers.IntegerField()
    user_id = serializers.CharField()
    username = serializers.CharField()
    score = serializers.IntegerField()
    place = serializers.IntegerField(help_text="Equal scores share one: 1, 1, 3.")


class Leaderboard(serializers.Serializer[dict[str, Any]]):
    """A page of the ranking."""

    session_id = serializers.CharField()
    version = serializers.IntegerField()
    total_participants = serializers.IntegerField()
    leaderboard = BoardLine(many=True)


class CsvWishes(serializers.Serializer[dict[str, Any]]):
    """How a CSV file is written."""

    separator = serializers.ChoiceField(list(SEPARATORS), required=False)


class Page(serializers.Serializer[dict[str, Any]]):
    """Query of a page."""

    limit = serializers.IntegerField(default=100, min_value=1, max_value=1_000)
    offset = serializers.IntegerField(default=0, min_value=0, max_value=1_000_000_000)


class PlayerNeedsTold(serializers.Serializer[dict[str, Any]]):
    """What the host arranged for a player."""

    time = serializers.ChoiceField(list(TIMES))
    no_speed_loss = serializers.BooleanField()
    large_text = serializers.BooleanField()
    text_for_sound = serializers.BooleanField()
    ignore_accents = serializers.BooleanField()


class ParticipantLine(serializers.Serializer[dict[str, Any]]):
    """A player of a session."""

    user_id = serializers.CharField()
    username = serializers.CharField()
    status = serializers.ChoiceField(PLAYER_STATES)
    joined_at = serializers.CharField()
    score = serializers.IntegerField()
    team = serializers.IntegerField(allow_null=True, required=False, help_text="From 1 on; null without teams.")
    needs = PlayerNeedsTold()


class ListedParticipant(ParticipantLine):
    """A player in the list of all."""

    looks_like = serializers.CharField(
        allow_null=True,
        help_text="Whose name this one might be taken for: a player's who came before, or a role.",
    )


class PlayerNeeds(serializers.Serializer[dict[str, Any]]):
    """What a player needs; what is left out is as for everybody."""

    time = serializers.ChoiceField(
        list(TIMES), required=False, help_text="Percent of every question's time; 0: no limit."
    )
    no_speed_loss = serializers.BooleanField(required=False)
    large_text = serializers.BooleanField(required=False)
    text_for_sound = serializers.BooleanField(required=False)
    ignore_accents = serializers.BooleanField(required=False, help_text="Typed answers need no accents.")

    def to_internal_value(self, data: Any) -> Any:
        """As the rules have them: what there is not is named instead of passed over."""
        if not isinstance(data, dict) or not set(data) <= set(NEEDS):
            raise serializers.ValidationError(f"An object of {', '.join(NEEDS)}, please.")
        try:
            return Needs(**data)
        except InvalidNeeds as error:
            raise serializers.ValidationError(str(error)) from None


class PlayerChanges(serializers.Serializer[dict[str, Any]]):
    """What is to be another one about a player: the name (trimmed, 1 to 30 characters), the team, or the needs."""

    username = serializers.CharField(max_length=200, trim_whitespace=False, allow_blank=True, required=False)
    team = serializers.IntegerField(required=False, help_text="From 1 on.")
    needs = PlayerNeeds(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"username": ["This field is required."]})
        if len(attrs) > 1:
            # Nothing is done by halves: each may be refused.
            raise serializers.ValidationError({"username": ["One change at a time, please."]})
        return attrs


class PlaceCode(serializers.Serializer[dict[str, Any]]):
    """What the host shows to a player whose browser has lost what it remembered."""

    code = serializers.CharField(help_text="For `place_code` of JOIN_SESSION; it holds once.")
    expires_at = serializers.CharField()


def participant_json(player: ParticipantState, score: int) -> dict[str, Any]:
    """A player as ``ParticipantLine``."""
    return {
        "user_id": player.user_id,
        "username": player.username,
        "status": player.status,
        "joined_at": iso(player.joined_at),
        "score": score,
        "team": player.arranged.team or None,
        "needs": asdict(player.arranged.needs),
    }


class Participants(serializers.Serializer[dict[str, Any]]):
    """The players of a session."""

    session_id = serializers.CharField()
    participant_count = serializers.IntegerField()
    participants = ListedParticipant(many=True)


class ResultPlayer(BoardLine):
    """A player's result."""

    place = serializers.IntegerField(help_text="Equal scores share one: 1, 1, 3.")
    correct = serializers.IntegerField()
    answered = serializers.IntegerField()
    team = serializers.IntegerField(allow_null=True, help_text="From 1 on; null without teams.")
    pupil_id = serializers.CharField(
        allow_null=True, help_text="Of a pupil of a class, for whoever may see the class; else null."
    )
    attempts = serializers.IntegerField(help_text="Begun at a homework; the others are of the one that counts.")


class TeamLine(serializers.Serializer[dict[str, Any]]):
    """A team's result."""

    team = serializers.IntegerField()
    place = serializers.IntegerField(help_text="Equal averages share one: 1, 1, 3.")
    average = serializers.FloatField(help_text="Points, to a tenth.")
    members = serializers.IntegerField()
    score = serializers.IntegerField(help_text="Points of all members.")


class ResultGap(serializers.Serializer[dict[str, Any]]):
    """How a gap of a text was filled."""

    answered = serializers.IntegerField()
    correct = serializers.IntegerField()
    distribution = serializers.DictField(child=serializers.IntegerField())


class ResultQuestion(serializers.Serializer[dict[str, Any]]):
    """A question's result."""

    question_id = serializers.CharField()
    text = serializers.CharField()
    answered = serializers.IntegerField()
    correct = serializers.IntegerField()
    distribution = serializers.DictField(child=serializers.IntegerField())
    gaps = ResultGap(many=True, required=False, help_text="Of a text with gaps, each of them; else left out.")


class ResultAnswer(serializers.Serializer[dict[str, Any]]):
    """One answer."""

    user_id = serializers.CharField()
    question_id = serializers.CharField()
    answer = serializers.JSONField(help_text="A string, or a list of strings for multi, order and gaps.")
    is_correct = serializers.BooleanField()
    verdict = serializers.ChoiceField(["correct", "almost", "wrong"])
    points = serializers.IntegerField()
    rule = serializers.ChoiceField(POINTS_RULES, help_text="What gave these points, or none.")
    time_taken_ms = serializers.IntegerField()
    submitted_at = serializers.CharField()
    attempt = serializers.IntegerField()
    counts = serializers.BooleanField(help_text="Whether the attempt is the player's result.")


class QuestionProgress(serializers.Serializer[dict[str, Any]]):
    """How far the players are with a question."""

    question_id = serializers.CharField()
    answered = serializers.IntegerField()
    correct = serializers.IntegerField()


class PlayerProgress(serializers.Serializer[dict[str, Any]]):
    """How far a player is."""

    user_id = serializers.CharField()
    answered = serializers.IntegerField()
    last_answered_at = serializers.CharField()


class Progress(serializers.Serializer[dict[str, Any]]):
    """How far the players are."""

    session_id = serializers.CharField()
    questions = QuestionProgress(many=True)
    players = PlayerProgress(
        many=True, allow_null=True, help_text="Those who have answered; null in a session of more than 1,000 players."
    )


class AnswerToAccept(serializers.Serializer[dict[str, Any]]):
    """Body of POST accept."""

    answer = serializers.CharField(max_length=MAX_TYPED_LENGTH, help_text="As a player typed it.")
    gap = serializers.IntegerField(
        required=False, min_value=1, max_value=GAPS_MAX, help_text="Of a text with gaps: which one it was typed into."
    )


class AnswerCount(serializers.Serializer[dict[str, Any]]):
    """An answer in its most frequent spelling, counted with all that are compared alike."""

    answer = serializers.CharField()
    verdict = serializers.ChoiceField(["correct", "almost", "wrong"])
    count = serializers.IntegerField()
    difference = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(), min_length=2, max_length=2),
        allow_null=True,
        help_text='What parts an almost right answer from the right one: pairs of "same", "extra" (typed only) or '
        '"missing", and letters. Null for others.',
    )
    gap = serializers.IntegerField(
        allow_null=True, help_text="Of a text with gaps: which one it was typed into, from 1. Null for other questions."
    )


class AnswerCounts(serializers.Serializer[dict[str, Any]]):
    """What was typed to a question, the most frequent first."""

    session_id = serializers.CharField()
    question_id = serializers.CharField()
    text = serializers.CharField()
    correct_answers = serializers.ListField(child=serializers.CharField())
    accepted = serializers.ListField(
        child=serializers.CharField(),
        help_text="What the host accepted besides the question's own answers; of a text with gaps as JSON lists.",
    )
    answered = serializers.IntegerField(help_text="Players who answered.")
    different = serializers.IntegerField(help_text="Different answers, of which this is a page.")
    answers = AnswerCount(many=True)


class Results(serializers.Serializer[dict[str, Any]]):
    """Results of a session."""

    session_id = serializers.CharField()
    quiz_id = serializers.CharField()
    status = serializers.ChoiceField(STATUSES)
    names_until = serializers.DateTimeField(
        allow_null=True,
        help_text="When the players lose their names, after the end; pupils keep theirs as long as their class.",
    )
    participants = ResultPlayer(many=True)
    teams = TeamLine(many=True, help_text="By the average of their members; empty without teams.")
    questions = ResultQuestion(many=True)
    answers = ResultAnswer(many=True)


class ProblemDocument(serializers.Serializer[dict[str, Any]]):
    """An RFC 9457 problem document."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()


def session_json(view: SessionView) -> dict[str, Any]:
    """A session as the API answers it."""
    setup, state = view.setup, view.state
    opened = state.question_index >= 0
    return {
        "session_id": setup.id,
        "quiz_id": setup.quiz.id,
        "title": setup.quiz.title,
        "join_code": setup.join_code,
        "status": state.status,
        "phase": state.phase,
        "opens_at": opens_at(state),
        "closes_at": closes_at(state),
        "extensions": [{"user_id": user_id, "closes_at": iso(until)} for user_id, until in state.extensions],
        "pace": setup.pace,
        "reveal": setup.reveal,
        "scoring": setup.scoring,
        "max_participants": setup.max_participants,
        "time_limit_ms": setup.time_limit_ms,
        "options": all_options(setup.options),
        "participant_count": view.participant_count,
        "question_id": state.question_id if opened else None,
        "question_index": state.question_index if opened else None,
        "question_count": len(setup.quiz.questions),
        "deadline": iso(state.deadline) if state.deadline else None,
        "options_at": iso(state.options_at) if state.options_at and not state.paused_at else None,
        "advance_at": iso(state.advance_at) if state.advance_at and not state.paused_at else None,
        "held": state.held,
        "paused": bool(state.paused_at),
        "locked": state.locked,
        "allowed": allowed(setup, state),
        "revision": state.revision,
        "seq": state.seq,
        "created_at": iso(state.created_at),
        "start_time": iso(state.started_at) if state.started_at else None,
        "end_time": iso(state.ended_at) if state.ended_at else None,
    }
