"""Home, products, tags and help, as strangers see them."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session

from app.domain import catalog, questions, reputation
from app.models import Product, Question, User
from tests.factories.products import make_product
from tests.factories.tags import make_tag
from tests.support.browser import Browser


@pytest.fixture
def model(db: Session) -> Product:
    brand = make_product(db, slug="papyra")
    return make_product(db, slug="folio", parent=brand)


@pytest.fixture
def question(db: Session, model: Product, asker: User, now: datetime) -> Question:
    return questions.ask(
        db,
        author=asker,
        title="It shows error 49 after every restart",
        body="It worked before the update; a restart did not help.",
        tags="printing",
        product_id=model.id,
        environment={},
        now=now,
    )


@pytest.mark.parametrize("path", ["/", "/questions", "/products/papyra", "/products/folio", "/tags/printing"])
def test_a_question_shows_on_home_and_under_its_products_and_tags(
    client: Browser, question: Question, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert question.title in answer.text


@pytest.mark.parametrize("path", ["/", "/questions", "/products/papyra", "/products/folio"])
def test_a_removed_question_shows_nowhere_and_counts_nowhere(
    client: Browser, db: Session, question: Question, moderator: User, now: datetime, path: str
) -> None:
    questions.remove(db, question=question, by=moderator, reason="Advertising.", now=now)
    answer = client.get(path)
    assert answer.status_code == 200
    assert question.title not in answer.text
    assert "1 question" not in answer.text
    assert client.get("/tags/printing").status_code == 404  # what it alone called itself went with it


def test_products_count_what_is_below_them(client: Browser, question: Question) -> None:
    assert "1 question" in client.get("/products/papyra").text


def test_unknown_products_and_tags_are_not_found(client: Browser) -> None:
    assert client.get("/products/unknown").status_code == 404
    assert client.get("/tags/unknown").status_code == 404


def test_a_synonym_leads_to_the_tag_it_stands_for(
    client: Browser, db: Session, question: Question, admin: User, now: datetime
) -> None:
    wlan = make_tag(db, name="wlan")
    catalog.merge_tag(db, tag=wlan, into=catalog.tag_by_name(db, "printing"), by=admin, now=now)
    answer = client.get("/tags/wlan")
    assert answer.status_code == 301
    assert answer.headers["location"] == "/tags/printing"


def test_tags_are_found_by_their_beginning(client: Browser, question: Question) -> None:
    assert "printing" in client.get("/tags?find=pri").text
    assert "/tags/printing" not in client.get("/tags?find=xyz").text


def test_products_are_found_by_a_part_of_their_name(client: Browser, model: Product) -> None:
    assert model.name in client.get("/products?find=oli").text
    assert f"/products/{model.slug}" not in client.get("/products?find=xyz").text


def test_help_publishes_the_formula_and_the_privileges_that_the_code_goes_by(client: Browser) -> None:
    formula = client.get("/help/reputation").text
    for points in reputation.POINTS.values():
        assert str(abs(points)) in formula
    table = client.get("/help/privileges").text
    for privilege in reputation.PRIVILEGES:
        assert privilege.title in table


@pytest.mark.parametrize(
    "page",
    ["", "/asking", "/markdown", "/privacy", "/reputation", "/privileges", "/search", "/queue", "/leading"],
)
def test_every_help_page_opens(client: Browser, page: str) -> None:
    assert client.get(f"/help{page}").status_code == 200
