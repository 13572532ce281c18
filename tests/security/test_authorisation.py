"""Case 13: every route, for everybody, about what is public, hidden and deleted, compared with a table.

The table is authorisation.txt: a line for each route and a column for each role, with what they get:
a status, `in` for being sent to sign in, `-` for 404 (it does not exist for them). Forms and bodies
are sent empty, so 422 and the like say that the role was let through. Asked on SQLite alone: who may
do what does not depend on the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection
from sqlmodel import Session, select

from app.core.signing import hash_token
from app.models import ApiKey, LoginSession, SavedView, User
from tests.factories.answers import make_answer
from tests.factories.api_keys import make_api_key
from tests.factories.comments import make_comment
from tests.factories.flags import make_flag
from tests.factories.identity import make_key, make_site
from tests.factories.macros import make_macro
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.suggestions import make_suggestion
from tests.factories.tags import make_tag
from tests.factories.teams import make_case, make_team
from tests.factories.users import make_user
from tests.factories.webhooks import make_endpoint
from tests.support.addresses import filled
from tests.support.browser import Browser
from tests.support.clock import MONDAY_MORNING
from tests.support.routes import routes
from tests.support.visits import ENDLESS

TABLE = Path(__file__).with_name("authorisation.txt")
ROLES = ("stranger", "suspended", "newcomer", "owner", "trusted", "agent", "lead", "moderator", "admin")
ABOUT = {"public": {}, "hidden": {"removal": "hidden"}, "deleted": {"removal": "deleted"}}
ROLES_ABOUT = {
    "public": ROLES,
    **dict.fromkeys(("hidden", "deleted"), ("stranger", "owner", "trusted", "agent", "moderator", "admin")),
}
OF_STAFF = re.compile(r"/desk/(colleagues|teams/\{slug\}/members)/")
ENTIRE = ("read", "write", "staff", "moderate", "webhooks", "admin")
THREAD = re.compile(r"\{(question|answer|comment|post)_id")

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


@pytest.fixture
def cast(db: Session) -> dict[str, User | None]:
    """A person for each column."""
    facts = {
        "suspended": {"suspended_until": MONDAY_MORNING + timedelta(days=9)},
        "newcomer": {"reputation": 1},
        "owner": {},
        "trusted": {"reputation": 25_000},
        "agent": {"support_role": "agent"},
        "lead": {"support_role": "lead"},
        "moderator": {"moderation_role": "moderator"},
        "admin": {"moderation_role": "admin"},
    }
    return {"stranger": None, **{role: make_user(db, handle=role, **mine) for role, mine in facts.items()}}  # type: ignore[arg-type]


@pytest.fixture
def places(db: Session, cast: dict[str, User | None]) -> dict[str, dict[str, str]]:
    """What the addresses are about: all of it is the owner's."""
    owner, helper = cast["owner"], make_user(db, handle="helper")
    assert owner is not None
    product, tag = make_product(db, slug="aerie", name="Aerie"), make_tag(db, name="wifi", question_count=1)
    make_team(db, slug="aerie")
    site = make_site(db)
    macro = make_macro(db)
    common = {
        "slug": product.slug,
        "name": tag.name,
        "handle": owner.handle,
        "words": "-",
        "key": "ask",
        "macro_id": str(macro.id),
        "site_id": str(site.id),
        "endpoint_id": str(make_endpoint(db, owner=owner).id),
        **_private(db, owner),
        "token": "no-such-token",
        "sha256": "0" * 64,
        "extension": "png",
        "version": "0",
        "act": "claim",
    }
    make_key(db, site=site)
    found = {}
    for state, facts in ABOUT.items():
        gone = {**facts, "removed_at": MONDAY_MORNING, "removed_by_id": owner.id} if facts else {}
        question = make_question(db, author=owner, product_id=product.id, tags=[tag], **gone)
        answer = make_answer(db, question=question, author=owner)
        case = make_case(db, question=question)
        found[state] = {
            **common,
            "question_id": str(question.id),
            "answer_id": str(answer.id),
            "post_id": str(answer.id),
            "comment_id": str(make_comment(db, post=answer, author=owner).id),
            "flag_id": str(make_flag(db, post=answer).id),
            "suggestion_id": str(make_suggestion(db, post=answer, author=helper).id),
            "case_id": str(case.id),
            "escalation_id": str(case.id),
        }
    return found


