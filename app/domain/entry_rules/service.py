"""Setting entry rules. Who may: leads and administrators; the demo as the system (`by` None)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, select

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit, outbox, teams
from app.domain.entry_rules.defaults import Kind, kind_of
from app.domain.entry_rules.events import EntryRulesChanged
from app.models import EntryRule, EntryStart, Product, User

_FUTURE = timedelta(days=366)


@atomic
def set_rule(
    db: Session,
    *,
    product: Product | None,
    code: str,
    is_enabled: bool,
    amount: int | None,
    now: datetime,
    by: User | None = None,
) -> None:
    """Set a rule for a product and those below it, or (None) for all that set nothing else."""
    _require_lead(by)
    kind = _checked(code, amount)
    row = _rule(db, product, code)
    before = _rule_facts(row, product)
    row = row or EntryRule(product_id=product.id if product else None, code=code, changed_at=now)
    if row.id is not None and (row.is_enabled, row.amount) == (is_enabled, amount):
        return
    row.is_enabled, row.amount = is_enabled, amount if kind.unit else None
    row.changed_at, row.changed_by_id = now, by.id if by else None
    db.add(row)
    db.flush()
    after = _rule_facts(row, product)
    audit.record(db, by=by, action="rule.set", subject=row, before=before, after=after, now=now)
    _tell(db, product, by, now)


@atomic
def inherit(
    db: Session, *, product: Product | None, code: str, now: datetime, by: User | None = None
) -> None:
    """Take back what is set for just this product (or for all): what is above it holds again."""
    _require_lead(by)
    row = _rule(db, product, code)
    if row is None:
        return
    audit.record(db, by=by, action="rule.inherit", subject=row, before=_rule_facts(row, product), now=now)
    db.delete(row)
    _tell(db, product, by, now)


@atomic
def set_start(
    db: Session, *, product: Product | None, starts_at: datetime, now: datetime, by: User | None = None
) -> None:
    """Let rules count from this instant on, for a product and those below it, or (None) for all others."""
    _require_lead(by)
    if starts_at > now + _FUTURE:
        raise Invalid("starts_at", _("Choose a day within the next year."))
    row = _start(db, product)
    before = _start_facts(row, product)
    row = row or EntryStart(product_id=product.id if product else None, starts_at=starts_at, changed_at=now)
    if row.id is not None and row.starts_at == starts_at:
        return
    row.starts_at, row.changed_at, row.changed_by_id = starts_at, now, by.id if by else None
    db.add(row)
    db.flush()
    after = _start_facts(row, product)
    audit.record(db, by=by, action="rule.set_start", subject=row, before=before, after=after, now=now)
    _tell(db, product, by, now)


@atomic
def inherit_start(db: Session, *, product: Product | None, now: datetime, by: User | None = None) -> None:
    """Let the starting day of what is above the product hold again. The one for all can only be moved."""
    _require_lead(by)
    if product is None:
        raise Conflict(_("There must be a starting day for all: choose another one instead."))
    row = _start(db, product)
    if row is None:
        return
    before = _start_facts(row, product)
    audit.record(db, by=by, action="rule.inherit_start", subject=row, before=before, now=now)
    db.delete(row)
    _tell(db, product, by, now)


def _require_lead(by: User | None) -> None:
    if by is not None and not teams.may_lead(by):
        raise NotAllowed(_("Only leads and administrators set rules."))


def _checked(code: str, amount: int | None) -> Kind:
    kind = kind_of(code)
    if kind is None:
        raise Invalid("code", _("There is no such rule."))
    if kind.unit and (amount is None or not kind.least <= amount <= kind.most):
        text = _("Give a number from %(least)s to %(most)s.")
        raise Invalid("amount", text % {"least": f"{kind.least:,}", "most": f"{kind.most:,}"})
    return kind


def _rule(db: Session, product: Product | None, code: str) -> EntryRule | None:
    product_id = product.id if product else None
    statement = select(EntryRule).where(EntryRule.product_id == product_id, EntryRule.code == code)
    return db.exec(statement.with_for_update(**LOCK)).first()


def _start(db: Session, product: Product | None) -> EntryStart | None:
    product_id = product.id if product else None
    return db.exec(
        select(EntryStart).where(EntryStart.product_id == product_id).with_for_update(**LOCK)
    ).first()


def _rule_facts(row: EntryRule | None, product: Product | None) -> dict[str, object]:
    if row is None:
        return {}
    return {"for": _name(product), "on": row.is_enabled, "amount": row.amount}


def _start_facts(row: EntryStart | None, product: Product | None) -> dict[str, object]:
    return {"for": _name(product), "starts_at": row.starts_at.isoformat()} if row else {}


def _name(product: Product | None) -> str:
    return product.slug if product else "all"


def _tell(db: Session, product: Product | None, by: User | None, now: datetime) -> None:
    event = EntryRulesChanged(by_id=by.id if by else None, product_id=product.id if product else None)
    outbox.record(db, event, now=now)
