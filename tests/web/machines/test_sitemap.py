from __future__ import annotations

import re
import tracemalloc
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from app.domain import questions
from app.models import Post, Question, User
from app.web import sitemap
from tests.factories.answers import make_answer
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.support.browser import ORIGIN, Browser

NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LONG_AGO = timedelta(days=366)


def addresses(client: Browser, path: str) -> dict[str, str]:
    """Return the addresses that a sitemap lists, with their last change."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    root = ET.fromstring(answer.content)
    return {row.findtext(f"{NS}loc") or "": row.findtext(f"{NS}lastmod") or "" for row in root}


def test_crawlers_find_the_way_from_robots_txt_to_every_question(
    client: Browser, db: Session, now: datetime
) -> None:
    asked = make_question(db, title="Lid & hinge <squeak>", last_activity_at=now + timedelta(hours=2))
    robots = client.get("/robots.txt").text
    assert f"Sitemap: {ORIGIN}/sitemap.xml" in robots.splitlines()
    parts = addresses(client, "/sitemap.xml")
    (of_questions,) = (part for part in parts if "questions-" in part)
    assert parts[of_questions] == "2026-03-02T11:00:00Z"
    listed = addresses(client, of_questions.removeprefix(ORIGIN))
    assert listed == {f"{ORIGIN}/questions/{asked.id}/lid-hinge-squeak": "2026-03-02T11:00:00Z"}
    page = client.get(next(iter(listed)).removeprefix(ORIGIN)).text
    assert f'<link rel="canonical" href="{next(iter(listed))}">' in page


def test_products_and_tags_are_listed(client: Browser, db: Session, now: datetime) -> None:
    make_product(db, slug="quill-3")
    make_product(db, slug="gone", retired_at=now)
    make_tag(db, name="c++", question_count=1)
    make_tag(db, name="unused")
    listed = addresses(client, "/sitemaps/places.xml")
    assert {f"{ORIGIN}/", f"{ORIGIN}/products/quill-3", f"{ORIGIN}/tags/c%2B%2B"} <= listed.keys()
    assert not re.search("gone|unused", " ".join(listed))


def test_what_nobody_should_be_led_to_is_left_out(
    client: Browser, db: Session, now: datetime, moderator: User
) -> None:
    original = make_question(db)
    make_question(db, removed_at=now, removed_by_id=moderator.id, removal="hidden")
    make_question(
        db, closed_at=now, close_reason="duplicate", duplicate_of_id=original.id, closed_by_id=moderator.id
    )
    make_question(db, created_at=now - LONG_AGO)
    answered = make_question(db, created_at=now - LONG_AGO)
    make_answer(db, question=answered)
    number = original.id // sitemap.PART
    listed = addresses(client, f"/sitemaps/questions-{number}.xml")
    assert {int(address.split("/")[4]) for address in listed} == {original.id, answered.id}


def test_a_part_that_can_not_be_is_not_found(client: Browser) -> None:
    for path in ["questions--1.xml", "questions-99999999999.xml", "questions-x.xml", "none.xml"]:
        assert client.get(f"/sitemaps/{path}").status_code == 404, path


def test_parts_are_written_row_by_row_whatever_their_size(
    client: Browser, db: Session, now: datetime, asker: User
) -> None:
    count = 2 * sitemap.BATCH + 500
    first = 3 * sitemap.PART
    ids = range(first, first + count)
    facts = {"author_id": asker.id, "title": "Fan " * 30, "body": "x" * 5000, "body_html": "", "hot": 0.0}
    db.execute(insert(Post), [{"id": number, "kind": "question"} for number in ids])
    db.execute(
        insert(Question),
        [{"id": number, **facts, "created_at": now, "last_activity_at": now} for number in ids],
    )
    db.commit()
    assert list(questions.active_by_range(db, size=sitemap.PART)) == [3]
    tracemalloc.start()
    with client.stream("GET", "/sitemaps/questions-3.xml") as answer:
        found = sum(piece.count("<loc>") for piece in answer.iter_text())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == count
    assert most < 15_000_000  # the rows alone hold as much text as this
    assert addresses(client, "/sitemaps/questions-2.xml") == {}


def test_a_part_where_nothing_happened_lately_says_no_date(
    client: Browser, db: Session, now: datetime, asker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.domain.questions.queries.RECENT", 1)
    facts = {
        "author_id": asker.id,
        "title": "Fan",
        "body": "",
        "body_html": "",
        "hot": 0.0,
        "created_at": now,
    }
    for number, active in ((sitemap.PART, now), (5 * sitemap.PART + 7, now + timedelta(days=1))):
        db.execute(insert(Post), [{"id": number, "kind": "question"}])
        db.execute(insert(Question), [{"id": number, **facts, "last_activity_at": active}])
    db.commit()
    parts = addresses(client, "/sitemap.xml")
    assert parts == {
        f"{ORIGIN}/sitemaps/places.xml": "",
        f"{ORIGIN}/sitemaps/questions-1.xml": "",
        f"{ORIGIN}/sitemaps/questions-5.xml": "2026-03-03T09:00:00Z",
    }
