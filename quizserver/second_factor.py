"""The second factor of signing in: a code of an app (TOTP, RFC 6238), or a recovery code, by django-otp.

Of a recovery code only a digest is kept. The secret of the app is in the database as the app has it; whoever reads the
database can make codes, but has no password by it.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import secrets
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from sessions.pages.views import qr_svg

if TYPE_CHECKING:
    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)

RECOVERY_CODES = 10
#: Characters of one, 5 bits each: too many to try, few enough to type.
_RECOVERY_LENGTH = 12
#: Letters and figures that nobody takes for another.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_SPACES = re.compile(r"[\s-]+")


def has_second_factor(user: User) -> bool:
    """Whether signing in as this user takes a code."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def is_demanded() -> bool:
    """Whether nobody signs in with a password alone."""
    return bool(settings.SECOND_FACTOR_REQUIRED)


def step_after_password(user: User) -> str | None:
    """Name of the page that follows the right password, or ``None`` when the user is in."""
    if has_second_factor(user):
        return "sign-in-code"
    return "sign-in-setup" if is_demanded() else None


def begin_setup(user: User) -> TOTPDevice:
    """A new secret that is of no use before :func:`finish_setup`."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user, confirmed=False).delete()
        device: TOTPDevice = TOTPDevice.objects.create(user=user, name="app", confirmed=False)
        return device


def secret_text(device: TOTPDevice) -> str:
    """The secret as people type it into an app that sees no QR code."""
    text = base64.b32encode(device.bin_key).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def setup_context(user: User, *, again: bool) -> dict[str, Any]:
    """What a page of setting up shows.

    :param again: after a wrong code: the secret is the one that the app has by now.
    """
    device = TOTPDevice.objects.filter(user=user, confirmed=False).first() if again else None
    device = device or begin_setup(user)
    return {"qr": qr_svg(device.config_url), "secret": secret_text(device), "app_url": device.config_url}


def finish_setup(user: User, code: str) -> TOTPDevice | None:
    """Take the app into use with its first code, in place of one that was there.

    :returns: the device, or ``None`` for a wrong code.
    """
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=False).first()
        if device is None or not device.verify_token(_digits(code)):
            return None
        TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
        device.confirmed = True
        device.save()
    logger.info("second_factor_on", extra={"user_id": f"user:{user.pk}"})
    return device


def new_recovery_codes(user: User) -> list[str]:
    """Codes that sign in once each, in place of those from before. They are told here and never again."""
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery")
        for code in codes:
            device.token_set.create(token=_digest(code))
    return ["-".join(code[start : start + 4] for start in range(0, _RECOVERY_LENGTH, 4)) for code in codes]


def recovery_codes_left(user: User) -> int:
    return sum(device.token_set.count() for device in StaticDevice.objects.filter(user=user))


def switch_off(user: User) -> bool:
    """Forget the app and the recovery codes.

    :returns: whether there was something to forget.
    """
    with transaction.atomic():
        had = TOTPDevice.objects.filter(user=user).delete()[0] + StaticDevice.objects.filter(user=user).delete()[0]
    if had:
        logger.info("second_factor_off", extra={"user_id": f"user:{user.pk}"})
    return bool(had)


def verify(user: User, code: str) -> TOTPDevice | StaticDevice | None:
    """The device that a code is of, which is spent by it; ``None`` for a wrong one, or one that comes too soon.

    After each wrong code a device takes twice as long before it looks at another.
    """
    given = _SPACES.sub("", code[:64]).lower()
    with transaction.atomic():
        device: TOTPDevice | StaticDevice | None
        if given.isdecimal():
            device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
            token = _digits(given)
        else:
            device = StaticDevice.objects.select_for_update().filter(user=user).first()
            token = _digest(given)
        return device if device is not None and device.verify_token(token) else None


def _digits(code: str) -> str:
    """The code as plain figures; keyboards of some languages write others."""
    return "".join(str(int(char)) for char in code[:64] if char.isdecimal())


def _digest(code: str) -> str:
    return base64.b32encode(hashlib.sha256(code.encode()).digest())[:16].decode()


class CodeBackend(BaseBackend):
    """Checks codes for :func:`django.contrib.auth.authenticate`, so that wrong ones lock an account as passwords do."""

    def authenticate(  # type: ignore[override]  # Django goes by the names of the arguments
        self, request: HttpRequest | None, username: str, one_time_code: str
    ) -> User | None:
        from django.contrib.auth.models import User

        user = User.objects.filter(username=username, is_active=True).first()
        device = verify(user, one_time_code) if user is not None else None
        if user is None or device is None:
            return None
        # django-otp's own signal keeps it in the session.
        user.otp_device = device  # type: ignore[attr-defined]
        return user
