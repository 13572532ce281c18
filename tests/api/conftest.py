"""A client of the API in the place of a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import Response
from sqlmodel import Session

from app.models import User
from tests.factories.api_keys import make_api_key
from tests.support.browser import Browser

BASE = "/api/v1"


class Client:
    """Calls the API, with a key or as a stranger: `client("GET", "/questions")`."""

    def __init__(self, browser: Browser, token: str = "") -> None:
        self.browser = browser
        self.token = token

    def __call__(
        self,
        method: str,
        path: str,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Response:
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        address = path if path.startswith(("http:", BASE)) else BASE + path
        return self.browser.request(
            method, address, json=json, headers={**sent, **(headers or {})}, **options
        )

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Return the rows of one page of a list."""
        answer = self("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found


@pytest.fixture
def browser(app: FastAPI, db: Session) -> Iterator[Browser]:
    with Browser(app, db) as opened:
        yield opened


@pytest.fixture
def api(browser: Browser) -> Client:
    """A stranger's client."""
    return Client(browser)


@pytest.fixture
def as_member(browser: Browser, db: Session) -> Callable[..., Client]:
    """Makes clients with a key: `as_member(asker)`, `as_member(agent, "read", "staff")`."""

    def make(owner: User, *scopes: str, **facts: Any) -> Client:
        return Client(browser, make_api_key(db, owner=owner, scopes=scopes or ("read", "write"), **facts))

    return make
