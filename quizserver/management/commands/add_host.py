"""`manage.py add_host`: an account for a teacher, with a password to hand over."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from common.addresses import reachable_url
from common.config import CONFIG
from quizserver.invitations import new_teacher


class Command(BaseCommand):
    help = "Makes an account for a teacher and prints its password once. --reset gives an account a new password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the name to sign in with")
        parser.add_argument("--reset", action="store_true", help="a new password for an account that is there")
        parser.add_argument("--superuser", action="store_true", help="may also manage accounts and see all quizzes")

    def handle(self, *args: Any, **options: Any) -> None:
        name, users = options["name"], get_user_model()
        password = secrets.token_urlsafe(9)
        with transaction.atomic():
            found = users._default_manager.filter(username=name).first()
            if found is not None and not options["reset"]:
                raise CommandError(f"There is an account {name}; --reset gives it a new password.")
            if found is None and options["reset"]:
                raise CommandError(f"There is no account {name}.")
            if found is None:
                try:
                    new_teacher(name, password, superuser=options["superuser"])
                except ValidationError as error:
                    raise CommandError(f"{name}: {' '.join(error.messages)}") from None
            else:
                found.set_password(password)
                found.is_superuser = found.is_superuser or options["superuser"]
                found.save()
        address = CONFIG.public_url or reachable_url(CONFIG.bind, CONFIG.port)
        self.stdout.write(f"{name} signs in at {address}/admin/ with the password {password}")
