"""Reading what leads look at. Each report reads its period in a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, text
from sqlmodel import Session, col, select

from app.domain import teams
from app.domain.reports.causes import TELLING, cause_of
from app.domain.reports.numbers import Attainment, Spread, spread
from app.domain.reports.scope import Scope, require_lead
from app.models import (
    METRICS,
    Escalation,
    EscalationEvent,
    Product,
    Question,
    SlaClock,
    SlaPolicy,
    SlaPolicyVersion,
    TeamMember,
    User,
)

MOST_CLOCKS = 300_000
"""Of a longer list the newest are looked at: what a page can read in a few seconds."""

MOST_BREACHES = 20_000
BREACHES_LISTED = 1_000


class ClockFact(NamedTuple):
    """A clock of the period, with what reports group by."""

    metric: str
    state: str
    breached_at: datetime | None
    consumed: timedelta
    opened_at: datetime
    policy_id: int
    product_id: int | None

    @property
    def is_decided(self) -> bool:
        """Whether it was met or missed: what still runs in time, or was called off in time, is neither."""
        return self.state == "satisfied" or self.breached_at is not None


@dataclass(frozen=True)
class Load:
    """What somebody carries now; `points` are weighed by priority."""

    user: User | None
    cases: int
    points: int
    overdue: int
    capacity: int


@dataclass(frozen=True)
class Group:
    """A line of an attainment table: what it is about, and each metric's attainment."""

    name: str
    by_metric: dict[str, Attainment]


@dataclass(frozen=True)
class Breach:
    """A missed deadline: of which case, by how much (in the calendar's time), and why."""

    escalation_id: int
    title: str
    metric: str
    missed_at: datetime
    over: timedelta | None  # missing while it still is not done
    cause: str


@dataclass(frozen=True)
class Outcomes:
    """How the cases of the period ended."""

    opened: int
    resolved: int
    by_staff: int
    by_community: int
    by_silence: int
    reopened: int


@dataclass(frozen=True)
class Report:
    """All tables of a period."""

    times: dict[str, Spread]
    total: dict[str, Attainment]
    policies: Sequence[Group]
    products: Sequence[Group]
    weeks: Sequence[Group]
    causes: Sequence[tuple[str, int]]
    breaches: Sequence[Breach]
    outcomes: Outcomes
    is_cut: bool  # there were more than can be looked at: the newest of them


def loads(db: Session, viewer: User | None, *, team_id: int | None, now: datetime) -> list[Load]:
    """Return who carries what now, the most loaded first; first of all what nobody has."""
    require_lead(viewer)
    weight = case(teams.WEIGHTS, value=col(Escalation.priority), else_=0)
    late = case((col(Escalation.next_due_at) < now, 1), else_=0)
    statement = (
        select(Escalation.owner_id, func.count(), func.sum(weight), func.sum(late))
        .where(_at_work())
        .group_by(col(Escalation.owner_id))
    )
    capacity = select(TeamMember.user_id, func.sum(TeamMember.capacity)).group_by(col(TeamMember.user_id))
    if team_id is not None:
        statement = statement.where(Escalation.team_id == team_id)
        capacity = capacity.where(TeamMember.team_id == team_id)
    found = {owner: (int(n), int(points), int(overdue)) for owner, n, points, overdue in db.exec(statement)}
    room = {user: int(points) for user, points in db.exec(capacity)}
    ids = [number for number in {*found, *room} if number is not None]
    people = {user.id: user for user in db.exec(select(User).where(col(User.id).in_(ids)))}
    lines = [Load(None, *found.get(None, (0, 0, 0)), 0)]
    lines += [Load(people[number], *found.get(number, (0, 0, 0)), room.get(number, 0)) for number in ids]
    return sorted(lines, key=_most_loaded_first)


def report(db: Session, viewer: User | None, scope: Scope) -> Report:
    """Return everything about the cases that came in a period."""
    require_lead(viewer)
    facts = _facts(db, scope)
    decided = [fact for fact in facts if fact.is_decided]
    breaches = _breaches(db, scope)
    return Report(
        times={
            metric: spread(
                fact.consumed for fact in facts if (fact.metric, fact.state) == (metric, "satisfied")
            )
            for metric in METRICS
        },
        total=_attainments(decided),
        policies=_grouped(
            decided, dict(db.exec(select(SlaPolicy.id, SlaPolicy.name)).all()), lambda fact: fact.policy_id
        ),
        products=_grouped(
            decided, dict(db.exec(select(Product.id, Product.name)).all()), lambda fact: fact.product_id
        ),
        weeks=_by_week(decided, ZoneInfo(teams.desk_zone(db))),
        causes=Counter(breach.cause for breach in breaches).most_common(),
        breaches=breaches[:BREACHES_LISTED],
        outcomes=_outcomes(db, scope),
        is_cut=len(facts) == MOST_CLOCKS,
    )


