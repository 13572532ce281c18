"""A colleague: what they know, and when they are away. Agents note their own absences, leads everybody's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import DomainError, NotFound
from app.core.i18n import gettext as _
from app.domain import catalog, people, teams
from app.models import Absence, Product, Team, User
from app.web.deps import Db, Now, RowId, Staff
from app.web.desk import zones
from app.web.desk.roles import Lead
from app.web.desk.teams import chosen_products
from app.web.errors import status_of
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/colleagues")


class SkillsForm(Form):
    """What somebody knows: products by their addresses, with commas."""

    products: str = ""


class AbsenceForm(Form):
    """From when until when, in the desk's time zone, and why."""

    starts_at: str = ""
    ends_at: str = ""
    reason: str = ""


AnyForm = Submission[SkillsForm] | Submission[AbsenceForm] | Submission[Form]


@dataclass(frozen=True)
class AbsenceRow:
    """An absence as it is shown."""

    absence: Absence
    starts: str
    ends: str
    has_begun: bool


@dataclass(frozen=True)
class ColleaguePage(Page):
    """A colleague with their teams, skills and absences."""

    template = "desk/colleague.html"
    member: User
    is_me: bool
    may_lead: bool
    teams: Sequence[Team]
    load: int
    absences: Sequence[AbsenceRow]
    zone: str
    skills: Sequence[Product]
    products: Sequence[tuple[Product, int]]
    chosen: Collection[str]
    form: AnyForm
    errors: dict[str, str]


@router.get("/{handle}")
def show(request: Request, db: Db, viewer: Staff, handle: str, now: Now) -> Response:
    """Show a colleague."""
    return render(request, _page(db, viewer, _colleague(db, viewer, handle), now))


@router.post("/{handle}/skills")
def set_skills(
    request: Request,
    db: Db,
    viewer: Lead,
    handle: str,
    now: Now,
    form: Annotated[Submission[SkillsForm], Depends(submitted(SkillsForm))],
) -> Response:
    """Say what somebody knows."""
    member = _colleague(db, viewer, handle)
    try:
        products = chosen_products(db, form.valid().products)
        teams.set_skills(db, user=member, products=products, by=viewer, now=now)
    except DomainError as error:
        page = _page(db, viewer, member, now, errors=dict(form.refused(error).errors))
        return render(request, page, status=status_of(error))
    return redirect(request, f"/desk/colleagues/{handle}", flash=_("Saved."))


@router.post("/{handle}/absences")
def add_absence(
    request: Request,
    db: Db,
    viewer: Staff,
    handle: str,
    now: Now,
    form: Annotated[Submission[AbsenceForm], Depends(submitted(AbsenceForm))],
) -> Response:
    """Note that somebody is away."""
    member = _colleague(db, viewer, handle)
    zone = teams.desk_zone(db)
    try:
        data = form.valid()
        starts_at = zones.typed(data.starts_at, field="starts_at", zone=zone) if data.starts_at else now
        ends_at = zones.typed(data.ends_at, field="ends_at", zone=zone)
        teams.add_absence(
            db, user=member, starts_at=starts_at, ends_at=ends_at, reason=data.reason, by=viewer, now=now
        )
    except DomainError as error:
        page = _page(db, viewer, member, now, form=form.refused(error))
        return render(request, page, status=status_of(error))
    return redirect(request, f"/desk/colleagues/{handle}", flash=_("It is noted."))


@router.post("/{handle}/absences/{absence_id:int}/end")
def end_absence(
    request: Request, db: Db, viewer: Staff, handle: str, absence_id: RowId, now: Now
) -> Response:
    """Strike out an absence that has not begun, or end one now."""
    member = _colleague(db, viewer, handle)
    absence = next((row for row in teams.absences_of(db, member, now=now) if row.id == absence_id), None)
    if absence is None:
        raise NotFound
    teams.end_absence(db, absence=absence, user=member, by=viewer, now=now)
    return redirect(request, f"/desk/colleagues/{handle}", flash=_("That absence is taken back."))


def _colleague(db: Session, viewer: User, handle: str) -> User:
    member = people.by_handle(db, handle)
    if not member.is_agent or not teams.may_note_absence(viewer, member):
        raise NotFound
    return member


def _page(
    db: Session,
    viewer: User,
    member: User,
    now: Now,
    *,
    form: AnyForm | None = None,
    errors: dict[str, str] | None = None,
) -> ColleaguePage:
    zone = teams.desk_zone(db)
    skills = teams.skills_of(db, member)
    may_lead = teams.may_lead(viewer)
    absences = [
        AbsenceRow(
            absence=row,
            starts=zones.shown(row.starts_at, zone=zone),
            ends=zones.shown(row.ends_at, zone=zone),
            has_begun=row.starts_at <= now,
        )
        for row in teams.absences_of(db, member, now=now)
    ]
    return ColleaguePage(
        member=member,
        is_me=member.id == viewer.id,
        may_lead=may_lead,
        teams=teams.teams_of(db, member),
        load=teams.load(db, member),
        absences=absences,
        zone=zone,
        skills=skills,
        products=catalog.product_options(db, with_retired=True) if may_lead else [],
        chosen=[product.slug for product in skills],
        form=form or blank(starts_at=zones.editable(now, zone=zone)),
        errors=errors or {},
    )
