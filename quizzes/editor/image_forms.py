"""Uploading an image in the admin, beside the field of its address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget

from common.config import CONFIG
from quizzes.images.sanitizing import ImageFile, NoImage, digest_of, read_image
from quizzes.images.storage import image_store


class ImageField(forms.FileField):
    """An image to upload; what is cleaned is an :class:`ImageFile`, or ``None``."""

    def clean(self, data: Any, initial: Any = None) -> ImageFile | None:
        file = super().clean(data, initial)
        if not file:
            return None
        bound = settings.IMAGE_MAX_BYTES
        try:
            return read_image(file.read(bound + 1 if bound else None), max_bytes=bound)
        except NoImage as error:
            raise forms.ValidationError(str(error)) from None


class UploadFields(forms.Form):
    """Gives a form with the address of an image a field to upload one."""

    upload = ImageField(
        label=gettext_lazy("Or upload an image"),
        required=False,
        widget=UnfoldAdminFileFieldWidget({"accept": "image/*"}),
    )

    def take_upload(self, name: str) -> None:
        """Store what was uploaded; its address goes before what was written.

        A form that is refused leaves an image that nothing shows, which is deleted after a day.
        """
        if image := self.cleaned_data.get("upload"):
            self.cleaned_data[name] = image_store(image)

    def show_image(self, name: str, address: str) -> None:
        """Show the image below the field of its address."""
        if name in self.fields and digest_of(address):
            source = CONFIG.base_path + address
            self.fields[name].help_text = format_html('<img class="qz-picture" src="{}" alt="">', source)
