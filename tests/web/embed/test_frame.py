from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from app.domain import questions
from app.models import Question, User
from app.settings import Settings, WrongSetting, load
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.support import indexing
from tests.support.addresses import filled, make_forum
from tests.support.browser import Browser
from tests.support.routes import routes

SHOP = "https://shop.example.com"


@pytest.fixture
def asked(db: Session, asker: User, settings: Settings, now: datetime) -> Question:
    product = make_product(db, slug="quill-3", name="Quill 3")
    question = questions.ask(
        db,
        author=asker,
        title="Quill prints <blank> pages",
        body="Since the update each second page stays blank.",
        tags="printing",
        product_id=product.id,
        environment={},
        now=now,
    )
    indexing.catch_up(db, settings, now=now)
    return question


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?product=quill-3",
        "?tag=printing",
        "?query=blank",
        "?query=blank&product=quill-3&tag=printing",
        "?status=unanswered&sort=newest&limit=1",
    ],
)
def test_a_frame_shows_questions_with_ways_to_more(client: Browser, asked: Question, query: str) -> None:
    frame = client.get(f"/embed/questions{query}")
    assert frame.status_code == 200
    assert "Quill prints &lt;blank&gt; pages" in frame.text
    assert f'href="/questions/{asked.id}/quill-prints-blank-pages"' in frame.text
    assert '<base target="_top">' in frame.text
    assert "All questions" in frame.text
    assert ('href="/ask?product=quill-3"' in frame.text) == ("product" in query)


def test_only_the_frame_may_be_framed_and_only_by_allowed_sites(
    client: Browser, app: FastAPI, db: Session
) -> None:
    parameters = make_forum(db).parameters()
    frame = client.get("/embed/questions")
    assert f"frame-ancestors {SHOP};" in frame.headers["content-security-policy"]
    assert "x-frame-options" not in frame.headers
    others = [filled(route.path, parameters) for route in routes(app) if "GET" in route.methods]
    assert len(others) > 50
    for path in [*others, "/none", "/embed/none", "/embed/questions?limit=99"]:
        if path == "/embed/questions":
            continue
        headers = client.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-frame-options"] == "DENY", path


def test_without_allowed_sites_nobody_may_frame_it(client: Browser, app: FastAPI, settings: Settings) -> None:
    app.state.settings = settings.model_copy(update={"embed_origins": ()})
    frame = client.get("/embed/questions")
    assert frame.status_code == 200
    assert "frame-ancestors 'none'" in frame.headers["content-security-policy"]
    assert frame.headers["x-frame-options"] == "DENY"


def test_the_frame_knows_no_cookies(client: Browser, asked: Question, moderator: User) -> None:
    stranger = client.get("/embed/questions")
    assert "set-cookie" not in stranger.headers
    client.sign_in(moderator)
    client.set_cookie("pd_theme", "dark")
    client.set_cookie("pd_flash", "waiting")
    known = client.get("/embed/questions")
    assert known.content == stranger.content
    assert "set-cookie" not in known.headers


def test_the_frame_is_sent_again_only_when_it_changed(client: Browser, db: Session, asked: Question) -> None:
    first = client.get("/embed/questions?theme=dark")
    assert 'data-theme="dark"' in first.text
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get("/embed/questions?theme=dark", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert SHOP in again.headers["content-security-policy"]
    make_question(db)
    assert client.get("/embed/questions?theme=dark", headers=known).status_code == 200


def test_hidden_questions_are_in_no_frame(
    client: Browser, db: Session, now: datetime, moderator: User
) -> None:
    removed: dict[str, Any] = {"removed_at": now, "removed_by_id": moderator.id, "removal": "hidden"}
    make_question(db, title="SECRET question", **removed)
    assert "SECRET" not in client.sign_in(moderator).get("/embed/questions").text


def test_a_frame_of_nothing_says_so_inside_the_frame(client: Browser) -> None:
    for query in ("product=none", "tag=none"):
        frame = client.get(f"/embed/questions?{query}")
        assert frame.status_code == 404
        assert SHOP in frame.headers["content-security-policy"]
    assert "No questions here yet" in client.get("/embed/questions?query=blank").text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Shop.example.com/", "https://shop.example.com"),
        ("https://shop.example.com:443", "https://shop.example.com"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("http://[::1]:8001", "http://[::1]:8001"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(given: str, kept: str) -> None:
    assert load(embed_origins=given).embed_origins == (kept,)


@pytest.mark.parametrize(
    "wrong",
    [
        "*",
        "null",
        "shop.example.com",
        "https://*.example.com",
        "https://shop.example.com/help",
        "https://a b",
        "https://x;y",
        "https://u@h",
    ],
)
def test_what_is_no_origin_stops_the_start(wrong: str) -> None:
    with pytest.raises(WrongSetting, match="PEERDESK_EMBED_ORIGINS"):
        load(embed_origins=wrong)
