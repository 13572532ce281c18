"""Attack cases 3, 14 and 15: a word in every private thing, every readable byte searched for it, for everybody.

Each kind of secret has its own word and a list of who may read it. Asked on SQLite alone: who may see
what is decided above the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from app.domain import apikeys, drafts, escalations, webhooks
from app.models import SavedView, User
from app.settings import Settings
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.flags import make_flag
from tests.factories.macros import make_macro
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.suggestions import make_suggestion
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.factories.webhooks import make_endpoint
from tests.support import indexing
from tests.support.addresses import filled
from tests.support.browser import Browser
from tests.support.clock import Clock
from tests.support.routes import routes
from tests.support.structure import misnamed
from tests.support.visits import ENDLESS

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

WORD = re.compile(r"kakapo([a-z]+)")
STAFF = {"agent", "moderator"}
READ_BY: dict[str, set[str]] = {
    "hiddenquestion": {"owner", *STAFF},
    "deletedquestion": {"owner", *STAFF},
    "answerbelow": {"owner", *STAFF},
    "hiddenanswer": {"owner", *STAFF},
    "hiddencomment": {"owner", *STAFF},
    "suggestion": {"owner", *STAFF},
    "suspension": STAFF,
    "address": {"owner", "moderator"},
    "draft": {"owner"},
    "keyname": {"owner"},
    "flagnote": {"moderator"},
    "casenote": {"agent"},
    "macro": {"agent"},
    "view": {"agent"},
    "endpoint": set(),  # administrators' own
}
ROLES = ("stranger", "member", "owner", "agent", "moderator")


def word(kind: str) -> str:
    """Return what stands in the private thing of a kind, and nowhere else."""
    assert kind in READ_BY
    return f"kakapo{kind}"


@dataclass
class Places:
    """Everybody, and the values that the parameters of addresses can have."""

    people: dict[str, User | None]
    values: dict[str, list[str]]


@pytest.fixture
def places(db: Session, settings: Settings, clock: Clock) -> Places:
    people: dict[str, User | None] = {
        "stranger": None,
        "member": make_user(db, handle="member", reputation=600),
        "owner": make_user(
            db, handle="owner", email=f"{word('address')}@example.org", email_key=f"{word('address')}@x"
        ),
        "agent": make_user(db, handle="agent", support_role="agent"),
        "moderator": make_user(db, handle="moderator", moderation_role="moderator"),
    }
    values = _thread(db, people, clock)
    _private(db, people, clock)
    indexing.catch_up(db, settings, now=clock.now)
    return Places(people, values)


def _thread(db: Session, people: dict[str, User | None], clock: Clock) -> dict[str, list[str]]:
    owner, moderator, helper = people["owner"], people["moderator"], make_user(db, handle="helper")
    assert moderator is not None
    gone: dict[str, Any] = {"removed_at": clock.now, "removed_by_id": moderator.id, "removal": "hidden"}
    facts: dict[str, Any] = {"author": owner, "product_id": make_product(db, slug="aerie").id}
    tag = make_tag(db, name="wifi", question_count=1)
    seen = make_question(db, title="The speaker is silent", tags=[tag], **facts)
    hidden, deleted = (
        make_question(db, title=f"On {word(kind)}", body=word(kind), tags=[tag], **facts, **gone | more)
        for kind, more in (("hiddenquestion", {}), ("deletedquestion", {"removal": "deleted"}))
    )
    answers = [
        make_answer(db, question=seen, author=helper),
        make_answer(db, question=seen, author=owner, body=word("hiddenanswer"), **gone),
        make_answer(db, question=hidden, author=helper, body=word("answerbelow")),
    ]
    comment = make_comment(db, post=seen, author=owner, body=word("hiddencomment"), **gone)
    make_flag(db, post=answers[0], author=helper, note=word("flagnote"))
    suggestion = make_suggestion(db, post=seen, author=helper, body=f"{seen.body} {word('suggestion')}")
    case = escalations.open_case(db, question=seen, code="unanswered", now=clock.now)
    assert people["agent"] is not None
    escalations.add_note(db, escalation=case, by=people["agent"], body=word("casenote"), now=clock.now)
    ids = [str(post.id) for post in (seen, hidden, deleted)]
    return {
        "question_id": ids,
        "answer_id": [str(answer.id) for answer in answers],
        "post_id": [*ids, *(str(answer.id) for answer in answers)],
        "comment_id": [str(comment.id)],
        "suggestion_id": [str(suggestion.id)],
        "case_id": [str(case.id)],
        "escalation_id": [str(case.id)],
        "slug": ["aerie"],
        "name": ["wifi"],
        "words": ["-"],
        "key": ["ask"],
        "handle": ["owner", "banned"],
    }


def _private(db: Session, people: dict[str, User | None], clock: Clock) -> None:
    owner, agent = people["owner"], people["agent"]
    assert owner is not None
    assert agent is not None
    make_user(
        db, handle="banned", suspended_until=clock.now.replace(year=2090), suspended_reason=word("suspension")
    )
    drafts.keep(db, author=owner, key="ask", fields={"title": word("draft")}, now=clock.now)
    # By the services, so that the log of what staff and members do is searched, too.
    apikeys.create(db, owner=owner, name=word("keyname"), scopes=["read"], now=clock.now)
    webhooks.create(
        db,
        name="Chat",
        url=f"https://hooks.example/{word('endpoint')}",
        events=["question.created"],
        by=make_user(db, moderation_role="admin"),
        now=clock.now,
    )
    make_endpoint(db, name=word("endpoint"))
    make_macro(db, name=word("macro"))
    db.add(SavedView(owner_id=agent.id or 0, name=word("view"), created_at=clock.now))
    db.commit()


def addresses(app: FastAPI, places: Places) -> Iterator[str]:
    """Every readable address, with every value of its parameters, and the searches for each word."""
    paths = [route.path for route in routes(app) if "GET" in route.methods and route.path not in ENDLESS]
    document = app.state.api_document()["paths"]
    paths += [
        f"/api/v1{path}" for path, methods in document.items() if "get" in methods and path != "/events"
    ]
    for path in sorted(paths):
        if path.startswith("/static") or path == "/signout":
            continue
        names = re.findall(r"\{(\w+)", path)
        several = next((name for name in names if len(places.values.get(name, ())) > 1), "")
        for value in places.values.get(several, [""]):
            known = {name: found[0] for name, found in places.values.items()}
            yield filled(path, {**known, several: value})
    for path in ("/search", "/api/v1/search", "/api/v1/questions/similar", "/similar", "/feeds/search"):
        for kind in ("hiddenquestion", "hiddenanswer", "casenote", "draft"):
            yield f"{path}?q={word(kind)}&title={word(kind)}&with_removed=true"
    for number in places.values["question_id"]:
        yield f"/api/v1/questions/{number}?with_removed=true"
        yield f"/api/v1/questions/{number}/answers?with_removed=true"
        yield f"/api/v1/questions/{number}/comments?with_removed=true"
    yield from ("/api/v1/questions?with_removed=true", "/ask?product=aerie")


@pytest.mark.parametrize("role", ROLES)
def test_cases_3_14_and_15_nobody_reads_what_is_not_for_them(
    client: Browser, app: FastAPI, places: Places, role: str
) -> None:
    client.sign_in(places.people[role])
    read: dict[str, str] = {}
    for address in addresses(app, places):
        answer = client.get(address)
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert misnamed(answer.text) == [], address
        shown = f"{answer.text} {answer.headers}".replace(address.partition("?")[2], "")
        asked = WORD.findall(address)  # an answer may repeat what it was asked
        read |= {kind: address for kind in WORD.findall(shown) if kind not in asked}
    theirs = {kind for kind, readers in READ_BY.items() if role in readers}
    assert {kind: address for kind, address in read.items() if kind not in theirs} == {}
    assert read.keys() == theirs, "the sweep does not come by what it is to find"
