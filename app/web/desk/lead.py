"""The lead's page: how fast, how loaded, what was missed and why; each table as a picture and a file, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.domain import calendars, reports, sla, teams
from app.models import Calendar, SlaPolicy, Team, User
from app.web.deps import Db, Now
from app.web.desk.lead_tables import Table, as_csv, tables
from app.web.desk.roles import Lead, require_lead
from app.web.render import Page, render
from app.web.routers import DeskRouter

router = DeskRouter("/lead", dependencies=[Depends(require_lead)])

Days = Annotated[int, Query(ge=1, le=366)]
Slug = Annotated[str, Query(max_length=80)]


@dataclass(frozen=True)
class LeadPage(Page):
    """All tables of a period."""

    template = "desk/lead.html"
    tables: Sequence[Table]
    days: int
    periods: Sequence[tuple[int, str]]
    team: Team | None
    teams: Sequence[tuple[str, str]]
    policies: Sequence[SlaPolicy]
    calendars: Sequence[Calendar]
    is_cut: bool


@router.get("")
def index(request: Request, db: Db, viewer: Lead, now: Now, days: Days = 28, team: Slug = "") -> Response:
    """Show the cases that came in a period, of all teams or one."""
    chosen = teams.by_slug(db, team) if team else None
    scope = reports.Scope.of_days(days, now=now, team_id=chosen.id if chosen else None)
    found = reports.report(db, viewer, scope)
    page = LeadPage(
        tables=list(_tables(db, viewer, now, scope, found).values()),
        days=scope.days,
        periods=[(period, _("Last %(n)s days") % {"n": period}) for period in reports.PERIODS],
        team=chosen,
        teams=[("", _("All teams")), *((row.team.slug, row.team.name) for row in teams.listing(db))],
        policies=[each.policy for each in sla.policies(db)],
        calendars=[row.calendar for row in calendars.listing(db)],
        is_cut=found.is_cut,
    )
    return render(request, page)


@router.get("/{name}.csv")
def file(db: Db, viewer: Lead, now: Now, name: str, days: Days = 28, team: Slug = "") -> Response:
    """Give one of the tables as a file."""
    chosen = teams.by_slug(db, team) if team else None
    scope = reports.Scope.of_days(days, now=now, team_id=chosen.id if chosen else None)
    table = _tables(db, viewer, now, scope, reports.report(db, viewer, scope)).get(name)
    if table is None:
        raise NotFound
    headers = {
        "Content-Disposition": f'attachment; filename="{table.name}-{scope.days}-days.csv"',
        "Cache-Control": "private, no-store",
    }
    return Response(as_csv(table), media_type="text/csv; charset=utf-8", headers=headers)


def _tables(
    db: Session, viewer: User, now: Now, scope: reports.Scope, found: reports.Report
) -> dict[str, Table]:
    loads = reports.loads(db, viewer, team_id=scope.team_id, now=now)
    return tables(found, loads, zone=teams.desk_zone(db))
