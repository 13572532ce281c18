"""Members as staff see them: roles and suspensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field
from sqlmodel import Session

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.core.paging import PageOf
from app.domain import accounts, audit, people
from app.models import AuditEntry, User
from app.web.deps import Admin, Db, Moderator, Now, Staff
from app.web.forms import Form, Submission, blank, submitted
from app.web.questions import PageNumber
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/people")

DAYS = (1, 7, 30, 365)
"""How long a suspension can be chosen to last."""

ENTRIES = 20


class FindForm(Form):
    """Who is looked for."""

    find: Annotated[str, Field(max_length=254)] = ""


class RolesForm(Form):
    """The roles a member has from now on."""

    support_role: str = ""
    moderation_role: str = ""
    reason: str = ""


class SuspensionForm(Form):
    """For how many days, and why."""

    days: int = 0
    reason: str = ""


class ReasonForm(Form):
    """Why a suspension ends early, or why somebody is signed out."""

    reason: str = ""


AnyForm = Submission[RolesForm] | Submission[SuspensionForm] | Submission[Form]


@dataclass(frozen=True)
class DeskPeoplePage(Page):
    """Members that were looked for, or staff."""

    template = "desk/people.html"
    page: PageOf[User]
    find: str
    sort: str


@dataclass(frozen=True)
class MemberPage(Page):
    """A member with what staff may do."""

    template = "desk/member.html"
    member: User
    entries: Sequence[AuditEntry]
    is_suspended: bool
    may_see_email: bool
    may_suspend: bool
    may_set_roles: bool
    may_sign_out: bool
    days: Sequence[int]
    roles_form: AnyForm
    suspension_form: AnyForm


@router.get("")
def index(
    request: Request,
    db: Db,
    find: Annotated[str, Query(max_length=254)] = "",
    sort: Literal["reputation", "newest", "staff"] = "newest",
    page: PageNumber = 1,
) -> Response:
    """List members, or find them by the beginning of their name or by handle."""
    find = find.strip()
    found = people.listing(db, sort=sort, find=find.lstrip("@"), page=page)
    return render(request, DeskPeoplePage(page=found, find=find, sort=sort))


@router.post("")
def find_person(
    request: Request,
    db: Db,
    viewer: Staff,
    form: Annotated[Submission[FindForm], Depends(submitted(FindForm))],
) -> Response:
    """Find members by name; moderators also by e-mail address, which stays out of the address of the page."""
    find = form.valid().find.strip()
    if "@" not in find.lstrip("@"):
        return redirect(request, f"/desk/people?{urlencode({'find': find})}")
    owner = accounts.by_email(db, find) if viewer.is_moderator else None
    if owner is not None:
        return redirect(request, f"/desk/people/{owner.handle}")
    nobody = PageOf[User](rows=[], number=1, size=1, has_next=False)
    return render(request, DeskPeoplePage(page=nobody, find=find, sort="newest"))


@router.get("/{handle}")
def show(request: Request, db: Db, viewer: Staff, handle: str, now: Now) -> Response:
    """Show a member to staff."""
    return render(request, _page(db, viewer, people.by_handle(db, handle), now))


@router.post("/{handle}/roles")
def set_roles(
    request: Request,
    db: Db,
    viewer: Admin,
    handle: str,
    now: Now,
    form: Annotated[Submission[RolesForm], Depends(submitted(RolesForm))],
) -> Response:
    """Give a member roles."""
    member = people.by_handle(db, handle)
    try:
        accounts.set_roles(db, by=viewer, member=member, now=now, **form.valid().model_dump())
    except Invalid as error:
        page = _page(db, viewer, member, now, roles_form=form.refused(error))
        return render(request, page, status=422)
    return redirect(request, f"/desk/people/{handle}", flash=_("The roles are changed."))


@router.post("/{handle}/suspend")
def suspend(
    request: Request,
    db: Db,
    viewer: Moderator,
    handle: str,
    now: Now,
    form: Annotated[Submission[SuspensionForm], Depends(submitted(SuspensionForm))],
) -> Response:
    """Let a member only read for some days."""
    member = people.by_handle(db, handle)
    try:
        data = form.valid()
        until = now + timedelta(days=_chosen(data.days))
        accounts.suspend(db, by=viewer, member=member, until=until, reason=data.reason, now=now)
    except Invalid as error:
        page = _page(db, viewer, member, now, suspension_form=form.refused(error))
        return render(request, page, status=422)
    return redirect(request, f"/desk/people/{handle}", flash=_("Suspended: they can read, but not write."))


@router.post("/{handle}/release")
def release(
    request: Request,
    db: Db,
    viewer: Moderator,
    handle: str,
    now: Now,
    form: Annotated[Submission[ReasonForm], Depends(submitted(ReasonForm))],
) -> Response:
    """End a suspension early."""
    member = people.by_handle(db, handle)
    accounts.release(db, by=viewer, member=member, reason=form.valid().reason, now=now)
    return redirect(request, f"/desk/people/{handle}", flash=_("They can write again."))


@router.post("/{handle}/sign-out")
def sign_out(
    request: Request,
    db: Db,
    viewer: Admin,
    handle: str,
    now: Now,
    form: Annotated[Submission[ReasonForm], Depends(submitted(ReasonForm))],
) -> Response:
    """End all sessions of a member."""
    member = people.by_handle(db, handle)
    accounts.sign_out_everywhere(db, by=viewer, member=member, reason=form.valid().reason, now=now)
    return redirect(request, f"/desk/people/{handle}", flash=_("They are signed out everywhere."))


def _chosen(days: int) -> int:
    if days not in DAYS:
        raise Invalid("days", _("Choose for how long."))
    return days


def _page(
    db: Session,
    viewer: User,
    member: User,
    now: Now,
    *,
    roles_form: AnyForm | None = None,
    suspension_form: AnyForm | None = None,
) -> MemberPage:
    entries = audit.entries(db, viewer=viewer, subject=("user", member.id or 0))
    present = blank(support_role=member.support_role, moderation_role=member.moderation_role)
    return MemberPage(
        member=member,
        entries=entries.rows[:ENTRIES],
        is_suspended=member.is_suspended(now),
        may_see_email=viewer.is_moderator,
        may_suspend=accounts.may_suspend(viewer, member),
        may_set_roles=accounts.may_set_roles(viewer),
        may_sign_out=accounts.may_sign_out(viewer),
        days=DAYS,
        roles_form=roles_form or present,
        suspension_form=suspension_form or blank(),
    )
