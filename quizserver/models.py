"""The keys of operators."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.models import AbstractAPIKey

#: What a key may do: look; create and run sessions and take players out; change quizzes.
SCOPES = ("read", "run", "content")


class OperatorKey(AbstractAPIKey):
    """An API key. Only its hash is kept; it is shown once, when it is made."""

    may_read = models.BooleanField(_("may read sessions, results and quizzes"), default=True)
    may_run = models.BooleanField(_("may create, run and delete sessions"), default=False)
    may_edit_content = models.BooleanField(_("may change quizzes"), default=False)

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
        may = (self.may_read, self.may_run, self.may_edit_content)
        return frozenset(scope for scope, allowed in zip(SCOPES, may, strict=True) if allowed)
