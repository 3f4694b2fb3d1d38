"""The command ``quizserver``: what people do with an installed server, each in one word.

Everything else that ``manage.py`` can do is behind ``quizserver manage``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from quizserver import __version__

#: The words, and what each does.
_COMMANDS = {
    "run": "prepare, then serve: the one command for a classroom",
    "prepare": "make or upgrade the database, load the demo quizzes, make the first accounts",
    "serve": "serve until Ctrl-C or SIGTERM",
    "backup": "write all data into one file, also while games are on",
    "restore": "bring a backup back",
    "add-host": "make an account for a teacher, and print its password",
    "check": "say what is wrong with the settings, the database or Redis",
    "simulate": "play and check a whole session against a running server",
    "manage": "any other management command",
}

#: Words whose management command has another name.
_RENAMED = {"add-host": "add_host", "check": "check_server"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    :param arguments: without the program's name; those of the process by default.
    :returns: the exit status.
    """
    parser = argparse.ArgumentParser(
        prog="quizserver",
        description="A live quiz server for vocabulary, and any other, quizzes.",
        epilog="Settings come from the environment and from a settings file; `quizserver COMMAND --help` tells more.",
    )
    parser.add_argument("--version", action="version", version=f"quizserver {__version__}")
    parser.add_argument("--data", metavar="FOLDER", help="the data folder, as DATA_DIR says it")
    parser.add_argument("--settings", metavar="FILE", help="the settings file, as SETTINGS_FILE says it")
    words = parser.add_subparsers(dest="word", metavar="COMMAND", required=True)
    for word, meaning in _COMMANDS.items():
        command = words.add_parser(word, help=meaning, add_help=word in ("run",))
        if word == "run":
            command.add_argument("--lan", action="store_true", help="let phones in the same network in (BIND=0.0.0.0)")
            command.add_argument("--port", help="the port to listen on, as PORT says it")
    given, rest = parser.parse_known_args(arguments)
    for variable, value in (("DATA_DIR", given.data), ("SETTINGS_FILE", given.settings)):
        if value:
            os.environ[variable] = os.path.abspath(value)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quizserver.settings")
    if given.word == "run":
        if rest:
            parser.error(f"unrecognized arguments: {' '.join(rest)}")
        return _run(lan=given.lan, port=given.port)
    if given.word == "manage":
        return _manage(rest)
    return _manage([_RENAMED.get(given.word, given.word), *rest])


def _run(*, lan: bool, port: str | None) -> int:
    if lan:
        os.environ["BIND"] = "0.0.0.0"  # noqa: S104 - asked for
    if port:
        os.environ["PORT"] = port
    # A process of its own: what it compiles and collects must not be half loaded in the one that serves.
    status = subprocess.run([sys.executable, "-m", "quizserver", "prepare"], check=False).returncode
    return status or _manage(["serve"])


def _manage(words: list[str]) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["quizserver", *words])
    return 0
