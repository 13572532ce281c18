"""Writing the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from app.models import (
    Answer,
    AuditEntry,
    Calendar,
    Comment,
    EntryRule,
    EntryStart,
    Escalation,
    Flag,
    IdentitySite,
    Job,
    Macro,
    Product,
    ProtectedWord,
    Question,
    SlaPolicy,
    SuggestedEdit,
    SynonymGroup,
    Tag,
    Team,
    User,
    WebhookEndpoint,
)

OPERATOR = "operator"
"""Who acts on the command line, where nobody is signed in."""

Named = Product | Tag | Team | Calendar | SlaPolicy | Macro | WebhookEndpoint | IdentitySite
Subject = (
    Question
    | Answer
    | Comment
    | User
    | Named
    | Flag
    | SuggestedEdit
    | SynonymGroup
    | ProtectedWord
    | Job
    | Escalation
    | EntryRule
    | EntryStart
)


def record(
    db: Session,
    *,
    by: User | None,
    action: str,
    subject: Subject,
    now: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    """Write one entry into the caller's transaction. `action` reads "question.hide"; `by` None: the operator."""
    db.add(
        AuditEntry(
            actor_id=by.id if by else None,
            actor_label=by.handle if by else OPERATOR,
            action=action,
            subject_kind=_kind(subject),
            subject_id=subject.id or 0,
            subject_label=_label(subject)[:200],
            before=dict(before or {}),
            after=dict(after or {}),
            reason=reason.strip()[:500],
            created_at=now,
        )
    )
    db.flush()


def _kind(subject: Subject) -> str:
    return type(subject).__name__.lower()


def _label(subject: Subject) -> str:
    if isinstance(subject, Question):
        return subject.title
    if isinstance(subject, User):
        return subject.handle
    if isinstance(subject, Named):
        return subject.name
    if isinstance(subject, Job):
        return subject.consumer
    if isinstance(subject, EntryRule):
        return subject.code
    if isinstance(subject, ProtectedWord):
        return subject.word
    if isinstance(subject, SynonymGroup):
        return ", ".join(subject.words)
    return f"#{subject.id}"
