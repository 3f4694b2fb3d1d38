"""Looking for a name in all that a server keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql


def in_redis(client: Any) -> str:
    """All that Redis holds, as text."""
    read = {
        "string": client.get,
        "hash": client.hgetall,
        "list": lambda key: client.lrange(key, 0, -1),
        "set": client.smembers,
        "zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        "stream": client.xrange,
    }
    return "\n".join(f"{key} {read[client.type(key)](key)}" for key in client.keys("*"))


def in_files(folder: Path, name: str) -> list[str]:
    """The files that have the name in any of the ways a program writes it."""
    wanted = [name.encode(), name.lower().replace(" ", "").encode()]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(each in path.read_bytes() for each in wanted)]


def in_postgresql(url: str) -> str:
    """All rows of all tables, as text."""
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [
            connection.execute(sql.SQL("SELECT {0}::text FROM {0}").format(sql.Identifier(table))).fetchall()
            for (table,) in tables
        ]
    return "\n".join(row for table in rows for (row,) in table)
