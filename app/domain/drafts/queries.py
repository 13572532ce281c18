"""Reading drafts."""

from __future__ import annotations

from sqlmodel import Session

from app.models import Draft, User


def find(db: Session, *, author: User, key: str) -> Draft | None:
    """Return the member's own draft of a form, if there is one."""
    return db.get(Draft, (author.id, key))
