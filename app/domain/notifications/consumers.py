"""Who is told of what. Each reads the present state: what is gone, or no longer so, is not told."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.core import markdown
from app.core.handles import skeleton
from app.domain import answers, catalog, comments, follows, questions, suggestions
from app.domain.notifications import reminders
from app.domain.notifications.kinds import REMOVED
from app.domain.notifications.service import tell
from app.domain.outbox import Recorded
from app.models import Answer, Comment, Notification, Question, QuestionTag, SuggestedEdit, User


def tell_of_question(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell whom a new question mentions, and who follows its tags, its product (or one above) or its author."""
    question = _thread(db, about)
    if question is None:
        return
    _tell_mentioned(db, about, question, now=now)
    tag_ids = db.exec(select(QuestionTag.tag_id).where(QuestionTag.question_id == question.id)).all()
    products = [product.id or 0 for product in catalog.breadcrumbs(db, question.product_id)]
    followers = follows.followers_of_topics(
        db, tag_ids=tag_ids, product_ids=products, member_id=question.author_id
    )
    tell(db, about=about, kind="question", user_ids=followers, post_id=question.id, now=now)


def tell_of_edited_question(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell whom the edit mentions, unless they heard of the question before."""
    question = _thread(db, about)
    if question is not None:
        _tell_mentioned(db, about, question, now=now, is_edit=True)


def tell_of_answer(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell whom a new answer mentions, and who follows its question: the asker is one of them.

    The asker of an unsolved question is reminded later if nothing comes of it.
    """
    answer = _answer(db, about, cast(answers.AnswerPosted, about.event).answer_id)
    question = _thread(db, about)
    if answer is None or question is None:
        return
    _tell_mentioned(db, about, answer, now=now)
    followers = follows.followers_of_question(db, answer.question_id, at=about.at)
    tell(db, about=about, kind="answer", user_ids=followers, post_id=answer.id, now=now)
    if answer.author_id != question.author_id and not question.is_solved:
        reminders.plan(db, question=question, at=about.at)


def tell_of_edited_answer(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell whom the edit mentions, unless they heard of the answer before."""
    answer = _answer(db, about, cast(answers.AnswerEdited, about.event).answer_id)
    if answer is not None:
        _tell_mentioned(db, about, answer, now=now, is_edit=True)


def tell_of_comment(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell whom a new comment mentions, and the author of the post it stands under."""
    comment = _comment(db, about, cast(comments.CommentPosted, about.event).comment_id)
    if comment is None:
        return
    _tell_mentioned(db, about, comment, now=now)
    post = _post(db, comment.post_id)
    tell(
        db,
        about=about,
        kind="comment",
        user_ids=[post.author_id],
        post_id=post.id,
        comment_id=comment.id,
        now=now,
    )


def tell_of_edited_comment(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell whom the edit mentions, unless they heard of the comment before."""
    comment = _comment(db, about, cast(comments.CommentEdited, about.event).comment_id)
    if comment is not None:
        _tell_mentioned(db, about, comment, now=now, is_edit=True)


def tell_of_acceptance(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the author of the accepted answer, and who follows the question that it is solved."""
    answer = _answer(db, about, cast(answers.AnswerAccepted, about.event).answer_id)
    question = _thread(db, about)
    if answer is None or question is None or question.accepted_answer_id != answer.id:
        return
    tell(db, about=about, kind="accepted", user_ids=[answer.author_id], post_id=answer.id, now=now)
    followers = follows.followers_of_question(db, answer.question_id, at=about.at)
    tell(db, about=about, kind="solved", user_ids=followers, post_id=answer.id, now=now)


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


def tell_of_removed_post(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the author that staff took a question or answer away."""
    post = _post(db, _post_id(about))
    if post.is_removed:
        tell(db, about=about, kind=REMOVED, user_ids=[post.author_id], post_id=post.id, now=now)


def tell_of_removed_comment(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the author that staff took the comment away."""
    comment = db.get(Comment, cast(comments.CommentRemoved, about.event).comment_id)
    if comment is not None and comment.is_removed:
        tell(
            db,
            about=about,
            kind=REMOVED,
            user_ids=[comment.author_id],
            post_id=comment.post_id,
            comment_id=comment.id,
            now=now,
        )


def tell_of_restored_post(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the author that a question or answer is back."""
    post = _post(db, _post_id(about))
    if not post.is_removed and _thread(db, about) is not None:
        tell(db, about=about, kind="restored", user_ids=[post.author_id], post_id=post.id, now=now)


def tell_of_suggestion(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell the author of a post that an edit of it waits: they may decide."""
    event = cast(suggestions.EditSuggested, about.event)
    suggestion = db.get(SuggestedEdit, event.suggestion_id)
    post = _post(db, event.post_id)
    if suggestion is not None and not suggestion.decision and not post.is_removed and _thread(db, about):
        tell(db, about=about, kind="suggested", user_ids=[post.author_id], post_id=post.id, now=now)


def tell_of_decided_edit(db: Session, about: Recorded, *, now: datetime) -> None:
    """Tell who suggested an edit what became of it."""
    event = cast(suggestions.EditDecided, about.event)
    suggestion = db.get(SuggestedEdit, event.suggestion_id)
    post = _post(db, event.post_id)
    if suggestion is not None and not post.is_removed and _thread(db, about):
        kind = f"edit_{event.decision}"
        tell(db, about=about, kind=kind, user_ids=[suggestion.author_id], post_id=post.id, now=now)


def remind_asker(db: Session, about: Recorded, *, now: datetime) -> None:
    """Ask the asker whether an answer helped. A new reminder takes the place of the one before."""
    question = _thread(db, about)
    if question is None or not reminders.is_waiting(db, question):
        return
    db.execute(
        delete(Notification).where(
            col(Notification.user_id) == question.author_id,
            col(Notification.question_id) == question.id,
            col(Notification.kind) == "reminder",
            col(Notification.event_id) != about.id,
        )
    )
    tell(db, about=about, kind="reminder", user_ids=[question.author_id], post_id=question.id, now=now)


def _tell_mentioned(
    db: Session,
    about: Recorded,
    text: Question | Answer | Comment,
    *,
    now: datetime,
    is_edit: bool = False,
) -> None:
    """Tell whom a text mentions; for an edit only those who have not heard of that text yet."""
    handles = markdown.mentions(text.body)
    if not handles:
        return
    comment_id = text.id if isinstance(text, Comment) else None
    post_id = text.post_id if isinstance(text, Comment) else text.id
    named = select(User.id).where(col(User.handle_key).in_({skeleton(handle) for handle in handles}))
    user_ids = {user_id for user_id in db.exec(named) if user_id is not None}
    if is_edit:
        heard = select(Notification.user_id).where(
            Notification.post_id == post_id,
            Notification.comment_id == comment_id,
            col(Notification.user_id).in_(user_ids),
        )
        user_ids -= {*db.exec(heard), text.author_id}
    tell(db, about=about, kind="mention", user_ids=user_ids, post_id=post_id, comment_id=comment_id, now=now)


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


def _comment(db: Session, about: Recorded, comment_id: int) -> Comment | None:
    """Return the comment of the event while everybody may see it and the post it stands under."""
    comment = db.get(Comment, comment_id)
    if comment is None or comment.is_removed or _thread(db, about) is None:
        return None
    return None if _post(db, comment.post_id).is_removed else comment


def _post(db: Session, post_id: int) -> Question | Answer:
    return db.get(Answer, post_id) or db.get_one(Question, post_id)


def _post_id(about: Recorded) -> int:
    """Return the id of the question or answer that an event is about."""
    return int(about.event.payload().get("answer_id") or about.event.question_id or 0)
