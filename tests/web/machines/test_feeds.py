"""Feeds: read by a feed reader, and held against what RFC 4287 wants of every feed and entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import feedparser
import pytest
from sqlmodel import Session

from app.core.paging import PAGE_SIZE
from app.domain import answers, questions
from app.models import Answer, Question, User
from app.settings import Settings
from tests.factories.answers import make_answer
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.support import indexing
from tests.support.browser import ORIGIN, Browser
from tests.support.clock import Clock

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = 'Lid "closes" <script>alert(1)</script> & ]]> sleeps'


@dataclass(frozen=True)
class Thread:
    """A question that every kind of feed shows, and its answer."""

    question: Question
    answer: Answer


@pytest.fixture
def thread(db: Session, asker: User, answerer: User, settings: Settings, now: datetime) -> Thread:
    product = make_product(db, slug="quill-3", name="Quill 3")
    asked = questions.ask(
        db,
        author=asker,
        title=HOSTILE,
        body="Since the update it sleeps. See ![the log](/uploads/" + "a" * 64 + ".png) for details.",
        tags="wifi, c++",
        product_id=product.id,
        environment={},
        now=now,
    )
    answer = answers.post(
        db, question=asked, author=answerer, body="Turn the sensor off in the setup.", now=now
    )
    indexing.catch_up(db, settings, now=now)
    return Thread(asked, answer)


KINDS = (
    "/feeds/questions",
    "/feeds/questions?sort=active",
    "/feeds/products/quill-3",
    "/feeds/products/quill-3?sort=votes",
    "/feeds/tags/c%2B%2B",
    "/feeds/users/asker",
    "/feeds/users/answerer",
    "/feeds/questions/{question}",
    "/feeds/search?q=sleeps",
)


def test_every_feed_is_what_the_standard_wants(client: Browser, thread: Thread) -> None:
    for pattern in KINDS:
        check(client, pattern.format(question=thread.question.id), thread)


def check(client: Browser, address: str, thread: Thread) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert answer.headers["x-robots-tag"] == "noindex"
    root = ET.fromstring(answer.content)
    assert root.tag == f"{ATOM}feed"
    assert unquote(must_have(root)) == unquote(ORIGIN + address)
    assert link(root, "self") == root.findtext(f"{ATOM}id")
    assert client.get(link(root, "alternate").removeprefix(ORIGIN)).status_code == 200
    entries = root.findall(f"{ATOM}entry")
    assert entries
    ids = [must_have(entry) for entry in entries]
    assert len(ids) == len(set(ids))
    for entry in entries:
        assert entry.findtext(f"{ATOM}author/{ATOM}name")
        assert link(entry, "alternate").startswith(f"{ORIGIN}/questions/{thread.question.id}/")
        content = entry.find(f"{ATOM}content")
        assert content is not None
        assert content.get("type") == "html"


def must_have(element: ET.Element) -> str:
    """Check what RFC 4287, 4.1.1 and 4.1.2, wants exactly once, and return the id."""
    for name in ("id", "title", "updated"):
        assert len(element.findall(f"{ATOM}{name}")) == 1
    updated = element.findtext(f"{ATOM}updated") or ""
    datetime.strptime(updated, "%Y-%m-%dT%H:%M:%S%z")
    return element.findtext(f"{ATOM}id") or ""


def link(element: ET.Element, rel: str) -> str:
    (found,) = (each for each in element.findall(f"{ATOM}link") if each.get("rel") == rel)
    return found.get("href") or ""


def test_a_feed_reader_shows_titles_texts_and_people(client: Browser, thread: Thread) -> None:
    read = feedparser.parse(client.get(f"/feeds/questions/{thread.question.id}").content)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    answer, question = sorted(read.entries, key=lambda entry: "Answer" not in entry.title)
    assert question.title_detail.value == HOSTILE
    assert question.id == f"{ORIGIN}/posts/{thread.question.id}"
    assert answer.id == f"{ORIGIN}/posts/{thread.answer.id}"
    assert (question.author, answer.author) == ("Asker", "Answerer")
    assert "sensor" in answer.content[0].value
    assert f"{ORIGIN}/uploads/" in question.content[0].value
    assert {tag.term for tag in question.tags} == {"wifi", "c++"}


def test_an_id_stays_when_the_title_changes_and_updated_tells_of_it(
    client: Browser, db: Session, thread: Thread, asker: User, clock: Clock
) -> None:
    before = feedparser.parse(client.get("/feeds/questions").content).entries[0]
    questions.edit(
        db,
        question=questions.visible(db, viewer=asker, question_id=thread.question.id),
        by=asker,
        base=1,
        title="Closing the lid lets it sleep",
        body="Since the update it sleeps whenever the lid is closed.",
        tags="wifi",
        product_id=thread.question.product_id,
        environment={},
        summary="",
        now=clock.advance(hours=3),
    )
    after = feedparser.parse(client.get("/feeds/questions").content).entries[0]
    assert after.id == before.id
    assert after.link != before.link
    assert after.published == before.published
    assert after.updated == "2026-03-02T12:00:00Z"


def test_who_has_the_feed_is_not_sent_it_again_until_it_changes(
    client: Browser, db: Session, thread: Thread, clock: Clock
) -> None:
    first = client.get("/feeds/questions")
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get("/feeds/questions", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    make_question(db, created_at=clock.advance(minutes=1))
    assert client.get("/feeds/questions", headers=known).status_code == 200


def test_a_feed_holds_the_newest_only(client: Browser, db: Session, asker: User, clock: Clock) -> None:
    rows = [
        make_question(db, author=asker, created_at=clock.advance(minutes=1)) for _ in range(PAGE_SIZE + 5)
    ]
    read = feedparser.parse(client.get("/feeds/users/asker").content)
    assert [entry.id for entry in read.entries][:2] == [f"{ORIGIN}/posts/{row.id}" for row in rows[:-3:-1]]
    assert len(read.entries) == PAGE_SIZE


def test_an_empty_feed_is_a_feed(client: Browser, db: Session) -> None:
    make_tag(db, name="lonely", description="What nobody asked about yet.")
    read = feedparser.parse(client.get("/feeds/tags/lonely").content)
    assert not read.bozo
    assert read.entries == []


def test_a_synonym_leads_to_the_feed_of_its_tag(client: Browser, db: Session) -> None:
    make_tag(db, name="wlan", synonym_of_id=make_tag(db, name="wifi", question_count=1).id)
    assert client.get("/feeds/tags/wlan").headers["location"] == "/feeds/tags/wifi"


def test_what_does_not_exist_has_no_feed(client: Browser) -> None:
    for path in [
        "/feeds/products/none",
        "/feeds/tags/none",
        "/feeds/users/none",
        "/feeds/questions/9",
        "/feeds/questions?sort=x",
    ]:
        assert client.get(path).status_code == 404, path


def test_a_search_without_an_index_asks_for_patience(client: Browser) -> None:
    answer = client.get("/feeds/search", params={"q": "sleep"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


def test_the_number_of_queries_does_not_grow(
    client: Browser, db: Session, asker: User, count_queries: Callable[[], Any]
) -> None:
    product = make_product(db, slug="quill-3")
    counts = []
    for _ in range(2):
        make_answer(db, question=make_question(db, product_id=product.id, tags=[make_tag(db)]), author=asker)
        with count_queries() as queries:
            client.get("/feeds/products/quill-3")
            client.get("/feeds/users/asker")
        counts.append(len(queries))
    assert counts[0] == counts[1]


PAGES = {
    "/": "/feeds/questions",
    "/questions": "/feeds/questions",
    "/questions?sort=votes": "/feeds/questions?sort=votes",
    "/products/quill-3": "/feeds/products/quill-3",
    "/tags/wifi": "/feeds/tags/wifi",
    "/users/asker": "/feeds/users/asker",
    "/search?q=sleeps": "/feeds/search?q=sleeps",
}


@pytest.mark.usefixtures("thread")
def test_every_page_with_a_feed_names_it(client: Browser) -> None:
    for page, feed in PAGES.items():
        text = client.get(page).text
        assert '<link rel="alternate" type="application/atom+xml" title="' in text, page
        assert f'href="{feed}"' in text, page
        assert client.get(feed).status_code == 200, feed
