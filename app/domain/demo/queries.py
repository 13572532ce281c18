"""Reading what the sample community left."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core.addresses import email_key
from app.domain.demo.members import MAIL_DOMAIN
from app.models import Answer, Comment, Question, User, Vote

SAMPLE_PASSWORD = "peerdesk-demo"  # noqa: S105 (known to everybody: that is what it is for)


@dataclass(frozen=True)
class SignIn:
    """A sample account to try the forum with."""

    role: str
    email: str


@dataclass(frozen=True)
class DemoSummary:
    """How much the sample community holds."""

    people: int
    questions: int
    answers: int
    comments: int
    votes: int
    by_status: dict[str, int]

    def sentence(self) -> str:
        """Say it for the terminal."""
        states = ", ".join(f"{number} {status}" for status, number in sorted(self.by_status.items()))
        return (
            f"{self.people} people, {self.questions} questions ({states}), "
            f"{self.answers} answers, {self.comments} comments, {self.votes} votes."
        )


_SHOWN = (
    ("admin", "edda"),
    ("moderator", "ruth"),
    ("support lead", "hanna-norvane"),
    ("support agent", "lena-norvane"),
    ("regular, many good answers", "tomasz"),
    ("customer who asks", "mara-k"),
)


def is_empty(db: Session) -> bool:
    """Return whether nobody has signed up and nothing was asked."""
    return (
        db.exec(select(User.id).limit(1)).first() is None
        and db.exec(select(Question.id).limit(1)).first() is None
    )


def sample_sign_ins(db: Session) -> list[SignIn]:
    """Return one sample account of each role; none when this is not the sample community."""
    wanted = {f"{handle}@{MAIL_DOMAIN}": role for role, handle in _SHOWN}
    # Confirmed: nobody else can make an account under such an address look like a sample.
    is_sample = (col(User.email_key).in_(map(email_key, wanted)), col(User.email_verified_at).is_not(None))
    found = set(db.exec(select(User.email).where(*is_sample)))
    return [SignIn(role, email) for email, role in wanted.items() if email in found]


def summary(db: Session) -> DemoSummary:
    """Count what there is."""
    return DemoSummary(
        people=_count(db, User),
        questions=_count(db, Question),
        answers=_count(db, Answer),
        comments=_count(db, Comment),
        votes=_count(db, Vote),
        by_status=dict(Counter(_state(question) for question in db.exec(select(Question)))),
    )


def _count(db: Session, table: type[User | Question | Answer | Comment | Vote]) -> int:
    return db.exec(select(func.count()).select_from(table)).one()


def _state(question: Question) -> str:
    return question.removal or question.status
