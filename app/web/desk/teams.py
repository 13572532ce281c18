"""Teams: who is in them, what they cover, and how cases are given out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import DomainError, Invalid, NotFound
from app.core.i18n import gettext as _
from app.domain import catalog, people, teams
from app.models import Product, Team, User
from app.web.deps import Db, Now
from app.web.desk.roles import Lead, require_lead
from app.web.errors import status_of
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/teams", dependencies=[Depends(require_lead)])


class TeamForm(Form):
    """A new team's name."""

    name: str = ""


class SetUpForm(Form):
    """How a team works, as typed; products by their addresses, with commas."""

    name: str = ""
    assignment: str = "manual"
    returns_after: str = ""
    products: str = ""


class MemberForm(Form):
    """Who joins, and how much they can carry."""

    handle: str = ""
    capacity: str = "20"


class CapacityForm(Form):
    """How much somebody can carry."""

    capacity: str = ""


AnyForm = (
    Submission[TeamForm]
    | Submission[SetUpForm]
    | Submission[MemberForm]
    | Submission[CapacityForm]
    | Submission[Form]
)


@dataclass(frozen=True)
class TeamsPage(Page):
    """All teams, and who is away now."""

    template = "desk/teams.html"
    rows: Sequence[teams.TeamInShort]
    modes: dict[str, str]
    colleagues: Sequence[User]
    form: AnyForm


@dataclass(frozen=True)
class TeamPage(Page):
    """One team with everything that can be set about it."""

    template = "desk/team.html"
    team: Team
    members: Sequence[teams.MemberOfTeam]
    others: Sequence[tuple[str, str]]
    modes: dict[str, str]
    products: Sequence[tuple[Product, int]]
    chosen: Collection[str]
    elsewhere: dict[str, str]
    form: AnyForm
    member_form: AnyForm
    errors: dict[str, str]


def mode_words() -> dict[str, str]:
    """Return how cases are given out, in words."""
    return {
        "manual": _("By hand: whoever claims it"),
        "round_robin": _("In turn: who has waited longest"),
        "least_loaded": _("Least loaded: who has most room"),
    }


@router.get("")
def index(request: Request, db: Db) -> Response:
    """List the teams."""
    return render(request, _index_page(db, blank()))


@router.post("")
def add(
    request: Request,
    db: Db,
    viewer: Lead,
    now: Now,
    form: Annotated[Submission[TeamForm], Depends(submitted(TeamForm))],
) -> Response:
    """Add a team."""
    try:
        made = teams.add_team(db, name=form.valid().name, by=viewer, now=now)
    except DomainError as error:
        return render(request, _index_page(db, form.refused(error)), status=status_of(error))
    return redirect(request, f"/desk/teams/{made.slug}", flash=_("The team is added. Say who is in it."))


@router.get("/{slug}")
def show(request: Request, db: Db, slug: str, now: Now) -> Response:
    """Show a team."""
    return render(request, _page(db, teams.by_slug(db, slug), now))


@router.post("/{slug}")
def change(
    request: Request,
    db: Db,
    viewer: Lead,
    slug: str,
    now: Now,
    form: Annotated[Submission[SetUpForm], Depends(submitted(SetUpForm))],
) -> Response:
    """Set how a team works and what it covers."""
    team = teams.by_slug(db, slug)
    try:
        data = form.valid()
        teams.change_team(
            db,
            team=team,
            name=data.name,
            assignment=data.assignment,
            returns_after=_minutes(data.returns_after),
            products=chosen_products(db, data.products),
            by=viewer,
            now=now,
        )
    except DomainError as error:
        return render(request, _page(db, team, now, form=form.refused(error)), status=status_of(error))
    return redirect(request, f"/desk/teams/{slug}", flash=_("Saved."))


@router.post("/{slug}/default")
def make_default(request: Request, db: Db, viewer: Lead, slug: str, now: Now) -> Response:
    """Make it the team for everything that no other team covers."""
    teams.make_default(db, team=teams.by_slug(db, slug), by=viewer, now=now)
    return redirect(request, f"/desk/teams/{slug}", flash=_("This is the default team now."))


@router.post("/{slug}/retire")
def retire(request: Request, db: Db, viewer: Lead, slug: str, now: Now) -> Response:
    """Take a team out of use."""
    return _retire(request, db, viewer, slug, now, is_retired=True)


@router.post("/{slug}/bring-back")
def bring_back(request: Request, db: Db, viewer: Lead, slug: str, now: Now) -> Response:
    """Take it into use again."""
    return _retire(request, db, viewer, slug, now, is_retired=False)


