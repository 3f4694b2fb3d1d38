"""Backups: all data of a server in one file, taken while games are on, and brought back whole.

A backup is a tar file, compressed with gzip, with `manifest.json` (version, kind of database, migrations, digests), the
secret key that the server made for itself, and the database. Of SQLite that is a copy by its own online backup; of
PostgreSQL each table as COPY writes it, all as of one moment. It is restored into the same kind of database: at the
migrations it was taken at, which are then carried on to those of the code.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from common.config import CONFIG
from quizserver import __version__

_FORMAT = 1
_MANIFEST = "manifest.json"
_DATABASE = "database.sqlite3"
_KEY = "secret_key"
#: Bytes of the manifest at most: it is read before anything else is believed.
_MANIFEST_BYTES = 1_000_000
_SKIPPED_TABLES = {"django_migrations"}


class BackupError(Exception):
    """A backup cannot be taken or restored; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``digests`` are SHA-256, by the name of the member."""

    format: int
    version: str
    taken_at: str
    vendor: str
    migrations: list[list[str]]
    digests: dict[str, str]


def take(path: Path) -> Manifest:
    """Write a backup. It is put in place whole or not at all, readable by its owner alone.

    :raises BackupError: when there is nothing to back up, or no room.
    """
    if not MigrationRecorder(connection).has_table():
        raise BackupError("There is no database yet: nothing to back up.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        work = Path(folder)
        try:
            _dump_sqlite(work) if connection.vendor == "sqlite" else _dump_postgresql(work)
            key = CONFIG.data_dir / _KEY
            if not CONFIG.secret_key and key.exists():
                (work / _KEY).write_bytes(key.read_bytes())
            manifest = Manifest(
                _FORMAT,
                __version__,
                datetime.now(UTC).isoformat(timespec="seconds"),
                connection.vendor,
                sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations()),
                {member.name: _digest(member) for member in sorted(work.iterdir())},
            )
            (work / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
            _pack(work, path)
        except (OSError, sqlite3.Error) as error:
            raise BackupError(f"The backup could not be written: {error}") from None
    return manifest


def read_manifest(path: Path) -> Manifest:
    """What a file says of itself.

    :raises BackupError: when it is no backup, or one of a newer server.
    """
    try:
        with tarfile.open(path, "r:gz") as archive:
            first = archive.next()
            found = archive.extractfile(first) if first is not None and first.name == _MANIFEST else None
            if found is None:
                raise BackupError(f"{path} is no backup of this server.")
            manifest = Manifest(**json.loads(found.read(_MANIFEST_BYTES)))
    except (tarfile.TarError, ValueError, TypeError, EOFError) as error:
        raise BackupError(f"{path} is no backup of this server, or it is damaged: {error}") from None
    except OSError as error:
        raise BackupError(f"{path}: {error.strerror or error}") from None
    if manifest.format != _FORMAT:
        raise BackupError(f"{path} was made by a newer server ({manifest.version}); use that version to restore it.")
    return manifest


def restore(path: Path, *, replace: bool) -> Manifest:
    """Bring a backup back. Nothing is changed before the whole file was found to be sound.

    :param replace: whether data that is there may be replaced.
    :raises BackupError: when the file is damaged or does not fit, or when there is data and ``replace`` is not given.
    """
    manifest = read_manifest(path)
    if manifest.vendor != connection.vendor:
        raise BackupError(f"The backup is of {manifest.vendor}, and DATABASE_URL names {connection.vendor}.")
    known = set(MigrationExecutor(None).loader.disk_migrations)
    unknown = [".".join(one) for one in manifest.migrations if (one[0], one[1]) not in known and _ours(one[0])]
    if unknown:
        raise BackupError(f"The backup is of a newer server ({manifest.version}); this one does not know {unknown[0]}.")
    if _has_data() and not replace:
        raise BackupError("The database has data. --replace puts the backup in its place; take a backup of it first.")
    CONFIG.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CONFIG.data_dir, prefix=".restore-") as folder:
        work = Path(folder)
        _unpack(path, manifest, work)
        if manifest.vendor == "sqlite":
            _load_sqlite(work / _DATABASE)
        else:
            _load_postgresql(work, manifest)
        if (work / _KEY).exists():
            key = work / _KEY
            key.chmod(0o600)
            key.replace(CONFIG.data_dir / _KEY)
    call_command("migrate", verbosity=0)
    return manifest


# -- the archive --------------------------------------------------------------------------------------------------


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(work: Path, path: Path) -> None:
    beside = work / "archive"
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as archive:
            archive.add(work / _MANIFEST, _MANIFEST)
            for member in sorted(work.iterdir()):
                if member.name not in (_MANIFEST, "archive"):
                    archive.add(member, member.name)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)


def _unpack(path: Path, manifest: Manifest, work: Path) -> None:
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                # Names come from the manifest alone: nothing is written outside the folder.
                if member.name not in manifest.digests or not member.isfile():
                    continue
                source = archive.extractfile(member)
                assert source is not None
                with (work / member.name).open("wb") as out:
                    while block := source.read(1 << 20):
                        out.write(block)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BackupError(f"{path} is damaged: {error}") from None
    for name, digest in manifest.digests.items():
        if "/" in name or not (work / name).exists() or _digest(work / name) != digest:
            raise BackupError(f"{path} is damaged: {name} is not what was written.")


# -- SQLite -------------------------------------------------------------------------------------------------------


def _dump_sqlite(work: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(work / _DATABASE)) as copy:
        connection.connection.backup(copy)
        # One file, without a write-ahead log beside it.
        copy.execute("PRAGMA journal_mode=DELETE")


def _load_sqlite(copy: Path) -> None:
    target = Path(connection.settings_dict["NAME"])
    connection.close()
    with closing(sqlite3.connect(copy)) as source:
        if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BackupError("The database in the backup is damaged.")
    copy.chmod(0o600)
    for name in (f"{target.name}-wal", f"{target.name}-shm"):
        (target.parent / name).unlink(missing_ok=True)
    copy.replace(target)


# -- PostgreSQL ---------------------------------------------------------------------------------------------------


def _tables() -> list[str]:
    """Tables with rows of their own; of a partitioned one its partitions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = current_schema() AND c.relkind = 'r' ORDER BY c.relname"
        )
        return [name for (name,) in cursor.fetchall() if name not in _SKIPPED_TABLES]


