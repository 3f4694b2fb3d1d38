"""`manage.py prepare`: everything between a fresh checkout and a server that can be used."""

from __future__ import annotations

import io
import secrets
from typing import Any
from urllib.parse import urlsplit

import segno
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from common.addresses import reachable_url
from common.config import CONFIG, IN_CHECKOUT, RESOURCES
from quizserver.credentials import HOST, read_credentials, write_credentials
from quizserver.models import OperatorKey
from quizserver.translations import compile_catalogues

KEY_NAME = "made by manage.py prepare"


class Command(BaseCommand):
    help = (
        "Migrates the database, loads the demo quizzes, and makes a host account and an API key where there are none. "
        "Prints what to open and the credentials; running it again is harmless."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self._step("Bringing the database up to date ...")
        call_command("migrate", verbosity=0)
        self._step("Collecting pages and translations ...")
        call_command("collectstatic", interactive=False, verbosity=0)
        compile_catalogues(RESOURCES / "locale", CONFIG.data_dir / "locale")
        self._step("Loading the demo quizzes ...")
        call_command("load_quizzes", stdout=self.stdout)
        kept = read_credentials()
        self._host(kept)
        self._api_key(kept)
        write_credentials(kept)
        self._tell(kept)

    def _step(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _host(self, kept: dict[str, str]) -> None:
        users = get_user_model()._default_manager
        if users.filter(is_superuser=True).exists():
            host = users.filter(username=HOST).first()
            # Told until it was used once. Then whoever reads the file later learns nothing by it.
            if host is None or host.last_login is not None:
                kept.pop("password", None)
            return
        kept["password"] = secrets.token_urlsafe(9)
        get_user_model().objects.create_superuser(HOST, password=kept["password"])

    def _api_key(self, kept: dict[str, str]) -> None:
        if CONFIG.operator_api_key:
            kept.pop("api_key", None)
        elif not kept.get("api_key") or not OperatorKey.objects.is_valid(kept["api_key"]):
            _, kept["api_key"] = OperatorKey.objects.create_key(
                name=KEY_NAME, may_read=True, may_run=True, may_edit_content=True
            )

    def _tell(self, kept: dict[str, str]) -> None:
        address = CONFIG.public_url or reachable_url(CONFIG.bind, CONFIG.port)
        password = kept.get("password") or "yours; a new one: manage.py changepassword"
        api_key = kept.get("api_key") or "the one in OPERATOR_API_KEY"
        self.stdout.write(
            f"\n  Players join at   {address}/"
            f"\n  Hosts sign in at  {address}/admin/   (user: {HOST}, password: {password})"
            f"\n  Operators call    {address}/api/v1/  (Authorization: Api-Key {api_key})"
            f"\n  API documents     {address}/api/docs/"
            f"\n  Your first lesson {address}/help/first-lesson\n"
        )
        self._tell_phones(address)

    def _tell_phones(self, address: str) -> None:
        """How phones get in: by a code to point their camera at, or by the setting that lets them in."""
        host = urlsplit(address).hostname or ""
        if host in ("localhost", "::1") or host.startswith("127."):
            command = "BIND=0.0.0.0 make run" if IN_CHECKOUT else "quizserver run --lan"
            self.stdout.write(f"  Only this machine can open these. To let phones in the same network in: {command}\n")
        elif self.stdout.isatty():
            code = io.StringIO()
            segno.make(f"{address}/", error="m", micro=False).terminal(out=code, border=2, compact=True)
            self.stdout.write(f"  Phones join by their camera:\n\n{code.getvalue()}")
