"""Who is a host, and who may see and change which quiz.

Hosts are staff with the permission to host, which the group "Hosts" gives; superusers have it anyway.
Hosts see their own quizzes and the demo quizzes, and change their own. Superusers and operators (API keys, which are no
users) see and change all. Whether somebody is a host or an operator at all is asked before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from quizzes.models import Quiz, WordList

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser, User

HOST_PERMISSION = "quizzes.host"
HOSTS_GROUP = "Hosts"


def is_host(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether this user may prepare and run quizzes: in the admin, over REST and over WebSocket."""
    if not getattr(user, "is_staff", False):
        return False
    return bool(user.has_perm(HOST_PERMISSION))  # type: ignore[union-attr]


def visible_quizzes(user: User | None) -> QuerySet[Quiz]:
    """The quizzes this user may see. ``None`` is an operator."""
    if user is None or user.is_superuser:
        return Quiz.objects.all()
    return Quiz.objects.filter(Q(owner=user) | Q(owner=None))


def visible_word_lists(user: User | None) -> QuerySet[WordList]:
    """The word lists this user may see. ``None`` is an operator."""
    if user is None or user.is_superuser:
        return WordList.objects.all()
    return WordList.objects.filter(Q(owner=user) | Q(owner=None))


def may_edit(user: User | None, owned: Quiz | WordList) -> bool:
    """Whether this user may change or delete a quiz or a word list. ``None`` is an operator."""
    return user is None or user.is_superuser or owned.owner_id == user.pk