def _private(db: Session, owner: User) -> dict[str, str]:
    """Give the owner a session, a saved view and an API key, and return their numbers."""
    session = LoginSession(
        token_hash=hash_token("the owner's"),
        user_id=owner.id or 0,
        created_at=MONDAY_MORNING,
        last_seen_at=MONDAY_MORNING,
        expires_at=MONDAY_MORNING + timedelta(days=9),
    )
    view = SavedView(owner_id=owner.id or 0, name="Mine", created_at=MONDAY_MORNING)
    db.add_all([session, view])
    make_api_key(db, owner=owner)
    key = db.exec(select(ApiKey).where(ApiKey.user_id == owner.id)).one()
    return {"session_id": str(session.id), "view_id": str(view.id), "key_id": str(key.id)}


def test_case_13_everybody_gets_what_the_table_says(
    app: FastAPI,
    client: Browser,
    connection: Connection,
    db: Session,
    cast: dict[str, User | None],
    places: dict[str, dict[str, str]],
) -> None:
    operations = sorted(_operations(app))
    lines: dict[tuple[str, str], list[str]] = {}
    for role in ROLES:
        person = cast[role]
        client.sign_in(person)
        token = make_api_key(db, owner=person, scopes=ENTIRE) if person else ""
        for about, values in places.items():
            for path, method in operations:
                if role in ROLES_ABOUT[about] and (about == "public" or THREAD.search(path)):
                    here = values | {"handle": "lead"} if OF_STAFF.match(path) else values
                    undone = connection.begin_nested()
                    try:
                        got = _ask(client, method, filled(path, here), token)
                    finally:
                        undone.rollback()
                    lines.setdefault((about, f"{method} {path}"), []).append(got)
                    if path == "/signout":
                        client.sign_in(person)
    found = "".join(_section(about, lines) for about in ABOUT)
    assert "429" not in found
    assert not re.search(r" 5\d\d", found)
    if not TABLE.exists():
        TABLE.write_text(found)
    assert TABLE.read_text() == found, (
        f"Who may do what has changed, or a route came or went. If that is right, delete {TABLE.name}, "
        "run this test once, read what changed line by line, and commit it."
    )


def _operations(app: FastAPI) -> Iterator[tuple[str, str]]:
    for route in routes(app):
        if route.path not in ENDLESS:
            yield from ((route.path, method) for method in route.methods)
    for path, methods in app.state.api_document()["paths"].items():
        if path != "/events":
            yield from ((f"/api/v1{path}", method.upper()) for method in methods)


def _ask(client: Browser, method: str, address: str, token: str) -> str:
    if address.startswith("/api/v1/") and address != "/api/v1/docs":
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = client.request(method, address, json={} if method != "GET" else None, headers=headers)
    else:
        answer = client.get(address) if method == "GET" else client.post_form(address)
    if answer.status_code == 404:
        return "-"
    is_sent = answer.status_code == 303 and answer.headers["location"].startswith("/signin")
    return "in" if is_sent else str(answer.status_code)


def _section(about: str, lines: dict[tuple[str, str], list[str]]) -> str:
    mine = {name: got for (what, name), got in lines.items() if what == about}
    width = max(len(name) for name in mine)
    head = f"# About what is {about}".ljust(width) + "".join(f"  {role:>9}" for role in ROLES_ABOUT[about])
    rows = [name.ljust(width) + "".join(f"  {one:>9}" for one in got) for name, got in mine.items()]
    return "\n".join([head, *rows, "", ""])
