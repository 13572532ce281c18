"""What a thread says: who spoke when, and whether answers helped. Read at the moment of deciding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.models import Answer, Comment, Question


@dataclass(frozen=True)
class Word:
    """An answer or comment that everybody may see."""

    at: datetime
    author_id: int
    answer: Answer | None = None


@dataclass(frozen=True)
class Thread:
    """A question with what was said under it, in the order of time."""

    question: Question
    words: tuple[Word, ...]

    @property
    def answers(self) -> list[Answer]:
        """The answers of others than the asker."""
        return [
            word.answer for word in self.words if word.answer and word.author_id != self.question.author_id
        ]

    @property
    def asker_waits_since(self) -> datetime | None:
        """When the asker first spoke after what others said last; None while others have the last word, or none."""
        others = [place for place, word in enumerate(self.words) if word.author_id != self.question.author_id]
        if not others or others[-1] + 1 == len(self.words):
            return None
        return self.words[others[-1] + 1].at

    @property
    def has_helped(self) -> bool:
        """Whether any answer may have: voted up, official, or by staff and not voted down."""
        return any(
            answer.score > 0 or answer.is_official or (answer.by_staff and answer.score == 0)
            for answer in self.answers
        )


def read(db: Session, question: Question) -> Thread:
    """Return what everybody can read under a question."""
    answers = db.exec(
        select(Answer).where(Answer.question_id == question.id, col(Answer.removed_at).is_(None))
    ).all()
    comments = db.exec(
        select(Comment.created_at, Comment.author_id, Comment.id)
        .outerjoin(Answer, col(Answer.id) == col(Comment.post_id))
        .where(
            Comment.question_id == question.id,
            col(Comment.removed_at).is_(None),
            or_(col(Answer.id).is_(None), col(Answer.removed_at).is_(None)),
        )
    ).all()
    words = [
        ((answer.created_at, 0, answer.id), Word(answer.created_at, answer.author_id, answer))
        for answer in answers
    ]
    words += [((at, 1, number or 0), Word(at, author_id)) for at, author_id, number in comments]
    return Thread(question, tuple(word for _, word in sorted(words, key=lambda pair: pair[0])))
