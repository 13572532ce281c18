"""What follows for suggestions when their post changes."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.domain.outbox import Recorded
from app.domain.suggestions.service import outdate
from app.models import Answer, Question


def on_post_changed(db: Session, recorded: Recorded, *, now: datetime) -> None:
    """Close a suggestion that was made against an older text, on edits and removals of its post."""
    event = recorded.event
    post_id = event.payload().get("answer_id") or event.question_id
    post = db.get(Answer, post_id) or db.get(Question, post_id)
    if post is not None:
        outdate(db, post=post, by_id=event.by_id or post.author_id, now=now)
