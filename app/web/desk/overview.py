"""What waits for staff, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.i18n import gettext as _
from app.domain import audit, mail, moderation, outbox, questions, suggestions
from app.models import AuditEntry, Question, User
from app.web.deps import Db, Now, Staff
from app.web.render import Page, render
from app.web.routers import DeskRouter

router = DeskRouter()

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Queue:
    """Something that waits: how much of it, and where."""

    text: str
    count: int
    href: str

    @property
    def shown(self) -> str:
        """The count as it is shown: counting stops where it does not matter any more."""
        return f"{moderation.MANY - 1}+" if self.count >= moderation.MANY else str(self.count)


@dataclass(frozen=True)
class OverviewPage(Page):
    """The numbers, what needs an answer, and what staff did last."""

    template = "desk/overview.html"
    queues: Sequence[Queue]
    unanswered: Sequence[Question]
    entries: Sequence[AuditEntry]


@router.get("")
def show(request: Request, db: Db, viewer: Staff, now: Now) -> Response:
    """Show what waits."""
    unanswered = questions.listing(db, questions.ListOf(sort="unanswered", size=8))
    entries = audit.entries(db, viewer=viewer)
    page = OverviewPage(queues=_queues(db, viewer, now), unanswered=unanswered.rows, entries=entries.rows[:8])
    return render(request, page)


def _queues(db: Session, viewer: User, now: Now) -> list[Queue]:
    queues = [
        Queue(_("Suggested edits"), suggestions.how_many_wait(db), "/desk/edits"),
        Queue(_("Silent askers"), moderation.how_many_silent(db, now=now), "/desk/silent"),
        Queue(_("Removed this week"), moderation.how_many_removed(db, since=now - WEEK), "/desk/removed"),
    ]
    if viewer.is_moderator:
        queues.insert(0, Queue(_("Flags"), moderation.how_many_flagged(db), "/desk/flags"))
    if viewer.is_admin:
        stuck = len(outbox.buried_jobs(db, limit=moderation.MANY))
        unsent = len(mail.failed(db, limit=moderation.MANY))
        queues += [
            Queue(_("Jobs given up"), stuck, "/desk/jobs"),
            Queue(_("E-mails given up"), unsent, "/desk/jobs"),
        ]
    return queues
