"""Flagging posts and comments."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, select

from app.models import Comment, Flag, Question, User
from tests.factories.comments import make_comment
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker, title="Buy cheap <toner>")


@pytest.fixture
def comment(db: Session, question: Question) -> Comment:
    return make_comment(db, post=question, body_html="<p>Buy it here.</p>")


def test_a_stranger_is_sent_to_sign_in(client: Browser, question: Question) -> None:
    assert client.get(f"/posts/{question.id}/flag").headers["location"].startswith("/signin")


def test_a_member_flags_a_post(client: Browser, db: Session, question: Question, answerer: User) -> None:
    form = client.sign_in(answerer).get(f"/posts/{question.id}/flag")
    assert "Buy cheap &lt;toner&gt;" in form.text
    assert "does not answer" not in form.text
    sent = client.post_form(f"/posts/{question.id}/flag", {"reason": "spam"})
    assert sent.headers["location"] == f"/posts/{question.id}"
    assert db.exec(select(Flag.reason)).all() == ["spam"]
    assert client.post_form(f"/posts/{question.id}/flag", {"reason": "spam"}).status_code == 409


def test_a_member_flags_a_comment(client: Browser, db: Session, comment: Comment, answerer: User) -> None:
    assert "Buy it here." in client.sign_in(answerer).get(f"/comments/{comment.id}/flag").text
    fields = {"reason": "other", "note": "It is an advertisement."}
    assert client.post_form(f"/comments/{comment.id}/flag", fields).status_code == 303
    assert db.exec(select(Flag.comment_id, Flag.note)).all() == [(comment.id, "It is an advertisement.")]


def test_what_was_typed_is_shown_again(
    client: Browser, db: Session, question: Question, answerer: User
) -> None:
    fields = {"reason": "nothing", "note": "It is an advertisement."}
    refused = client.sign_in(answerer).post_form(f"/posts/{question.id}/flag", fields)
    assert refused.status_code == 422
    assert "It is an advertisement." in refused.text
    assert db.exec(select(Flag)).all() == []


def test_newcomers_and_authors_do_not_flag(
    client: Browser, db: Session, question: Question, asker: User
) -> None:
    for member in (make_user(db, reputation=1), asker):
        client.sign_in(member)
        assert client.get(f"/posts/{question.id}/flag").status_code == 403
        assert client.post_form(f"/posts/{question.id}/flag", {"reason": "spam"}).status_code == 403
    assert db.exec(select(Flag)).all() == []


def test_what_one_may_not_see_one_does_not_flag(client: Browser, db: Session, answerer: User) -> None:
    gone: dict[str, Any] = {"removed_at": answerer.created_at, "removal": "hidden"}
    hidden = make_question(db, **gone)
    comment = make_comment(db, post=make_question(db), **gone)
    client.sign_in(answerer)
    assert client.get(f"/posts/{hidden.id}/flag").status_code == 404
    assert client.post_form(f"/comments/{comment.id}/flag", {"reason": "spam"}).status_code == 404
