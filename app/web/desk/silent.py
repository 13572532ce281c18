"""Questions whose askers fell silent: staff may accept for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from app.core import markdown
from app.core.paging import PageOf
from app.domain import answers, moderation
from app.models import Answer, Question
from app.web.deps import Db, Now, Staff
from app.web.questions import PageNumber
from app.web.render import Page, render
from app.web.routers import DeskRouter

router = DeskRouter("/silent")

EXCERPT = 320


@dataclass(frozen=True)
class SilentPage(Page):
    """Answered questions that nobody says are solved, each with its best answer."""

    template = "desk/silent.html"
    page: PageOf[Question]
    best: Mapping[int, Answer]
    excerpts: Mapping[int, str]
    days: int


@router.get("")
def index(request: Request, db: Db, viewer: Staff, now: Now, page: PageNumber = 1) -> Response:
    """List them, newest first: their askers may still care."""
    found = moderation.silent(db, viewer=viewer, now=now, page=page)
    best = moderation.best_answers(db, question_ids=[row.id for row in found.rows], now=now)
    excerpts = {number: markdown.excerpt(answer.body_html, EXCERPT) for number, answer in best.items()}
    days = answers.SILENT_AFTER.days
    return render(request, SilentPage(page=found, best=best, excerpts=excerpts, days=days))
