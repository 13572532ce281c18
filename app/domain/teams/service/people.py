"""What agents know, and when they are away."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit
from app.domain.teams.policy import may_lead, may_note_absence
from app.domain.teams.queries import skills_of
from app.models import Absence, Product, Skill, User

LONGEST_ABSENCE = timedelta(days=366)


@atomic
def set_skills(
    db: Session, *, user: User, products: Collection[Product], now: datetime, by: User | None = None
) -> None:
    """Say which products (with those below them) somebody knows: their cases come to them first."""
    if by is not None and not may_lead(by):
        raise NotAllowed(_("Only leads and administrators set skills."))
    if not user.is_agent:
        raise Invalid("products", _("Only agents and leads get cases: give them the role first."))
    row = db.get_one(User, user.id, with_for_update=LOCK, populate_existing=True)
    before = [product.slug for product in skills_of(db, row)]
    db.exec(delete(Skill).where(col(Skill.user_id) == row.id))
    db.add_all(Skill(user_id=row.id or 0, product_id=product.id or 0) for product in products)
    db.flush()
    after = [product.slug for product in skills_of(db, row)]
    if before != after:
        audit.record(
            db,
            by=by,
            action="user.skills",
            subject=row,
            before={"skills": before},
            after={"skills": after},
            now=now,
        )


@atomic
def add_absence(
    db: Session,
    *,
    user: User,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    by: User | None,
    reason: str = "",
) -> Absence:
    """Note that somebody is away: nothing is given to them, and when it begins their cases go back."""
    if by is not None and not may_note_absence(by, user):
        raise NotAllowed(_("Only leads note when others are away."))
    if not user.is_agent:
        raise Invalid("starts_at", _("Only agents and leads get cases, so only theirs go back."))
    row = db.get_one(User, user.id, with_for_update=LOCK, populate_existing=True)
    _check_times(starts_at, ends_at, now=now)
    _check_free(db, row, starts_at, ends_at)
    if len(reason.strip()) > 200:
        raise Invalid("reason", _("Keep the reason below 200 characters."))
    absence = Absence(
        user_id=row.id or 0,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason.strip(),
        created_at=now,
        created_by_id=by.id if by else None,
    )
    db.add(absence)
    db.flush()
    audit.record(db, by=by, action="user.away", subject=row, after=_facts(absence), now=now)
    return absence


@atomic
def end_absence(db: Session, *, absence: Absence, user: User, now: datetime, by: User) -> None:
    """Strike out an absence that has not begun, or end one now. What went back stays where it is."""
    if not may_note_absence(by, user):
        raise NotAllowed(_("Only leads note when others are away."))
    row = db.get_one(Absence, absence.id, with_for_update=LOCK, populate_existing=True)
    if row.ends_at <= now:
        raise Conflict(_("That absence is over."))
    before = _facts(row)
    if row.starts_at < now:
        row.ends_at = now
        db.add(row)
    else:
        db.delete(row)
    audit.record(
        db, by=by, action="user.back", subject=user, before=before, after={"until": now.isoformat()}, now=now
    )


def _check_times(starts_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    if ends_at <= starts_at:
        raise Invalid("ends_at", _("The end must be after the beginning."))
    if ends_at <= now:
        raise Invalid("ends_at", _("That is over already; name a time to come."))
    if ends_at - starts_at > LONGEST_ABSENCE:
        raise Invalid("ends_at", _("Nobody is away for more than a year: take the role away instead."))


def _check_free(db: Session, user: User, starts_at: datetime, ends_at: datetime) -> None:
    other = db.exec(
        select(Absence.id).where(
            Absence.user_id == user.id, Absence.starts_at < ends_at, Absence.ends_at > starts_at
        )
    ).first()
    if other is not None:
        raise Invalid("starts_at", _("An absence in this time is noted already; end that one first."))


def _facts(absence: Absence) -> dict[str, str]:
    return {
        "from": absence.starts_at.isoformat(),
        "until": absence.ends_at.isoformat(),
        "reason": absence.reason,
    }
