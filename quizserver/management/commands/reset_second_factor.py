"""`manage.py reset_second_factor`: for a teacher whose phone and recovery codes are lost."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from quizserver.host_sessions import end_sessions
from quizserver.second_factor import switch_off


class Command(BaseCommand):
    help = "Forgets an account's second factor and recovery codes, and signs it out everywhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the name that the account signs in with")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no account {name}.")
        had = switch_off(user)
        end_sessions(user)
        told = "has no second factor any more" if had else "had no second factor"
        self.stdout.write(f"{name} {told} and is signed out everywhere.")
