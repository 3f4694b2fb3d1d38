"""Players without a browser, who make a session look played."""

from __future__ import annotations

import json
import random
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.browser.server import Server, Session

NAMES = ["Bao", "Chloé", "Dmitri", "Elif", "Farah", "Grace", "Håkon", "Inês", "Jun", "سلمى", "Wise Raven", "Zoë"]

#: The crowd does not read what it is sent.
QUIET: dict[str, Any] = {"ping_interval": None, "close_timeout": 1}


class Crowd:
    """Players without a browser."""

    def __init__(self, server: Server, session: Session) -> None:
        self._session = session
        self._sockets: list[ClientConnection] = []
        url = server.url.replace("http", "ws", 1)
        for index, name in enumerate(NAMES):
            socket: ClientConnection = connect(f"{url}/ws?user_id=crowd{index}", proxy=None, legacy=True, **QUIET)
            self._sockets.append(socket)
            self._say(socket, "JOIN_SESSION", username=name, leaderboard="none")

    def answer(self, question_id: str, answers: list[Any]) -> None:
        """Everybody gives one of the answers."""
        for socket in self._sockets:
            answer = random.choice(answers)
            self._say(socket, "SUBMIT_ANSWER", question_id=question_id, answer=answer)

    def _say(self, socket: ClientConnection, kind: str, **payload: Any) -> None:
        socket.send(json.dumps({"type": kind, "payload": {"session_id": self._session.id, **payload}}))

    def leave(self) -> None:
        """Hang up."""
        for socket in self._sockets:
            socket.close()
