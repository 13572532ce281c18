"""What the documents of questions say of the company's promise to look at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from app.domain import escalations
from app.models import Question


def promises(db: Session, rows: Sequence[Question]) -> Mapping[int, escalations.Promise]:
    """Return what is promised about those of the questions that nobody has answered yet, by their ids."""
    found = escalations.promises_of(db, [row.id for row in rows])
    waiting = {row.id for row in rows if row.status == "unanswered"}
    return {number: promise for number, promise in found.items() if number in waiting}
