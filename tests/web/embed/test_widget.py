from __future__ import annotations

import json
import re
from datetime import datetime

from fastapi import FastAPI
from sqlmodel import Session

from app.settings import Settings
from app.web.embed import widget
from app.web.embed.words import words
from tests.factories.questions import make_question
from tests.support.browser import ORIGIN, Browser

SHOP = "https://shop.example.com"
AT_MOST = 15_000


def test_the_script_is_small_and_stands_alone(client: Browser) -> None:
    script = client.get("/embed/peerdesk.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(script.content) <= AT_MOST, len(script.content)
    assert not re.search(
        r"\bimport\b|innerHTML|insertAdjacent|eval\(|Storage|cookie\b(?! or)|\.style\b", script.text
    )


def test_the_script_ends_with_the_forums_address_and_its_texts(
    client: Browser, app: FastAPI, settings: Settings
) -> None:
    script = client.get("/embed/peerdesk.js").text
    given = script.rpartition("})(")[2].removesuffix(");\n")
    assert json.loads(f"[{given}]") == [ORIGIN, json.loads(json.dumps(words()))]
    used = set(re.findall(r"\bwords\.(\w+)", script)) - {"join"}
    assert used == words().keys()


def test_every_page_may_load_it_and_keep_it_for_a_while(client: Browser) -> None:
    script = client.get("/embed/peerdesk.js", headers={"Origin": "https://anywhere.example"})
    assert script.headers["access-control-allow-origin"] == "*"
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age=3600" in script.headers["cache-control"]
    again = client.get("/embed/peerdesk.js", headers={"If-None-Match": script.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "set-cookie" not in script.headers


def test_its_first_version_keeps_its_address(client: Browser) -> None:
    assert widget.VERSION == "v1"
    assert client.get("/embed/v1/peerdesk.js").content == client.get("/embed/peerdesk.js").content


def test_what_the_elements_read_may_be_read_from_allowed_sites_only(
    client: Browser, db: Session, now: datetime
) -> None:
    make_question(db)
    for path in (
        "/questions?limit=5&sort=active",
        "/search?q=pages&limit=5",
        "/questions/similar?title=blank+pages&limit=5",
    ):
        allowed = client.get(f"/api/v1{path}", headers={"Origin": SHOP})
        assert allowed.headers["access-control-allow-origin"] == SHOP, path
        assert "access-control-allow-credentials" not in allowed.headers
        for origin in ("https://shop.example.com.evil.example", "https://evil-shop.example.com", "null"):
            foreign = client.get(f"/api/v1{path}", headers={"Origin": origin})
            assert "access-control-allow-origin" not in foreign.headers, origin
    (row,) = client.get("/api/v1/questions", headers={"Origin": SHOP}).json()["data"]
    assert {"url", "title", "status", "answer_count", "me_too_count"} <= row.keys()
