"""The process that reads, speaks, draws a quiz or tells a language, and ends; see :mod:`quizzes.services.reading`."""

from __future__ import annotations

import math
import os
import pickle
import resource
import sys
from typing import Any

#: How much less it gets of the processor than those who play.
_NICE = 10


def set_up(given: dict[str, Any]) -> None:
    """As much of Django as importers need: models without a database, and translations."""
    import django
    from django.conf import settings

    apps = ["django.contrib.contenttypes", "django.contrib.auth", "quizzes.apps.QuizzesConfig"]
    settings.configure(INSTALLED_APPS=apps, **given)
    django.setup()


def main() -> None:
    """Read what is asked on stdin, answer on stdout. Arguments: seconds of processor time, bytes of memory."""
    seconds, memory = float(sys.argv[1]), int(sys.argv[2])
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # From the server itself; the file among it as it was sent.
    set_up(pickle.load(sys.stdin.buffer))  # noqa: S301
    from django.utils import translation

    from quizzes.importers.base import CannotRead
    from quizzes.sounds.sanitizing import NoSound

    job, asked, language = pickle.load(sys.stdin.buffer)  # noqa: S301
    with translation.override(language):
        try:
            told = pickle.dumps(do(job, asked))
        except (CannotRead, NoSound) as error:
            told = pickle.dumps(str(error))
    sys.stdout.buffer.write(told)


def do(job: str, asked: Any) -> Any:
    """What was asked for. Each job loads what it needs alone."""
    from django.conf import settings

    match job:
        case "sounds":
            from quizzes.sounds.sanitizing import read_sound

            return [read_sound(file, max_bytes=settings.SOUND_MAX_BYTES) for file in asked]
        case "speech":
            from quizzes.sounds.speech import speak

            return speak(asked)
        case "quiz":
            from quizzes.rules.generator import generate

            words, wishes = asked
            return generate(words, **wishes)
        case "language":
            from quizzes.services.language_guess import other_language

            return [other_language(*asked)]
        case _:
            from quizzes.importers.formats import read_source

            return read_source(asked)


if __name__ == "__main__":
    main()
