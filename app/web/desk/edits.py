"""Suggested edits that wait for a decision."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from app.core.paging import PageOf
from app.domain import suggestions
from app.web.deps import Db, Staff
from app.web.questions import PageNumber
from app.web.render import Page, render
from app.web.routers import DeskRouter

router = DeskRouter("/edits")


@dataclass(frozen=True)
class EditsPage(Page):
    """Suggested edits, oldest first."""

    template = "desk/edits.html"
    page: PageOf[suggestions.Waiting]


@router.get("")
def index(request: Request, db: Db, viewer: Staff, page: PageNumber = 1) -> Response:
    """List what waits; each is decided on its own page."""
    return render(request, EditsPage(page=suggestions.waiting(db, viewer=viewer, page=page)))
