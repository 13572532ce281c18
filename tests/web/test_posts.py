"""What questions and answers share: votes, history, removal, permanent address."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from app.models import Answer, Question, User
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser

FRAGMENT = {"X-Fragment": "1"}


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker)


@pytest.fixture
def answer(db: Session, question: Question, answerer: User) -> Answer:
    return make_answer(db, question=question, author=answerer)


def test_a_posts_own_address_leads_to_its_place(client: Browser, question: Question, answer: Answer) -> None:
    assert client.get(f"/posts/{question.id}").headers["location"].startswith(f"/questions/{question.id}/")
    assert client.get(f"/posts/{answer.id}").headers["location"].endswith(f"#answer-{answer.id}")
    assert client.get("/posts/999999").status_code == 404


def test_a_member_votes_changes_and_takes_back(
    client: Browser, db: Session, answer: Answer, asker: User
) -> None:
    client.sign_in(asker)
    for value, score in ((1, 1), (1, 1), (-1, -1), (0, 0)):
        assert client.post_form(f"/posts/{answer.id}/vote", {"value": value}).status_code == 303
        db.refresh(answer)
        assert answer.score == score


def test_a_script_gets_the_vote_buttons_alone(client: Browser, answer: Answer, asker: User) -> None:
    piece = client.sign_in(asker).post_form(f"/posts/{answer.id}/vote", {"value": 1}, headers=FRAGMENT)
    assert piece.status_code == 200
    assert "<html" not in piece.text
    assert 'aria-pressed="true"' in piece.text


def test_votes_on_ones_own_post_or_without_reputation_are_refused(
    client: Browser, db: Session, answer: Answer, answerer: User
) -> None:
    assert client.sign_in(answerer).post_form(f"/posts/{answer.id}/vote", {"value": 1}).status_code == 403
    newcomer = make_user(db, reputation=1)
    refused = client.sign_in(newcomer).post_form(f"/posts/{answer.id}/vote", {"value": 1}, headers=FRAGMENT)
    assert refused.status_code == 403
    assert "needs 5 reputation" in refused.json()["detail"]
    db.refresh(answer)
    assert answer.score == 0


@pytest.mark.parametrize("value", ["2", "-2", "up", "", "1e9"])
def test_a_vote_that_is_none_is_refused(
    client: Browser, db: Session, answer: Answer, asker: User, value: str
) -> None:
    assert client.sign_in(asker).post_form(f"/posts/{answer.id}/vote", {"value": value}).status_code == 422
    db.refresh(answer)
    assert answer.score == 0


def test_history_shows_changes_and_brings_a_revision_back(
    client: Browser, db: Session, answer: Answer, answerer: User
) -> None:
    client.sign_in(answerer)
    old = answer.body
    client.post_form(f"/answers/{answer.id}/edit", {"body": "Replace the toner cartridge.", "base": 1})
    page = client.get(f"/posts/{answer.id}/revisions").text
    assert "<del>" in page
    assert "<ins>" in page
    restored = client.post_form(f"/posts/{answer.id}/revisions/restore", {"to": 1, "base": 2})
    assert restored.status_code == 303
    db.refresh(answer)
    assert answer.body == old
    assert answer.revision == 3


def test_an_author_deletes_and_restores_their_own(
    client: Browser, db: Session, answer: Answer, answerer: User
) -> None:
    client.sign_in(answerer)
    assert client.get(f"/posts/{answer.id}/delete").status_code == 200
    assert client.post_form(f"/posts/{answer.id}/delete").status_code == 303
    db.refresh(answer)
    assert answer.removal == "deleted"
    assert client.sign_in(None).get(f"/posts/{answer.id}").status_code == 404
    assert client.sign_in(answerer).post_form(f"/posts/{answer.id}/restore").status_code == 303
    db.refresh(answer)
    assert not answer.is_removed


@pytest.mark.parametrize("kind", ["question", "answer"])
def test_the_author_of_a_hidden_post_reads_why(
    client: Browser, db: Session, asker: User, moderator: User, kind: str
) -> None:
    question = make_question(db, author=asker, title="Whose number is this?")
    post = question if kind == "question" else make_answer(db, question=question, author=asker)
    address = f"/questions/{question.id}/whose-number-is-this"
    form = client.sign_in(moderator).get(f"/posts/{post.id}/hide").text
    assert "The author and the log will show it." in form
    client.post_form(f"/posts/{post.id}/hide", {"reason": "hidden", "note": "Names a person."})
    assert "Names a person." in client.sign_in(asker).get(address).text
    client.sign_in(moderator).post_form(f"/posts/{post.id}/restore")
    assert "Names a person." not in client.get(address).text


def test_nobody_deletes_the_post_of_another_and_only_staff_hide(
    client: Browser, db: Session, answer: Answer, asker: User, moderator: User
) -> None:
    client.sign_in(asker)
    assert client.post_form(f"/posts/{answer.id}/delete").status_code == 404
    assert client.get(f"/posts/{answer.id}/hide").status_code == 404
    assert client.post_form(f"/posts/{answer.id}/hide", {"reason": "hidden", "note": "x"}).status_code == 404
    client.sign_in(moderator)
    unexplained = client.post_form(f"/posts/{answer.id}/hide", {"reason": "hidden", "note": ""})
    assert unexplained.status_code == 422
    hidden = client.post_form(f"/posts/{answer.id}/hide", {"reason": "hidden", "note": "Advertising."})
    assert hidden.status_code == 303
    db.refresh(answer)
    assert answer.removal == "hidden"


def test_an_author_cannot_restore_what_staff_hid(
    client: Browser, answer: Answer, answerer: User, moderator: User
) -> None:
    client.sign_in(moderator).post_form(
        f"/posts/{answer.id}/hide", {"reason": "spam", "note": "Advertising."}
    )
    assert client.sign_in(answerer).post_form(f"/posts/{answer.id}/restore").status_code == 403


def test_strangers_are_sent_to_sign_in(client: Browser, answer: Answer) -> None:
    for path in ("vote", "delete", "hide", "restore", "revisions/restore", "comments"):
        sent = client.post_form(f"/posts/{answer.id}/{path}", {"value": 1})
        assert sent.headers["location"].startswith("/signin"), path
