"""Suggesting edits and reviewing them, in pages."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from app.models import Question, SuggestedEdit, User
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.suggestions import make_suggestion
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.support.browser import Browser


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    tag = make_tag(db, name="printing", question_count=1)
    return make_question(db, author=asker, title="Printer prints blank pages", tags=[tag])


@pytest.fixture
def suggestion(db: Session, question: Question, answerer: User) -> SuggestedEdit:
    return make_suggestion(db, post=question, author=answerer, body="It shows <error> 50 since the update.")


def test_an_edit_of_somebody_elses_post_is_handed_in(
    client: Browser, db: Session, question: Question, answerer: User
) -> None:
    fields = {
        "title": question.title,
        "body": "It shows error 49 since the update to version 1.2.",
        "tags": "printing",
        "summary": "Named the version",
        "base": "1",
    }
    sent = client.sign_in(answerer).post_form(f"/questions/{question.id}/edit", fields)
    assert sent.status_code == 303
    assert db.exec(select(SuggestedEdit.summary)).all() == ["Named the version"]
    assert client.get(f"/posts/{question.id}/suggestion").headers["location"].startswith("/suggestions/")


def test_a_review_shows_both_texts(client: Browser, suggestion: SuggestedEdit, asker: User) -> None:
    page = client.sign_in(asker).get(f"/suggestions/{suggestion.id}").text
    assert "<del>49</del>" in page
    assert "&lt;error&gt;" in page or "&lt;</ins>" in page
    assert f'action="/suggestions/{suggestion.id}/approve"' in page


def test_the_asker_approves(
    client: Browser, db: Session, question: Question, suggestion: SuggestedEdit, asker: User
) -> None:
    assert client.sign_in(asker).post_form(f"/suggestions/{suggestion.id}/approve").status_code == 303
    assert db.get_one(Question, question.id).body == suggestion.body
    assert "Approved and published" in client.get(f"/suggestions/{suggestion.id}").text
    late = client.post_form(f"/suggestions/{suggestion.id}/reject", {"reason": "Too late."})
    assert late.status_code == 409


def test_a_rejection_says_why_to_who_suggested_it(
    client: Browser, db: Session, suggestion: SuggestedEdit, asker: User, answerer: User
) -> None:
    client.sign_in(asker)
    refused = client.post_form(f"/suggestions/{suggestion.id}/reject", {"reason": " "})
    assert refused.status_code == 422
    assert "Say why" in refused.text
    assert db.get_one(SuggestedEdit, suggestion.id).decision == ""
    sent = client.post_form(f"/suggestions/{suggestion.id}/reject", {"reason": "It was <b>never</b> 50."})
    assert sent.status_code == 303
    page = client.sign_in(answerer).get(f"/suggestions/{suggestion.id}").text
    assert "It was &lt;b&gt;never&lt;/b&gt; 50." in page


def test_a_late_approval_says_that_the_post_changed(
    client: Browser, db: Session, question: Question, suggestion: SuggestedEdit, agent: User
) -> None:
    question.revision = 2
    db.add(question)
    db.commit()
    decided = client.sign_in(agent).post_form(f"/suggestions/{suggestion.id}/approve", follow_redirects=True)
    assert "Closed, as the post changed before anybody decided." in decided.text
    assert db.get_one(Question, question.id).body != suggestion.body


def test_who_suggested_sees_it_and_takes_it_back(
    client: Browser, db: Session, suggestion: SuggestedEdit, answerer: User
) -> None:
    suggestion_id = suggestion.id
    page = client.sign_in(answerer).get(f"/suggestions/{suggestion_id}").text
    assert "/approve" not in page
    assert client.post_form(f"/suggestions/{suggestion_id}/approve").status_code == 403
    assert client.post_form(f"/suggestions/{suggestion_id}/withdraw").status_code == 303
    assert client.get(f"/suggestions/{suggestion_id}").status_code == 404


def test_others_do_not_know_of_it(
    client: Browser, db: Session, question: Question, suggestion: SuggestedEdit
) -> None:
    client.sign_in(make_user(db))
    assert client.get(f"/suggestions/{suggestion.id}").status_code == 404
    for act in ("approve", "reject", "withdraw"):
        assert client.post_form(f"/suggestions/{suggestion.id}/{act}").status_code == 404
    assert client.get("/suggestions").status_code == 404
    assert client.get(f"/posts/{question.id}/suggestion").headers["location"] == f"/posts/{question.id}"
    client.sign_in(None)
    assert client.get(f"/suggestions/{suggestion.id}").headers["location"].startswith("/signin")


def test_members_who_may_edit_have_the_list(client: Browser, db: Session, question: Question) -> None:
    suggestion = make_suggestion(db, post=make_answer(db, question=question), summary="Fixed the menu's name")
    page = client.sign_in(make_user(db, reputation=1_000)).get("/suggestions").text
    assert "Fixed the menu&#39;s name" in page
    assert f"/suggestions/{suggestion.id}" in page
    assert 'href="/suggestions"' in client.get("/").text


def test_the_list_is_offered_to_nobody_else(client: Browser, db: Session) -> None:
    for member in (make_user(db, reputation=999), None):
        assert 'href="/suggestions"' not in client.sign_in(member).get("/").text
