"""Who is a host, and who may see and change which quiz.

Hosts are staff with the permission to host, which the group "Hosts" gives; superusers have it anyway.
Hosts see their own quizzes, the demo quizzes and what colleagues share with them, and change their own and what is
shared to be changed. Superusers and operators (API keys, which are no users) see and change all. Whether somebody is a
host or an operator at all is asked before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from quizzes.models import Quiz, Share, WordList

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
    shared = _shares_with(user).filter(quiz__isnull=False).values("quiz_id")
    return Quiz.objects.filter(Q(owner=user) | Q(owner=None) | Q(pk__in=shared))


def visible_word_lists(user: User | None) -> QuerySet[WordList]:
    """The word lists this user may see. ``None`` is an operator."""
    if user is None or user.is_superuser:
        return WordList.objects.all()
    shared = _shares_with(user).filter(word_list__isnull=False).values("word_list_id")
    return WordList.objects.filter(Q(owner=user) | Q(owner=None) | Q(pk__in=shared))


def owns(user: User | None, owned: Quiz | WordList) -> bool:
    """Whether this user may share and delete a quiz or a word list. ``None`` is an operator."""
    return user is None or user.is_superuser or owned.owner_id == user.pk


def may_edit(user: User | None, owned: Quiz | WordList) -> bool:
    """Whether this user may change a quiz or a word list. ``None`` is an operator."""
    return owns(user, owned) or _is_shared(user, owned, "edit")


def may_copy(user: User | None, owned: Quiz | WordList) -> bool:
    """Whether this user may copy and export a quiz or a word list that is to be seen. ``None`` is an operator."""
    return owns(user, owned) or owned.owner_id is None or _is_shared(user, owned, "copy", "edit")


def _shares_with(user: User) -> QuerySet[Share]:
    everybody = Q(user=None, group=None)
    return Share.objects.filter(everybody | Q(user=user) | Q(group__in=user.groups.all()))


def _is_shared(user: User | None, owned: Quiz | WordList, *levels: str) -> bool:
    if user is None:
        return True
    return _shares_with(user).filter(pk__in=owned.shares.values("pk"), level__in=levels).exists()
