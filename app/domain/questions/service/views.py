"""Count views, gathered by the web processes and written in batches."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import update
from sqlmodel import Session, col

from app.core.db import atomic
from app.models import Question


@atomic
def count_views(db: Session, *, views: Mapping[int, int]) -> None:
    """Add to the view counts: question id to how often it was opened since the last batch."""
    for question_id in sorted(views):
        db.execute(
            update(Question)
            .where(col(Question.id) == question_id)
            .values(view_count=Question.view_count + views[question_id])
        )
