from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import Session

from app.core.gate import Gate
from app.domain import answers, questions
from app.models import Question, User
from app.settings import Settings
from app.web.finished import sharing
from tests.factories.products import make_product
from tests.support import indexing

NEVER_KEPT = {"Cookie": "pd_flash=what-nobody-signed"}


@pytest.fixture
def question(db: Session, asker: User, now: datetime, settings: Settings) -> Question:
    product = make_product(db, name="Quill 3", slug="quill-3")
    asked = questions.ask(
        db,
        author=asker,
        title="Quill prints <blank> pages with error 0x80070057",
        body="Since the update each second page stays blank.",
        tags="printing, update",
        product_id=product.id,
        environment={},
        now=now,
    )
    indexing.catch_up(db, settings, now=now)
    return asked


def test_the_page_without_a_query_tells_what_can_be_typed(client: Any) -> None:
    page = client.get("/search")
    assert page.status_code == 200
    assert "is:solved" in page.text


@pytest.mark.usefixtures("question")
def test_a_result_shows_its_title_and_passage_with_marks(client: Any) -> None:
    page = client.get("/search", params={"q": "blank pages"})
    assert "<mark>pages</mark>" in page.text
    assert "&lt;<mark>blank</mark>&gt;" in page.text
    assert "1 result" in page.text


@pytest.mark.usefixtures("question")
def test_facets_narrow_down_and_can_be_taken_back(client: Any) -> None:
    page = client.get("/search", params={"q": "blank"})
    assert "/search?q=blank%20tag%3Aupdate" in page.text
    assert "Quill 3" in page.text
    narrowed = client.get("/search", params={"q": "blank tag:update"})
    assert 'href="/search?q=blank" aria-current="true"' in narrowed.text


@pytest.mark.usefixtures("question")
def test_a_wrong_operator_is_explained(client: Any) -> None:
    page = client.get("/search", params={"q": "blank score:many"})
    assert page.status_code == 200
    assert "takes a number" in page.text


@pytest.mark.usefixtures("question")
def test_no_results_offer_to_ask_with_the_words_filled_in(client: Any) -> None:
    page = client.get("/search", params={"q": "flying carpet"})
    assert "/ask?title=flying%20carpet" in page.text


@pytest.mark.usefixtures("question")
def test_a_slip_gets_a_suggestion(
    client: Any, db: Session, asker: User, now: datetime, settings: Settings
) -> None:
    questions.ask(
        db,
        author=asker,
        title="Another printer that prints blank sheets",
        body="It happens every time I switch it on.",
        tags="printing",
        product_id=None,
        environment={},
        now=now,
    )
    indexing.catch_up(db, settings, now=now)
    page = client.get("/search", params={"q": "blamk"})
    assert '<a href="/search?q=blank">' in page.text


def test_suggestions_name_products_questions_and_tags(client: Any, question: Question) -> None:
    suggestions = client.get("/search/suggest", params={"q": "quill pri"}).json()["suggestions"]
    assert [each["text"] for each in suggestions] == [question.title]
    assert suggestions[0]["href"].startswith(f"/questions/{question.id}/")
    assert {
        each["hint"] for each in client.get("/search/suggest", params={"q": "qu"}).json()["suggestions"]
    } == {
        "Product",
        "Unanswered",
    }
    assert client.get("/search/suggest", params={"q": "upda"}).json()["suggestions"][-1]["hint"] == "Tag"


def test_the_search_page_asks_the_database_alike_for_one_and_ten_results(
    client: Any,
    db: Session,
    question: Question,
    answerer: User,
    now: datetime,
    settings: Settings,
    count_queries: Callable[[], Any],
) -> None:
    with count_queries() as for_one:
        client.get("/search", params={"q": "blank"}, headers=NEVER_KEPT)
    for number in range(9):
        more = questions.ask(
            db,
            author=answerer,
            title=f"Printer number {number} prints blank pages",
            body="It happens every time I switch it on.",
            tags="printing",
            product_id=None,
            environment={},
            now=now,
        )
        answers.post(db, question=more, author=answerer, body="Have you tried the blank test page?", now=now)
    indexing.catch_up(db, settings, now=now)
    with count_queries() as for_ten:
        page = client.get("/search", params={"q": "blank"}, headers=NEVER_KEPT)
    assert "10 results" in page.text
    assert len(for_ten) == len(for_one)


PIECES = (
    "blank", "prints", '"', "-", ":", "tag:", "[", "]", "*", "~2", "?", "(", ")", " AND ", " OR ", "score:>",
    "created:", "is:", "user:", "os:", "sort:", "..", "0x", "\u202e", "é", "日本", "\U0001f600", "'", "\\", "%", "{{",
)  # fmt: skip
TYPED = st.characters(codec="utf-8", exclude_characters="\x00")  # no NUL: the whole site refuses it
HOSTILE = st.text(TYPED, max_size=400) | st.lists(st.sampled_from(PIECES), max_size=120).map("".join)


@pytest.mark.usefixtures("question")
@given(text=HOSTILE, sort=st.sampled_from(["", "newest", "votes", "nonsense"]))
@example(text="*a* b~9 (c AND d) OR e", sort="")
@example(text="a " * 150, sort="")
@example(text='"the the the" "of of" "in a"', sort="")
@example(text="z" * 1_999, sort="votes")
@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
def test_any_text_gets_an_answer_and_never_an_error(client: Any, text: str, sort: str) -> None:
    assert client.get("/search", params={"q": text, "sort": sort}).status_code == 200
    assert client.get("/search/suggest", params={"q": text}).status_code == 200


def test_the_help_page_lists_the_operators(client: Any) -> None:
    page = client.get("/help/search")
    assert page.status_code == 200
    assert "created:2026-01..2026-03" in page.text


def test_related_questions_are_left_out_while_others_wait(
    client: Any,
    db: Session,
    question: Question,
    asker: User,
    settings: Settings,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    title = "Quill prints blank pages since the update with error 0x80070057"
    asking: Any = {"body": question.body, "tags": "printing", "product_id": None, "environment": {}}
    questions.ask(db, author=asker, title=title, now=now, **asking)
    indexing.catch_up(db, settings, now=now)
    address = client.get(f"/posts/{question.id}").headers["location"]
    monkeypatch.setattr(sharing, "UNFINISHED_LASTS", timedelta(0))
    with monkeypatch.context() as crowd:
        crowd.setattr(Gate, "others_wait", lambda _: True)
        assert "Related questions" not in client.get(address).text
    assert "Related questions" in client.get(address).text
    with monkeypatch.context() as crowd:  # they are known now
        crowd.setattr(Gate, "others_wait", lambda _: True)
        assert "Related questions" in client.get(address, headers=NEVER_KEPT).text
