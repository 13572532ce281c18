"""Answers: post, edit, accept, mark as official, as stranger, member and staff."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from app.domain import answers, questions
from app.models import Answer, Draft, Question, User
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock

BODY = "Reseat the toner cartridge, then print a test page."


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker)


@pytest.fixture
def answer(db: Session, question: Question, answerer: User) -> Answer:
    return make_answer(db, question=question, author=answerer)


def test_a_member_answers_and_lands_on_the_answer(
    client: Browser, db: Session, question: Question, answerer: User
) -> None:
    posted = client.sign_in(answerer).post_form(f"/questions/{question.id}/answers", {"body": BODY})
    assert posted.status_code == 303
    answer = db.exec(select(Answer)).one()
    page = client.get(posted.headers["location"], follow_redirects=True)
    assert page.status_code == 200
    assert f'id="answer-{answer.id}"' in page.text
    assert "Reseat the toner cartridge" in page.text


def test_an_answer_that_is_sent_twice_is_posted_once_until_it_is_deleted(
    client: Browser, db: Session, question: Question, answerer: User, now: datetime
) -> None:
    client.sign_in(answerer)
    first, again = (client.post_form(f"/questions/{question.id}/answers", {"body": BODY}) for _ in range(2))
    assert again.status_code == 303
    assert again.headers["location"] == first.headers["location"]
    answers.remove(db, answer=db.exec(select(Answer)).one(), by=answerer, reason="", now=now)
    client.post_form(f"/questions/{question.id}/answers", {"body": BODY})
    assert len(db.exec(select(Answer)).all()) == 2


def test_a_refused_answer_is_shown_again_as_typed(
    client: Browser, question: Question, answerer: User
) -> None:
    refused = client.sign_in(answerer).post_form(f"/questions/{question.id}/answers", {"body": "<b>short"})
    assert refused.status_code == 422
    assert "&lt;b&gt;short" in refused.text


def test_an_answer_to_a_question_closed_meanwhile_is_kept_as_a_draft(
    client: Browser, db: Session, question: Question, answerer: User, moderator: User, now: datetime
) -> None:
    questions.close(db, question=question, by=moderator, reason="unclear", now=now)
    refused = client.sign_in(answerer).post_form(f"/questions/{question.id}/answers", {"body": BODY})
    assert refused.status_code == 409
    assert db.exec(select(Draft)).one().fields == {"body": BODY}


def test_posting_discards_the_draft(client: Browser, db: Session, question: Question, answerer: User) -> None:
    client.sign_in(answerer).post_form(f"/drafts/answer:{question.id}", {"body": BODY})
    client.post_form(f"/questions/{question.id}/answers", {"body": BODY})
    assert db.exec(select(Draft)).all() == []


@pytest.mark.parametrize("facts", [{"email_verified_at": None}, {"suspended_until": None}])
def test_unconfirmed_and_suspended_members_are_told_why_they_cannot_answer(
    client: Browser, db: Session, question: Question, now: datetime, facts: dict[str, Any]
) -> None:
    if "suspended_until" in facts:
        facts = {"suspended_until": now + timedelta(days=3), "suspended_reason": "Advertising"}
    member = make_user(db, **facts)
    refused = client.sign_in(member).post_form(f"/questions/{question.id}/answers", {"body": BODY})
    assert refused.status_code == 403
    assert db.exec(select(Answer)).all() == []


def test_only_the_asker_accepts(
    client: Browser, db: Session, question: Question, answer: Answer, asker: User, answerer: User
) -> None:
    assert client.sign_in(answerer).post_form(f"/answers/{answer.id}/accept").status_code == 403
    assert client.sign_in(asker).post_form(f"/answers/{answer.id}/accept").status_code == 303
    db.refresh(question)
    assert question.accepted_answer_id == answer.id
    assert client.post_form(f"/answers/{answer.id}/accept/withdraw").status_code == 303
    db.refresh(question)
    assert question.accepted_answer_id is None


def test_staff_accept_for_an_asker_who_has_been_silent_for_a_week(
    client: Browser, db: Session, question: Question, answer: Answer, agent: User, clock: Clock
) -> None:
    client.sign_in(agent)
    assert client.post_form(f"/answers/{answer.id}/accept").status_code == 403
    clock.now += timedelta(days=7)
    assert client.post_form(f"/answers/{answer.id}/accept").status_code == 303
    db.refresh(question)
    assert question.accepted_by_id == agent.id


def test_staff_do_not_overrule_an_asker_who_has_decided(
    client: Browser, db: Session, question: Question, answer: Answer, asker: User, agent: User, clock: Clock
) -> None:
    other = make_answer(db, question=question)
    client.sign_in(asker).post_form(f"/answers/{answer.id}/accept")
    clock.now += timedelta(days=8)
    client.sign_in(agent)
    assert "Accept for the asker" not in client.get(f"/posts/{answer.id}", follow_redirects=True).text
    assert client.post_form(f"/answers/{other.id}/accept").status_code == 403
    db.refresh(question)
    assert question.accepted_answer_id == answer.id


def test_agents_mark_answers_as_official_and_members_cannot(
    client: Browser, db: Session, answer: Answer, agent: User, answerer: User
) -> None:
    assert client.sign_in(answerer).post_form(f"/answers/{answer.id}/official").status_code == 403
    assert client.sign_in(agent).post_form(f"/answers/{answer.id}/official").status_code == 303
    db.refresh(answer)
    assert answer.is_official
    assert client.post_form(f"/answers/{answer.id}/official/withdraw").status_code == 303
    db.refresh(answer)
    assert not answer.is_official


def test_the_author_edits_and_conflicts_are_held_back(
    client: Browser, db: Session, answer: Answer, answerer: User
) -> None:
    client.sign_in(answerer)
    assert BODY[:6] in client.get(f"/answers/{answer.id}/edit").text
    path = f"/answers/{answer.id}/edit"
    assert client.post_form(path, {"body": BODY, "base": 1, "summary": "clearer"}).status_code == 303
    held = client.post_form(path, {"body": "An older tab, an older text.", "base": 1})
    assert held.status_code == 409
    assert "An older tab, an older text." in held.text
    db.refresh(answer)
    assert answer.body == BODY


def test_strangers_are_sent_to_sign_in(client: Browser, answer: Answer) -> None:
    for path in ("edit", "accept", "accept/withdraw", "official", "official/withdraw"):
        sent = client.post_form(f"/answers/{answer.id}/{path}", {})
        assert sent.headers["location"].startswith("/signin"), path


def test_an_answer_of_a_removed_question_is_not_found(
    client: Browser, db: Session, question: Question, answer: Answer, moderator: User, now: datetime
) -> None:
    questions.remove(db, question=question, by=moderator, reason="Advertising.", now=now)
    client.sign_in(make_user(db))
    assert client.get(f"/posts/{answer.id}").status_code == 404
    assert client.get(f"/answers/{answer.id}/edit").status_code == 404
    assert client.post_form(f"/answers/{answer.id}/accept").status_code == 404
