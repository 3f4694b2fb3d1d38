"""Refusals of the session services, each with the wire's ERROR code and a sentence for a person."""

from __future__ import annotations

from sessions.protocol.outbound import ErrorCode, StoredResult
from sessions.rules.player_names import InvalidUsername

#: Whether the client may go on as it is and try again, or has to change what it does.
RECOVERABLE: dict[ErrorCode, bool] = {
    "INVALID_MESSAGE": True,
    "UNKNOWN_TYPE": True,
    "NOT_JOINED": True,
    "INVALID_SESSION": False,
    "SESSION_FULL": False,
    "SESSION_COMPLETED": False,
    "SESSION_LOCKED": False,
    "INVALID_USERNAME": True,
    "USERNAME_TAKEN": True,
    "INVALID_PUPIL": True,
    "INVALID_TOKEN": False,
    "REMOVED": False,
    "INVALID_QUESTION": True,
    "INVALID_ANSWER": True,
    "INVALID_TEAM": True,
    "QUESTION_NOT_OPEN": True,
    "ALREADY_ANSWERED": True,
    "ATTEMPT_REFUSED": True,
    "RATE_LIMITED": True,
    "SERVICE_UNAVAILABLE": True,
    "INTERNAL_ERROR": True,
}


class SessionError(Exception):
    """Something a client asked for is refused."""

    def __init__(
        self, code: ErrorCode, message: str, *, reason: str | None = None, result: StoredResult | None = None
    ) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = message
        self.reason = reason
        self.result = result


class RateLimited(SessionError):
    """The client did something too often."""

    def __init__(self, message: str, retry_after_ms: int) -> None:
        super().__init__("RATE_LIMITED", message)
        self.retry_after_ms = retry_after_ms


def unknown_session(session_id: str) -> SessionError:
    """No session has this id or join code."""
    return SessionError("INVALID_SESSION", f"Session {session_id} does not exist")


def invalid_username(error: InvalidUsername) -> SessionError:
    """A name breaks a rule; ``reason`` says which."""
    return SessionError("INVALID_USERNAME", str(error), reason=error.reason)


#: Why somebody is not let in as a pupil, by the ``reason`` of INVALID_PUPIL.
_PUPIL_REFUSALS = {
    "needed": "This session is for a class: pick your name or show your card.",
    "card_needed": "In this session only a card shows who you are.",
    "card_invalid": "This card opens nothing here: it was replaced, or is of another class.",
    "unknown": "The class has no such pupil.",
    "taken": "Somebody plays under this name. If it is yours, tell your host.",
    "class_deleted": "The class of this session has been deleted.",
}


def invalid_pupil(reason: str) -> SessionError:
    """Whoever asks is not let in as a pupil; ``reason`` says why."""
    return SessionError("INVALID_PUPIL", _PUPIL_REFUSALS[reason], reason=reason)


def service_unavailable() -> SessionError:
    """No durable place can be reached."""
    return SessionError("SERVICE_UNAVAILABLE", "The server cannot store anything just now; please try again.")
