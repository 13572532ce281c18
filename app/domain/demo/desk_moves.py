"""What agents of the sample company do with cases: each move of the script is one call of a real service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlmodel import Session, col, select

from app.core.errors import Conflict
from app.domain import answers, escalations, questions
from app.domain.demo.desk_script import Move
from app.models import Escalation, Question, User

Named = Callable[[str], User]

_CONFIRMATIONS = (
    "We can confirm this, thank you.",
    "That is what we would have said. Thank you!",
    "Seen the same way in our lab. If it helps you, please accept it, so that others find it.",
    "Thank you, this is the right way. If it comes back, say so here.",
    "Right, and we have told those who write the manual.",
)
_QUESTIONS = (
    "Did this get you any further, or is it still open? We look into it as well.",
    "Is this solved for you? If not, tell us what happened when you tried it.",
    "We have seen this. Does it still happen with the newest version?",
)


@dataclass(frozen=True)
class _Doing:
    """A move that is being made."""

    db: Session
    case: Escalation
    move: Move
    by: User
    now: datetime
    named: Named


def make(db: Session, move: Move, question: Question, *, named: Named, now: datetime) -> None:
    """Do it as of its instant. Where the question has no case yet, whoever acts brings it in first."""
    by = named(move.by)
    if move.do == "request":
        escalations.request_staff(db, question=question, by=by, now=now)
        return
    case = escalations.of_question(db, _lead(db), question.id)
    if case is None or move.do == "open":
        case = escalations.open_case(db, question=question, code="by_staff", detail=move.text, by=by, now=now)
    with suppress(Conflict):  # by the hour of the week a case may have gone another way
        _WAYS.get(move.do, _nothing)(_Doing(db, case, move, by, now, named))


def say_a_word(db: Session, case: Escalation, *, by: User, wants: str, chance: Random, now: datetime) -> None:
    """Let an agent say something to the newest answer of the community: confirm it, or ask whether it helped."""
    question = questions.visible(db, viewer=by, question_id=case.question_id)
    if by.id == question.author_id:
        return
    newest = answers.under(db, question, viewer=by, sort="newest").rows[0]
    escalations.reply(
        db,
        escalation=case,
        body=chance.choice(_QUESTIONS if wants == "ask" else _CONFIRMATIONS),
        as_comment_on=newest,
        by=by,
        seen=escalations.token(db, question.id),
        then="wait" if wants == "ask" else "",
        now=now,
    )


def _nothing(doing: _Doing) -> None:
    """Leave it as it is: it is open."""


def _claim(doing: _Doing) -> None:
    """Make them the owner, whoever had it before."""
    if doing.case.owner_id is None:
        escalations.claim(doing.db, escalation=doing.case, by=doing.by, now=doing.now)
    elif doing.case.owner_id != doing.by.id:
        lead = _lead(doing.db)
        escalations.assign(doing.db, escalation=doing.case, to=doing.by, by=lead, now=doing.now)


def _assign(doing: _Doing) -> None:
    to = doing.named(doing.move.to)
    escalations.assign(doing.db, escalation=doing.case, to=to, by=doing.by, now=doing.now)


def _note(doing: _Doing) -> None:
    escalations.add_note(doing.db, escalation=doing.case, body=doing.move.text, by=doing.by, now=doing.now)


def _comment(doing: _Doing, then: str = "") -> None:
    _claim(doing)
    question = questions.visible(doing.db, viewer=doing.by, question_id=doing.case.question_id)
    escalations.reply(
        doing.db,
        escalation=doing.case,
        body=doing.move.text,
        as_comment_on=question,
        by=doing.by,
        seen=escalations.token(doing.db, question.id),
        then=then,
        now=doing.now,
    )


def _ask(doing: _Doing) -> None:
    _comment(doing, then="wait")


def _hand_over(doing: _Doing) -> None:
    _claim(doing)
    escalations.hand_over(
        doing.db,
        escalation=doing.case,
        to=doing.named(doing.move.to),
        note=doing.move.text,
        by=doing.by,
        now=doing.now,
    )


def _prioritise(doing: _Doing) -> None:
    escalations.set_priority(
        doing.db, escalation=doing.case, priority=doing.move.to, by=doing.by, now=doing.now
    )


def _refer(doing: _Doing) -> None:
    escalations.add_reference(
        doing.db, escalation=doing.case, reference=doing.move.text, by=doing.by, now=doing.now
    )


def _snooze(doing: _Doing) -> None:
    _claim(doing)
    until = doing.now + doing.move.until
    escalations.snooze(doing.db, escalation=doing.case, until=until, by=doing.by, now=doing.now)


def _resolve(doing: _Doing) -> None:
    escalations.resolve(doing.db, escalation=doing.case, by=doing.by, now=doing.now)


def _cancel(doing: _Doing) -> None:
    escalations.cancel(doing.db, escalation=doing.case, reason=doing.move.text, by=doing.by, now=doing.now)


def _lead(db: Session) -> User:
    return db.exec(select(User).where(User.support_role == "lead").order_by(col(User.id)).limit(1)).one()


_WAYS: Mapping[str, Callable[[_Doing], None]] = {
    "claim": _claim,
    "assign": _assign,
    "note": _note,
    "comment": _comment,
    "ask": _ask,
    "hand_over": _hand_over,
    "priority": _prioritise,
    "reference": _refer,
    "snooze": _snooze,
    "resolve": _resolve,
    "cancel": _cancel,
}
