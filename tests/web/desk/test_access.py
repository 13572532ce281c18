"""For everybody but staff the desk does not exist."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from app.models import User
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.routes import routes

MODERATORS_ONLY = ("/desk/flags",)
ADMINS_ONLY = ("/desk/catalog", "/desk/jobs")
EVERY_STAFF = (
    "/desk",
    "/desk/edits",
    "/desk/removed",
    "/desk/silent",
    "/desk/people",
    "/desk/tags",
    "/desk/log",
)


def desk_routes(app: FastAPI) -> list[tuple[str, str]]:
    """Return (method, address) of every route of the desk, with something in each hole of the address."""
    found = []
    for route in routes(app):
        if route.path.startswith("/desk"):
            path = re.sub(r"\{\w+:int\}", "1", re.sub(r"\{\w+\}", "asker", route.path))
            found += [(method, path) for method in sorted(route.methods)]
    return found


@pytest.mark.usefixtures("asker")
@pytest.mark.parametrize("role", ["stranger", "member", "suspended"])
def test_nobody_else_finds_any_page_of_the_desk(
    client: Browser, app: FastAPI, db: Session, suspended: User, role: str
) -> None:
    member = {"stranger": None, "member": make_user(db, reputation=5_000), "suspended": suspended}[role]
    client.sign_in(member)
    tried = desk_routes(app)
    assert len(tried) > 20
    for method, path in tried:
        answer = client.get(path) if method == "GET" else client.post_form(path, {})
        assert answer.status_code == 404, (method, path)


def test_every_member_of_staff_sees_the_common_pages(client: Browser, agent: User) -> None:
    client.sign_in(agent)
    for path in EVERY_STAFF:
        assert client.get(path).status_code == 200, path
    for path in (*MODERATORS_ONLY, *ADMINS_ONLY):
        assert client.get(path).status_code == 404, path
        assert f'href="{path}"' not in client.get("/desk").text


def test_moderators_see_flags_but_do_not_set_up_the_community(client: Browser, moderator: User) -> None:
    client.sign_in(moderator)
    for path in (*EVERY_STAFF, *MODERATORS_ONLY):
        assert client.get(path).status_code == 200, path
    for path in ADMINS_ONLY:
        assert client.get(path).status_code == 404, path


def test_administrators_see_everything(client: Browser, admin: User) -> None:
    client.sign_in(admin)
    for path in (*EVERY_STAFF, *MODERATORS_ONLY, *ADMINS_ONLY, "/desk/styleguide"):
        assert client.get(path).status_code == 200, path


def test_an_administrator_is_told_how_to_see_the_queue(client: Browser, admin: User, moderator: User) -> None:
    told = "You can give yourself that role"
    refused = client.sign_in(admin).get("/desk/queue")
    assert refused.status_code == 404
    assert told in refused.text
    assert 'href="/desk"' in refused.text
    assert 'href="/desk/queue"' not in client.get("/desk").text
    assert told not in client.sign_in(moderator).get("/desk/queue").text
