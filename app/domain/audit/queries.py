"""Reading the audit log."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE, PageOf, offset_of, page_of
from app.models import AuditEntry, User


def entries(
    db: Session,
    *,
    viewer: User | None,
    page: int = 1,
    action: str = "",
    actor_id: int | None = None,
    subject: tuple[str, int] | None = None,
) -> PageOf[AuditEntry]:
    """Return a page of entries, newest first, filtered by action, actor and (kind, id) of the subject; staff only."""
    if viewer is None or not viewer.is_staff:
        raise NotFound
    statement = select(AuditEntry).order_by(col(AuditEntry.id).desc())
    if action:
        statement = statement.where(AuditEntry.action == action)
    if actor_id is not None:
        statement = statement.where(AuditEntry.actor_id == actor_id)
    if subject is not None:
        statement = statement.where(
            AuditEntry.subject_kind == subject[0], AuditEntry.subject_id == subject[1]
        )
    rows = db.exec(statement.offset(offset_of(page)).limit(PAGE_SIZE + 1)).all()
    return page_of(rows, number=page)


def actions(db: Session) -> Sequence[str]:
    """Return every act that the log knows, by name."""
    return db.exec(select(AuditEntry.action).distinct().order_by(AuditEntry.action)).all()


def reasons_of(db: Session, *, kind: str, ids: Collection[int], action: str) -> dict[int, str]:
    """Return why staff did this to each of the subjects last, by their ids; those without a reason are missing."""
    rows = db.exec(
        select(AuditEntry.subject_id, AuditEntry.reason)
        .where(
            AuditEntry.subject_kind == kind,
            col(AuditEntry.subject_id).in_(ids),
            AuditEntry.action == action,
            AuditEntry.reason != "",
        )
        .order_by(col(AuditEntry.id))
    )
    return dict(rows.all())


def reason_of(db: Session, *, subject: tuple[str, int], action: str) -> str:
    """Return why staff did this ("question.hide") to a subject last; "" without a reason. For its author's eyes."""
    reason = db.exec(
        select(AuditEntry.reason)
        .where(
            AuditEntry.subject_kind == subject[0],
            AuditEntry.subject_id == subject[1],
            AuditEntry.action == action,
        )
        .order_by(col(AuditEntry.id).desc())
        .limit(1)
    ).first()
    return reason or ""
