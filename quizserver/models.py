"""The keys of operators, and the browser sessions of hosts."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey

#: What a key may do: look; create and run sessions and take players out; change quizzes; see and change classes.
SCOPES = ("read", "run", "content", "classes")


class OperatorKey(AbstractAPIKey):
    """An API key. Only its hash is kept; it is shown once, when it is made."""

    may_read = models.BooleanField(_("may read sessions, results and quizzes"), default=True)
    may_run = models.BooleanField(_("may create, run and delete sessions"), default=False)
    may_edit_content = models.BooleanField(_("may change quizzes"), default=False)

    may_see_classes = models.BooleanField(_("may see and change classes and their pupils"), default=False)

    class Meta:
        ordering = ("-created",)
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def clean(self) -> None:
        super().clean()
        if not self.scopes:
            raise ValidationError(_("A key that may do nothing is of no use."))

    @property
    def scopes(self) -> frozenset[str]:
        """What the key may do, in terms of :data:`SCOPES`."""
        may = (self.may_read, self.may_run, self.may_edit_content, self.may_see_classes)
        return frozenset(scope for scope, allowed in zip(SCOPES, may, strict=True) if allowed)


class HostSession(AbstractBaseSession):
    """A browser session of the admin, and what its owner is told of it. No address is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, editable=False)
    #: Browser and system as :func:`quizserver.host_sessions.device_of` tells them apart.
    device = models.CharField(max_length=40, blank=True, editable=False)
    signed_in_at = models.DateTimeField(null=True, editable=False)
    seen_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from quizserver.host_sessions import SessionStore

        return SessionStore
