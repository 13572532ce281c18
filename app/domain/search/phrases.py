"""Phrases are looked for in the text itself: the index keeps no positions but those of titles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlmodel import Session

from app.domain.search.snapshots import documents
from app.domain.search.tokens import Word, words


def holding_phrases(
    db: Session, question_ids: Sequence[int], *, wanted: Sequence[str], unwanted: Sequence[str]
) -> set[int]:
    """Return those of the questions whose thread has every wanted phrase in a row, and no unwanted one."""
    needed = [_forms(words(phrase)) for phrase in wanted]
    refused = [_forms(words(phrase)) for phrase in unwanted]
    kept = set()
    for document in documents(db, question_ids):
        rows = [_forms(words(text)) for text in (document.title, *document.texts)]
        if all(_stands_in(phrase, rows) for phrase in needed) and not any(
            _stands_in(phrase, rows) for phrase in refused
        ):
            kept.add(document.question_id)
    return kept


def _forms(found: Sequence[Word]) -> list[frozenset[str]]:
    return [frozenset(word.tokens) for word in found]


def _stands_in(phrase: list[frozenset[str]], rows: list[list[frozenset[str]]]) -> bool:
    return any(_stands_in_row(phrase, row) for row in rows)


def _stands_in_row(phrase: list[frozenset[str]], row: list[frozenset[str]]) -> bool:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, forms in enumerate(row):
        for form in forms:
            places[form].append(at)
    starts = {at for form in phrase[0] for at in places[form]} if phrase else set()
    return any(
        start + len(phrase) <= len(row)
        and all(forms & row[start + offset] for offset, forms in enumerate(phrase))
        for start in starts
    )
