"""How a route says that its page may be shared, and what the page depends on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import Request

from app.domain import answers
from app.models import User
from app.web import holes
from app.web.finished.keys import ANYTHING, Key, member, question
from app.web.finished.members import Reading, audience, case_in
from app.web.finished.store import Searched
from app.web.thread import QuestionPage

LISTS_LAST = timedelta(seconds=60)
UNFINISHED_LASTS = timedelta(seconds=20)
"""How long a page is kept from which related questions were left out."""


@dataclass
class Sharing:
    """What a route says of the page it renders. Nothing is shared unless a route says so."""

    depends_on: frozenset[Key] = frozenset()
    lasts: timedelta = field(default=timedelta(0))
    viewed_question_id: int | None = None
    searched: Searched | None = None
    reading: Reading | None = None  # the member who asks; None for visitors
    shared: holes.Shared | None = None  # of a page for members


def share(
    request: Request, depends_on: Iterable[Key] = (ANYTHING,), *, lasts: timedelta = LISTS_LAST
) -> None:
    """Let this page be kept for others, for `lasts` at most and until something it depends on is touched.

    For pages without anything of the viewer's own beside their header and the forms' token; does nothing
    where the request can't be shared.
    """
    sharing: Sharing | None = getattr(request.state, "sharing", None)
    if sharing is not None:
        sharing.depends_on = frozenset(depends_on)
        sharing.lasts = lasts
        sharing.shared = holes.leave(request) if sharing.reading else None


def share_search(request: Request, searched: Searched | None) -> None:
    """Let a page of results be kept: it is true until anything is touched, or the search index changes.

    `searched` counts again whenever the page is sent; None for a page that does not count as a search.
    """
    share(request)
    sharing: Sharing | None = getattr(request.state, "sharing", None)
    if sharing is not None:
        sharing.searched = searched


def share_thread(request: Request, page: QuestionPage, *, viewer: User | None, now: datetime) -> None:
    """Let a question's page be kept: it depends on the threads and members that it names.

    A member's is shared only if it shows just what it will be kept under (see members.py).
    """
    sharing: Sharing | None = getattr(request.state, "sharing", None)
    if sharing is None or (sharing.reading and not _shows_what_was_read(page, viewer, sharing.reading)):
        return
    named = [
        *(page.related or ()),
        *page.duplicates,
        *(page.staff_box.likely_duplicates if page.staff_box else ()),
    ]
    threads = [page.question, *named, *([page.original] if page.original else [])]
    share(
        request,
        [*(question(row.id) for row in threads), *(member(number) for number in _writers(page))],
        lasts=min(
            _words_last(now - page.question.last_activity_at),
            _promise_lasts(page, now),
            _silence_lasts(page, now),
            timedelta.max if page.related is not None else UNFINISHED_LASTS,
        ),
    )
    sharing.viewed_question_id = page.question.id


def _shows_what_was_read(page: QuestionPage, viewer: User | None, reading: Reading) -> bool:
    marks = reading.audience.marks
    votes, views = dict(marks.votes), [*page.answers, *([page.solution] if page.solution else [])]
    return (
        viewer is not None
        and audience(viewer, marks, case_in(page.staff_box)) == reading.audience
        and page.my_vote == votes.get(page.question.id, 0)
        and all(view.my_vote == votes.get(view.answer.id, 0) for view in views)
        and (page.said_me_too, page.follows) == (marks.said_me_too, marks.follows)
        and page.draft_saved_at is None
        and viewer.id not in _writers(page)
    )


def _writers(page: QuestionPage) -> set[int]:
    views = [*page.answers, *([page.solution] if page.solution else [])]
    under = [*page.comments, *(comment for view in views for comment in view.comments)]
    return {page.asker.id, *(view.author.id for view in views), *(comment.author_id for comment in under)}


def _promise_lasts(page: QuestionPage, now: datetime) -> timedelta:
    """Return how long until a promise on the page is late, and must say so."""
    due_at = page.promise.due_at if page.promise else None
    return timedelta.max if due_at is None or due_at < now else due_at - now


def _silence_lasts(page: QuestionPage, now: datetime) -> timedelta:
    """Return how long until staff may accept one more answer for an asker who is silent."""
    ends = [view.answer.created_at + answers.SILENT_AFTER - now for view in page.answers]
    return min((left for left in ends if left > timedelta(0)), default=timedelta.max)


def _words_last(age: timedelta) -> timedelta:
    """Return how long "5 min ago", "3 h ago" or "2 d ago" stays about right."""
    if age < timedelta(hours=1):
        return timedelta(seconds=30)
    return timedelta(minutes=10) if age < timedelta(days=1) else timedelta(hours=2)