@contextmanager
def _raw() -> Iterator[Any]:
    connection.ensure_connection()
    yield connection.connection


def _dump_postgresql(work: Path) -> None:
    tables = _tables()
    with _raw() as raw, raw.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            for table in tables:
                cursor.execute(
                    "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() "
                    "AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
                    [table],
                )
                columns = [name for (name,) in cursor.fetchall()]
                with (work / f"{table}.copy").open("wb") as out:
                    out.write(json.dumps(columns).encode() + b"\n")
                    with cursor.copy(f'COPY "{table}" ({_names(columns)}) TO STDOUT') as copy:
                        for block in copy:
                            out.write(block)
        finally:
            cursor.execute("ROLLBACK")


def _load_postgresql(work: Path, manifest: Manifest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
        cursor.execute(f'DROP SCHEMA "{schema}" CASCADE')
        cursor.execute(f'CREATE SCHEMA "{schema}"')
    executor = MigrationExecutor(connection)
    taken_at = {(app, name) for app, name in manifest.migrations}
    plan = [one for one in executor.migration_plan(executor.loader.graph.leaf_nodes()) if _key(one[0]) in taken_at]
    executor.migrate([_key(migration) for migration, _ in plan], plan=plan)
    with connection.cursor() as cursor:
        # What migrations put there comes from the backup, too.
        cursor.execute(f"TRUNCATE {_names(_tables())} CASCADE")
    with _raw() as raw, raw.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for file in sorted(work.glob("*.copy")):
            _copy_in(cursor, file)
        cursor.execute("COMMIT")
    _set_sequences()


def _key(migration: Migration) -> tuple[str, str]:
    return migration.app_label, migration.name


def _copy_in(cursor: Any, file: Path) -> None:
    with file.open("rb") as source:
        columns = json.loads(source.readline())
        with cursor.copy(f'COPY "{file.stem}" ({_names(columns)}) FROM STDIN') as copy:
            while block := _block(source):
                copy.write(block)


def _block(source: IO[bytes]) -> bytes:
    return source.read(1 << 20)


def _set_sequences() -> None:
    models = apps.get_models(include_auto_created=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _names(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


# -- what is there ------------------------------------------------------------------------------------------------


def _ours(app: str) -> bool:
    return any(config.label == app for config in apps.get_app_configs())


def _has_data() -> bool:
    if "auth_user" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM auth_user)")
        return bool(cursor.fetchone()[0])
