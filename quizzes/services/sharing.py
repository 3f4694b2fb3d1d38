"""Sharing quizzes and word lists: with a host, with the hosts of a group, or with all hosts of the server."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction

from quizzes.access import is_host
from quizzes.models import Quiz, Share, WordList


class NoSuchReader(Exception):
    """There is no host, or no group, of this name."""


@transaction.atomic
def share(owned: Quiz | WordList, *, level: str, username: str = "", group: str = "") -> Share:
    """Let others use something; with neither a name nor a group, all hosts. Sharing again changes the level.

    :raises NoSuchReader: when there is nobody of this name.
    """
    target = _target(username, group)
    found = owned.shares.filter(**{name: target.get(name) for name in ("user", "group")}).first()
    if found is None:
        return owned.shares.create(level=level, **target)
    found.level = level
    found.save(update_fields=["level"])
    return found


def unshare(owned: Quiz | WordList, share_id: int) -> None:
    """Take a share back. What was run or copied stays; taking back what is not there is harmless."""
    owned.shares.filter(pk=share_id).delete()


def share_json(row: Share) -> dict[str, Any]:
    """A share as plain data."""
    return {
        "id": row.pk,
        "username": row.user.get_username() if row.user else None,
        "group": row.group.name if row.group else None,
        "level": row.level,
    }


def _target(username: str, group: str) -> dict[str, Any]:
    if username:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None or not is_host(user):
            raise NoSuchReader(username)
        return {"user": user}
    if group:
        found = Group.objects.filter(name=group).first()
        if found is None:
            raise NoSuchReader(group)
        return {"group": found}
    return {}
