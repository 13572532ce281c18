"""Reports, for leads."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from app.api import cursors, respond
from app.api.deps import Db, Member, Now
from app.api.routers import ApiRouter
from app.api.schemas.reports import SupportReport
from app.core.errors import NotFound
from app.domain import reports, teams

router = ApiRouter("Escalations")


@router.get("/reports/support", response_model=SupportReport)
def get_support_report(
    request: Request,
    db: Db,
    member: Member,
    now: Now,
    days: Annotated[
        int,
        Query(ge=1, le=365, description="How far it looks back: 7, 28, 91 or 365, else the next longer one."),
    ] = 28,
    team: Annotated[
        str, Query(max_length=80, pattern=cursors.NO_NUL, description="The slug of a team; empty: all.")
    ] = "",
) -> Response:
    """Report on the cases of a period: deadlines met, median and p90, and who resolved them. For leads."""
    if not teams.may_lead(member):
        raise NotFound
    chosen = teams.by_slug(db, team) if team else None
    scope = reports.Scope.of_days(days, now=now, team_id=chosen.id if chosen else None)
    found = reports.report(db, member, scope)
    return respond.show(request, SupportReport.of(found, scope, team=chosen.slug if chosen else None))
