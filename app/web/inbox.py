"""The inbox, and what of it is mailed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import ConfigDict, model_validator

from app.core.i18n import gettext as _
from app.core.paging import PageOf
from app.domain import notifications
from app.web.deps import Db, Now, SignedIn
from app.web.forms import Form, Submission, submitted
from app.web.questions import PageNumber
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter

router = PageRouter()


class ChoicesForm(Form):
    """One box for each kind; a box that is not ticked is not sent."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _take_only_kinds(cls, values: dict[str, str]) -> dict[str, str]:
        if values.keys() - notifications.KINDS.keys():
            raise ValueError("there is no such kind of news")
        return values


@dataclass(frozen=True)
class InboxPage(Page):
    """The member's notifications."""

    template = "inbox/index.html"
    page: PageOf[notifications.InboxRow]
    tab: str
    unread: int


@dataclass(frozen=True)
class Choice:
    """A kind of news, and whether it is mailed."""

    kind: str
    text: str
    by_email: bool


@dataclass(frozen=True)
class ChoicesPage(Page):
    """What is mailed."""

    template = "account/notifications.html"
    tab: str
    choices: list[Choice]


@router.get("/inbox")
def show(request: Request, db: Db, viewer: SignedIn, tab: str = "all", page: PageNumber = 1) -> Response:
    """Show the member's own inbox."""
    tab = "unread" if tab == "unread" else "all"
    listed = notifications.inbox(db, member=viewer, unread_only=tab == "unread", page=page)
    return render(request, InboxPage(page=listed, tab=tab, unread=notifications.unread_count(db, viewer)))


@router.post("/inbox/read")
def mark_all_read(request: Request, db: Db, viewer: SignedIn, now: Now) -> Response:
    """Mark everything as read."""
    notifications.mark_all_read(db, member=viewer, now=now)
    return redirect(request, "/inbox")


@router.get("/settings/notifications")
def choices(request: Request, db: Db, viewer: SignedIn) -> Response:
    """Show what is mailed."""
    listed = [
        Choice(kind.key, _(kind.choice), by_email)
        for kind, by_email in notifications.choices(db, member=viewer)
    ]
    return render(request, ChoicesPage(tab="notifications", choices=listed))


@router.post("/settings/notifications")
def choose(
    request: Request,
    db: Db,
    viewer: SignedIn,
    form: Annotated[Submission[ChoicesForm], Depends(submitted(ChoicesForm))],
) -> Response:
    """Save what is mailed."""
    form.valid()
    notifications.choose(db, member=viewer, by_email=form.values.keys())
    return redirect(request, "/settings/notifications", flash=_("Your choice is saved."))
