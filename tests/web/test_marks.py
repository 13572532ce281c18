"""A member's marks: "I have this problem too", and follow."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from app.domain import follows
from app.models import Product, Question, Tag, User
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.support.browser import Browser

FRAGMENT = {"X-Fragment": "1"}


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker)


def test_saying_me_too_counts_once_and_follows(
    client: Browser, db: Session, question: Question, answerer: User
) -> None:
    client.sign_in(answerer)
    for _time in range(2):
        assert client.post_form(f"/questions/{question.id}/me-too").status_code == 303
    db.refresh(question)
    assert question.me_too_count == 1
    assert follows.follows(db, answerer, question)
    assert client.post_form(f"/questions/{question.id}/me-too/withdraw").status_code == 303
    db.refresh(question)
    assert question.me_too_count == 0


def test_askers_do_not_have_their_own_problem_too(client: Browser, question: Question, asker: User) -> None:
    assert client.sign_in(asker).post_form(f"/questions/{question.id}/me-too").status_code == 403


def test_a_script_gets_the_button_in_its_new_state(
    client: Browser, question: Question, answerer: User
) -> None:
    client.sign_in(answerer)
    piece = client.post_form(f"/questions/{question.id}/me-too", headers=FRAGMENT).text
    assert "<html" not in piece
    assert f"/questions/{question.id}/me-too/withdraw" in piece
    piece = client.post_form(f"/questions/{question.id}/follow", headers=FRAGMENT).text
    assert "Following" in piece


def test_questions_tags_products_and_members_are_followed_and_left(
    client: Browser, db: Session, question: Question, asker: User, answerer: User
) -> None:
    tag, product = make_tag(db, name="c++", question_count=1), make_product(db)
    client.sign_in(answerer)
    subjects: dict[str, Question | Tag | Product | User] = {
        f"/questions/{question.id}": question,
        "/tags/c%2B%2B": tag,
        f"/products/{product.slug}": product,
        f"/users/{asker.handle}": asker,
    }
    for path, subject in subjects.items():
        assert client.post_form(f"{path}/follow").status_code == 303
        assert follows.follows(db, answerer, subject), path
        assert client.post_form(f"{path}/follow/withdraw").status_code == 303
        assert not follows.follows(db, answerer, subject), path


def test_what_does_not_exist_cannot_be_followed(client: Browser, answerer: User) -> None:
    client.sign_in(answerer)
    for path in ("/questions/9999", "/tags/nothing", "/products/nothing", "/users/nobody"):
        assert client.post_form(f"{path}/follow").status_code == 404
