"""What a player may be called. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from classes.rules.names import NAME_LENGTH, InvalidName, NameFault, name_key, tidy_name
from quizzes.rules.text import normalize
from sessions.rules.look_alikes import figures_as_letters, in_latin, resemblances
from sessions.rules.offensive_names import is_offensive

#: Names whose keys are kept: a join asks for its name's several times.
_KEYS = 4_096
USERNAME_LENGTH = NAME_LENGTH
#: "." and ".." match the alphabet, yet no URL can carry them: nobody could remove such a player over REST.
USER_ID = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,36}\Z")

UsernameFault = NameFault
InvalidUsername = InvalidName

#: Whom a class would obey, in the languages of the pages. Nobody may join under such a name.
_ROLES = """
host teacher admin administrator moderator quizmaster server system
anfitrión anfitriona profesor profesora maestro maestra administrador administradora
hôte professeur professeure enseignant enseignante maître maîtresse administrateur
gastgeber gastgeberin spielleiter spielleiterin lehrer lehrerin lehrkraft
anfitrião anfitriã professor
giáoviên thầygiáo côgiáo quảntrịviên chủphòng
ホスト 先生 教師 管理者 司会
المضيف المعلم المعلمة الأستاذ الأستاذة المدرس المدرسة المشرف
"""


def clean_username(raw: str) -> str:
    """Trim, fold white space and normalise (NFC) a name; marks that show nothing are taken off its edges.

    :raises InvalidUsername: when it is empty, too long, offensive, or has characters that hide or reorder text.
    """
    name = tidy_name(raw)
    if any(map(is_offensive, {name, in_latin(name)})):
        raise InvalidUsername("offensive", "This name could hurt somebody; please choose another one.")
    if not ROLES.keys().isdisjoint(resemblances(name)):
        raise InvalidUsername("reserved", "This name is the host's; please choose another one.")
    return name


@lru_cache(_KEYS)
def username_key(name: str) -> str:
    """Two names with the same key are the same name to a reader: as :func:`classes.rules.names.name_key` says it, and
    letters that look like Latin ones are those.
    """
    return figures_as_letters(name_key(in_latin(normalize("NFKC", name))))


#: The roles by what might be taken for them.
ROLES = {form: role for role in _ROLES.split() for form in resemblances(role)}
