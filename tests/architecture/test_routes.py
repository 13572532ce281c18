from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings
from app.web import csrf, deps
from tests.support.routes import RouteFacts, routes

SNAPSHOT = Path(__file__).with_name("routes.txt")
SIGNED_ADDRESSES = {"/unsubscribe/{token}"}  # mail programs post to it by themselves (RFC 8058)
STAFF_GUARDS = {deps.require_staff, deps.require_moderator, deps.require_admin}


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data")))  # type: ignore[call-arg]


@pytest.fixture(scope="module")
def every_route(forum: FastAPI) -> list[RouteFacts]:
    found = routes(forum)
    assert len(found) > 10
    return found


def test_every_unsafe_route_is_protected_against_foreign_forms(every_route: list[RouteFacts]) -> None:
    unsafe = [route for route in every_route if route.methods - csrf.SAFE_METHODS]
    assert unsafe
    bare = [
        str(route)
        for route in unsafe
        if csrf.protect not in route.dependencies and route.path not in SIGNED_ADDRESSES
    ]
    assert not bare, f"include the router in app/web/__init__.py: {bare}"


def test_every_route_of_the_desk_is_for_staff(every_route: list[RouteFacts]) -> None:
    desk = [route for route in every_route if route.path.startswith("/desk")]
    assert desk
    open_ones = [str(route) for route in desk if not route.dependencies & STAFF_GUARDS]
    assert not open_ones, f"put it behind the desk's router, or Staff, Moderator or Admin: {open_ones}"


def test_no_route_has_two_owners(every_route: list[RouteFacts]) -> None:
    listed = [str(route) for route in every_route]
    assert sorted(listed) == sorted(set(listed))


def test_the_list_of_routes_has_not_changed_unnoticed(every_route: list[RouteFacts]) -> None:
    present = "".join(f"{line}\n" for line in sorted((str(route) for route in every_route), key=_by_path))
    if not SNAPSHOT.exists():
        SNAPSHOT.write_text(present)
    assert SNAPSHOT.read_text() == present, (
        f"Addresses stay for ever: a route that moved needs a redirect. Then delete {SNAPSHOT.name}, run this "
        "test once, and commit the new list."
    )


def _by_path(line: str) -> tuple[str, str]:
    methods, _, path = line.partition(" ")
    return path, methods
