"""How a route says that its page may be shared, and what the page depends on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import Request

from app.web.finished.keys import ANYTHING, Key, member, question
from app.web.thread import QuestionPage

LISTS_LAST = timedelta(seconds=60)


@dataclass
class Sharing:
    """What a route says of the page it renders. Nothing is shared unless a route says so."""

    depends_on: frozenset[Key] = frozenset()
    lasts: timedelta = field(default=timedelta(0))
    viewed_question_id: int | None = None


def share(
    request: Request, depends_on: Iterable[Key] = (ANYTHING,), *, lasts: timedelta = LISTS_LAST
) -> None:
    """Let this page be kept for other visitors, for `lasts` at most and until something it depends on is touched.

    For pages without anything of the viewer's own; does nothing where the request can't be shared.
    """
    sharing: Sharing | None = getattr(request.state, "sharing", None)
    if sharing is not None:
        sharing.depends_on = frozenset(depends_on)
        sharing.lasts = lasts


def share_thread(request: Request, page: QuestionPage, *, now: datetime) -> None:
    """Let a question's page be kept: it depends on the threads and members that it names."""
    threads = [page.question, *page.related, *page.duplicates, *([page.original] if page.original else [])]
    answers = [page.solution, *page.answers] if page.solution else page.answers
    under = [*page.comments, *(comment for view in answers for comment in view.comments)]
    members = {
        page.asker.id,
        *(view.author.id for view in answers),
        *(comment.author_id for comment in under),
    }
    share(
        request,
        [*(question(row.id) for row in threads), *(member(number) for number in members)],
        lasts=min(_words_last(now - page.question.last_activity_at), _promise_lasts(page, now)),
    )
    sharing: Sharing | None = getattr(request.state, "sharing", None)
    if sharing is not None:
        sharing.viewed_question_id = page.question.id


def _promise_lasts(page: QuestionPage, now: datetime) -> timedelta:
    """Return how long until a promise on the page is late, and must say so."""
    due_at = page.promise.due_at if page.promise else None
    return timedelta.max if due_at is None or due_at < now else due_at - now


def _words_last(age: timedelta) -> timedelta:
    """Return how long "5 min ago", "3 h ago" or "2 d ago" stays about right."""
    if age < timedelta(hours=1):
        return timedelta(seconds=30)
    return timedelta(minutes=10) if age < timedelta(days=1) else timedelta(hours=2)
