"""Articles before words, as the keys of :class:`scoring.rules.folding.Folder` write them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from scoring.rules.languages import Language

#: A word of one letter is no word that a prefix could leave.
_WORD_LEAST = 2
_NO_CLASSES: frozenset[str] = frozenset()


class Articles:
    """Finds the article that a key begins with; without regular expressions, which take long to make."""

    def __init__(self, language: Language) -> None:
        self._lexical = frozenset(language.article_lexical)
        self._classes: Mapping[str, frozenset[str]] = {
            article_key(article): classes for article, classes in language.articles.items()
        }
        self.reflexives = frozenset(map(article_key, language.reflexives))
        prefixed = [article for article in self._classes if _is_prefix(article, language)]
        self._prefixed = sorted(prefixed, key=len, reverse=True)
        self._first_letters = {article[0] for article in self._classes}

    @cached_property
    def _spaced(self) -> list[tuple[frozenset[str], int]]:
        """Articles that are words of their own by how many words they are, the longest first."""
        by_words: dict[int, set[str]] = {}
        for article in self._classes.keys() - set(self._prefixed):
            by_words.setdefault(article.count(" ") + 1, set()).add(article)
        return [(frozenset(by_words[count]), count) for count in sorted(by_words, reverse=True)]

    def split(self, key: str) -> tuple[str, str]:
        """The article that a key begins with, or an empty string, and the rest."""
        if not key or key[0].lower() not in self._first_letters:
            return "", key
        article, rest = self._found(key)
        return ("", key) if article and key in self._lexical else (article, rest)

    def _found(self, key: str) -> tuple[str, str]:
        for article in self._prefixed:
            if key[: len(article)].lower() == article:
                rest = key[len(article) :]
                if rest[:1] == " " and len(rest) > _WORD_LEAST:
                    rest = rest[1:]
                if len(rest) >= _WORD_LEAST:
                    return article, rest
        for articles, count in self._spaced:
            words = key.split(" ", count)
            if len(words) > count and words[count] and (article := " ".join(words[:count]).lower()) in articles:
                return article, words[count]
        return "", key

    def fit(self, one: str, other: str) -> bool:
        """Whether two articles may stand before the same word, as far as their gender and number tell."""
        return bool(self._classes.get(one, _NO_CLASSES) & self._classes.get(other, _NO_CLASSES))


def article_key(article: str) -> str:
    """An article as it stands in keys: without the apostrophe at its edge, and a Greek one with a medial sigma."""
    return (article[1:] if article[0] == "'" else article).casefold()


def _is_prefix(article: str, language: Language) -> bool:
    return article in language.prefixed or (article.endswith("'") and len(article) > 1)
