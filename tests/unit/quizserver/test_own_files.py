"""What the server keeps on disk is for its owner, and the first password is not told for ever."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from common.config import CONFIG
from quizserver import apps, credentials
from quizserver.management.commands import prepare


def test_the_database_of_one_machine_is_for_its_owner_alone(tmp_path: Path) -> None:
    names = [tmp_path / f"quiz.sqlite3{end}" for end in ("", "-wal", "-shm")]
    for name in names:
        name.touch(0o644)
    connection = SimpleNamespace(vendor="sqlite", settings_dict={"NAME": names[0]})
    apps._keep_to_its_owner(connection=connection)
    assert [name.stat().st_mode & 0o777 for name in names] == [0o600] * 3


@pytest.mark.django_db
def test_the_first_password_is_forgotten_once_the_host_has_signed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = CONFIG.model_copy(update={"data_dir": tmp_path})
    monkeypatch.setattr(credentials, "CONFIG", config)
    monkeypatch.setattr(prepare, "call_command", lambda *_args, **_options: None)
    monkeypatch.setattr(prepare, "compile_catalogues", lambda *_: None)

    def kept() -> dict[str, str]:
        call_command("prepare")
        told: dict[str, str] = json.loads((tmp_path / "credentials.json").read_text())
        return told

    password = kept()["password"]
    assert kept()["password"] == password
    assert password in capsys.readouterr().out
    User.objects.filter(username=credentials.HOST).update(last_login=timezone.now())
    assert "password" not in kept()
    assert password not in capsys.readouterr().out
