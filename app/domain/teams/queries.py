"""Reading teams. For staff only: the pages that show them are the desk's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, text
from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.domain import catalog
from app.domain.teams.assignment import WEIGHTS, Colleague
from app.models import (
    Absence,
    Calendar,
    CalendarVersion,
    Escalation,
    Product,
    Question,
    Skill,
    Team,
    TeamMember,
    TeamProduct,
    User,
)


@dataclass(frozen=True)
class TeamInShort:
    """A team in the list of all."""

    team: Team
    member_count: int
    open_count: int
    products: Sequence[Product]


@dataclass(frozen=True)
class MemberOfTeam:
    """Somebody in a team: `load` is what all their open cases weigh, in whatever team."""

    user: User
    capacity: int
    load: int
    is_away: bool
    skills: Sequence[Product]

    @property
    def percent(self) -> int:
        """How full they are."""
        return round(100 * self.load / self.capacity) if self.capacity else 100 * bool(self.load)


def default_team(db: Session) -> Team:
    """Return the team that takes what no other team's products cover."""
    return db.exec(select(Team).where(col(Team.is_default))).one()


def by_slug(db: Session, slug: str) -> Team:
    """Return a team by its address; raise NotFound."""
    found = db.exec(select(Team).where(Team.slug == slug)).first()
    if found is None:
        raise NotFound
    return found


def team_for(db: Session, question: Question) -> Team:
    """Return the team of the question's product or of the nearest product above it, else the default team."""
    trail = _trail(db, question)
    covering = db.exec(
        select(TeamProduct.product_id, Team)
        .join(Team, col(Team.id) == col(TeamProduct.team_id))
        .where(col(TeamProduct.product_id).in_(trail), col(Team.retired_at).is_(None))
    ).all()
    if not covering:
        return default_team(db)
    return max(covering, key=lambda pair: trail.index(pair[0]))[1]


def listing(db: Session, *, with_retired: bool = False) -> list[TeamInShort]:
    """Return the teams, the default first, then by name."""
    statement = select(Team).order_by(col(Team.is_default).desc(), col(Team.name))
    if not with_retired:
        statement = statement.where(col(Team.retired_at).is_(None))
    members = dict(db.exec(select(TeamMember.team_id, func.count()).group_by(col(TeamMember.team_id))).all())
    cases = dict(
        db.exec(
            select(Escalation.team_id, func.count())
            .where(_at_work(), col(Escalation.team_id).is_not(None))
            .group_by(col(Escalation.team_id))
        ).all()
    )
    products = _products_by_team(db)
    return [
        TeamInShort(team, members.get(team.id or 0, 0), cases.get(team.id, 0), products[team.id or 0])
        for team in db.exec(statement)
    ]


def products_of(db: Session, team: Team) -> Sequence[Product]:
    """Return the products whose questions go to the team."""
    return _products_by_team(db)[team.id or 0]


def members_of(db: Session, team: Team, *, now: datetime) -> list[MemberOfTeam]:
    """Return who is in the team, by name, with what they carry now and whether they are away."""
    rows = db.exec(
        select(User, TeamMember.capacity)
        .join(TeamMember, col(TeamMember.user_id) == col(User.id))
        .where(TeamMember.team_id == team.id)
        .order_by(col(User.display_name), col(User.id))
    ).all()
    ids = [user.id or 0 for user, _ in rows]
    carried, gone, skills = loads(db, ids), _away(db, ids, now=now), _skills(db, ids)
    return [
        MemberOfTeam(user, capacity, carried[user.id or 0], user.id in gone, skills[user.id or 0])
        for user, capacity in rows
    ]


def teams_of(db: Session, user: User) -> Sequence[Team]:
    """Return the teams somebody is in."""
    return db.exec(
        select(Team)
        .join(TeamMember, col(TeamMember.team_id) == col(Team.id))
        .where(TeamMember.user_id == user.id, col(Team.retired_at).is_(None))
        .order_by(col(Team.name))
    ).all()


def colleagues(db: Session) -> Sequence[User]:
    """Return all agents and leads, by name: whom cases can be given to."""
    return db.exec(
        select(User)
        .where(col(User.support_role) != "", col(User.deleted_at).is_(None))
        .order_by(col(User.display_name), col(User.id))
    ).all()


def skills_of(db: Session, user: User) -> Sequence[Product]:
    """Return the products that somebody knows; each with what is below it."""
    return _skills(db, [user.id or 0])[user.id or 0]


