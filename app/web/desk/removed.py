"""What was deleted or hidden, with a way back."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from app.core.paging import PageOf
from app.domain import moderation
from app.web.deps import Db, Staff
from app.web.questions import PageNumber
from app.web.render import Page, render
from app.web.routers import DeskRouter

router = DeskRouter("/removed")


@dataclass(frozen=True)
class RemovedPage(Page):
    """Removed questions, answers or comments."""

    template = "desk/removed.html"
    page: PageOf[moderation.Removed]
    kind: str


@router.get("")
def index(
    request: Request, db: Db, viewer: Staff, kind: moderation.RemovedKind = "questions", page: PageNumber = 1
) -> Response:
    """List what was removed last."""
    found = moderation.removed(db, viewer=viewer, kind=kind, page=page)
    return render(request, RemovedPage(page=found, kind=kind))
