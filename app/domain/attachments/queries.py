"""Reading uploads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Text, cast, exists, func
from sqlmodel import Session, col, select

from app.core.errors import NotFound, TooMany
from app.core.files import FileStore
from app.core.i18n import gettext as _
from app.domain import answers, comments
from app.domain.attachments.policy import largest_today
from app.models import Attachment, Draft, PostAttachment, Revision, SuggestedEdit, User

DAY = timedelta(days=1)


def own(db: Session, *, author: User, sha256: str) -> Attachment | None:
    """Return the member's upload of this content."""
    return db.exec(
        select(Attachment).where(Attachment.author_id == author.id, Attachment.sha256 == sha256)
    ).first()


def is_visible(db: Session, *, viewer: User | None, sha256: str) -> bool:
    """Return whether the viewer may have the file.

    Staff and who uploaded it always may; others when something they may see shows it, or as long as
    nothing that was posted does.
    """
    if viewer is not None and (viewer.is_staff or own(db, author=viewer, sha256=sha256) is not None):
        return True
    shown_by = db.exec(select(PostAttachment.post_id).where(PostAttachment.sha256 == sha256)).all()
    return not shown_by or any(_shows(db, viewer, post_id, sha256) for post_id in shown_by)


def check_limits(db: Session, *, author: User, size: int, now: datetime) -> None:
    """Raise TooMany when a file of this size is more than the member may upload within 24 hours."""
    files, total, oldest = db.exec(
        select(
            func.count(), func.coalesce(func.sum(Attachment.size), 0), func.min(Attachment.created_at)
        ).where(Attachment.author_id == author.id, col(Attachment.created_at) > now - DAY)
    ).one()
    limits = largest_today(author)
    if files < limits.files and total + size <= limits.size:
        return
    waits = (oldest + DAY - now if files else DAY).total_seconds()
    raise TooMany(
        _("You have uploaded as much as one member may in a day. Try again tomorrow, or link to the file."),
        retry_after=max(1, int(waits)),
    )


def unused(db: Session, *, before: datetime, limit: int = 200) -> Sequence[tuple[str, str]]:
    """Return hash and extension of files last uploaded `before` that no post has ever shown, oldest first."""
    shown = exists().where(col(PostAttachment.sha256) == col(Attachment.sha256))
    newest = func.max(Attachment.created_at)
    return db.exec(
        select(Attachment.sha256, Attachment.extension)
        .where(~shown)
        .group_by(col(Attachment.sha256), col(Attachment.extension))
        .having(newest < before)
        .order_by(newest)
        .limit(limit)
    ).all()


def strays(db: Session, *, files: FileStore, before: datetime) -> list[tuple[str, str]]:
    """Return hash and extension of files written `before` that no row names."""
    named = set(db.exec(select(Attachment.sha256))) | set(db.exec(select(PostAttachment.sha256)))
    return [
        (sha256, extension)
        for sha256, extension in files.names()
        if sha256 not in named and files.written_before(sha256, extension, before)
    ]


def is_being_written(db: Session, sha256: str) -> bool:
    """Return whether a draft, a waiting edit or somebody's description of themselves names the file."""
    named = f"%{sha256}%"
    return any(
        db.exec(statement.limit(1)).first() is not None
        for statement in (
            select(Draft.user_id).where(cast(Draft.fields, Text).like(named)),
            select(SuggestedEdit.post_id).where(
                SuggestedEdit.decision == "", col(SuggestedEdit.body).like(named)
            ),
            select(User.id).where(col(User.about).like(named)),
        )
    )


def _shows(db: Session, viewer: User | None, post_id: int, sha256: str) -> bool:
    try:
        answers.visible_post(db, viewer=viewer, post_id=post_id)
    except NotFound:
        return False
    named = select(Revision.id).where(Revision.post_id == post_id, col(Revision.body).contains(sha256))
    if db.exec(named.limit(1)).first() is not None:
        return True
    under = comments.under_post(db, viewer=viewer, post_id=post_id)
    return any(sha256 in comment.body_html for comment in under)