@router.post("/{slug}/members")
def add_member(
    request: Request,
    db: Db,
    viewer: Lead,
    slug: str,
    now: Now,
    form: Annotated[Submission[MemberForm], Depends(submitted(MemberForm))],
) -> Response:
    """Put an agent into the team."""
    team = teams.by_slug(db, slug)
    try:
        data = form.valid()
        user = _colleague(db, data.handle)
        teams.set_member(db, team=team, user=user, capacity=_points(data.capacity), by=viewer, now=now)
    except DomainError as error:
        page = _page(db, team, now, member_form=form.refused(error))
        return render(request, page, status=status_of(error))
    return redirect(request, f"/desk/teams/{slug}", flash=_("They are in the team."))


@router.post("/{slug}/members/{handle}")
def set_capacity(
    request: Request,
    db: Db,
    viewer: Lead,
    slug: str,
    handle: str,
    now: Now,
    form: Annotated[Submission[CapacityForm], Depends(submitted(CapacityForm))],
) -> Response:
    """Say how much a member of the team can carry."""
    team, user = teams.by_slug(db, slug), people.by_handle(db, handle)
    try:
        capacity = _points(form.valid().capacity)
        teams.set_member(db, team=team, user=user, capacity=capacity, by=viewer, now=now)
    except DomainError as error:
        page = _page(db, team, now, errors=dict(form.refused(error).errors))
        return render(request, page, status=status_of(error))
    return redirect(request, f"/desk/teams/{slug}", flash=_("Saved."))


@router.post("/{slug}/members/{handle}/remove")
def remove_member(request: Request, db: Db, viewer: Lead, slug: str, handle: str, now: Now) -> Response:
    """Take somebody out of the team."""
    team, user = teams.by_slug(db, slug), people.by_handle(db, handle)
    teams.remove_member(db, team=team, user=user, by=viewer, now=now)
    return redirect(
        request, f"/desk/teams/{slug}", flash=_("They are no longer in the team; their cases stay theirs.")
    )


def chosen_products(db: Session, typed: str) -> list[Product]:
    """Return the products of addresses joined by commas; raise Invalid for an unknown one."""
    known = {product.slug: product for product in catalog.all_products(db)}
    wanted = [slug for slug in typed.split(",") if slug]
    if not set(wanted) <= known.keys():
        raise Invalid("products", _("One of these products is gone; choose again."))
    return [known[slug] for slug in wanted]


def _retire(
    request: Request, db: Session, viewer: User, slug: str, now: Now, *, is_retired: bool
) -> Response:
    team = teams.by_slug(db, slug)
    try:
        teams.retire_team(db, team=team, is_retired=is_retired, by=viewer, now=now)
    except DomainError as error:
        page = _page(db, team, now, errors={"form": error.message})
        return render(request, page, status=status_of(error))
    done = _("The team is retired.") if is_retired else _("The team is in use again.")
    return redirect(request, f"/desk/teams/{slug}", flash=done)


def _minutes(typed: str) -> int | None:
    if not typed.strip():
        return None
    if not typed.strip().isdecimal():
        raise Invalid("returns_after", _("Write a number of minutes, or leave it empty for never."))
    return int(typed[:9])


def _points(typed: str) -> int:
    if not typed.strip().isdecimal():
        raise Invalid("capacity", _("Write a number of points; a normal case weighs 2."))
    return int(typed.strip()[:9])


def _colleague(db: Session, handle: str) -> User:
    try:
        return people.by_handle(db, handle)
    except NotFound as error:
        raise Invalid("handle", _("Choose who joins.")) from error


def _index_page(db: Session, form: AnyForm) -> TeamsPage:
    rows = teams.listing(db, with_retired=True)
    return TeamsPage(rows=rows, modes=mode_words(), colleagues=teams.colleagues(db), form=form)


def _page(
    db: Session,
    team: Team,
    now: Now,
    *,
    form: AnyForm | None = None,
    member_form: AnyForm | None = None,
    errors: dict[str, str] | None = None,
) -> TeamPage:
    members = teams.members_of(db, team, now=now)
    inside = {member.user.id for member in members}
    own = [product.slug for product in teams.products_of(db, team)]
    start = blank(
        name=team.name,
        assignment=team.assignment,
        returns_after="" if team.returns_after is None else str(team.returns_after),
        products=",".join(own),
    )
    shown = form or start
    return TeamPage(
        team=team,
        members=members,
        others=[(user.handle, user.display_name) for user in teams.colleagues(db) if user.id not in inside],
        modes=mode_words(),
        products=catalog.product_options(db, with_retired=True),
        chosen=shown.values.get("products", "").split(","),
        elsewhere={
            product.slug: row.team.name
            for row in teams.listing(db)
            if row.team.id != team.id
            for product in row.products
        },
        form=shown,
        member_form=member_form or blank(capacity="20"),
        errors=errors or {},
    )
