"""Forgetting what is over: ended sessions, dead links, and accounts whose address nobody ever confirmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import delete, exists
from sqlmodel import Session, col, select

from app.core.db import atomic
from app.models import AccountToken, Answer, Comment, LoginSession, Question, User

UNCONFIRMED_KEPT = timedelta(days=14)


@atomic
def forget_old(db: Session, *, now: datetime) -> int:
    """Delete what is over, and return how many rows. An address is then free to sign up again."""
    doomed = [
        delete(LoginSession).where(col(LoginSession.expires_at) <= now),
        delete(AccountToken).where(col(AccountToken.expires_at) <= now),
    ]
    removed = sum(int(cast(Any, db.execute(statement)).rowcount) for statement in doomed)
    # Who confirmed nothing could write nothing; the checks below only make sure.
    never_used = (
        select(User.id)
        .where(
            col(User.email_verified_at).is_(None),
            col(User.password_hash).is_not(None),
            col(User.created_at) < now - UNCONFIRMED_KEPT,
            User.support_role == "",
            User.moderation_role == "",
            *(~exists().where(col(table.author_id) == col(User.id)) for table in (Question, Answer, Comment)),
        )
        .limit(500)
    )
    ids = db.exec(never_used).all()
    removed += int(cast(Any, db.execute(delete(User).where(col(User.id).in_(ids)))).rowcount)
    return removed
