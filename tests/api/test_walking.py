"""Pages of lists while rows arrive and move: whoever was there at the start comes exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from app.api import walking
from app.models import Question, User
from tests.api.conftest import Client
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING, Clock


def pages(api: Client, path: str, **query: Any) -> Iterator[list[Any]]:
    """Walk a list page after page by its Link headers."""
    answer = api("GET", path, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        document = answer.json()
        yield [row.get("id", row.get("slug", row.get("name", row.get("number")))) for row in document["data"]]
        if document["page"]["next"] is None:
            assert "link" not in answer.headers
            return
        answer = api("GET", answer.headers["link"].partition("<")[2].partition(">")[0])


@pytest.fixture
def author(db: Session) -> User:
    return make_user(db)


@pytest.fixture
def twelve(db: Session, author: User) -> list[Question]:
    """Questions of which every two share an instant; score, activity and heat are in three other orders."""
    return [
        make_question(
            db,
            author=author,
            created_at=MONDAY_MORNING + timedelta(minutes=number // 2),
            last_activity_at=MONDAY_MORNING + timedelta(minutes=number * 5 % 12),
            score=number * 7 % 12,
            hot=float(number * 11 % 12),
        )
        for number in range(12)
    ]


@pytest.mark.parametrize("sort", ["newest", "active", "votes", "hot"])
@pytest.mark.parametrize("ranked", [500, 5])
def test_a_walk_shows_each_row_of_the_start_once_whatever_moves(
    api: Client,
    db: Session,
    author: User,
    twelve: list[Question],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    sort: str,
    ranked: int,
) -> None:
    monkeypatch.setattr(walking, "RANKED", ranked)
    at_start = {question.id for question in twelve}
    first_order = [row["id"] for row in api.rows("/questions", sort=sort, limit=min(12, ranked))]
    clock.advance(minutes=30)
    seen: list[int] = []
    for step, page in enumerate(pages(api, "/questions", sort=sort, limit=2)):
        seen += page
        make_question(db, author=author, created_at=clock.advance(minutes=1), score=99, hot=99.0)
        moved = twelve[(step * 5) % 12]  # to the top, and another one to the end
        moved.last_activity_at, moved.score, moved.hot = clock.now, 50 + step, 50.0 + step
        sunk = twelve[(step * 5 + 3) % 12]
        sunk.score, sunk.hot = -50 - step, -50.0 - step
        db.add_all([moved, sunk])
        db.commit()
    assert len(seen) == len(set(seen))
    assert at_start <= set(seen)
    assert [number for number in seen if number in at_start][: len(first_order)] == first_order


def test_rows_that_leave_the_list_meanwhile_make_no_gap(
    api: Client, db: Session, twelve: list[Question], clock: Clock
) -> None:
    walk = pages(api, "/questions", sort="votes", limit=3)
    seen = next(walk)
    gone = [question for question in twelve if question.id not in seen][:4]
    for question in gone:
        question.removed_at, question.removal = clock.now, "hidden"
        db.add(question)
    db.commit()
    seen += [number for page in walk for number in page]
    assert sorted(seen) == sorted({question.id for question in twelve} - {question.id for question in gone})


def test_filters_hold_together(api: Client, db: Session, author: User, asker: User) -> None:
    brand = make_product(db, slug="x-line")
    line = make_product(db, slug="x1", parent=brand)
    wifi = make_tag(db, name="wifi", question_count=3)
    wanted = make_question(db, author=asker, product_id=line.id, tags=[wifi], answer_count=1)
    make_question(db, author=author, product_id=line.id, tags=[wifi], answer_count=1)
    make_question(db, author=asker, tags=[wifi], answer_count=1)
    make_question(db, author=asker, product_id=line.id, answer_count=1)
    make_question(db, author=asker, product_id=line.id, tags=[wifi])
    query = {"product": "x-line", "tag": "wifi", "author": "asker", "status": "answered"}
    for sort in ("newest", "active", "votes", "hot"):
        assert [row["id"] for row in api.rows("/questions", sort=sort, **query)] == [wanted.id]


def test_what_a_filter_names_must_exist(api: Client) -> None:
    for query in ({"product": "none"}, {"tag": "none"}, {"author": "nobody"}):
        assert api("GET", "/questions", params=query).status_code == 404


def test_every_other_list_is_walked_by_its_own_key(
    api: Client, as_member: Callable[..., Client], db: Session, asker: User, clock: Clock
) -> None:
    question = make_question(db, author=asker)
    answers = [make_answer(db, question=question).id for _ in range(5)]
    comments = [make_comment(db, post=question).id for _ in range(5)]
    slugs = [make_product(db).slug for _ in range(5)]
    tags = [make_tag(db, name=f"tag-{number}", question_count=1).name for number in range(5)]
    member = as_member(asker)
    for number in range(4):
        etag = member("GET", f"/questions/{question.id}").headers["etag"]
        change = {"title": f"Printer prints blank pages, part {number}", "tags": ["tag-0"]}
        edited = member("PATCH", f"/questions/{question.id}", change, {"If-Match": etag})
        assert edited.status_code == 200, edited.text
    lists: list[tuple[str, list[Any]]] = [
        (f"/questions/{question.id}/answers", answers),
        (f"/questions/{question.id}/comments", comments),
        (f"/questions/{question.id}/revisions", [5, 4, 3, 2, 1]),
        ("/products", slugs),
        ("/tags", tags),
    ]
    for path, expected in lists:
        found = list(pages(api, path, limit=2))
        assert [row for page in found for row in page] == expected, path
        assert [len(page) for page in found] == [2, 2, 1]


def test_search_results_are_walked_through_a_snapshot(
    api: Client, db: Session, author: User, drain: Callable[[Session], None], clock: Clock
) -> None:
    numbers = {make_question(db, author=author, title=f"Printer prints blank pages {n}").id for n in range(7)}
    drain(db)
    walk = (page for page in pages_of_search(api, q="printer blank", limit=3))
    seen = next(walk)
    make_question(db, author=author, title="Printer prints blank pages: printer blank, blank printer")
    drain(db)
    seen += [number for page in walk for number in page]
    assert sorted(seen) == sorted(numbers)


def pages_of_search(api: Client, **query: Any) -> Iterator[list[int]]:
    answer = api("GET", "/search", params=query).json()
    while True:
        yield [row["question"]["id"] for row in answer["data"]]
        if answer["page"]["next"] is None:
            return
        answer = api("GET", "/search", params={**query, "cursor": answer["page"]["next"]}).json()


@pytest.mark.parametrize("cursor", ["x", "eyJ9.abc", "é", "a" * 5_000])
def test_a_cursor_that_is_none_is_no_page(api: Client, cursor: str) -> None:
    answer = api("GET", "/questions", params={"cursor": cursor})
    assert answer.status_code == 404
    assert "cursor" in answer.json()["detail"]


def test_a_cursor_is_good_for_its_own_list_only(api: Client, db: Session, twelve: list[Question]) -> None:
    cursor = api("GET", "/questions", params={"limit": 2}).json()["page"]["next"]
    assert api("GET", "/questions", params={"sort": "votes", "cursor": cursor}).status_code == 404
    assert api("GET", "/tags", params={"cursor": cursor}).status_code == 404


def test_a_page_costs_as_many_queries_with_ten_rows_as_with_one(
    api: Client, twelve: list[Question], count_queries: Callable[[], Any]
) -> None:
    api.rows("/questions", limit=1)  # the first one also learns where the outbox ends
    costs = set()
    for sort in ("newest", "votes"):
        for limit in (2, 10):
            with count_queries() as queries:
                api.rows("/questions", sort=sort, limit=limit)
            costs.add((sort, len(queries)))
    assert len(costs) == 2, costs
    assert max(cost for _sort, cost in costs) <= 8
