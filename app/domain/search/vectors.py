"""The vectors of questions: computed in the background, kept in the database, always only a help.

A vector that is missing or of an older revision does no harm, so nothing waits for them. They follow
the change feed like the index does; where a process stands is not kept, a new one looks through all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlmodel import Session, col, delete, select

from app.core import markdown
from app.core.db import atomic
from app.domain import outbox
from app.domain.search import changes
from app.domain.search.embedding import Embedder, Vectors
from app.models import Question, QuestionVector

LOOKED_THROUGH = 500
COMPUTED_AT_ONCE = 16
"""Some tenths of a second: the worker has other things to do, too."""
TEXT_READ = 4_000


class Read(NamedTuple):
    """What a model is to read of a question, and which revision that is."""

    question_id: int
    revision: int
    text: str


class VectorKeeper:
    """Keeps the vectors of one model complete: first all questions, newest first, then what changes."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._position: outbox.Position | None = None
        self._next_id: int | None = None
        self._waiting: list[int] = []

    def step(self, db: Session) -> bool:
        """Do a little; return whether there may be more to do."""
        if not self._waiting:
            self._waiting = self._look(db)
        if not self._waiting:
            return self._next_id != 0
        batch, self._waiting = self._waiting[:COMPUTED_AT_ONCE], self._waiting[COMPUTED_AT_ONCE:]
        read = _texts(db, batch)
        made = self._embedder.vectors([one.text for one in read]) if read else ()
        gone = set(batch) - {one.question_id for one in read}
        store(db, model=self._embedder.name, read=read, vectors=made, gone=gone)
        return True

    def _look(self, db: Session) -> list[int]:
        """Return questions without the vector they should have, or with one they should not."""
        if self._position is None:
            # Before anything is read: what changes from now on is looked at again afterwards.
            self._position = outbox.end_of_feed(db)
        if self._next_id != 0:
            return self._look_further(db)
        events = outbox.feed(db, after=self._position, limit=LOOKED_THROUGH)
        if not events:
            return []
        self._position = events[-1].position
        ids, is_all = changes.touched(db, [one.event for one in events])
        if not is_all:
            self._next_id = None  # an import, say: look through all of them again
            return []
        return self._lacking(db, select(Question.id).where(col(Question.id).in_(ids)))

    def _look_further(self, db: Session) -> list[int]:
        part = select(Question.id).order_by(col(Question.id).desc()).limit(LOOKED_THROUGH)
        if self._next_id is not None:
            part = part.where(col(Question.id) <= self._next_id)
        last = min(db.exec(part), default=1)
        lacking = self._lacking(db, part)
        self._next_id = last - 1
        return lacking

    def _lacking(self, db: Session, ids: Any) -> list[int]:
        rows = db.exec(
            select(Question.id, Question.revision, Question.removed_at, QuestionVector.revision)
            .join(
                QuestionVector,
                (col(QuestionVector.question_id) == col(Question.id))
                & (col(QuestionVector.model) == self._embedder.name),
                isouter=True,
            )
            .where(col(Question.id).in_(ids))
            .order_by(col(Question.id).desc())
        )
        return [
            number
            for number, revision, removed_at, known in rows
            if (known is not None if removed_at else known != revision)
        ]


def stored(db: Session, question_ids: Sequence[int], *, model: str) -> dict[int, Vectors]:
    """Return the vectors of those of the questions that have one, each of length 1."""
    rows = db.exec(
        select(QuestionVector.question_id, QuestionVector.vector).where(
            col(QuestionVector.question_id).in_(question_ids), QuestionVector.model == model
        )
    )
    return {number: _unpacked(packed) for number, packed in rows}


@atomic
def store(
    db: Session, *, model: str, read: Sequence[Read], vectors: Iterable[Any], gone: Collection[int]
) -> None:
    """Keep vectors of what was read, and forget those of questions that are gone."""
    db.exec(delete(QuestionVector).where(col(QuestionVector.question_id).in_(gone)))
    for one, vector in zip(read, vectors, strict=True):
        db.merge(
            QuestionVector(
                question_id=one.question_id, model=model, revision=one.revision, vector=_packed(vector)
            )
        )
    db.flush()


def text_of(title: str, body: str) -> str:
    """Return what a model reads of a question."""
    return f"{title}\n{body[:TEXT_READ]}"


def _texts(db: Session, ids: Sequence[int]) -> list[Read]:
    rows = db.exec(
        select(Question.id, Question.revision, Question.title, Question.body_html).where(
            col(Question.id).in_(ids), col(Question.removed_at).is_(None)
        )
    )
    return [
        Read(number, revision, text_of(title, markdown.plain_text(html)))
        for number, revision, title, html in rows
    ]


def _packed(vector: Vectors) -> bytes:
    # Its length is lost, and was 1 anyhow.
    packed: bytes = np.round(vector * (127 / np.abs(vector).max())).astype(np.int8).tobytes()
    return packed


def _unpacked(packed: bytes) -> Vectors:
    vector = np.frombuffer(packed, dtype=np.int8).astype(np.float32)
    return vector / np.linalg.norm(vector)
