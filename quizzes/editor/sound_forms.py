"""Uploading a recording in the admin, beside the field of its address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget

from common.config import CONFIG
from quizzes.rules.sound_names import digest_of
from quizzes.services.reading import read_sounds
from quizzes.sounds.sanitizing import NoSound, SoundFile
from quizzes.sounds.storage import sound_store


class SoundField(forms.FileField):
    """A recording to upload; what is cleaned is a :class:`SoundFile`, or ``None``."""

    def clean(self, data: Any, initial: Any = None) -> SoundFile | None:
        file = super().clean(data, initial)
        if not file:
            return None
        bound = settings.SOUND_MAX_BYTES
        try:
            return read_sounds([file.read(bound + 1 if bound else None)])[0]
        except NoSound as error:
            raise forms.ValidationError(str(error)) from None


class RecordingFields(forms.Form):
    """Gives a form with the address of a recording, ``sound``, a field to upload one."""

    recording = SoundField(
        label=gettext_lazy("Or upload a recording"),
        required=False,
        widget=UnfoldAdminFileFieldWidget({"accept": "audio/*"}),
    )

    def take_recording(self) -> None:
        """Store what was uploaded; its address goes before what was written."""
        if sound := self.cleaned_data.get("recording"):
            self.cleaned_data["sound"] = sound_store(sound)

    def play_recording(self, address: str) -> None:
        """Play the recording below the field of its address."""
        if "sound" in self.fields and digest_of(address):
            source = CONFIG.base_path + address
            self.fields["sound"].help_text = format_html('<audio controls preload="none" src="{}"></audio>', source)
