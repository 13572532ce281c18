from __future__ import annotations

import pytest
from sqlmodel import Session, select

from app.models import Draft, User
from tests.factories.questions import make_question
from tests.support.browser import Browser


def test_a_draft_is_restored_in_its_form(client: Browser, db: Session, asker: User) -> None:
    client.sign_in(asker)
    fields = {"product": "none", "title": "Half a title", "body": "Half a <text>"}
    assert client.post_form("/drafts/ask", fields).status_code == 204
    page = client.get("/ask").text
    assert "Half a title" in page
    assert "Half a &lt;text&gt;" in page


def test_a_draft_of_an_answer_belongs_to_its_question(client: Browser, db: Session, answerer: User) -> None:
    one, other = make_question(db), make_question(db)
    client.sign_in(answerer)
    client.post_form(f"/drafts/answer:{one.id}", {"body": "Have you tried turning it off"})
    assert "Have you tried" in client.get(f"/questions/{one.id}", follow_redirects=True).text
    assert "Have you tried" not in client.get(f"/questions/{other.id}", follow_redirects=True).text


def test_a_draft_is_its_authors_alone(
    client: Browser, db: Session, asker: User, answerer: User, moderator: User
) -> None:
    question = make_question(db)
    client.sign_in(answerer).post_form(f"/drafts/answer:{question.id}", {"body": "secret-canary"})
    for other in (asker, moderator, None):
        page = client.sign_in(other).get(f"/questions/{question.id}", follow_redirects=True)
        assert page.status_code == 200
        assert "secret-canary" not in page.text
    client.sign_in(asker).post_form(f"/drafts/answer:{question.id}", {"body": "another"})
    assert {draft.fields["body"] for draft in db.exec(select(Draft))} == {"secret-canary", "another"}


def test_a_draft_is_gone_once_it_is_posted(client: Browser, db: Session, answerer: User) -> None:
    question = make_question(db)
    client.sign_in(answerer)
    client.post_form(f"/drafts/answer:{question.id}", {"body": "Hold the power button for ten seconds."})
    client.post_form(f"/questions/{question.id}/answers", {"body": "Hold the power button for ten seconds."})
    assert db.exec(select(Draft)).all() == []


def test_an_emptied_form_leaves_no_draft(client: Browser, db: Session, asker: User) -> None:
    client.sign_in(asker)
    client.post_form("/drafts/ask", {"title": "Half a title"})
    client.post_form("/drafts/ask", {"title": " ", "body": ""})
    assert db.exec(select(Draft)).all() == []


def test_a_stranger_keeps_no_draft(client: Browser, db: Session) -> None:
    assert client.post_form("/drafts/ask", {"title": "x"}, headers={"X-Fragment": "1"}).status_code == 401
    assert db.exec(select(Draft)).all() == []


@pytest.mark.parametrize("key", ["other", "answer:x", "answer:", "ask%20", "ask%0A", "answer:" + "9" * 30])
def test_there_are_drafts_of_our_forms_only(client: Browser, asker: User, key: str) -> None:
    client.sign_in(asker)
    assert client.post_form(f"/drafts/{key}", {"title": "x"}, headers={"X-Fragment": "1"}).status_code == 422


def test_a_draft_is_no_store_for_files(client: Browser, asker: User) -> None:
    client.sign_in(asker)
    assert client.post_form("/drafts/ask", {"body": "x" * 40_001}).status_code == 422
