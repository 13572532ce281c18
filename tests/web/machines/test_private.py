"""What is hidden, deleted or for staff only is in nothing that machines read, whoever's cookies come with the request."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from sqlmodel import Session

from app.domain import escalations
from app.models import User
from app.settings import Settings
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.support import indexing
from tests.support.addresses import filled
from tests.support.browser import ORIGIN, Browser
from tests.support.routes import routes

CANARY = "kakapo"
ECHO = re.compile(rf'q=(?:user%3A)?{CANARY}|Search: {CANARY}|^\["{CANARY}"')
"""Where an answer repeats what was asked for."""

MACHINES = ("/feeds", "/sitemap", "/opensearch", "/oembed", "/robots.txt", "/embed")


def settle(
    db: Session, settings: Settings, *, asker: User, moderator: User, agent: User, now: datetime
) -> dict[str, str]:
    """Make a thread with something secret of each kind; return what to put into the places of addresses."""
    product = make_product(db, slug="quill", name="Quill")
    gone: dict[str, Any] = {"removed_at": now, "removed_by_id": moderator.id, "removal": "hidden"}
    facts: dict[str, Any] = {
        "author": asker,
        "product_id": product.id,
        "tags": [make_tag(db, name="wifi", question_count=1)],
    }
    seen = make_question(db, title="Quill sleeps", **facts)
    hidden = make_question(db, title=f"{CANARY} question", body=CANARY, **facts, **gone)
    make_answer(db, question=hidden, author=asker, body=f"{CANARY} answer below")
    removed = make_answer(db, question=seen, author=asker, body=f"{CANARY} answer", **gone)
    make_comment(db, post=seen, author=asker, body=f"{CANARY} comment", **gone)
    make_answer(db, question=seen, author=asker)
    asker.suspended_reason = f"{CANARY} reason"
    asker.email = f"{CANARY}@example.org"
    db.add(asker)
    case = escalations.open_case(db, question=seen, code="unanswered", now=now)
    escalations.add_note(db, escalation=case, by=agent, body=f"{CANARY} note", now=now)
    indexing.catch_up(db, settings, now=now)
    return {"question": str(seen.id), "hidden": str(hidden.id), "removed": str(removed.id)}


def test_no_machine_is_told_a_secret(
    client: Browser,
    app: FastAPI,
    db: Session,
    settings: Settings,
    asker: User,
    moderator: User,
    agent: User,
    now: datetime,
) -> None:
    ids = settle(db, settings, asker=asker, moderator=moderator, agent=agent, now=now)
    places = {"slug": "quill", "name": "wifi", "handle": "asker", "number": "0"}
    queries = {
        "/feeds/search": [f"q={CANARY}", "q=quill", "q=user:asker"],
        "/opensearch/suggestions": [f"q={CANARY}", "q=quill"],
        "/oembed": [
            f"url={ORIGIN}/questions/{ids['hidden']}",
            f"url={ORIGIN}/posts/{ids['removed']}",
            f"url={ORIGIN}/questions/{ids['question']}",
        ],
        "/embed/questions": [f"query={CANARY}", "product=quill", "tag=wifi", "query=quill"],
    }
    looked, told = 0, ""
    for viewer in (None, moderator):
        client.sign_in(viewer)
        for route in routes(app):
            if not route.path.startswith(MACHINES):
                continue
            for question_id in (ids["question"], ids["hidden"]):
                path = filled(route.path, {**places, "question_id": question_id})
                for query in queries.get(route.path, ["", "sort=active"]):
                    answer = client.get(f"{path}?{query}")
                    assert answer.status_code in {200, 404, 422}, f"{path}?{query}"
                    assert "set-cookie" not in answer.headers
                    text = ECHO.sub("", answer.text)
                    assert CANARY not in text, f"{path}?{query} as {viewer and viewer.handle}"
                    told += text if answer.status_code == 200 else ""
                    looked += 1
    assert looked > 60
    assert "Quill sleeps" in told  # the walk saw what is public
