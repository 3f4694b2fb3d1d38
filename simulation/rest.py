"""A client of the REST API: JSON over HTTP, which waits for a server that is away for a moment."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit


class CallRefused(Exception):
    """The server answered with a problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status}: {problem.get('detail') or problem}")
        self.status = status
        self.problem = problem


class Unreachable(Exception):
    """The server did not answer for as long as the client is ready to wait."""


class RestClient:
    """Calls ``/api/v1/`` with an operator's key. It goes straight to the server, past any HTTP proxy."""

    def __init__(self, url: str, api_key: str, *, patience: float = 30) -> None:
        """:param url: ``http://host:port`` or ``https://...``, with a path where the server is mounted below one.
        :param patience: seconds for which a server that does not answer is asked again.
        :raises ValueError: when the URL is neither http nor https.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url} is not an http or https address")
        self._secure = parts.scheme == "https"
        self._netloc = parts.netloc
        self._path = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Api-Key {api_key}", "Content-Type": "application/json"}
        self._patience = patience

    @property
    def ws_url(self) -> str:
        """Where players connect."""
        return f"{'wss' if self._secure else 'ws'}://{self._netloc}{self._path}/ws"

    async def get(self, path: str) -> dict[str, Any]:
        """:raises CallRefused: :raises Unreachable:"""
        return await asyncio.to_thread(self._call, "GET", path, None)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """It may be sent twice when the server dies before it answers.

        :raises CallRefused: :raises Unreachable:
        """
        return await asyncio.to_thread(self._call, "POST", path, body or {})

    async def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """It may be sent twice when the server dies before it answers.

        :raises CallRefused: :raises Unreachable:
        """
        return await asyncio.to_thread(self._call, "PATCH", path, body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        give_up_at = time.monotonic() + self._patience
        while True:
            try:
                status, data = self._request(method, path, body)
            except (OSError, http.client.HTTPException) as error:
                status, problem = 0, str(error)
            else:
                if status < 400:
                    return data
                if status != 503:
                    raise CallRefused(status, data)
                problem = str(data.get("detail", status))
            if time.monotonic() > give_up_at:
                raise Unreachable(f"{method} {path}: {problem}")
            time.sleep(0.2)

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._netloc, timeout=30)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, f"{self._path}/api/v1/{path}", text, self._headers)
            response = connection.getresponse()
            raw = response.read()
        finally:
            connection.close()
        try:
            data = json.loads(raw) if raw else {}
        except ValueError:
            data = {"detail": f"not JSON, but {raw[:100]!r}"}
        return response.status, data
