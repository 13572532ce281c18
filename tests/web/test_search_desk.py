from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session

from app.domain import questions
from app.models import Question, User
from app.settings import Settings
from tests.support import indexing


@pytest.fixture
def question(db: Session, asker: User, now: datetime, settings: Settings) -> Question:
    asked = questions.ask(
        db,
        author=asker,
        title="The wlan of my laptop drops every hour",
        body="Since the update it happens all the time.",
        tags="network",
        product_id=None,
        environment={},
        now=now,
    )
    indexing.catch_up(db, settings, now=now)
    return asked


def test_strangers_and_members_find_no_desk(client: Any, asker: User) -> None:
    assert client.get("/desk/search").status_code == 404
    assert client.sign_in(asker).get("/desk/search").status_code == 404
    assert client.post_form("/desk/search/synonyms", {"words": "a, b"}).status_code == 404


@pytest.mark.usefixtures("question")
def test_searches_are_counted_without_their_searchers(
    client: Any, db: Session, agent: User, now: datetime
) -> None:
    client.get("/search", params={"q": "WLAN drops"})
    client.get("/search", params={"q": "wlan  drops"})
    client.get("/search", params={"q": "wlan drops", "page": 2})
    client.get("/search", params={"q": "flying carpet"})
    client.forum.state.searches.flush(client.forum.state.bind, now=now)
    page = client.sign_in(agent).get("/desk/search").text
    assert page.index("WLAN drops") < page.index("flying carpet")
    nothing = client.get("/desk/search", params={"kind": "nothing"}).text
    assert "flying carpet" in nothing
    assert "WLAN drops" not in nothing


def test_an_opened_result_is_counted(client: Any, agent: User, question: Question, now: datetime) -> None:
    client.get("/search", params={"q": "wlan"})
    address = f"/questions/{question.id}/the-wlan-of-my-laptop-drops-every-hour"
    client.get(address, headers={"referer": "http://testserver/search?q=wlan"})
    client.get(address, headers={"referer": "http://elsewhere.example/search?q=wlan"})
    client.forum.state.searches.flush(client.forum.state.bind, now=now)
    page = client.sign_in(agent).get("/desk/search", params={"kind": "no_click"}).text
    assert "Nothing yet" in page
    assert (
        '<td class="num">1</td><td class="num">0</td><td class="num">1</td>'
        in client.get("/desk/search").text
    )


def test_a_synonym_holds_for_the_next_search(client: Any, agent: User, question: Question) -> None:
    assert question.title not in client.get("/search", params={"q": "wifi"}).text
    client.sign_in(agent)
    assert client.post_form("/desk/search/synonyms", {"words": "wifi, wlan, wireless"}).status_code == 303
    assert f"/questions/{question.id}/" in client.get("/search", params={"q": "wifi"}).text
    shown = client.get("/desk/search").text
    assert "wifi, wlan, wireless" in shown
    group = shown.split("/desk/search/synonyms/")[1].split("/")[0]
    assert client.post_form(f"/desk/search/synonyms/{group}/remove", {}).status_code == 303
    assert f"/questions/{question.id}/" not in client.get("/search", params={"q": "wifi"}).text


def test_a_single_word_is_refused_with_a_sentence(client: Any, agent: User) -> None:
    page = client.sign_in(agent).post_form("/desk/search/synonyms", {"words": "wifi"})
    assert page.status_code == 422
    assert "at least two words" in page.text


def test_a_protected_word_finds_only_itself(
    client: Any, db: Session, agent: User, asker: User, now: datetime, settings: Settings
) -> None:
    asked = [
        questions.ask(
            db,
            author=asker,
            title=title,
            body="It happens every time I switch it on.",
            tags="stripes",
            product_id=None,
            environment={},
            now=now,
        )
        for title in ("Stripes from my Printings of 2024", "The printed page is blank here")
    ]

    def found(word: str) -> list[bool]:
        indexing.catch_up(db, settings, now=now)
        page = client.get("/search", params={"q": word}).text
        return [f"/questions/{each.id}/" in page for each in asked]

    client.sign_in(agent)
    assert found("printings") == [True, True]
    assert client.post_form("/desk/search/protected", {"word": " Printings "}).status_code == 303
    assert (found("printings"), found("printed")) == ([True, False], [False, True])
    shown = client.get("/desk/search").text
    number = shown.split("/desk/search/protected/")[1].split("/")[0]
    assert client.post_form(f"/desk/search/protected/{number}/remove", {}).status_code == 303
    assert found("printings") == [True, True]


@pytest.mark.parametrize("word", ["", "dns", "two words", "xps-13", "für", "a" * 41, "news"])
def test_what_is_never_stemmed_needs_no_protection(client: Any, agent: User, word: str) -> None:
    client.sign_in(agent).post_form("/desk/search/protected", {"word": "news"})
    page = client.post_form("/desk/search/protected", {"word": word})
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
