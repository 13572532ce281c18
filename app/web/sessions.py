"""Settings: the browsers in which one is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from app.core.i18n import gettext as _
from app.domain import accounts
from app.web.deps import Db, Now, RowId, SignedIn
from app.web.entering import Visitor
from app.web.render import Page, redirect, render
from app.web.routers import PageRouter

router = PageRouter("/settings/sessions")


@dataclass(frozen=True)
class SessionsPage(Page):
    """Where one is signed in."""

    template = "account/sessions.html"
    tab: str
    sessions: Sequence[accounts.SessionRow]


@router.get("")
def sessions(request: Request, db: Db, viewer: SignedIn, now: Now, browser: Visitor) -> Response:
    """List the browsers."""
    rows = accounts.sessions_of(db, member=viewer, token=browser.session, now=now)
    return render(request, SessionsPage(tab="sessions", sessions=rows))


@router.post("/end")
def end_others(request: Request, db: Db, viewer: SignedIn, browser: Visitor) -> Response:
    """Sign out everywhere but here."""
    accounts.end_other_sessions(db, by=viewer, token=browser.session)
    return redirect(request, "/settings/sessions", flash=_("All other browsers are signed out."))


@router.post("/{session_id:int}/end")
def end(request: Request, db: Db, viewer: SignedIn, session_id: RowId) -> Response:
    """Sign one browser out."""
    accounts.end_session(db, by=viewer, session_id=session_id)
    return redirect(request, "/settings/sessions", flash=_("That browser is signed out."))
