"""Post, edit and roll back answers; mark them as official."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.core.db import atomic, insert_row
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.domain import audit, follows, outbox, pace, questions, reputation, revisions
from app.domain.answers.events import AnswerEdited, AnswerMadeOfficial, AnswerPosted
from app.domain.answers.policy import may_answer, may_edit, may_make_official
from app.domain.answers.service.thread import locked_answer, locked_question, recount, touch
from app.models import Answer, Post, Question, User

_SAME = select(Answer).where(
    col(Answer.question_id) == bindparam("question"),
    col(Answer.author_id) == bindparam("author"),
    col(Answer.body) == bindparam("body"),
    col(Answer.removed_at).is_(None),
)


@atomic
def post(db: Session, *, question: Question, author: User, body: str, now: datetime) -> Answer:
    """Post an answer; its author follows the question from now on.

    The same text once more is the answer that is there already: a form that was sent twice, or again after a
    connection broke off. Raises Invalid for the text, NotAllowed for the author, Conflict when the question is closed.
    """
    reputation.require_active(author, now=now)
    pace.check_answers(db, author=author, now=now)
    question = locked_question(db, question.id)
    if question.is_closed:
        raise Conflict(
            _("This question is closed, so it takes no more answers. Your text is kept as a draft.")
        )
    if not may_answer(author, question):
        raise NotAllowed(_("This page is locked, so it takes no answers for now."))
    if before := sent_before(db, question, author, body):
        return before
    body_html = _checked(body, author)
    follows.follow(db, by=author, subject=question, now=now)
    answer = Answer(
        id=insert_row(db, Post, {"kind": "answer", "parent_id": question.id}),
        question_id=question.id,
        author_id=author.id or 0,
        body=body,
        body_html=body_html,
        by_staff=author.is_agent,
        created_at=now,
    )
    db.add(answer)
    recount(db, question)
    touch(question, by=author, now=now)
    revisions.record(db, post_id=answer.id, number=1, editor=author, body=body, now=now)
    outbox.record(db, AnswerPosted(by_id=author.id, question_id=question.id, answer_id=answer.id), now=now)
    return answer


def sent_before(db: Session, question: Question, author: User, body: str) -> Answer | None:
    """Return the answer of this very text that the author has posted to the question already."""
    return db.exec(_SAME, params={"question": question.id, "author": author.id, "body": body}).first()


@atomic
def ask_and_answer(
    db: Session,
    *,
    author: User,
    title: str,
    body: str,
    tags: str,
    product_id: int | None,
    environment: dict[str, str],
    answer: str,
    now: datetime,
) -> Question:
    """Ask and answer one's own question in one go; errors of the answer are noted for the field `answer`."""
    question = questions.ask(
        db,
        author=author,
        title=title,
        body=body,
        tags=tags,
        product_id=product_id,
        environment=environment,
        now=now,
    )
    try:
        post(db, question=question, author=author, body=answer, now=now)
    except Invalid as error:
        raise Invalid("answer", error.message) from error
    return question


@atomic
def edit(
    db: Session,
    *,
    answer: Answer,
    by: User,
    base: int,
    body: str,
    summary: str,
    now: datetime,
    restores: int | None = None,
    approved_by: User | None = None,
) -> Answer:
    """Change an answer that was at revision `base` when its text was loaded.

    For a suggested edit `approved_by` is who answers for it, and has to be allowed to edit.
    Raises questions.EditConflict when it has moved on, NotAllowed, or Invalid.
    """
    allowed = approved_by or by
    reputation.require_active(allowed, now=now)
    question = locked_question(db, answer.question_id)
    answer = locked_answer(db, answer.id)
    if not may_edit(allowed, answer, question):
        raise NotAllowed(_("You can't edit this answer directly."), required_privilege="edit")
    if answer.revision != base:
        raise questions.EditConflict(answer.revision)
    answer.body_html = _checked(body, allowed)
    answer.body = body
    answer.revision += 1
    answer.edited_at = now
    answer.edited_by_id = by.id
    touch(question, by=by, now=now)
    db.add_all([answer, question])
    revisions.record(
        db,
        post_id=answer.id,
        number=answer.revision,
        editor=by,
        body=body,
        summary=summary,
        restores=restores,
        now=now,
    )
    event = AnswerEdited(by_id=by.id, question_id=question.id, answer_id=answer.id, revision=answer.revision)
    outbox.record(db, event, now=now)
    return answer


@atomic
def roll_back(db: Session, *, answer: Answer, by: User, to: int, base: int, now: datetime) -> Answer:
    """Make revision `to` the present text again, as a new revision."""
    old = revisions.numbered(db, post_id=answer.id, number=to)
    return edit(
        db,
        answer=answer,
        by=by,
        base=base,
        body=old.body,
        summary=_("Brought back revision %(number)s") % {"number": to},
        restores=to,
        now=now,
    )


@atomic
def make_official(db: Session, *, answer: Answer, by: User, official: bool, now: datetime) -> Answer:
    """Mark an answer as the company's position, or take the mark away. Doing it twice is the same as once."""
    question = locked_question(db, answer.question_id)
    answer = locked_answer(db, answer.id)
    if not may_make_official(by, answer, question):
        raise NotAllowed(_("Only the company's agents mark answers as official."))
    if answer.is_official == official:
        return answer
    answer.official_at = now if official else None
    answer.official_by_id = by.id if official else None
    db.add(answer)
    db.flush()
    audit.record(db, by=by, action="answer.official", subject=answer, after={"official": official}, now=now)
    event = AnswerMadeOfficial(
        by_id=by.id, question_id=question.id, answer_id=answer.id, is_official=official
    )
    outbox.record(db, event, now=now)
    return answer


def _checked(body: str, author: User) -> str:
    errors: dict[str, str] = {}
    body_html = questions.check_body(body, author, errors)
    Invalid.raise_if(errors)
    return body_html
