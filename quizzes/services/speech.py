"""Speech of the server's own for questions that are heard and have no recording, made before anybody plays them."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils import timezone

from quizzes.models import Sound
from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.rules.sound_names import address_of, digest_of
from quizzes.services.reading import apart
from quizzes.sounds.sanitizing import SoundFile
from quizzes.sounds.speech import TEXT_LENGTH, VERSION, spoken_text, voice_for

logger = logging.getLogger(__name__)

#: How long a quiz may be spoken: what is not begun by then is left to the devices, and the process is stopped later.
_BEGUN_SECONDS: Final = 6.0
_STOPPED_SECONDS: Final = 10.0
#: One process speaks at a time; who waits longer than this does without.
_turn = threading.Semaphore(1)
_TURN_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said, and by which voice."""

    voice: str
    text: str

    @property
    def key(self) -> str:
        """The same for the same sound, on every instance."""
        return hashlib.sha256(f"{VERSION}\n{self.voice}\n{self.text}".encode()).hexdigest()


def recorded(quiz: QuizContent) -> tuple[QuizContent, dict[str, Said]]:
    """The quiz with the recordings that are here, speech that was made earlier among them; by question, what is to be
    said for the others. One whose recording is not here any more, as after an import without it, is spoken."""
    addresses = {question.sound for question in quiz.questions if question.listen and question.sound}
    here = set(Sound.objects.filter(pk__in=map(digest_of, addresses)).values_list("digest", flat=True))
    wanted: dict[str, Said] = {}
    questions = []
    for question in quiz.questions:
        if question.listen and digest_of(question.sound) not in here:
            question = replace(question, sound="")  # noqa: PLW2901 - the one that is played
            if said := what_to_say(quiz, question):
                wanted[question.id] = said
        questions.append(question)
    known = dict(
        Sound.objects.filter(spoken__in={said.key for said in wanted.values()}).values_list("spoken", "digest")
    )
    Sound.objects.filter(pk__in=known.values()).update(stored_at=timezone.now())
    found = {name: known[said.key] for name, said in wanted.items() if said.key in known}
    return _with_sounds(replace(quiz, questions=tuple(questions)), found), {
        name: said for name, said in wanted.items() if name not in found
    }


def what_to_say(quiz: QuizContent, question: QuestionContent) -> Said | None:
    """``None`` where no voice here can say it, or it is too long."""
    text = spoken_text(question.text)
    voice = voice_for(question.listen_language or quiz.language, text) if len(text) <= TEXT_LENGTH else ""
    return Said(voice, text) if voice and text else None


def speak(wanted: Sequence[Said]) -> dict[Said, SoundFile]:
    """Recordings of what is to be said, made in a process of its own; what cannot be made in time is left out."""
    if not wanted or not _turn.acquire(timeout=_TURN_SECONDS):
        return {}
    try:
        asked = [(said.voice, said.text, _BEGUN_SECONDS) for said in wanted]
        made = apart("speech", asked, seconds=_STOPPED_SECONDS)
    except OSError:
        logger.exception("speech_failed")
        return {}
    finally:
        _turn.release()
    if not isinstance(made, list):
        logger.warning("speech_failed", extra={"texts": len(wanted)})
        return {}
    return {said: sound for said, sound in zip(wanted, made, strict=True) if sound}


def with_speech(quiz: QuizContent, wanted: Mapping[str, Said], made: Mapping[Said, SoundFile]) -> QuizContent:
    """Store what was said, and have the questions play it."""
    digests = {}
    for said, sound in made.items():
        Sound.objects.update_or_create(
            digest=sound.digest,
            defaults={"stored_at": timezone.now(), "spoken": said.key},
            create_defaults={"data": sound.data, "duration_ms": sound.duration_ms, "spoken": said.key},
        )
        digests[said] = sound.digest
    return _with_sounds(quiz, {name: digests[said] for name, said in wanted.items() if said in digests})


def _with_sounds(quiz: QuizContent, digests: Mapping[str, str]) -> QuizContent:
    questions = (
        replace(question, sound=address_of(digests[question.id])) if question.id in digests else question
        for question in quiz.questions
    )
    return replace(quiz, questions=tuple(questions))
