"""`python -m bench.commits`: what a commit of answers takes of the processor, by how many answers share it.

In this process, on SQLite, with nothing else on the event loop: the thread's turn, the transaction, and the way back.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time

COMMITS = 500
WARM_UP = 100


async def _measure(sizes: tuple[int, ...]) -> dict[int, float]:
    from common.database import DatabaseThread
    from scoring.answer_log import DatabaseAnswerLog
    from scoring.rules.answers import StoredAnswer
    from sessions.database.rows import add_answers

    thread = DatabaseThread("bench-commits")
    try:
        await thread.run(_prepare)
        log, given, found = DatabaseAnswerLog(thread, add_answers), 0, dict[int, float]()
        for size in sizes:
            for turn in range(WARM_UP + COMMITS):
                if turn == WARM_UP:
                    began = time.process_time()
                answers = [StoredAnswer(f"u{given + n}", "q", "a", "correct", 10, 100, 1_000) for n in range(size)]
                given += size
                await log.append("session", answers)
            found[size] = (time.process_time() - began) / COMMITS
        return found
    finally:
        thread.close()


def _prepare() -> None:
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        # No session is needed to take the time.
        cursor.execute("PRAGMA foreign_keys = OFF")


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="bench-commits-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "quizserver.settings",
            "DATA_DIR": folder,
            "SECRET_KEY": "of-a-bench-that-keeps-nothing-at-all-and-serves-nobody",
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        for size, seconds in asyncio.run(_measure((1, 4, 16, 64))).items():
            print(f"{size} answers a commit: {seconds * 1e3:.2f} ms, {seconds / size * 1e6:.0f} us for each")


if __name__ == "__main__":
    main()
