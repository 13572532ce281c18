"""The answer promise in the documents of questions, which the elements of other sites show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from app.domain import answers, questions
from app.models import AnswerPromise, Question, User
from app.settings import Settings
from tests.support import indexing
from tests.support.browser import Browser


def ask(db: Session, author: User, now: datetime) -> Question:
    return questions.ask(
        db,
        author=author,
        title="Quill prints blank pages",
        body="Since the update each second page stays blank.",
        tags="printing",
        product_id=None,
        environment={},
        now=now,
    )


def promise(db: Session, question: Question, now: datetime, **facts: Any) -> None:
    row = db.get(AnswerPromise, question.id) or AnswerPromise(question_id=question.id, changed_at=now)
    db.add(row.sqlmodel_update(facts))
    db.commit()


def test_a_question_that_waits_says_by_when_staff_look_at_it(
    client: Browser, db: Session, asker: User, settings: Settings, now: datetime
) -> None:
    question = ask(db, asker, now)
    promise(db, question, now, state="open", due_at=now + timedelta(hours=29))
    indexing.catch_up(db, settings, now=now)
    said = {"state": "open", "due_at": "2026-03-03T14:00:00Z"}
    assert client.get(f"/api/v1/questions/{question.id}").json()["promise"] == said
    (listed,) = client.get("/api/v1/questions").json()["data"]
    (found,) = client.get("/api/v1/search?q=blank").json()["data"]
    (alike,) = client.get("/api/v1/questions/similar?title=Quill+prints+blank+pages").json()["data"]
    assert listed["promise"] == found["question"]["promise"] == alike["question"]["promise"] == said


def test_a_paused_promise_has_no_instant_and_an_answered_question_none(
    client: Browser, db: Session, asker: User, answerer: User, now: datetime
) -> None:
    question = ask(db, asker, now)
    promise(db, question, now, state="paused", due_at=None)
    path = f"/api/v1/questions/{question.id}"
    assert client.get(path).json()["promise"] == {"state": "paused", "due_at": None}
    answers.post(db, question=question, author=answerer, body="Clean the heads, then print a page.", now=now)
    assert client.get(path).json()["promise"] is None
