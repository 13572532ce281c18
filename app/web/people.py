"""People: lists of members, their profiles, and one's own ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from app.core.errors import NotFound
from app.core.paging import PageOf
from app.domain import answers, escalations, follows, people, questions, reputation
from app.models import Answer, BadgeAward, Question, User
from app.web.authors import AuthorView, author_views
from app.web.deps import Db, Now, SignedIn, Viewer
from app.web.promises import promises
from app.web.questions import PageNumber
from app.web.render import Page, render
from app.web.routers import PageRouter

router = PageRouter()


@dataclass(frozen=True)
class PeoplePage(Page):
    """A list of members."""

    template = "people/index.html"
    page: PageOf[AuthorView]
    sort: str
    find: str


@dataclass(frozen=True)
class AnswerRow:
    """An answer in a profile."""

    question: Question
    answer: Answer
    is_accepted: bool


@dataclass(frozen=True)
class ProfilePage(Page):
    """A member as others see them."""

    template = "people/show.html"
    person: User
    rank: reputation.Rank
    next_rank: reputation.Rank | None
    is_self: bool
    tab: str
    answer_count: int
    question_count: int
    accepted_count: int
    known_products: Sequence[reputation.Expertise]
    known_tags: Sequence[reputation.Expertise]
    badges: Sequence[BadgeAward]
    answers: PageOf[AnswerRow] | None
    questions: PageOf[Question] | None
    promises: Mapping[int, escalations.Promise]
    follows: bool
    suspended_until: datetime | None


@dataclass(frozen=True)
class LedgerPage(Page):
    """A member's ledger, line by line."""

    template = "people/reputation.html"
    person: User
    rank: reputation.Rank
    next_rank: reputation.Rank | None
    page: PageOf[reputation.LedgerLine]
    daily_cap: int
    privileges: Sequence[reputation.Privilege]


@router.get("/users")
def index(
    request: Request,
    db: Db,
    sort: Literal["reputation", "newest", "staff"] = "reputation",
    find: Annotated[str, Query(max_length=60)] = "",
    page: PageNumber = 1,
) -> Response:
    """List members."""
    found = people.listing(db, sort=sort, find=find.strip(), page=page)
    views = author_views(db, found.rows, product=None)
    shown = PageOf(
        rows=[views[member.id or 0] for member in found.rows],
        number=found.number,
        size=found.size,
        has_next=found.has_next,
    )
    return render(request, PeoplePage(page=shown, sort=sort, find=find.strip()))


@router.get("/users/{handle}")
def show(
    request: Request,
    db: Db,
    viewer: Viewer,
    handle: str,
    now: Now,
    tab: Literal["answers", "questions"] = "answers",
    page: PageNumber = 1,
) -> Response:
    """Show a member; a former handle leads on to the present one."""
    person = _person(db, handle)
    if person.handle != handle:
        return RedirectResponse(f"/users/{person.handle}", status_code=301)
    facts = people.profile(db, person)
    known_products, known_tags = reputation.expertise(db, member=person)
    wanted = questions.ListOf(sort="newest", author_id=person.id)
    asked = questions.listing(db, wanted, page=page) if tab == "questions" else None
    return render(
        request,
        ProfilePage(
            person=person,
            rank=reputation.rank_of(person),
            next_rank=reputation.next_rank(person),
            is_self=viewer is not None and viewer.id == person.id,
            tab=tab,
            answer_count=facts.answer_count,
            question_count=facts.question_count,
            accepted_count=facts.accepted_count,
            known_products=known_products,
            known_tags=known_tags,
            badges=facts.badges,
            answers=None if asked else _answers(db, person, page),
            questions=asked,
            promises=promises(db, asked.rows) if asked else {},
            follows=follows.follows(db, viewer, person),
            suspended_until=person.suspended_until if person.is_suspended(now) else None,
        ),
    )


@router.get("/users/{handle}/reputation")
def ledger(request: Request, db: Db, viewer: SignedIn, handle: str, page: PageNumber = 1) -> Response:
    """Show the ledger to its owner, and to staff."""
    person = _person(db, handle)
    lines = reputation.ledger(db, viewer=viewer, member=person, page=page)
    return render(
        request,
        LedgerPage(
            person=person,
            rank=reputation.rank_of(person),
            next_rank=reputation.next_rank(person),
            page=lines,
            daily_cap=reputation.DAILY_CAP,
            privileges=reputation.PRIVILEGES,
        ),
    )


def _person(db: Session, handle: str) -> User:
    try:
        return people.by_handle(db, handle)
    except NotFound:
        former = people.by_former_handle(db, handle)
        if former is None:
            raise
        return former


def _answers(db: Session, person: User, page: int) -> PageOf[AnswerRow]:
    found = answers.by_author(db, author=person, page=page)
    rows = [
        AnswerRow(
            question=answer.question,
            answer=answer,
            is_accepted=answer.question.accepted_answer_id == answer.id,
        )
        for answer in found.rows
    ]
    return PageOf(rows=rows, number=found.number, size=found.size, has_next=found.has_next)
