"""Who gets a kept page, and what may never be in one."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from app.models import AnswerPromise, Question, User
from app.web.finished import PageStore
from app.web.finished.store import Address, FinishedPage
from tests.factories.questions import make_question
from tests.support.browser import Browser
from tests.support.clock import Clock
from tests.support.queries import Queries

CountQueries = Callable[[], AbstractContextManager[Queries]]


@pytest.fixture
def address(client: Browser, db: Session, asker: User) -> str:
    question = make_question(db, author=asker, title="Printer prints blank pages")
    return f"/questions/{question.id}/printer-prints-blank-pages"


def test_a_second_visitor_costs_two_reads_of_the_outbox(
    client: Browser, address: str, count_queries: CountQueries
) -> None:
    first = client.get(address)
    with count_queries() as queries:
        second = client.get(address)
    assert second.text == first.text
    assert len(queries) <= 2
    assert all("outbox_event" in statement for statement in queries.statements)


def test_a_member_gets_a_page_of_their_own_and_leaves_nothing_in_the_shared_one(
    client: Browser, address: str, answerer: User
) -> None:
    own = client.sign_in(answerer).get(address)
    assert answerer.display_name in own.text
    assert "etag" not in own.headers
    shared = client.sign_in(None).get(address)
    assert "etag" in shared.headers
    for private in (answerer.display_name, answerer.handle, 'name="csrf"'):
        assert private not in shared.text
    assert "set-cookie" not in shared.headers
    assert answerer.display_name in client.sign_in(answerer).get(address).text


@pytest.mark.parametrize(
    "cookie", ["pd_flash=x", "pd_session=x", "a=b; pd_presession=1", "__Host-pd_flash=x"]
)
def test_a_visitor_with_a_cookie_of_ours_is_answered_for_themselves(
    client: Browser, address: str, cookie: str
) -> None:
    client.get(address)
    assert "etag" not in client.get(address, headers={"Cookie": cookie}).headers


def test_cookies_of_others_do_not_matter_and_never_show(client: Browser, address: str) -> None:
    first = client.get(address, headers={"Cookie": "_ga=GA1.2.secret; other=<b>"})
    assert "secret" not in first.text
    assert client.get(address).headers["etag"] == first.headers["etag"]


def test_colours_chosen_by_a_visitor_are_a_page_of_their_own(client: Browser, address: str) -> None:
    light = client.get(address)
    dark = client.get(address, headers={"Cookie": "pd_theme=dark"})
    odd = client.get(address, headers={"Cookie": "pd_theme=<script>"})
    assert dark.headers["etag"] != light.headers["etag"]
    assert odd.headers["etag"] == light.headers["etag"]


@pytest.mark.parametrize("query", ["?x=1", "?page=1&evil=2", "?sort=" + "a" * 80])
def test_what_is_not_known_in_an_address_is_not_kept(client: Browser, address: str, query: str) -> None:
    client.get(address + query)
    assert "etag" not in client.get(address + query).headers


def test_forwarding_headers_change_nothing(client: Browser, address: str) -> None:
    poisoned = client.get(address, headers={"X-Forwarded-Host": "evil.example", "X-Original-URL": "/desk"})
    assert "evil.example" not in poisoned.text
    assert client.get(address).headers["etag"] == poisoned.headers["etag"]


def test_an_unchanged_page_is_not_sent_again(client: Browser, db: Session, address: str) -> None:
    for packing in ("gzip", "identity"):
        headers = {"Accept-Encoding": packing}
        etag = client.get(address, headers=headers).headers["etag"]
        again = client.get(address, headers={**headers, "If-None-Match": f'"other", W/{etag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert again.headers["vary"] == "Accept-Encoding, Cookie"
        assert client.get(address, headers={**headers, "If-None-Match": '"other"'}).status_code == 200


def test_security_headers_stand_on_a_kept_page_too(client: Browser, address: str) -> None:
    first, second = client.get(address), client.get(address)
    for name in ("content-security-policy", "x-content-type-options", "cache-control", "content-type"):
        assert second.headers[name] == first.headers[name]
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def test_every_view_is_counted(
    client: Browser, app: FastAPI, db: Session, connection: object, address: str
) -> None:
    question = db.get_one(Question, int(address.split("/")[2]))
    for _ in range(3):
        client.get(address)
    app.state.views.flush(connection)
    db.refresh(question)
    assert question.view_count == 3


def test_a_page_that_is_gone_is_404_at_once(
    client: Browser, db: Session, address: str, moderator: User
) -> None:
    assert client.get(address).status_code == 200
    question_id = int(address.split("/")[2])
    hidden = client.sign_in(moderator).post_form(
        f"/posts/{question_id}/hide", {"reason": "hidden", "note": "private data"}
    )
    assert hidden.status_code in {200, 303}
    assert client.sign_in(None).get(address).status_code == 404


def test_the_store_is_bounded_and_forgets_what_is_least_used() -> None:
    body = b"".join(str(number * 7919).encode() for number in range(2_000))
    store = PageStore(max_bytes=40_000)
    addresses = [Address(f"/questions/{number}", "", "") for number in range(40)]
    for address in addresses:
        page = FinishedPage(
            compressed=gzip.compress(address.path.encode() + body),
            etag=address.path,
            headers=(),
            depends_on=frozenset(),
            tick=1,
            until=0,
            viewed_question_id=None,
        )
        store.put(address, page)
        assert store.plain(page) == address.path.encode() + body
        assert store.get(addresses[0]) is not None  # used each time, so it stays
        assert store.size <= 40_000
    assert store.get(addresses[1]) is None
    assert 1 < len(store) < 40


def test_a_page_lasts_no_longer_than_its_promise(
    client: Browser, db: Session, clock: Clock, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it must say that it takes longer than promised, though nothing has happened."""
    due_at = clock.now + timedelta(seconds=20)
    question_id = int(address.split("/")[2])
    db.add(AnswerPromise(question_id=question_id, state="open", due_at=due_at, changed_at=clock.now))
    db.commit()
    elapsed = 0.0
    monkeypatch.setattr("app.web.finished.middleware.time.monotonic", lambda: 1_000 + elapsed)
    assert "longer than promised" not in client.get(address).text
    elapsed = 21.0
    clock.advance(seconds=elapsed)
    assert "longer than promised" in client.get(address).text
