"""What staff decide about members: roles and suspensions, each with an entry in the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit, outbox
from app.domain.accounts.events import MemberReleased, MemberSuspended, RolesChanged
from app.domain.accounts.policy import may_set_roles, may_sign_out, may_suspend
from app.domain.accounts.queries import other_admin
from app.domain.accounts.service.sessions import end_sessions
from app.domain.accounts.service.tokens import revoke_all
from app.models import User

SUPPORT_ROLES = ("", "agent", "lead")
MODERATION_ROLES = ("", "moderator", "admin")


@atomic
def set_roles(
    db: Session,
    *,
    by: User | None,
    member: User,
    support_role: str,
    moderation_role: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Give a member these roles and no others; `by` None is the operator. The last administrator stays one."""
    if by is not None and not may_set_roles(by):
        raise NotAllowed(_("Only administrators give roles."))
    if support_role not in SUPPORT_ROLES or moderation_role not in MODERATION_ROLES:
        raise Invalid("role", _("There is no such role."))
    row = _locked(db, member)
    if row.is_admin and moderation_role != "admin" and other_admin(db, than=row) is None:
        raise Conflict(_("This is the only administrator. Make somebody else one first."))
    before = {"support": row.support_role, "moderation": row.moderation_role}
    after = {"support": support_role, "moderation": moderation_role}
    if before == after:
        return
    row.support_role = support_role
    row.moderation_role = moderation_role
    db.add(row)
    _note(db, by=by, action="user.roles", member=row, before=before, after=after, reason=reason, now=now)
    outbox.record(db, RolesChanged(by_id=by.id if by else None, member_id=row.id or 0), now=now)


@atomic
def suspend(db: Session, *, by: User, member: User, until: datetime, reason: str, now: datetime) -> None:
    """Let a member only read until `until`; they see the reason."""
    if not may_suspend(by, member):
        raise NotAllowed(_("You can't suspend this member."))
    if until <= now:
        raise Invalid("until", _("Choose a day in the future."))
    if not reason.strip():
        raise Invalid("reason", _("Say why: the member will read it."))
    row = _locked(db, member)
    before = _suspension(row)
    row.suspended_until = until
    row.suspended_reason = reason.strip()[:500]
    db.add(row)
    _note(
        db,
        by=by,
        action="user.suspend",
        member=row,
        before=before,
        after=_suspension(row),
        reason=row.suspended_reason,
        now=now,
    )
    outbox.record(db, MemberSuspended(by_id=by.id, member_id=row.id or 0), now=now)


@atomic
def release(db: Session, *, by: User, member: User, now: datetime, reason: str = "") -> None:
    """Take a suspension back before its end."""
    if not may_suspend(by, member):
        raise NotAllowed(_("You can't change this suspension."))
    row = _locked(db, member)
    if not row.is_suspended(now):
        raise Conflict(_("This member is not suspended."))
    before = _suspension(row)
    row.suspended_until = None
    row.suspended_reason = ""
    db.add(row)
    _note(db, by=by, action="user.release", member=row, before=before, after={}, reason=reason, now=now)
    outbox.record(db, MemberReleased(by_id=by.id, member_id=row.id or 0), now=now)


@atomic
def sign_out_everywhere(
    db: Session, *, by: User | None, member: User, now: datetime, reason: str = ""
) -> None:
    """End all sessions of a member, and the links on their way to them; `by` None is the operator."""
    if by is not None and not may_sign_out(by):
        raise NotAllowed(_("Only administrators sign others out."))
    row = _locked(db, member)
    end_sessions(db, user_id=row.id or 0)
    revoke_all(db, user_id=row.id or 0, now=now)
    _note(db, by=by, action="user.sign_out", member=row, before={}, after={}, reason=reason, now=now)


def _locked(db: Session, member: User) -> User:
    return db.get_one(User, member.id, with_for_update=LOCK, populate_existing=True)


def _suspension(member: User) -> dict[str, Any]:
    until = member.suspended_until
    return {"until": until.isoformat(), "reason": member.suspended_reason} if until else {}


def _note(
    db: Session,
    *,
    by: User | None,
    action: str,
    member: User,
    before: dict[str, Any],
    after: dict[str, Any],
    reason: str,
    now: datetime,
) -> None:
    audit.record(
        db,
        by=by,
        action=action,
        subject=member,
        before=before,
        after=after,
        reason=reason,
        now=now,
    )
