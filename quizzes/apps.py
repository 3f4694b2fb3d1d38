from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class QuizzesConfig(AppConfig):
    name = "quizzes"
    verbose_name = _("Content")

    def ready(self) -> None:
        # After django.contrib.auth's own receiver, which makes the permission.
        post_migrate.connect(_make_hosts_group, sender=self)


def _make_hosts_group(using: str, apps: Any = installed_apps, **kwargs: Any) -> None:
    """Make the group whose members are hosts, unless there is one: what an administrator changed in it stays.

    :param apps: the models as migrated; `manage.py flush` sends the signal without them.
    """
    from quizzes.access import HOST_PERMISSION, HOSTS_GROUP

    try:
        groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:
        return
    app_label, codename = HOST_PERMISSION.split(".")
    permission = permissions.objects.using(using).filter(content_type__app_label=app_label, codename=codename).first()
    if permission is None:
        return
    group, made = groups.objects.using(using).get_or_create(name=HOSTS_GROUP)
    if made:
        group.permissions.add(permission)