def _facts(db: Session, scope: Scope) -> list[ClockFact]:
    rows = db.exec(
        select(
            SlaClock.metric,
            SlaClock.state,
            SlaClock.breached_at,
            SlaClock.consumed,
            Escalation.opened_at,
            SlaPolicyVersion.policy_id,
            Question.product_id,
        )  # type: ignore[call-overload]
        .join(SlaClock, col(SlaClock.escalation_id) == col(Escalation.id))
        .join(SlaPolicyVersion, col(SlaPolicyVersion.id) == col(SlaClock.policy_version_id))
        .join(Question, col(Question.id) == col(Escalation.question_id))
        .where(scope.condition())
        .order_by(col(Escalation.opened_at).desc())
        .limit(MOST_CLOCKS)
    )
    return [ClockFact(*row) for row in rows]


def _attainments(facts: Iterable[ClockFact]) -> dict[str, Attainment]:
    counts = Counter((fact.metric, fact.breached_at is None) for fact in facts)
    return {metric: Attainment(counts[metric, True], counts[metric, False]) for metric in METRICS}


def _grouped(
    facts: Iterable[ClockFact], names: Mapping[int | None, str], key: Callable[[ClockFact], int | None]
) -> list[Group]:
    """Return a line for each group, those with most clocks first."""
    groups: dict[int | None, list[ClockFact]] = defaultdict(list)
    for fact in facts:
        groups[key(fact)].append(fact)
    largest = sorted(groups, key=lambda number: (-len(groups[number]), names.get(number, "")))
    return [Group(names.get(number, ""), _attainments(groups[number])) for number in largest]


def _by_week(facts: Iterable[ClockFact], zone: ZoneInfo) -> list[Group]:
    """Return a line for each week, by the date of its Monday, the oldest first."""
    groups: dict[date, list[ClockFact]] = defaultdict(list)
    for fact in facts:
        day = fact.opened_at.astimezone(zone).date()
        groups[day - timedelta(days=day.weekday())].append(fact)
    return [Group(monday.isoformat(), _attainments(groups[monday])) for monday in sorted(groups)]


def _at_work() -> ColumnElement[bool]:
    # Written out, not as parameters: as the partial indexes have it, or SQLite does not use them.
    return text("escalation.state NOT IN ('resolved', 'closed', 'cancelled')")  # type: ignore[return-value]


def _most_loaded_first(line: Load) -> tuple[bool, int, str]:
    return line.user is not None, -line.points, line.user.handle if line.user else ""


def _breaches(db: Session, scope: Scope) -> list[Breach]:
    """Return what was missed, the newest first, each with its cause."""
    missed = and_(scope.condition(), col(SlaClock.breached_at).is_not(None))
    rows = db.exec(
        select(SlaClock, Question.title)
        .join(Escalation, col(Escalation.id) == col(SlaClock.escalation_id))
        .join(Question, col(Question.id) == col(Escalation.question_id))
        .where(missed)
        .order_by(col(SlaClock.breached_at).desc(), col(SlaClock.id))
        .limit(MOST_BREACHES)
    ).all()
    of_these = (
        select(SlaClock.escalation_id)
        .join(Escalation, col(Escalation.id) == col(SlaClock.escalation_id))
        .where(missed)
    )
    events: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for escalation_id, kind, at in db.exec(
        select(EscalationEvent.escalation_id, EscalationEvent.kind, EscalationEvent.at)
        .where(col(EscalationEvent.escalation_id).in_(of_these), col(EscalationEvent.kind).in_(TELLING))
        .order_by(col(EscalationEvent.id))
    ):
        events[escalation_id].append((kind, at))
    return [
        Breach(
            escalation_id=clock.escalation_id,
            title=title,
            metric=clock.metric,
            missed_at=clock.breached_at or clock.started_at,
            over=max(clock.consumed - clock.target, timedelta(0)) if clock.ended_at else None,
            cause=cause_of(clock, events[clock.escalation_id]),
        )
        for clock, title in rows
    ]


def _outcomes(db: Session, scope: Scope) -> Outcomes:
    rows = db.exec(
        select(
            Escalation.resolved_by,
            func.count(),
            func.sum(case((col(Escalation.reopen_count) > 0, 1), else_=0)),
        )
        .where(scope.condition(), Escalation.state != "cancelled")
        .group_by(col(Escalation.resolved_by))
    ).all()
    counts = {by: int(count) for by, count, _reopened in rows}
    reopened = sum(int(again or 0) for _by, _count, again in rows)
    resolved = sum(count for by, count in counts.items() if by)
    return Outcomes(
        opened=sum(counts.values()),
        resolved=resolved,
        by_staff=counts.get("staff", 0),
        by_community=counts.get("community", 0),
        by_silence=counts.get("silent", 0),
        reopened=reopened,
    )
