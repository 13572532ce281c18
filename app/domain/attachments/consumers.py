"""What is written elsewhere may show uploads."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.domain.attachments.service import note_shown
from app.domain.outbox import Recorded
from app.models import Answer, Comment, Question


def on_question_written(db: Session, recorded: Recorded, *, now: datetime) -> None:  # noqa: ARG001  (a consumer)
    """Note what a question shows, on QuestionAsked and QuestionEdited."""
    question = db.get(Question, recorded.event.question_id)
    if question is not None:
        note_shown(db, post_id=question.id, html=question.body_html)


def on_answer_written(db: Session, recorded: Recorded, *, now: datetime) -> None:  # noqa: ARG001  (a consumer)
    """Note what an answer shows, on AnswerPosted and AnswerEdited."""
    answer = db.get(Answer, recorded.event.payload()["answer_id"])
    if answer is not None:
        note_shown(db, post_id=answer.id, html=answer.body_html)


def on_comment_written(db: Session, recorded: Recorded, *, now: datetime) -> None:  # noqa: ARG001  (a consumer)
    """Note what a comment shows, on CommentPosted and CommentEdited."""
    comment = db.get(Comment, recorded.event.payload()["comment_id"])
    if comment is not None:
        note_shown(db, post_id=comment.post_id, html=comment.body_html)
