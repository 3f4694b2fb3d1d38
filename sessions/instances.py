"""Which instances reach Redis, as the database knows it: so that one that is cut off from Redis alone can tell.

If it served its players from the database while the others go on from Redis, there would be two games. It hands its
players over instead.
"""

from __future__ import annotations

from quizserver.database import UNREACHABLE, DatabaseThread
from scoring.ports import ServiceUnavailable
from sessions.models import ServerInstance

_FORGET_MS = 86_400_000


class InstanceRegister:
    """The instances' rows in the database."""

    def __init__(self, server_id: str, thread: DatabaseThread) -> None:
        self._server_id = server_id
        self._thread = thread

    async def reached_redis(self, now: int) -> None:
        """This instance has just reached Redis.

        :raises ServiceUnavailable: when the database cannot be reached.
        """

        def write() -> None:
            ServerInstance.objects.update_or_create(id=self._server_id, defaults={"redis_seen_at": now})
            ServerInstance.objects.filter(redis_seen_at__lt=now - _FORGET_MS).delete()

        try:
            await self._thread.run(write)
        except UNREACHABLE as error:
            raise ServiceUnavailable("The database cannot be reached.") from error

    async def others_since(self, since: int) -> bool:
        """Whether another instance reached Redis after ``since`` (Unix milliseconds).

        :raises ServiceUnavailable: when the database cannot be reached.
        """
        rows = ServerInstance.objects.filter(redis_seen_at__gt=since).exclude(id=self._server_id)
        try:
            return await self._thread.run(rows.exists)
        except UNREACHABLE as error:
            raise ServiceUnavailable("The database cannot be reached.") from error
