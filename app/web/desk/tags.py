"""Tags: describe them, and make one a synonym of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import DomainError, Invalid, NotFound
from app.core.i18n import gettext as _
from app.core.paging import PageOf
from app.domain import catalog
from app.models import Tag
from app.web.deps import Admin, Db, Now, Staff
from app.web.errors import status_of
from app.web.forms import Form, Submission, blank, submitted
from app.web.questions import PageNumber
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/tags")


class TagForm(Form):
    """What a tag is for."""

    description: str = ""


class MergeForm(Form):
    """The tag to use instead."""

    into: str = ""


AnyForm = Submission[TagForm] | Submission[MergeForm] | Submission[Form]


@dataclass(frozen=True)
class DeskTagsPage(Page):
    """Tags in use."""

    template = "desk/tags.html"
    page: PageOf[Tag]
    find: str


@dataclass(frozen=True)
class DeskTagPage(Page):
    """One tag."""

    template = "desk/tag.html"
    tag: Tag
    form: AnyForm
    merge_form: AnyForm


@router.get("")
def index(
    request: Request, db: Db, find: Annotated[str, Query(max_length=35)] = "", page: PageNumber = 1
) -> Response:
    """List tags, most used first."""
    found = catalog.tags_page(db, starting_with=find.strip(), page=page)
    return render(request, DeskTagsPage(page=found, find=find.strip()))


@router.get("/{name}")
def show(request: Request, db: Db, name: str) -> Response:
    """Show a tag."""
    return render(request, _page(catalog.tag_by_name(db, name)))


@router.post("/{name}")
def describe(
    request: Request,
    db: Db,
    viewer: Staff,
    name: str,
    now: Now,
    form: Annotated[Submission[TagForm], Depends(submitted(TagForm))],
) -> Response:
    """Say what a tag is for."""
    tag = catalog.tag_by_name(db, name)
    try:
        catalog.describe_tag(db, tag=tag, description=form.valid().description, by=viewer, now=now)
    except DomainError as error:
        return render(request, _page(tag, form=form.refused(error)), status=status_of(error))
    return redirect(request, f"/desk/tags/{tag.name}", flash=_("Saved."))


@router.post("/{name}/merge")
def merge(
    request: Request,
    db: Db,
    viewer: Admin,
    name: str,
    now: Now,
    form: Annotated[Submission[MergeForm], Depends(submitted(MergeForm))],
) -> Response:
    """Make a tag a synonym: its questions get the other one, and so does whoever types it."""
    tag = catalog.tag_by_name(db, name)
    try:
        into = _named(db, form.valid().into)
        catalog.merge_tag(db, tag=tag, into=into, by=viewer, now=now)
    except DomainError as error:
        return render(request, _page(tag, merge_form=form.refused(error)), status=status_of(error))
    done = _("%(tag)s is a synonym of %(into)s now.") % {"tag": name, "into": into.name}
    return redirect(request, f"/desk/tags/{into.name}", flash=done)


def _named(db: Session, typed: str) -> Tag:
    try:
        return catalog.tag_by_name(db, typed.strip().lstrip("#"))
    except NotFound as error:
        raise Invalid("into", _("There is no such tag; write its name as it is.")) from error


def _page(tag: Tag, *, form: AnyForm | None = None, merge_form: AnyForm | None = None) -> DeskTagPage:
    return DeskTagPage(
        tag=tag, form=form or blank(description=tag.description), merge_form=merge_form or blank()
    )
