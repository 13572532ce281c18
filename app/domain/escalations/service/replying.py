"""Speak in public from a case, and what public words mean for it: of staff, and of the customer.

The pages of the forum count just the same: consumers call `staff_spoke` and `customer_spoke` with the
event's own instant. Both find out themselves what has been counted already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.core.db import atomic
from app.core.errors import Conflict, Invalid
from app.core.i18n import gettext as _
from app.domain import answers, comments
from app.domain.escalations import ticking
from app.domain.escalations.events import EscalationHeard, EscalationReplied, EscalationWaiting
from app.domain.escalations.policy import REOPENS_WITHIN, require_work
from app.domain.escalations.queries import News, news_since
from app.domain.escalations.service.acting import Case, move, reopen_now, taken, write
from app.domain.escalations.service.ending import resolve_now
from app.domain.escalations.service.opening import assign_turn
from app.domain.escalations.service.owning import take_up
from app.domain.escalations.terms import terms_for
from app.models import Answer, Comment, Escalation, EscalationEvent, Question, User

THEN = ("", "wait", "resolve")


class StaleThread(Conflict):
    """The thread has moved on since the page was shown: `news` says how."""

    def __init__(self, news: list[News]) -> None:
        super().__init__(_("Something new was written meanwhile. Read it, then send your reply anyway."))
        self.news = news


@dataclass(frozen=True)
class Said:
    """A public word: an answer or a comment, by whom and when."""

    by: User
    at: datetime
    post_id: int
    comment_id: int | None = None

    @property
    def data(self) -> dict[str, object]:
        """What the timeline remembers of it."""
        return {"post": self.post_id, "comment": self.comment_id}


@atomic
def reply(
    db: Session,
    *,
    escalation: Escalation,
    body: str,
    as_comment_on: Question | Answer | None = None,
    by: User,
    seen: int,
    send_anyway: bool = False,
    then: str = "",
    now: datetime,
) -> Answer | Comment:
    """Answer in public, or comment on a post of the thread; then wait for the customer, or resolve.

    `seen` is the `token` of the thread that the writer had before them. Where others have written since,
    nothing is sent and StaleThread says what is new, unless it is to be sent anyway. Who replies to what
    nobody has becomes its owner.
    """
    require_work(by)
    if then not in THEN:
        raise Invalid("then", _("There is no such choice."))
    case = taken(db, escalation)
    news = [] if send_anyway else news_since(db, case.question.id, seen=seen, but_by=by)
    if news:
        raise StaleThread(news)
    written: Answer | Comment
    if as_comment_on is None:
        written = answers.post(db, question=case.question, author=by, body=body, now=now)
        said = Said(by, case.instant(now), written.id)
    else:
        if as_comment_on.question_id != case.question.id:
            raise Conflict(_("That post is of another thread."))
        written = comments.post(db, post=as_comment_on, author=by, body=body, now=now)
        said = Said(by, case.instant(now), as_comment_on.id, written.id)
    case = taken(db, escalation)
    staff_spoke(db, case, said)
    if then == "wait":
        wait_now(db, case, by=by, now=said.at)
    elif then == "resolve":
        resolve_now(db, case, resolved_by="staff", by=by, now=said.at)
    return written


@atomic
def ask_customer(
    db: Session,
    *,
    escalation: Escalation,
    body: str,
    as_comment_on: Question | Answer | None = None,
    by: User,
    seen: int,
    send_anyway: bool = False,
    now: datetime,
) -> Answer | Comment:
    """Ask the customer something in public, and wait for their reply."""
    return reply(
        db,
        escalation=escalation,
        body=body,
        as_comment_on=as_comment_on,
        by=by,
        seen=seen,
        send_anyway=send_anyway,
        then="wait",
        now=now,
    )


def wait_now(db: Session, case: Case, *, by: User, now: datetime) -> None:
    """Wait for the customer, within the caller's act."""
    move(case, "wait", now=now)
    event = EscalationWaiting(by_id=by.id, question_id=case.question.id, escalation_id=case.id)
    write(db, case, "waiting", event, by=by, now=now)


def staff_spoke(db: Session, case: Case, said: Said) -> None:
    """Count a public word of staff: it meets the first response, and the reply that the customer waits for."""
    if said.at < case.row.opened_at or _is_counted(db, case, said):
        return
    take_up(db, case, by=said.by, now=said.at)
    move(case, "reply", now=said.at)
    ticking.satisfy(db, case.row, ticking.CUSTOMER_FACING, at=said.at)
    event = EscalationReplied(
        by_id=said.by.id,
        question_id=case.question.id,
        escalation_id=case.id,
        post_id=said.post_id,
        comment_id=said.comment_id,
    )
    write(db, case, "replied", event, by=said.by, data=said.data, now=said.at)


def customer_spoke(db: Session, case: Case, said: Said) -> None:
    """Count a word of the customer: waiting ends, and after a reply of staff the next one is due.

    The clock starts at the first word that nobody has answered; further ones change nothing. A resolved
    case is reopened, unless the asker themselves accepted what solves it.
    """
    row = case.row
    if said.at < row.opened_at or _is_counted(db, case, said):
        return
    if row.state == "resolved":
        if not _brings_back(case, said.at):
            return
        reopen_now(db, case, by=said.by, now=said.at)
        assign_turn(db, case, now=said.at)
    move(case, "hear", now=said.at)
    replied_at = _last_reply(db, case)
    if replied_at is not None and replied_at < said.at:
        terms = terms_for(db, question=case.question, priority=row.priority)
        ticking.start(db, row, "next_reply", terms=terms, at=said.at)
    event = EscalationHeard(
        by_id=said.by.id,
        question_id=case.question.id,
        escalation_id=case.id,
        post_id=said.post_id,
        comment_id=said.comment_id,
    )
    write(db, case, "heard", event, by=said.by, data=said.data, now=said.at)


def _brings_back(case: Case, at: datetime) -> bool:
    resolved_at = case.row.resolved_at
    by_asker = case.question.is_solved and case.question.accepted_by_id == case.question.author_id
    return not by_asker and resolved_at is not None and resolved_at < at <= resolved_at + REOPENS_WITHIN


def _is_counted(db: Session, case: Case, said: Said) -> bool:
    return said.data in [event.data for event in _spoken(db, case)]


def _last_reply(db: Session, case: Case) -> datetime | None:
    return max((event.at for event in _spoken(db, case) if event.kind == "replied"), default=None)


def _spoken(db: Session, case: Case) -> list[EscalationEvent]:
    statement = select(EscalationEvent).where(
        EscalationEvent.escalation_id == case.id, col(EscalationEvent.kind).in_(("replied", "heard"))
    )
    return list(db.exec(statement))
