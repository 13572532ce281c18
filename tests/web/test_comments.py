"""Comments: post, edit, delete, restore."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from app.domain import comments
from app.models import Comment, Question, User
from tests.factories.comments import make_comment
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock
from tests.support.structure import misnamed

BODY = "Which firmware does it have?"


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker)


def commented(client: Browser, db: Session, question: Question, author: User) -> Comment:
    sent = client.sign_in(author).post_form(f"/posts/{question.id}/comments", {"body": BODY})
    assert sent.status_code == 303
    return db.exec(select(Comment)).one()


def test_a_member_comments_and_lands_on_the_comment(
    client: Browser, db: Session, question: Question, answerer: User
) -> None:
    comment = commented(client, db, question, answerer)
    landed = client.get(f"/posts/{question.id}?comment={comment.id}")
    assert landed.headers["location"].endswith(f"#comment-{comment.id}")
    assert BODY in client.get(landed.headers["location"]).text


def test_a_comment_that_is_sent_twice_is_posted_once(
    client: Browser, db: Session, question: Question, answerer: User, now: datetime
) -> None:
    comment = commented(client, db, question, answerer)
    assert commented(client, db, question, answerer).id == comment.id
    comments.remove(db, comment=comment, by=answerer, now=now)
    client.post_form(f"/posts/{question.id}/comments", {"body": BODY})
    assert len(db.exec(select(Comment)).all()) == 2


def test_the_same_words_later_are_another_comment(
    client: Browser, db: Session, question: Question, asker: User, clock: Clock
) -> None:
    commented(client, db, question, asker)
    clock.advance(minutes=11)
    client.post_form(f"/posts/{question.id}/comments", {"body": BODY})
    assert len(db.exec(select(Comment)).all()) == 2


def test_the_link_to_a_comment_leads_to_nothing_else(
    client: Browser, db: Session, question: Question, asker: User
) -> None:
    make_comment(db, post=question, id=question.id)
    client.sign_in(asker)
    address = client.get(f"/posts/{question.id}").headers["location"]
    assert misnamed(client.get(address).text) == []


def test_a_newcomer_comments_in_their_own_thread_only(
    client: Browser, db: Session, question: Question
) -> None:
    newcomer = make_user(db, reputation=1)
    refused = client.sign_in(newcomer).post_form(f"/posts/{question.id}/comments", {"body": BODY})
    assert refused.status_code == 403
    assert BODY in refused.text
    own = make_question(db, author=newcomer)
    assert client.post_form(f"/posts/{own.id}/comments", {"body": BODY}).status_code == 303


def test_a_refused_comment_is_shown_again(client: Browser, question: Question, answerer: User) -> None:
    refused = client.sign_in(answerer).post_form(f"/posts/{question.id}/comments", {"body": "Huh?"})
    assert refused.status_code == 422
    assert "Huh?" in refused.text


def test_an_author_edits_for_a_quarter_of_an_hour(
    client: Browser, db: Session, question: Question, answerer: User, clock: Clock
) -> None:
    comment = commented(client, db, question, answerer)
    assert BODY in client.get(f"/comments/{comment.id}/edit").text
    changed = {"body": "Which firmware and which driver?"}
    assert client.post_form(f"/comments/{comment.id}/edit", changed).status_code == 303
    clock.now += timedelta(minutes=16)
    assert client.post_form(f"/comments/{comment.id}/edit", {"body": BODY}).status_code == 403
    db.refresh(comment)
    assert comment.body == "Which firmware and which driver?"


def test_the_page_leads_to_what_may_be_done_with_a_comment_now(
    client: Browser, db: Session, question: Question, answerer: User, clock: Clock
) -> None:
    comment = commented(client, db, question, answerer)
    edit, delete, flag = (f"/comments/{comment.id}/{act}" for act in ("edit", "delete", "flag"))

    def led_to(member: User) -> list[str]:
        shown = client.sign_in(member).get(f"/questions/{question.id}", follow_redirects=True).text
        return [address for address in (edit, delete, flag) if f'href="{address}"' in shown]

    other, agent = make_user(db), make_user(db, support_role="agent")
    assert led_to(answerer) == [edit]
    clock.now += timedelta(minutes=16)
    assert led_to(answerer) == [delete]
    assert led_to(agent) == [delete]
    assert led_to(other) == [flag]


def test_nobody_edits_or_deletes_the_comment_of_another(
    client: Browser, db: Session, question: Question, answerer: User
) -> None:
    comment = commented(client, db, question, answerer)
    client.sign_in(make_user(db))
    assert client.get(f"/comments/{comment.id}/edit").status_code == 403
    assert client.post_form(f"/comments/{comment.id}/edit", {"body": BODY}).status_code == 403
    assert client.get(f"/comments/{comment.id}/delete").status_code == 403
    assert client.post_form(f"/comments/{comment.id}/delete").status_code == 403


def test_a_deleted_comment_is_gone_for_others_and_comes_back(
    client: Browser, db: Session, question: Question, answerer: User
) -> None:
    comment = commented(client, db, question, answerer)
    page = f"/questions/{question.id}"
    assert client.post_form(f"/comments/{comment.id}/delete").status_code == 303
    assert BODY not in client.sign_in(None).get(page, follow_redirects=True).text
    other = make_user(db)
    assert client.sign_in(other).post_form(f"/comments/{comment.id}/restore").status_code == 404
    assert client.sign_in(answerer).post_form(f"/comments/{comment.id}/restore").status_code == 303
    assert BODY in client.sign_in(None).get(page, follow_redirects=True).text
