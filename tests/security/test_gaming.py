"""Attack cases 30 and 43: queries that cost more than they say, and reputation that nobody earned."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session

from app.domain import questions
from app.domain.reputation import DAILY_CAP
from app.models import User
from app.settings import Settings
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support import indexing
from tests.support.browser import Browser

SQLITE = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
HOSTILE = ["*a*", "?" * 200, "printer~9", " OR ".join(["a"] * 1000), "(" * 500 + "a" + ")" * 500, '"' + "a " * 900,
           "email:a", "password_hash:*", "body_html:[a TO z]", "-" * 900, "NOT NOT NOT a", "a^1e999", "\\", "tag:" * 300,
           "\u202e\u0000\ud7ff", "is:hidden", "removed:1", "after:9999-99-99", "score:>" + "9" * 400]  # fmt: skip


@SQLITE
@pytest.mark.parametrize("path", ["/search", "/api/v1/search", "/similar"])
def test_case_30_no_query_fails_or_reaches_a_private_field(
    client: Browser, db: Session, asker: User, settings: Settings, now: datetime, path: str
) -> None:
    title, body = "Printer prints blank pages", "It stopped working after the update."
    questions.ask(
        db, author=asker, title=title, body=body, tags="wifi", product_id=None, environment={}, now=now
    )
    indexing.catch_up(db, settings, now=now)
    assert client.get("/search", params={"q": "printer"}).status_code == 200
    statuses = {query: client.get(path, params={"q": query}).status_code for query in HOSTILE}
    assert {query: status for query, status in statuses.items() if status >= 500} == {}
    assert "Printer prints" not in client.get(path, params={"q": f"email:{asker.email}"}).text


@SQLITE
def test_case_43_many_votes_bring_no_more_than_a_days_cap(
    client: Browser, db: Session, answerer: User
) -> None:
    answer = make_answer(db, question=make_question(db), author=answerer)
    started = answerer.reputation
    for _number in range(DAILY_CAP // 10 + 5):
        client.sign_in(make_user(db))
        assert client.post_form(f"/posts/{answer.id}/vote", {"value": 1}).status_code == 303
    db.refresh(answerer)
    assert answerer.reputation == started + DAILY_CAP


def test_case_43_nothing_is_earned_by_doing_and_undoing(
    client: Browser, db: Session, asker: User, answerer: User, moderator: User
) -> None:
    question = make_question(db, author=asker)
    answer = make_answer(db, question=question, author=answerer)
    client.sign_in(asker)
    earned = []
    for _round in range(3):
        client.post_form(f"/posts/{answer.id}/vote", {"value": 1})
        client.post_form(f"/answers/{answer.id}/accept")
        db.refresh(answerer)
        db.refresh(asker)
        earned.append((answerer.reputation, asker.reputation))
        client.post_form(f"/answers/{answer.id}/accept/withdraw")
        client.post_form(f"/posts/{answer.id}/vote", {"value": 0})
    db.refresh(answerer)
    db.refresh(asker)
    assert len(set(earned)) == 1
    assert (answerer.reputation, asker.reputation) == (100, 100)
    client.sign_in(moderator)
    for _round in range(2):
        client.post_form(f"/posts/{question.id}/hide", {"reason": "Private"})
        client.post_form(f"/posts/{question.id}/restore")
    db.refresh(answerer)
    assert answerer.reputation == 100


@SQLITE
def test_case_43_nobody_gains_by_their_own_voice(client: Browser, db: Session, asker: User) -> None:
    question = make_question(db, author=asker)
    own = make_answer(db, question=question, author=asker)
    client.sign_in(asker)
    for path, fields in (
        (f"/posts/{own.id}/vote", {"value": 1}),
        (f"/posts/{question.id}/vote", {"value": 1}),
        (f"/answers/{own.id}/accept", {}),
    ):
        client.post_form(path, fields)
    db.refresh(asker)
    assert asker.reputation == 100
