"""The schema: what is written for a thread. Nothing is stored but its id, in a column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from whoosh import columns, fields, formats

from app.domain.search.documents import Document, marks_of
from app.domain.search.terms import environment_marks, text_terms, title_terms, vocabulary

SCHEMA_VERSION = 2
"""To be raised with every change of this module, of terms.py, tokens.py or the codec: the index is then rebuilt."""

NUMBERS = {"qid": "q", "score": "i", "answers": "i", "created": "q", "activity": "q"}
"""Number columns by name with their type; times are seconds since 1970."""


class Terms(fields.FieldType):  # type: ignore[misc]  # Whoosh has no types
    """A field that is given its terms, already counted, in place of text to analyse."""

    def __init__(self, *, scorable: bool) -> None:
        super().__init__(format=formats.Existence(), analyzer=None, scorable=scorable)

    def index(self, value: Any, **_options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        for term, count in value.items():
            yield term.encode(), count, float(count), b""


class Positions(Terms):
    """Terms with the positions (each a byte) at which they stand: for phrases in titles."""

    def __init__(self) -> None:
        super().__init__(scorable=True)
        self.format = formats.Positions()

    def index(self, value: Any, **_options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        for term, positions in value.items():
            yield term.encode(), len(positions), float(len(positions)), bytes(positions)


def schema() -> fields.Schema:
    """Return the schema that indexes are written and opened with."""
    numbers = {name: fields.COLUMN(columns.NumericColumn(kind)) for name, kind in NUMBERS.items()}
    return fields.Schema(
        key=fields.ID(unique=True),
        title=Positions(),
        text=Terms(scorable=True),
        word=Terms(scorable=False),
        mark=Terms(scorable=False),
        **numbers,
    )


def row(document: Document) -> Mapping[str, object]:
    """Return what is written for a document."""
    return {
        "key": str(document.question_id),
        "title": title_terms(document.title),
        "text": text_terms(document),
        "word": vocabulary(document),
        "mark": dict.fromkeys([*marks_of(document), *environment_marks(document)], 1),
        "qid": document.question_id,
        "score": document.score,
        "answers": document.answer_count,
        "created": int(document.created_at.timestamp()),
        "activity": int(document.activity_at.timestamp()),
    }
