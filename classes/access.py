"""Who may see which class: its owner, those it is shared with, superusers and operators whose key has the scope.

Everybody else is told that there is no such class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from classes.models import SchoolClass

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def visible_classes(user: User | None) -> QuerySet[SchoolClass]:
    """The classes this host may see. ``None`` is an operator."""
    if user is None or user.is_superuser:
        return SchoolClass.objects.all()
    shared = SchoolClass.shared_with.through.objects.filter(user_id=user.pk).values("schoolclass_id")
    return SchoolClass.objects.filter(Q(owner=user) | Q(pk__in=shared))


def owns(user: User | None, school_class: SchoolClass) -> bool:
    """Whether this host may share and delete the class, and say how long it is kept. ``None`` is an operator."""
    return user is None or user.is_superuser or school_class.owner_id == user.pk
