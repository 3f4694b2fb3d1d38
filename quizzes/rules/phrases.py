"""How the questions of a made quiz are worded. Pure; the services pass the host's language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """Templates, each with the names in braces it is given."""

    term_to_meaning: str = "What does “{term}” mean?"
    meaning_to_term: str = "Which word means “{meaning}”?"
    type_meaning: str = "Write the meaning of “{term}”."
    type_term: str = "Write the word for “{meaning}”."
    cloze: str = "Fill the gap: {sentence}\n({meaning})"
    match: str = "Put the meanings in the order of these words."
    spelling: str = "Which is spelled right? It means “{meaning}”."
