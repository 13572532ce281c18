from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from hypothesis import settings
from sqlalchemy import Connection, event
from sqlmodel import Session

from tests.support.addresses import Forum, make_forum
from tests.support.routes import RouteFacts, routes

settings.register_profile("peerdesk", deadline=None)
settings.load_profile("peerdesk")


@pytest.fixture
def forum(db: Session) -> Forum:
    """One question with everything that hangs on it."""
    return make_forum(db)


@pytest.fixture
def readable(app: FastAPI) -> list[RouteFacts]:
    found = [route for route in routes(app) if "GET" in route.methods]
    assert len(found) > 20
    return found


@pytest.fixture
def writable(app: FastAPI) -> list[RouteFacts]:
    found = [route for route in routes(app) if "POST" in route.methods]
    assert len(found) > 20
    return found


@pytest.fixture
def writes(connection: Connection, forum: Forum) -> Iterator[list[str]]:
    """Collects every statement that writes, from now on."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.split(" ", 1)[0] in {"INSERT", "UPDATE", "DELETE"}:
            seen.append(" ".join(statement.split()))

    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)
