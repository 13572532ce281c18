"""The terms of a document, counted: the same for every engine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from app.domain.search.documents import Document
from app.domain.search.tokens import STOP_WORDS, Word, fold, model_names, words

MAX_WORDS = 2_000
MAX_TITLE_WORDS = 250  # a position is one byte


def title_terms(title: str) -> Mapping[str, list[int]]:
    """Return the positions of each term of a title."""
    found = words(title)[:MAX_TITLE_WORDS]
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(found):
        for token in word.tokens:
            positions[token].append(at)
    for name in model_names(found):
        positions[name].append(0)
    return positions


def text_terms(document: Document) -> Mapping[str, int]:
    """Return how often each term stands in title, tags, environment, body, answers and comments."""
    counted: Counter[str] = Counter()
    left = MAX_WORDS
    for text in _texts(document):
        found = [word for word in words(text) if word.plain not in STOP_WORDS][:left]
        left -= len(found)
        for word in found:
            counted.update(word.tokens)
        counted.update(model_names(found))
        if left <= 0:
            break
    return counted


def vocabulary(document: Document) -> Mapping[str, int]:
    """Return the words of title and tags as people write them: for completion and spelling."""
    found = [*words(document.title), *(word for tag in document.tags for word in words(tag))]
    return dict.fromkeys((word.plain for word in found if _is_worth_suggesting(word)), 1)


def environment_marks(document: Document) -> list[str]:
    """Return marks for each word of each environment value: "e:os=windows", "e:os=11".

    A field named `error_code` answers to `error`, too.
    """
    marks = []
    for name, value in document.environment.items():
        names = dict.fromkeys((name, name.partition("_")[0]))
        marks += [mark for one in names for mark in environment_mark(one, value)]
    return marks


def environment_mark(name: str, value: str) -> list[str]:
    """Return the marks that a document must all have when `name:value` is asked for."""
    tokens: Iterable[str] = (word.same[0] if word.same else word.plain for word in words(value))
    return [f"e:{fold(name)}={token}" for token in tokens]


def _texts(document: Document) -> list[str]:
    tags = " ".join(document.tags)
    environment = " ".join(document.environment.values())
    return [document.title, tags, environment, *document.texts]


def _is_worth_suggesting(word: Word) -> bool:
    return 2 <= len(word.plain) <= 30 and word.plain not in STOP_WORDS
