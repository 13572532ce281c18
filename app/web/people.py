"""People: lists of members, their profiles, and one's own ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.paging import PageOf
from app.domain import answers, follows, people, questions, reputation
from app.models import Answer, BadgeAward, Question, User
from app.web.authors import AuthorView, author_views
from app.web.deps import Db, Now, SignedIn, Viewer
from app.web.questions import PageNumber
from app.web.render import Page, render

router = APIRouter()

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "welcome": "Welcome",
        "question_voted_up": "Your question was voted up",
        "answer_voted_up": "Your answer was voted up",
        "voted_down": "Your post was voted down",
        "voting_down": "You voted an answer down",
        "answer_accepted": "Your answer was accepted",
        "answer_accepted_by_staff": "Your answer was accepted by staff",
        "accepting": "You accepted an answer",
        "edit_approved": "Your edit was approved",
        "removed_as_spam": "Your post was removed as spam",
        "post_removed": "A post was removed",
        "post_restored": "A post was restored",
    }
)
"""What each kind of ledger line is called."""


@dataclass(frozen=True)
class PeoplePage(Page):
    """A list of members."""

    template = "people/index.html"
    page: PageOf[AuthorView]
    sort: str
    find: str


@dataclass(frozen=True)
class RankView:
    """A rank and the way to the next; `next_name` is "" at the top."""

    name: str
    next_name: str
    next_at: int
    share: int


@dataclass(frozen=True)
class ExpertiseView:
    """A product or tag under which answers were accepted."""

    name: str
    href: str
    accepted: int


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
    rank: RankView
    is_self: bool
    tab: str
    answer_count: int
    question_count: int
    accepted_count: int
    expertise: Sequence[ExpertiseView]
    badges: Sequence[BadgeAward]
    answers: PageOf[AnswerRow] | None
    questions: PageOf[Question] | None
    follows: bool
    suspended_until: datetime | None


@dataclass(frozen=True)
class ThreadRef:
    """The thread that a ledger line is about."""

    id: int
    title: str


@dataclass(frozen=True)
class LedgerRow:
    """A line of the ledger in words."""

    created_at: datetime
    points: int
    reason: str
    question: ThreadRef | None
    post_id: int | None
    counted: bool


@dataclass(frozen=True)
class PrivilegeRow:
    """A privilege, and whether it is reached."""

    name: str
    needs: int
    has: bool


@dataclass(frozen=True)
class LedgerPage(Page):
    """A member's ledger, line by line."""

    template = "people/reputation.html"
    person: User
    rank: RankView
    page: PageOf[LedgerRow]
    today: int
    daily_cap: int
    privileges: Sequence[PrivilegeRow]


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
    is_asked = tab == "questions"
    wanted = questions.ListOf(sort="newest", author_id=person.id)
    return render(
        request,
        ProfilePage(
            person=person,
            rank=_rank(person),
            is_self=viewer is not None and viewer.id == person.id,
            tab=tab,
            answer_count=facts.answer_count,
            question_count=facts.question_count,
            accepted_count=facts.accepted_count,
            expertise=_expertise(db, person),
            badges=facts.badges,
            answers=None if is_asked else _answers(db, person, page),
            questions=questions.listing(db, wanted, page=page) if is_asked else None,
            follows=follows.follows(db, viewer, person),
            suspended_until=person.suspended_until if person.is_suspended(now) else None,
        ),
    )


@router.get("/users/{handle}/reputation")
def ledger(
    request: Request, db: Db, viewer: SignedIn, handle: str, now: Now, page: PageNumber = 1
) -> Response:
    """Show the ledger to its owner, and to staff."""
    person = _person(db, handle)
    lines = reputation.ledger(db, viewer=viewer, member=person, page=page)
    rows = [_ledger_row(line) for line in lines.rows]
    privileges = [
        PrivilegeRow(name=each.title, needs=each.threshold, has=reputation.may(person, each.key))
        for each in reputation.PRIVILEGES
    ]
    return render(
        request,
        LedgerPage(
            person=person,
            rank=_rank(person),
            page=PageOf(rows=rows, number=lines.number, size=lines.size, has_next=lines.has_next),
            today=reputation.earned_on(db, user_id=person.id or 0, day=now.date()),
            daily_cap=reputation.DAILY_CAP,
            privileges=privileges,
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


def _rank(person: User) -> RankView:
    present, following = reputation.rank_of(person), reputation.next_rank(person)
    if following is None:
        return RankView(name=present.name, next_name="", next_at=0, share=100)
    way = following.threshold - present.threshold
    share = 100 * max(0, person.peak_reputation - present.threshold) // way
    return RankView(name=present.name, next_name=following.name, next_at=following.threshold, share=share)


def _expertise(db: Session, person: User) -> list[ExpertiseView]:
    products, tags = reputation.expertise(db, member=person)
    return [
        *(ExpertiseView(each.name, f"/products/{each.slug}", each.accepted) for each in products),
        *(ExpertiseView(f"#{each.name}", f"/tags/{each.slug}", each.accepted) for each in tags),
    ]


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


def _ledger_row(line: reputation.LedgerLine) -> LedgerRow:
    has_thread = line.question_id is not None
    return LedgerRow(
        created_at=line.at,
        points=line.points,
        reason=_(REASONS.get(line.kind, line.kind)),
        question=ThreadRef(line.question_id, line.title) if line.question_id is not None else None,
        post_id=line.post_id if has_thread else None,
        counted=True,
    )
