"""What strangers are told is kept, is dropped when it is no longer true, and holds nothing of anybody's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session

from app.domain import answers, catalog, questions, votes
from app.models import User
from tests.api.conftest import Client
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.support.clock import Clock

LISTS = ("/questions", "/questions?sort=votes", "/questions?sort=active&limit=2")


@pytest.fixture
def question_id(db: Session, asker: User) -> int:
    return make_question(db, author=asker).id


def test_what_is_kept_costs_one_look_at_the_outbox(
    api: Client, db: Session, question_id: int, count_queries: Callable[[], Any]
) -> None:
    product, tag = make_product(db), make_tag(db, name="wifi", question_count=1)
    shelves = ("/products", f"/products/{product.slug}", "/tags", f"/tags/{tag.name}")
    for path in (*LISTS, f"/questions/{question_id}", f"/questions/{question_id}/answers", *shelves):
        first = api("GET", path)
        with count_queries() as queries:
            again = api("GET", path)
        assert again.content == first.content
        assert {name: again.headers.get(name) for name in ("etag", "link", "vary", "content-type")} == {
            name: first.headers.get(name) for name in ("etag", "link", "vary", "content-type")
        }
        assert "ratelimit" in again.headers
        assert len(queries) <= 2
        assert api("GET", path, headers={"If-None-Match": first.headers["etag"]}).status_code == 304


def test_every_change_shows_at_once(
    api: Client, db: Session, question_id: int, asker: User, answerer: User, moderator: User, clock: Clock
) -> None:
    path = f"/questions/{question_id}"
    question = questions.visible(db, viewer=None, question_id=question_id)

    def shown() -> tuple[Any, Any, Any]:
        document = api("GET", path).json()
        listed = api.rows("/questions")[0]
        return document["score"], listed["answer_count"], len(api.rows(f"{path}/answers"))

    assert shown() == (0, 0, 0)
    votes.cast(db, post=question, by=answerer, value=1, now=clock.now)
    assert shown() == (1, 0, 0)
    answer = answers.post(
        db, question=question, author=answerer, body="Reset the mixer, please.", now=clock.now
    )
    assert shown() == (1, 1, 1)
    answers.remove(db, answer=answer, by=moderator, reason="Wrong.", now=clock.now)
    assert shown() == (1, 0, 0)
    questions.remove(db, question=question, by=moderator, reason="Spam.", now=clock.now)
    assert api("GET", path).status_code == 404
    assert api.rows("/questions") == []


def test_a_product_that_is_renamed_is_shown_so_at_once(
    api: Client, db: Session, admin: User, clock: Clock
) -> None:
    product = make_product(db, name="Aerie 14")
    path = f"/products/{product.slug}"
    assert (api("GET", path).json()["name"], api.rows("/products")[0]["name"]) == ("Aerie 14", "Aerie 14")
    catalog.change_product(
        db, product=product, name="Aerie 14 S", description="", is_retired=False, by=admin, now=clock.now
    )
    assert (api("GET", path).json()["name"], api.rows("/products")[0]["name"]) == ("Aerie 14 S", "Aerie 14 S")


def test_a_members_answer_is_never_kept_nor_a_strangers_given_to_a_member(
    api: Client, as_member: Callable[..., Client], question_id: int, asker: User
) -> None:
    path = f"/questions/{question_id}"
    member = as_member(asker)
    assert member("GET", path).json()["viewer"] is not None
    assert api("GET", path).json()["viewer"] is None
    assert member("GET", path).json()["viewer"] is not None
    browser = api.browser.sign_in(asker)
    assert browser.get(f"/api/v1{path}").json()["viewer"] is not None


def test_a_page_of_another_site_is_let_in_by_its_own_origin(api: Client, app: Any, question_id: int) -> None:
    shops = ("https://one.example", "https://two.example")
    app.state.settings = app.state.settings.model_copy(update={"embed_origins": shops})
    for origin in (*shops, *shops):
        answer = api("GET", f"/questions/{question_id}", headers={"Origin": origin})
        assert answer.headers["access-control-allow-origin"] == origin
    assert "access-control-allow-origin" not in api("GET", f"/questions/{question_id}").headers
