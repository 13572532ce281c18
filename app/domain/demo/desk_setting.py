"""The sample company sets its support up: calendars, policies, teams, rules, macros and views."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.domain import calendars, catalog, entry_rules, macros, queue, sla, teams
from app.domain.demo.desk_script import CalendarText, DeskScript, PolicyText, TeamText
from app.models import METRICS, PRIORITIES, Calendar, User

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PAUSES = {"next_reply": ["waiting_customer"], "resolution": ["waiting_customer"]}
_WARNINGS = {"percent": [50, 75], "minutes_before": [15]}

Named = Callable[[str], User]


def set_up(db: Session, script: DeskScript, *, named: Named, now: datetime) -> None:
    """Do all of it at one instant, as the system; macros and views as whoever made them."""
    kept = {text.name: _calendar(db, text, now=now) for text in script.calendar}
    for policy in script.policy:
        _policy(db, policy, kept, now=now)
    for team in script.team:
        _team(db, team, named, now=now)
    for skill in script.skill:
        products = [catalog.product_by_slug(db, slug) for slug in skill.products]
        teams.set_skills(db, user=named(skill.by), products=products, now=now)
    entry_rules.set_start(db, product=None, starts_at=now, now=now)
    for code, amount in script.rules.items():
        entry_rules.set_rule(db, product=None, code=code, is_enabled=True, amount=amount, now=now)
    for macro in script.macro:
        actions = [macros.Action.of(action) for action in macro.actions]
        macros.create(db, by=named(macro.by), name=macro.name, actions=actions, now=now)
    for view in script.view:
        listing = queue.read(view.values)
        queue.save_view(
            db, by=named(view.by), name=view.name, listing=listing, is_shared=view.shared, now=now
        )


def _calendar(db: Session, text: CalendarText, *, now: datetime) -> Calendar:
    years = (now.year, now.year + 1, now.year + 2)
    row = calendars.add_calendar(
        db,
        name=text.name,
        timezone=text.timezone,
        windows=list(_windows(text)),
        holidays=[
            {"date": f"{year}-{day}", "name": name, "windows": []}
            for year in years
            for day, name in text.holidays
        ],
        now=now,
    )
    if text.default:
        calendars.make_default(db, calendar=row, now=now)
    return row


def _windows(text: CalendarText) -> Iterator[dict[str, Any]]:
    for days, opens, closes in text.open:
        first, _, last = days.partition("-")
        for day in range(_DAYS.index(first), _DAYS.index(last or first) + 1):
            yield {"day": day, "opens": opens, "closes": closes}


def _policy(db: Session, text: PolicyText, kept: Mapping[str, Calendar], *, now: datetime) -> None:
    targets = {priority: dict(zip(METRICS, getattr(text, priority), strict=True)) for priority in PRIORITIES}
    terms = sla.Terms(
        matches={
            "products": [catalog.product_by_slug(db, slug).id for slug in text.products],
            "tags": text.tags,
        },
        calendar_id=kept[text.calendar].id,
        targets=targets,
        pauses=_PAUSES,
        warnings=_WARNINGS,
    )
    sla.add_policy(db, name=text.name, terms=terms, now=now)


def _team(db: Session, text: TeamText, named: Named, *, now: datetime) -> None:
    default = teams.default_team(db)
    row = default if text.name == default.name else teams.add_team(db, name=text.name, now=now)
    teams.change_team(
        db,
        team=row,
        name=text.name,
        assignment=text.assignment,
        returns_after=text.returns_after,
        products=[catalog.product_by_slug(db, slug) for slug in text.products],
        now=now,
    )
    for handle, capacity in text.members:
        teams.set_member(db, team=row, user=named(handle), capacity=capacity, now=now)
