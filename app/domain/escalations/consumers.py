"""What happens in the forum, as cases see it. Each reads the present state, at the event's own instant.

Planning depends on nothing but what is true now, so every event of a thread may simply plan it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from app.domain import (
    answers,
    calendars,
    catalog,
    comments,
    entry_rules,
    importing,
    outbox,
    questions,
    sla,
    votes,
)
from app.domain.escalations import states
from app.domain.escalations.events import BacklogWanted, PlanInterrupted
from app.domain.escalations.service import backlog
from app.domain.escalations.service.acting import locked_question, open_one, taken
from app.domain.escalations.service.changing import take_along
from app.domain.escalations.service.ending import cancel_now, resolve_now
from app.domain.escalations.service.entering import enter_affected, enter_unaccepted, replan
from app.domain.escalations.service.owning import put_back
from app.domain.escalations.service.replying import Said, customer_spoke, staff_spoke
from app.domain.outbox import Recorded
from app.models import (
    Answer,
    AnswerPromise,
    Comment,
    EntryStart,
    EntryWatch,
    Escalation,
    Product,
    Question,
    User,
)

BATCH = 200


def on_thread_changed(db: Session, about: Recorded, *, now: datetime) -> None:
    """Plan anew when the question will come to staff."""
    if about.event.question_id is not None and db.get(Question, about.event.question_id) is not None:
        replan(db, question_id=about.event.question_id, now=now)


def on_vote_cast(db: Session, about: Recorded, *, now: datetime) -> None:
    """Plan anew after a vote on an answer: it may have helped, or not."""
    if cast(votes.VoteCast, about.event).post_id != about.event.question_id:
        on_thread_changed(db, about, now=now)


def on_answer_posted(db: Session, about: Recorded, *, now: datetime) -> None:
    """Count what staff or the asker said, and plan anew."""
    answer = db.get(Answer, cast(answers.AnswerPosted, about.event).answer_id)
    if answer is not None and not answer.is_removed:
        _hear(db, answer.question_id, answer.author_id, post_id=answer.id, comment_id=None, at=about.at)
    on_thread_changed(db, about, now=now)


def on_comment_posted(db: Session, about: Recorded, *, now: datetime) -> None:
    """Count what staff or the asker said, and plan anew."""
    event = cast(comments.CommentPosted, about.event)
    comment = db.get(Comment, event.comment_id)
    if comment is not None and not comment.is_removed:
        _hear(
            db,
            comment.question_id,
            comment.author_id,
            post_id=comment.post_id,
            comment_id=comment.id,
            at=about.at,
        )
    on_thread_changed(db, about, now=now)


def on_answer_accepted(db: Session, about: Recorded, *, now: datetime) -> None:
    """Resolve the case: by the community where the asker accepted a customer's answer, else by staff."""
    question = locked_question(db, about.event.question_id or 0)
    event = cast(answers.AnswerAccepted, about.event)
    case = open_one(db, question)
    if case is not None and case.row.is_at_work and question.accepted_answer_id == event.answer_id:
        answer = db.get_one(Answer, event.answer_id)
        by_community = not answer.by_staff and not event.for_silent_asker
        resolved_by = "community" if by_community else "staff"
        resolve_now(db, case, resolved_by=resolved_by, by=_actor(db, about), now=about.at)
    replan(db, question_id=question.id, now=now)


def on_answer_unaccepted(db: Session, about: Recorded, *, now: datetime) -> None:
    """Bring the question (back) to staff, unless another answer is accepted by now."""
    enter_unaccepted(db, question_id=about.event.question_id or 0, now=about.at)
    on_thread_changed(db, about, now=now)


def on_answer_made_official(db: Session, about: Recorded, *, now: datetime) -> None:
    """Resolve the case: there is a word of the company."""
    event = cast(answers.AnswerMadeOfficial, about.event)
    question = locked_question(db, about.event.question_id or 0)
    answer, case = db.get_one(Answer, event.answer_id), open_one(db, question)
    if case is not None and case.row.is_at_work and answer.is_official and not answer.is_removed:
        resolve_now(db, case, resolved_by="staff", by=_actor(db, about), now=about.at)
    replan(db, question_id=question.id, now=now)


def on_question_gone(db: Session, about: Recorded, *, now: datetime) -> None:
    """End the case of a question that was closed or removed; what was resolved stays so."""
    question = locked_question(db, about.event.question_id or 0)
    case = open_one(db, question)
    is_gone = question.is_closed or question.is_removed
    if case is not None and case.row.is_at_work and is_gone:
        closed = isinstance(about.event, questions.QuestionClosed)
        reason = question.close_reason or "closed" if closed else question.removal or "removed"
        cancel_now(db, case, kind="withdrawn", reason=reason, by=None, now=about.at)
    replan(db, question_id=question.id, now=now)


def on_question_edited(db: Session, about: Recorded, *, now: datetime) -> None:
    """Go on under the terms of the product and tags that the question has now, and plan anew."""
    question = locked_question(db, about.event.question_id or 0)
    case = open_one(db, question)
    if case is not None:
        take_along(db, case, reason="question", now=about.at)
    replan(db, question_id=question.id, now=now)


def on_me_too(db: Session, about: Recorded, *, now: datetime) -> None:  # noqa: ARG001
    """Bring a question to staff that many are affected by."""
    enter_affected(db, question_id=about.event.question_id or 0, now=about.at)


