"""Setting up teams. Who may: leads and administrators; the demo as the system (`by` None)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.i18n import gettext as _
from app.core.slugs import slug as make_slug
from app.domain import audit
from app.domain.teams.assignment import MODES
from app.domain.teams.policy import may_lead
from app.domain.teams.queries import default_team, open_count, products_of
from app.models import Product, Team, TeamMember, TeamProduct, User

CAPACITY = 20
CAPACITY_AT_MOST = 1_000
RETURNS_AFTER_AT_MOST = 60 * 24 * 30


@atomic
def add_team(db: Session, *, name: str, now: datetime, by: User | None = None) -> Team:
    """Add a team; cases come to it once it covers products or is the default."""
    _require_lead(by)
    name = _free_name(db, name, but=None)
    row = Team(name=name, slug=_free_slug(db, name), created_at=now)
    db.add(row)
    db.flush()
    audit.record(db, by=by, action="team.add", subject=row, after={"name": name}, now=now)
    return row


@atomic
def change_team(
    db: Session,
    *,
    team: Team,
    name: str,
    assignment: str,
    returns_after: int | None,
    products: Collection[Product],
    now: datetime,
    by: User | None = None,
) -> Team:
    """Set a team's name, how it assigns, when untouched cases go back, and which products it covers.

    A product belongs to one team at most; those below it belong to the same team unless to another.
    """
    _require_lead(by)
    row = _locked(db, team)
    _check_choices(assignment, returns_after)
    name = _free_name(db, name, but=row)
    _check_uncovered(db, row, products)
    before = _facts(row, products_of(db, row))
    row.name, row.assignment, row.returns_after = name, assignment, returns_after
    db.add(row)
    db.exec(delete(TeamProduct).where(col(TeamProduct.team_id) == row.id))
    db.add_all(TeamProduct(product_id=each.id or 0, team_id=row.id or 0) for each in products)
    db.flush()
    after = _facts(row, products_of(db, row))
    if before != after:
        audit.record(db, by=by, action="team.change", subject=row, before=before, after=after, now=now)
    return row


@atomic
def make_default(db: Session, *, team: Team, now: datetime, by: User | None = None) -> None:
    """Make this the team for what no other team's products cover."""
    _require_lead(by)
    row, present = _locked(db, team), default_team(db)
    if row.id == present.id:
        return
    if row.retired_at is not None:
        raise Conflict(_("A retired team takes no cases."))
    present.is_default = False
    db.add(present)
    db.flush()  # first: there is never more than one
    row.is_default = True
    db.add(row)
    audit.record(
        db,
        by=by,
        action="team.make_default",
        subject=row,
        before={"default": present.name},
        after={"default": row.name},
        now=now,
    )


@atomic
def retire_team(db: Session, *, team: Team, is_retired: bool, now: datetime, by: User | None = None) -> None:
    """Take a team out of use, or bring it back. It gives up its products; its past stays in reports."""
    _require_lead(by)
    row = _locked(db, team)
    if (row.retired_at is not None) == is_retired:
        return
    if is_retired:
        _check_idle(db, row)
        db.exec(delete(TeamProduct).where(col(TeamProduct.team_id) == row.id))
    row.retired_at = now if is_retired else None
    db.add(row)
    action = "team.retire" if is_retired else "team.bring_back"
    audit.record(db, by=by, action=action, subject=row, now=now)


@atomic
def set_member(
    db: Session, *, team: Team, user: User, now: datetime, capacity: int = CAPACITY, by: User | None = None
) -> None:
    """Put an agent into a team, or change how much they can carry there; with 0 they get nothing by turn."""
    _require_lead(by)
    if not user.is_agent:
        raise Invalid("user", _("Only agents and leads can be in a team: give them the role first."))
    if not 0 <= capacity <= CAPACITY_AT_MOST:
        raise Invalid("capacity", _("Give a capacity from 0 to 1,000 points; a normal case weighs 2."))
    row = _locked(db, team)
    present = db.get(TeamMember, (row.id, user.id))
    if present is not None and present.capacity == capacity:
        return
    before = {"capacity": present.capacity} if present else {}
    present = present or TeamMember(team_id=row.id or 0, user_id=user.id or 0)
    present.capacity = capacity
    db.add(present)
    audit.record(
        db,
        by=by,
        action="team.set_member",
        subject=row,
        before={"member": user.handle, **before} if before else {},
        after={"member": user.handle, "capacity": capacity},
        now=now,
    )


@atomic
def remove_member(db: Session, *, team: Team, user: User, now: datetime, by: User | None = None) -> None:
    """Take somebody out of a team. The cases they have stay theirs."""
    _require_lead(by)
    row = _locked(db, team)
    present = db.get(TeamMember, (row.id, user.id))
    if present is None:
        raise NotFound
    before = {"member": user.handle, "capacity": present.capacity}
    db.delete(present)
    audit.record(db, by=by, action="team.remove_member", subject=row, before=before, now=now)


def _require_lead(by: User | None) -> None:
    if by is not None and not may_lead(by):
        raise NotAllowed(_("Only leads and administrators set up teams."))


def _locked(db: Session, team: Team) -> Team:
    return db.get_one(Team, team.id, with_for_update=LOCK, populate_existing=True)


def _free_name(db: Session, name: str, *, but: Team | None) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= 80:
        raise Invalid("name", _("Give the team a name of at most 80 characters."))
    taken = db.exec(select(Team).where(Team.name == name)).first()
    if taken is not None and (but is None or taken.id != but.id):
        raise Invalid("name", _("There is a team of this name already."))
    return name


def _free_slug(db: Session, name: str) -> str:
    wanted = make_slug(name)[:70]
    taken = set(db.exec(select(Team.slug).where(col(Team.slug).startswith(wanted, autoescape=True))))
    number = 1
    address = wanted
    while address in taken:
        number += 1
        address = f"{wanted}-{number}"
    return address


def _check_choices(assignment: str, returns_after: int | None) -> None:
    errors: dict[str, str] = {}
    if assignment not in MODES:
        errors["assignment"] = _("Choose how cases are given out.")
    if returns_after is not None and not 1 <= returns_after <= RETURNS_AFTER_AT_MOST:
        errors["returns_after"] = _("Give a number of minutes, at most 43,200, or nothing for never.")
    Invalid.raise_if(errors)


def _check_uncovered(db: Session, team: Team, products: Collection[Product]) -> None:
    ids = [product.id for product in products]
    other = db.exec(
        select(Product.name, Team.name)
        .join(TeamProduct, col(TeamProduct.product_id) == col(Product.id))
        .join(Team, col(Team.id) == col(TeamProduct.team_id))
        .where(col(TeamProduct.product_id).in_(ids), col(TeamProduct.team_id) != team.id)
        .order_by(col(Product.name))
    ).first()
    if other is not None:
        text = _("%(product)s belongs to the team %(team)s already; take it away there first.")
        raise Invalid("products", text % {"product": other[0], "team": other[1]})
    if products and team.retired_at is not None:
        raise Invalid("products", _("A retired team takes no cases."))


def _check_idle(db: Session, team: Team) -> None:
    if team.is_default:
        raise Conflict(_("This is the default team. Make another one the default first."))
    waiting = open_count(db, team)
    if waiting:
        text = _("The team still has open cases (%(n)s). Give them to another team first.")
        raise Conflict(text % {"n": waiting})


def _facts(team: Team, products: Sequence[Product]) -> dict[str, object]:
    return {
        "name": team.name,
        "assignment": team.assignment,
        "returns_after": team.returns_after,
        "products": [product.slug for product in products],
    }
