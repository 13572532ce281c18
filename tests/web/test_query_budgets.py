"""A page asks the database as often for thirty rows as for one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlmodel import Session

from app.models import Product, Question, Tag, User
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.factories.votes import make_vote
from tests.support.browser import Browser
from tests.support.queries import Queries

CountQueries = Callable[[], AbstractContextManager[Queries]]
MANY = 30


@pytest.fixture
def asker(db: Session) -> User:
    return make_user(db, handle="asker")


@pytest.fixture
def product(db: Session) -> Product:
    return make_product(db, slug="aerie", parent=make_product(db, parent=make_product(db)))


@pytest.fixture
def tag(db: Session) -> Tag:
    return make_tag(db, name="wifi", question_count=1)


@pytest.mark.parametrize("as_member", [False, True], ids=["stranger", "member"])
def test_a_question_page_costs_the_same_with_many_answers(
    db: Session, client: Browser, count_queries: CountQueries, asker: User, product: Product, as_member: bool
) -> None:
    question = make_question(db, author=asker, product_id=product.id)
    client.sign_in(make_user(db) if as_member else None)
    authors = [make_user(db), make_user(db)]
    add_answer(db, question, authors)
    address = f"/questions/{question.id}/printer-prints-blank-pages"
    with_one = cost(client, address, count_queries)
    for _ in range(MANY):
        add_answer(db, question, authors)
    assert cost(client, address, count_queries) == with_one
    assert with_one <= 20


@pytest.mark.parametrize("as_member", [False, True], ids=["stranger", "member"])
@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/questions",
        "/questions?sort=hot",
        "/questions?sort=unanswered",
        "/products/aerie",
        "/tags/wifi",
        "/users/asker",
        "/users/asker?tab=questions",
        "/users",
        "/tags",
        "/products",
    ],
)
def test_a_list_costs_the_same_with_many_rows(
    db: Session,
    client: Browser,
    count_queries: CountQueries,
    asker: User,
    product: Product,
    tag: Tag,
    address: str,
    as_member: bool,
) -> None:
    client.sign_in(make_user(db) if as_member else None)
    add_question(db, asker, product, tag)
    with_one = cost(client, address, count_queries)
    for _ in range(MANY):
        add_question(db, asker, product, tag)
    another = make_tag(db, question_count=1)
    add_question(db, make_user(db), product, another)
    assert cost(client, address, count_queries) == with_one
    assert with_one <= 16


def add_answer(db: Session, question: Question, authors: list[User]) -> None:
    answer = make_answer(db, question=question, author=authors[0])
    make_vote(db, post=answer, user=authors[1])
    make_comment(db, post=answer, author=authors[1])
    authors.reverse()


def add_question(db: Session, author: User, product: Product, tag: Tag) -> None:
    question = make_question(db, author=author, tags=[tag], product_id=product.id)
    make_answer(db, question=question, author=author)


def cost(client: Browser, address: str, count_queries: CountQueries) -> int:
    """Return how many queries a visit takes; the first one may fill caches of the process."""
    client.get(address)
    with count_queries() as queries:
        response = client.get(address)
    assert response.status_code == 200
    return len(queries)
