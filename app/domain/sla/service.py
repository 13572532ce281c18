"""Setting up policies. Who may: leads and administrators; the demo as the system (`by` None).

All changes lock the catch-all first, so that the order is one whole: no policy that nothing reaches.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit, calendars, catalog, outbox, reputation
from app.domain.sla.events import PoliciesChanged
from app.domain.sla.matching import shadows
from app.domain.sla.queries import PolicyInForce, current, policies
from app.domain.sla.terms import Terms
from app.models import Calendar, SlaPolicy, SlaPolicyVersion, Tag, User


@atomic
def add_policy(db: Session, *, name: str, terms: Terms, now: datetime, by: User | None = None) -> SlaPolicy:
    """Add a policy, tried after all others but the catch-all."""
    _require(by)
    _lock(db)
    name = _free_name(db, name, but=None)
    last = max((each.policy.position for each in policies(db, with_retired=True)), default=0)
    row = SlaPolicy(name=name, position=last + 1, created_at=now)
    _check(db, row, terms)
    db.add(row)
    db.flush()
    version = _add_version(db, row, terms, by=by, now=now)
    _check_reached(db, row)
    audit.record(db, by=by, action="policy.add", subject=row, after=facts_of(row, version), now=now)
    _tell(db, row, by, now)
    return row


@atomic
def change_policy(
    db: Session, *, policy: SlaPolicy, name: str, terms: Terms, now: datetime, by: User | None = None
) -> bool:
    """Say something else from now on; return whether that made a new version. Running clocks follow."""
    _require(by)
    _lock(db)
    row = _locked(db, policy)
    name = _free_name(db, name, but=row)
    _check(db, row, terms)
    said = current(db, row)
    before = facts_of(row, said)
    is_new = terms.stored() != Terms.of(said).stored()
    row.name = name
    if is_new:
        row.version += 1
        said = _add_version(db, row, terms, by=by, now=now)
    db.add(row)
    db.flush()
    _check_reached(db, row)
    after = facts_of(row, said)
    if before != after:
        kept = {name: value for name, value in before.items() if value != after[name]}
        new = {name: after[name] for name in kept}
        audit.record(db, by=by, action="policy.change", subject=row, before=kept, after=new, now=now)
    if is_new:
        _tell(db, row, by, now)
    return is_new


@atomic
def move_policy(db: Session, *, policy: SlaPolicy, up: bool, now: datetime, by: User | None = None) -> None:
    """Try a policy one place earlier, or later; at the end of the order nothing happens."""
    _require(by)
    _lock(db)
    row = _locked(db, policy)
    order = [each.policy for each in policies(db) if not each.policy.is_catch_all]
    if row not in order:
        raise Conflict(_("The catch-all is always the last."))
    place = order.index(row)
    other = place + (-1 if up else 1)
    if not 0 <= other < len(order):
        return
    order[place], order[other] = order[other], order[place]
    for position, each in enumerate(order, start=1):
        each.position = position
        db.add(each)
    db.flush()
    _check_reached(db, row)
    audit.record(
        db,
        by=by,
        action="policy.move",
        subject=row,
        before={"place": place + 1},
        after={"place": other + 1},
        now=now,
    )
    _tell(db, row, by, now)


@atomic
def switch_policy(
    db: Session, *, policy: SlaPolicy, is_enabled: bool, now: datetime, by: User | None = None
) -> None:
    """Switch a policy on or off."""
    _require(by)
    _lock(db)
    row = _locked(db, policy)
    if row.is_enabled == is_enabled:
        return
    if row.is_catch_all:
        raise Conflict(_("The catch-all can't be switched off: every question needs a policy."))
    row.is_enabled = is_enabled
    db.add(row)
    db.flush()
    _check_reached(db, row)
    action = "policy.switch_on" if is_enabled else "policy.switch_off"
    audit.record(db, by=by, action=action, subject=row, now=now)
    _tell(db, row, by, now)


@atomic
def retire_policy(
    db: Session, *, policy: SlaPolicy, is_retired: bool, now: datetime, by: User | None = None
) -> None:
    """Take a policy out of use, or bring it back switched off; its past stays in reports."""
    _require(by)
    _lock(db)
    row = _locked(db, policy)
    if (row.retired_at is not None) == is_retired:
        return
    if row.is_catch_all:
        raise Conflict(_("The catch-all stays: every question needs a policy."))
    row.retired_at = now if is_retired else None
    row.is_enabled = False
    db.add(row)
    db.flush()
    action = "policy.retire" if is_retired else "policy.bring_back"
    audit.record(db, by=by, action=action, subject=row, now=now)
    _tell(db, row, by, now)


def facts_of(row: SlaPolicy, version: SlaPolicyVersion) -> dict[str, object]:
    """Return what a policy says, as the log and the history show it."""
    return {"name": row.name, **Terms.of(version).stored()}


def _require(by: User | None) -> None:
    if by is not None and not calendars.may_set_up(by):
        raise NotAllowed(_("Only leads and administrators set up deadlines."))


def _lock(db: Session) -> None:
    db.exec(select(SlaPolicy).where(col(SlaPolicy.is_catch_all)).with_for_update(**LOCK)).one()


def _locked(db: Session, policy: SlaPolicy) -> SlaPolicy:
    return db.get_one(SlaPolicy, policy.id, with_for_update=LOCK, populate_existing=True)


def _add_version(
    db: Session, row: SlaPolicy, terms: Terms, *, by: User | None, now: datetime
) -> SlaPolicyVersion:
    version = SlaPolicyVersion(
        policy_id=row.id or 0,
        version=row.version,
        created_at=now,
        created_by_id=by.id if by else None,
        **terms.stored(),
    )
    db.add(version)
    db.flush()
    return version


def _tell(db: Session, row: SlaPolicy, by: User | None, now: datetime) -> None:
    outbox.record(db, PoliciesChanged(by_id=by.id if by else None, policy_id=row.id or 0), now=now)


def _free_name(db: Session, name: str, *, but: SlaPolicy | None) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= 80:
        raise Invalid("name", _("Give the policy a name of at most 80 characters."))
    taken = db.exec(select(SlaPolicy).where(SlaPolicy.name == name)).first()
    if taken is not None and (but is None or taken.id != but.id):
        raise Invalid("name", _("There is a policy of this name already."))
    return name


def _check(db: Session, row: SlaPolicy, terms: Terms) -> None:
    terms.check()
    if row.is_catch_all and any(terms.matches.values()):
        raise Invalid("matches", _("The catch-all is for every question that no other policy takes."))
    if not row.is_catch_all and not any(terms.matches.values()):
        raise Invalid(
            "matches", _("Say which questions it is for; those that are left fall under the catch-all.")
        )
    _check_known(db, terms)
    if terms.calendar_id is not None:
        calendar = db.get(Calendar, terms.calendar_id)
        if calendar is None or calendar.retired_at is not None:
            raise Invalid("calendar", _("This calendar is not in use; choose another."))


def _check_known(db: Session, terms: Terms) -> None:
    known: dict[str, set[Any]] = {
        "products": {product.id for product in catalog.all_products(db)},
        "ranks": {rank.name for rank in reputation.RANKS},
        "tags": set(db.exec(select(Tag.name).where(col(Tag.name).in_(terms.matches.get("tags") or ())))),
    }
    for name, values in known.items():
        unknown = sorted(str(each) for each in set(terms.matches.get(name) or ()) - values)
        if unknown:
            raise Invalid("matches", _("There is no “%(name)s” (any more).") % {"name": unknown[0]})


def _check_reached(db: Session, row: SlaPolicy) -> None:
    """Raise Invalid when nothing would reach the policy, or because of it nothing another one any more."""
    parents = {product.id or 0: product.parent_id for product in catalog.all_products(db)}
    tried = [each for each in policies(db) if each.policy.is_enabled]
    for place, later in enumerate(tried):
        for earlier in tried[:place]:
            if row.id not in (earlier.policy.id, later.policy.id) or later.policy.is_catch_all:
                continue
            if shadows(earlier.version.matches, later.version.matches, parents):
                raise Invalid("matches", _unreached(row, earlier, later))


def _unreached(row: SlaPolicy, earlier: PolicyInForce, later: PolicyInForce) -> str:
    if later.policy.id == row.id:
        text = _("Nothing would reach this policy: “%(name)s” comes first and takes everything it is for.")
        return text % {"name": earlier.policy.name}
    text = _(
        "Nothing would reach “%(name)s” any more: this policy comes first and takes everything that one is for."
    )
    return text % {"name": later.policy.name}
