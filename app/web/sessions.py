"""Settings: the browsers in which one is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain import accounts
from app.models import User
from app.web.deps import Db, Now, RowId, SignedIn
from app.web.entering import Visitor
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter

router = PageRouter("/settings/sessions")


class PasswordForm(Form):
    """The password that proves who asks."""

    password: str = ""


Given = Annotated[Submission[PasswordForm], Depends(submitted(PasswordForm))]


@dataclass(frozen=True)
class SessionsPage(Page):
    """Where one is signed in."""

    template = "account/sessions.html"
    tab: str
    sessions: Sequence[accounts.SessionRow]
    asks_password: bool
    form: Submission[PasswordForm] | Submission[Form]


@router.get("")
def sessions(request: Request, db: Db, viewer: SignedIn, now: Now, browser: Visitor) -> Response:
    """List the browsers."""
    return render(request, _page(db, viewer, browser, now, blank()))


@router.post("/end")
def end_others(
    request: Request, db: Db, viewer: SignedIn, now: Now, browser: Visitor, form: Given
) -> Response:
    """Sign out everywhere but here."""
    try:
        password = form.valid().password
        accounts.end_other_sessions(db, by=viewer, token=browser.session, password=password, now=now)
    except Invalid as error:
        return render(request, _page(db, viewer, browser, now, form.refused(error)), status=422)
    return redirect(request, "/settings/sessions", flash=_("All other browsers are signed out."))


@router.post("/{session_id:int}/end")
def end(
    request: Request, db: Db, viewer: SignedIn, now: Now, browser: Visitor, session_id: RowId, form: Given
) -> Response:
    """Sign one browser out."""
    try:
        password = form.valid().password
        accounts.end_session(db, by=viewer, session_id=session_id, password=password, now=now)
    except Invalid as error:
        return render(request, _page(db, viewer, browser, now, form.refused(error)), status=422)
    return redirect(request, "/settings/sessions", flash=_("That browser is signed out."))


def _page(
    db: Session,
    viewer: User,
    browser: accounts.Browser,
    now: datetime,
    form: Submission[PasswordForm] | Submission[Form],
) -> SessionsPage:
    return SessionsPage(
        tab="sessions",
        sessions=accounts.sessions_of(db, member=viewer, token=browser.session, now=now),
        asks_password=viewer.password_hash is not None,
        form=form,
    )
