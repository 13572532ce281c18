"""Whether a member has posted as much today as they may."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam
from sqlmodel import Session, col, select

from app.core.errors import TooMany
from app.core.i18n import ngettext
from app.domain.pace.policy import LIMITS, NEWCOMER_BELOW
from app.models import Answer, Comment, Question, User

DAY = timedelta(days=1)

_POSTED_AT: dict[type[Question | Answer | Comment], Any] = {
    table: select(table.created_at)
    .where(table.author_id == bindparam("author_id"), col(table.removed_at).is_(None))
    .order_by(col(table.created_at).desc(), col(table.id).desc())
    .offset(bindparam("newer", type_=Integer))
    .limit(1)
    for table in (Question, Answer, Comment)
}
"""When a member posted the one before which they posted so many newer ones. Made once: asked with every post."""


def check_questions(db: Session, *, author: User, now: datetime) -> None:
    """Raise TooMany when the member has asked as many questions in 24 hours as they may."""
    _check(db, Question, "question", author, now)


def check_answers(db: Session, *, author: User, now: datetime) -> None:
    """Raise TooMany when the member has posted as many answers in 24 hours as they may."""
    _check(db, Answer, "answer", author, now)


def check_comments(db: Session, *, author: User, now: datetime) -> None:
    """Raise TooMany when the member has posted as many comments in 24 hours as they may."""
    _check(db, Comment, "comment", author, now)


def _check(
    db: Session, table: type[Question | Answer | Comment], kind: str, author: User, now: datetime
) -> None:
    if author.is_staff:
        return
    limit = LIMITS[kind].newcomer if author.reputation < NEWCOMER_BELOW else LIMITS[kind].member
    # The member's limit-th newest post tells: if even that one is of today, the day is full.
    posted_at = db.exec(_POSTED_AT[table], params={"author_id": author.id, "newer": limit - 1}).first()
    if posted_at is not None and posted_at > now - DAY:
        seconds = max(1, int((posted_at + DAY - now).total_seconds()))
        hours = -(-seconds // 3600)
        text = ngettext(
            "That is all you can post of this kind for today; try again in %(n)s hour. It is kept as a draft.",
            "That is all you can post of this kind for today; try again in %(n)s hours. It is kept as a draft.",
            hours,
        )
        raise TooMany(text % {"n": hours}, retry_after=seconds)
