"""Phrases are looked for in the text itself: the index keeps no positions but those of titles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session

from app.domain.search.documents import Document
from app.domain.search.snapshots import documents
from app.domain.search.tokens import Word, words

READ_AT_ONCE = 20
CHARACTERS_AT_MOST = 400_000
"""So much text is read for a query, some 80 ms of work: whoever asks for phrases of common words gets the best ones."""

Phrase = tuple[Word, ...]


class Looked(NamedTuple):
    """The threads that hold the phrases, and whether all candidates were looked through."""

    holding: frozenset[int]
    is_complete: bool


def holding_phrases(
    db: Session, question_ids: Sequence[int], *, wanted: Sequence[str], unwanted: Sequence[str]
) -> Looked:
    """Look, in this order, for threads that have every wanted phrase in a row and no unwanted one."""
    needed = [_phrase(text) for text in wanted]
    refused = [_phrase(text) for text in unwanted]
    kept: set[int] = set()
    read = 0
    for start in range(0, len(question_ids), READ_AT_ONCE):
        if read > CHARACTERS_AT_MOST:
            return Looked(frozenset(kept), is_complete=False)
        for document in documents(db, question_ids[start : start + READ_AT_ONCE]):
            read += sum(map(len, document.texts))
            rows = _rows(document)
            if all(_stands_in(phrase, rows) for phrase in needed) and not any(
                _stands_in(phrase, rows) for phrase in refused
            ):
                kept.add(document.question_id)
    return Looked(frozenset(kept), is_complete=True)


def _phrase(text: str) -> Phrase:
    return tuple(words(text))


def _rows(document: Document) -> list[list[Word]]:
    return [words(text) for text in (document.title, *document.texts)]


def _stands_in(phrase: Phrase, rows: list[list[Word]]) -> bool:
    return any(_stands_in_row(phrase, row) for row in rows)


def _stands_in_row(phrase: Phrase, row: list[Word]) -> bool:
    if not phrase:
        return False
    first, *others = phrase
    for at in range(len(row) - len(others)):
        if _is(row[at], first) and all(
            _is(row[at + offset], wanted) for offset, wanted in enumerate(others, 1)
        ):
            return True
    return False


def _is(word: Word, wanted: Word) -> bool:
    # A part in common is not enough: two long codes often share one.
    if not wanted.same:
        return all(part in word.parts for part in wanted.parts)
    return any(form in word.same or form in word.parts for form in wanted.same)
