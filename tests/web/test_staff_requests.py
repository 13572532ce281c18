"""The ways of members to the company's staff, from a question's page."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from app.models import Escalation, EscalationReason, Question, User
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker)


@pytest.fixture
def trusted(db: Session) -> User:
    return make_user(db, handle="trusted", reputation=250)


def seen(client: Browser, question: Question) -> str:
    return client.get(f"/questions/{question.id}/printer-prints-blank-pages").text


def test_the_asker_says_that_no_answer_helped(
    client: Browser, db: Session, question: Question, asker: User
) -> None:
    client.sign_in(asker)
    assert "/not-helpful" not in seen(client, question), "there is no answer yet"
    make_answer(db, question=question)
    assert f'action="/questions/{question.id}/not-helpful"' in seen(client, question)
    answer = client.post_form(f"/questions/{question.id}/not-helpful")
    assert answer.headers["location"] == f"/questions/{question.id}"
    assert db.exec(select(EscalationReason.code, EscalationReason.by_id)).all() == [("not_helpful", asker.id)]
    assert "Someone from the company will look at this by" in seen(client, question)


def test_a_trusted_member_asks_staff_a_few_times_a_day(
    client: Browser, db: Session, question: Question, trusted: User
) -> None:
    client.sign_in(trusted)
    assert "Ask staff to look" in seen(client, question)
    for each in [question, *(make_question(db) for _ in range(2))]:
        assert client.post_form(f"/questions/{each.id}/request-staff").is_redirect
    assert client.post_form(f"/questions/{make_question(db).id}/request-staff").status_code == 429
    assert len(db.exec(select(Escalation)).all()) == 3


def test_for_everybody_else_there_is_no_way(
    client: Browser,
    db: Session,
    question: Question,
    asker: User,
    answerer: User,
    agent: User,
    suspended: User,
) -> None:
    make_answer(db, question=question)
    for viewer in (None, answerer, agent, suspended):
        client.sign_in(viewer)
        page = seen(client, question)
        assert "/not-helpful" not in page
        assert "/request-staff" not in page
        for act in ("not-helpful", "request-staff"):
            assert client.post_form(f"/questions/{question.id}/{act}").status_code in (303, 403)
    client.sign_in(asker)
    assert client.post_form(f"/questions/{question.id}/request-staff").status_code == 403
    assert not db.exec(select(Escalation)).all()
