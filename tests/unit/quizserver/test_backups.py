"""Backups: what is brought back is what was there, and a file that is not sound changes nothing."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from quizserver.backups import BackupError, read_manifest, restore, take


@pytest.mark.django_db(transaction=True)
def test_a_backup_tells_what_it_is_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "backup.tar.gz"
    taken = take(path)
    assert read_manifest(path) == taken
    assert taken.migrations
    assert path.stat().st_mode & 0o077 == 0
    assert [entry.name for entry in path.parent.iterdir()] == ["backup.tar.gz"]


@pytest.mark.django_db(transaction=True)
def test_data_that_is_there_is_not_replaced_unasked(tmp_path: Path, django_user_model: type) -> None:
    django_user_model.objects.create_user("ann")  # type: ignore[attr-defined]
    path = tmp_path / "backup.tar.gz"
    take(path)
    with pytest.raises(BackupError, match="--replace"):
        restore(path, replace=False)


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path, "r:gz") as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]


def pack(path: Path, content: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("harm", ["a bit", "a member", "newer format", "newer server", "another database", "a path"])
def test_a_damaged_or_foreign_backup_is_named_before_anything_changes(
    tmp_path: Path, harm: str, django_user_model: type
) -> None:
    good = tmp_path / "good.tar.gz"
    take(good)
    content = members(good)
    manifest = json.loads(content["manifest.json"])
    database = next(name for name in content if name not in ("manifest.json", "secret_key"))
    match harm:
        case "a bit":
            content[database] = content[database][:-1] + bytes([content[database][-1] ^ 1])
        case "a member":
            del content[database]
        case "newer format":
            manifest["format"] = 99
        case "newer server":
            manifest["migrations"].append(["quizzes", "9999_from_the_future"])
        case "another database":
            manifest["vendor"] = "oracle"
        case "a path":
            manifest["digests"]["../outside"] = "0"
            content["../outside"] = b"x"
    content["manifest.json"] = json.dumps(manifest).encode()
    django_user_model.objects.create_user("ann")  # type: ignore[attr-defined]
    with pytest.raises(BackupError):
        restore(pack(tmp_path / "bad.tar.gz", content), replace=True)
    assert django_user_model.objects.filter(username="ann").exists()  # type: ignore[attr-defined]
    assert not (tmp_path.parent / "outside").exists()


@pytest.mark.parametrize("data", [b"", b"hello", b"\x1f\x8b\x08\x00"])
def test_a_file_that_is_no_backup_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(BackupError, match="no backup"):
        read_manifest(path)
    with pytest.raises(BackupError, match="missing"):
        read_manifest(tmp_path / "missing")