def absences_of(db: Session, user: User, *, now: datetime) -> Sequence[Absence]:
    """Return when somebody is and will be away, the next first."""
    return db.exec(
        select(Absence)
        .where(Absence.user_id == user.id, col(Absence.ends_at) > now)
        .order_by(col(Absence.starts_at), col(Absence.id))
    ).all()


def is_away(db: Session, user: User, now: datetime) -> bool:
    """Return whether somebody is away at the instant `now`."""
    return bool(_away(db, [user.id or 0], now=now))


def load(db: Session, user: User) -> int:
    """Return what all open cases of somebody weigh."""
    return loads(db, [user.id or 0])[user.id or 0]


def loads(db: Session, user_ids: Collection[int]) -> dict[int, int]:
    """Return what the open cases of each weigh together; 0 for those without any."""
    found = dict.fromkeys(user_ids, 0)
    counted = db.exec(
        select(Escalation.owner_id, Escalation.priority, func.count())
        .where(col(Escalation.owner_id).in_(user_ids), _at_work())
        .group_by(col(Escalation.owner_id), col(Escalation.priority))
    )
    for owner_id, priority, count in counted:
        found[owner_id or 0] += WEIGHTS[priority] * count
    return found


def turn_takers(db: Session, *, team: Team, question: Question, now: datetime) -> list[Colleague]:
    """Return the team's agents as an assignment of this question sees them."""
    rows = db.exec(
        select(TeamMember)
        .join(User, col(User.id) == col(TeamMember.user_id))
        .where(
            TeamMember.team_id == team.id,
            col(User.support_role) != "",
            col(User.deleted_at).is_(None),
            col(User.suspended_until).is_(None) | (col(User.suspended_until) <= now),
        )
    ).all()
    ids = [row.user_id for row in rows]
    carried, gone = loads(db, ids), _away(db, ids, now=now)
    skilled = set(
        db.exec(
            select(Skill.user_id).where(
                col(Skill.user_id).in_(ids), col(Skill.product_id).in_(_trail(db, question))
            )
        )
    )
    return [
        Colleague(
            user_id=row.user_id,
            capacity=row.capacity,
            load=carried[row.user_id],
            last_assigned_at=row.last_assigned_at,
            is_skilled=row.user_id in skilled,
            is_away=row.user_id in gone,
        )
        for row in rows
    ]


def open_count(db: Session, team: Team) -> int:
    """Return how many cases of the team are not done."""
    return db.exec(
        select(func.count()).select_from(Escalation).where(Escalation.team_id == team.id, _at_work())
    ).one()


def desk_zone(db: Session) -> str:
    """Return the time zone in which staff write times: that of the default calendar."""
    return db.exec(
        select(CalendarVersion.timezone)
        .join(Calendar, col(Calendar.id) == col(CalendarVersion.calendar_id))
        .where(col(Calendar.is_default), CalendarVersion.version == Calendar.version)
    ).one()


def _trail(db: Session, question: Question) -> list[int]:
    return [product.id or 0 for product in catalog.breadcrumbs(db, question.product_id)]


def _at_work() -> ColumnElement[bool]:
    # Written out, not as parameters: as the partial indexes have it, or SQLite does not use them.
    return text("escalation.state NOT IN ('resolved', 'closed', 'cancelled')")  # type: ignore[return-value]


def _away(db: Session, user_ids: Collection[int], *, now: datetime) -> set[int]:
    return set(
        db.exec(
            select(Absence.user_id).where(
                col(Absence.user_id).in_(user_ids), Absence.starts_at <= now, Absence.ends_at > now
            )
        )
    )


def _skills(db: Session, user_ids: Collection[int]) -> dict[int, list[Product]]:
    found: dict[int, list[Product]] = defaultdict(list)
    rows = db.exec(
        select(Skill.user_id, Product)
        .join(Product, col(Product.id) == col(Skill.product_id))
        .where(col(Skill.user_id).in_(user_ids))
        .order_by(col(Product.name))
    )
    for user_id, product in rows:
        found[user_id].append(product)
    return found


def _products_by_team(db: Session) -> dict[int, list[Product]]:
    found: dict[int, list[Product]] = defaultdict(list)
    rows = db.exec(
        select(TeamProduct.team_id, Product)
        .join(Product, col(Product.id) == col(TeamProduct.product_id))
        .order_by(col(Product.name))
    )
    for team_id, product in rows:
        found[team_id].append(product)
    return found
