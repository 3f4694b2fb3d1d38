"""How large a quiz may be. The tables, the validation and the API's schema share these figures.

They are part of the exchange format, not settings: a quiz that one server writes, another must be able to read.
Lengths are in characters (Unicode code points).
"""

from __future__ import annotations

from typing import Final

ID_LENGTH: Final = 36
#: "." and ".." match the alphabet, yet no URL can carry them as a path segment.
ID_PATTERN: Final = r"^(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,36}\Z"
#: What the REST API calls by name under ``quizzes/`` and ``wordlists/``.
RESERVED_IDS: Final = frozenset({"import", "from-words"})

TITLE_LENGTH: Final = 200
#: The longest tag BCP 47 asks implementations to keep (RFC 5646, section 4.4.1).
LANGUAGE_LENGTH: Final = 35
DESCRIPTION_LENGTH: Final = 2_000

QUESTIONS_MAX: Final = 500
TEXT_LENGTH: Final = 2_000
EXPLANATION_LENGTH: Final = 2_000
MEDIA_LENGTH: Final = 500
OPTION_LENGTH: Final = 300
OPTIONS_MIN: Final = 2
OPTIONS_MAX: Final = 20
CORRECT_ANSWERS_MAX: Final = 20
CONFUSABLE_MAX: Final = 500
#: Gaps of one text, and the length of what goes in each: all of them together fit into one message of a player's.
GAPS_MAX: Final = 20
GAP_LENGTH: Final = 150

#: Pixels of an image that is sent; a few bytes of a file can unpack to gigabytes of them.
IMAGE_PIXELS_MAX: Final = 40_000_000
#: Pixels a side of an image that is kept; larger ones are made smaller.
IMAGE_SIDE: Final = 1_280

#: Milliseconds of a recording that is kept.
SOUND_MS_MAX: Final = 30_000
SOUND_MS_MIN: Final = 50

POINTS_DEFAULT: Final = 10
POINTS_MAX: Final = 1_000
TIME_LIMIT_MS_DEFAULT: Final = 20_000
TIME_LIMIT_MS_MIN: Final = 1_000
TIME_LIMIT_MS_MAX: Final = 600_000
TOLERANCE_MAX: Final = 1e12

WORDS_MAX: Final = 2_000
TERM_LENGTH: Final = 200
MEANING_LENGTH: Final = 200
MEANINGS_MAX: Final = 10
ALTERNATIVES_MAX: Final = 10
PART_OF_SPEECH_LENGTH: Final = 30
EXAMPLE_LENGTH: Final = 500
NOTES_LENGTH: Final = 1_000
FOLDER_LENGTH: Final = 80
TAGS_MAX: Final = 10
TAG_LENGTH: Final = 50