def on_standing_changed(db: Session, about: Recorded, *, now: datetime) -> None:
    """Put the cases back of somebody who can't work on them any more: another role, suspended, or gone."""
    user = db.get_one(User, int(about.event.payload()["member_id"]))
    if user.is_agent and user.deleted_at is None and not user.is_suspended(now):
        return
    owned = select(Escalation).where(
        Escalation.owner_id == user.id, col(Escalation.state).in_(states.AT_WORK)
    )
    for row in db.exec(owned).all():
        put_back(db, taken(db, row), kind="returned", by=None, reason="left", now=about.at)


def on_moved_in(db: Session, about: Recorded, *, now: datetime) -> None:
    """Plan for what an import brought: what was asked before the starting day is left alone."""
    event = cast(importing.ContentMovedIn, about.event)
    _plan_batch(db, about, product_id=None, after_id=event.first_id - 1, until_id=event.last_id, now=now)


def on_plan_interrupted(db: Session, about: Recorded, *, now: datetime) -> None:
    """Go on planning where the batch before ended."""
    event = cast(PlanInterrupted, about.event)
    _plan_batch(db, about, product_id=None, after_id=event.after_id, until_id=event.until_id, now=now)


def on_rules_changed(db: Session, about: Recorded, *, now: datetime) -> None:
    """Plan anew for a batch of questions, and tell of the rest."""
    event = cast(entry_rules.EntryRulesChanged, about.event)
    _plan_batch(db, about, product_id=event.product_id, after_id=event.after_id, until_id=None, now=now)


def on_policies_changed(db: Session, about: Recorded, *, now: datetime) -> None:
    """Take a batch of cases along to the policies as they are now, and tell of the rest."""
    _take_batch_along(db, about, cast(sla.PoliciesChanged, about.event), reason="policy", now=now)


def on_calendar_changed(db: Session, about: Recorded, *, now: datetime) -> None:
    """Take a batch of cases along to what the calendar says now, and tell of the rest."""
    _take_batch_along(db, about, cast(calendars.CalendarChanged, about.event), reason="calendar", now=now)


def on_product_changed(db: Session, about: Recorded, *, now: datetime) -> None:
    """Plan anew for what is asked about the product: it may stand under another one now."""
    product_id = cast(catalog.ProductChanged, about.event).product_id
    _plan_batch(db, about, product_id=product_id, after_id=0, until_id=None, now=now)


def on_backlog_wanted(db: Session, about: Recorded, *, now: datetime) -> None:
    """Take in a batch of the backlog, and tell of the rest."""
    event = cast(BacklogWanted, about.event)
    product = db.get(Product, event.product_id) if event.product_id else None
    before = datetime.fromisoformat(event.before)
    if backlog.take_in_backlog(db, product=product, before=before, now=now) == backlog.BATCH:
        outbox.record(db, event, now=now)


def _hear(
    db: Session, question_id: int, author_id: int, *, post_id: int, comment_id: int | None, at: datetime
) -> None:
    author = db.get_one(User, author_id)
    is_asker = author.id == db.get_one(Question, question_id).author_id
    if not is_asker and not author.is_agent:
        return  # what others say changes no case
    question = locked_question(db, question_id)
    case = open_one(db, question)
    if case is None or question.is_removed:
        return
    said = Said(author, at, post_id, comment_id)
    if is_asker:
        customer_spoke(db, case, said)
    else:
        staff_spoke(db, case, said)


def _plan_batch(
    db: Session,
    about: Recorded,
    *,
    product_id: int | None,
    after_id: int,
    until_id: int | None,
    now: datetime,
) -> None:
    """Plan anew for the next questions that rules can hold for, or did until now."""
    counted_from = select(func.min(EntryStart.starts_at)).scalar_subquery()
    statement = select(Question.id).where(
        col(Question.id) > after_id,
        or_(
            and_(
                col(Question.created_at) >= counted_from,
                col(Question.removed_at).is_(None),
                col(Question.closed_at).is_(None),
                col(Question.accepted_answer_id).is_(None),
            ),
            select(EntryWatch.code).where(EntryWatch.question_id == Question.id).exists(),
            select(AnswerPromise.state).where(AnswerPromise.question_id == Question.id).exists(),
        ),
    )
    if product_id is not None:
        statement = statement.where(col(Question.product_id).in_(catalog.descendant_ids(db, product_id)))
    if until_id is not None:
        statement = statement.where(col(Question.id) <= until_id)
    found: Sequence[int] = db.exec(statement.order_by(col(Question.id)).limit(BATCH)).all()
    for question_id in found:
        replan(db, question_id=question_id, now=now)
    if len(found) == BATCH:
        by_id = about.event.by_id
        rest: outbox.Event = entry_rules.EntryRulesChanged(
            by_id=by_id, product_id=product_id, after_id=found[-1]
        )
        if until_id is not None:
            rest = PlanInterrupted(by_id=by_id, after_id=found[-1], until_id=until_id)
        outbox.record(db, rest, now=now)


def _take_batch_along(
    db: Session,
    about: Recorded,
    event: sla.PoliciesChanged | calendars.CalendarChanged,
    *,
    reason: str,
    now: datetime,
) -> None:
    found = db.exec(
        select(Escalation)
        .where(col(Escalation.id) > event.after_id, col(Escalation.state).in_(states.AT_WORK))
        .order_by(col(Escalation.id))
        .limit(BATCH)
    ).all()
    for row in found:
        take_along(db, taken(db, row), reason=reason, now=about.at)
    if len(found) == BATCH:
        outbox.record(db, replace(event, after_id=found[-1].id or 0), now=about.at)
    if event.after_id == 0:  # when questions come to staff counts by the same hours
        outbox.record(db, entry_rules.EntryRulesChanged(by_id=event.by_id, product_id=None), now=now)


def _actor(db: Session, about: Recorded) -> User | None:
    return db.get(User, about.event.by_id) if about.event.by_id else None
