"""Who is told of what. Each reads the present state: what is gone is not told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import cast

from sqlmodel import Session, col, select

from app.core import markdown
from app.domain import answers, catalog, comments, follows, questions
from app.domain.notifications.service import tell
from app.domain.outbox import Recorded
from app.models import Answer, Comment, Question, QuestionTag, User


def tell_of_question(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell whom a new question mentions, and who follows its tags, its product (or one above) or its author."""
    question = _thread(db, about)
    if question is None:
        return
    _tell_mentioned(db, about, question.body, now=now, post_id=question.id)
    tag_ids = db.exec(select(QuestionTag.tag_id).where(QuestionTag.question_id == question.id)).all()
    products = [product.id or 0 for product in catalog.breadcrumbs(db, question.product_id)]
    followers = follows.followers_of_topics(
        db, tag_ids=tag_ids, product_ids=products, member_id=question.author_id
    )
    tell(db, about=about, kind="question", user_ids=followers, post_id=question.id, now=now)


def tell_of_answer(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell whom a new answer mentions, and who follows its question: the asker is one of them."""
    answer = _answer(db, about, cast(answers.AnswerPosted, about.event).answer_id)
    if answer is None:
        return
    _tell_mentioned(db, about, answer.body, now=now, post_id=answer.id)
    followers = follows.followers_of_question(db, answer.question_id, at=about.at)
    tell(db, about=about, kind="answer", user_ids=followers, post_id=answer.id, now=now)


def tell_of_comment(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell whom a new comment mentions, and the author of the post it stands under."""
    event = cast(comments.CommentPosted, about.event)
    comment = db.get(Comment, event.comment_id)
    post = db.get(Answer, event.post_id) or db.get(Question, event.post_id)
    if _thread(db, about) is None or comment is None or comment.is_removed or post is None or post.is_removed:
        return
    _tell_mentioned(db, about, comment.body, now=now, post_id=post.id, comment_id=comment.id)
    tell(
        db,
        about=about,
        kind="comment",
        user_ids=[post.author_id],
        post_id=post.id,
        comment_id=comment.id,
        now=now,
    )


def tell_of_acceptance(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the author of the accepted answer."""
    answer = _answer(db, about, cast(answers.AnswerAccepted, about.event).answer_id)
    if answer is not None:
        tell(db, about=about, kind="accepted", user_ids=[answer.author_id], post_id=answer.id, now=now)


def tell_of_official_answer(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell who follows the question that there is a word of the company."""
    event = cast(answers.AnswerMadeOfficial, about.event)
    answer = _answer(db, about, event.answer_id)
    if answer is not None and event.is_official and answer.is_official:
        followers = follows.followers_of_question(db, answer.question_id, at=about.at)
        tell(db, about=about, kind="official", user_ids=followers, post_id=answer.id, now=now)


def tell_of_closing(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the asker; a duplicate leads to the original, where its answers are."""
    question = _thread(db, about)
    event = cast(questions.QuestionClosed, about.event)
    if question is not None and question.is_closed:
        kind = "duplicate" if event.duplicate_of_id else "closed"
        tell(db, about=about, kind=kind, user_ids=[question.author_id], post_id=question.id, now=now)


def tell_of_removed_question(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the asker that staff took the question away."""
    question = db.get(Question, about.event.question_id)
    if question is not None and question.is_removed:
        tell(db, about=about, kind="removed", user_ids=[question.author_id], post_id=question.id, now=now)


def tell_of_removed_answer(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the author that staff took the answer away."""
    answer = db.get(Answer, cast(answers.AnswerRemoved, about.event).answer_id)
    if answer is not None and answer.is_removed:
        tell(db, about=about, kind="removed", user_ids=[answer.author_id], post_id=answer.id, now=now)


def _tell_mentioned(
    db: Session,
    about: Recorded,
    body: str,
    *,
    now: datetime,
    post_id: int,
    comment_id: int | None = None,
) -> None:
    handles: Collection[str] = markdown.mentions(body)
    if handles:
        mentioned = db.exec(select(User.id).where(col(User.handle).in_(handles))).all()
        user_ids = [user_id for user_id in mentioned if user_id is not None]
        tell(
            db,
            about=about,
            kind="mention",
            user_ids=user_ids,
            post_id=post_id,
            comment_id=comment_id,
            now=now,
        )


def _thread(db: Session, about: Recorded) -> Question | None:
    """Return the thread of the event while everybody may see it."""
    question = db.get(Question, about.event.question_id)
    return None if question is None or question.is_removed else question


def _answer(db: Session, about: Recorded, answer_id: int) -> Answer | None:
    """Return the answer of the event while everybody may see it."""
    answer = db.get(Answer, answer_id)
    if answer is None or answer.is_removed or _thread(db, about) is None:
        return None
    return answer
