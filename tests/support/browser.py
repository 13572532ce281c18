"""A test client that behaves like a browser on our own pages: sessions, form tokens, Origin."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from httpx2 import Response
from sqlmodel import Session
from starlette.requests import Request
from starlette.testclient import TestClient

from app.core.signing import hash_token
from app.models import LoginSession, User
from app.web import csrf
from app.web.deps import SESSION_COOKIE

ORIGIN = "http://testserver"
COOKIE_DOMAIN = "testserver.local"  # what the cookie jar makes of a host without a dot
Fields = Mapping[str, str | int | Sequence[str]]

_tokens = (f"session-{number:04}" for number in itertools.count(1))


class Browser(TestClient):
    """Visits the forum as one visitor or member. Redirects are not followed unless asked for."""

    def __init__(self, app: FastAPI, db: Session, *, address: str = "testclient") -> None:
        super().__init__(app, base_url=ORIGIN, follow_redirects=False, client=(address, 50_000))
        self.forum = app
        self._db = db

    def sign_in(self, user: User | None) -> Browser:
        """Go on as this member (None: as a stranger), in a session of their own; return this browser."""
        self.cookies.delete(SESSION_COOKIE) if SESSION_COOKIE in self.cookies else None
        if user is None:
            return self
        token, now = next(_tokens), self.forum.state.now()
        self._db.add(
            LoginSession(
                token_hash=hash_token(token),
                user_id=user.id or 0,
                created_at=now,
                last_seen_at=now,
                expires_at=now + timedelta(days=30),
            )
        )
        self._db.commit()
        self.set_cookie(SESSION_COOKIE, token)
        return self

    def set_cookie(self, name: str, value: str) -> None:
        """Plant a cookie in the place of the one that the forum itself would set."""
        self.cookies.set(name, value, domain=COOKIE_DOMAIN, path="/")

    def csrf_token(self) -> str:
        """Return the token that forms on our pages carry for whoever uses this browser now."""
        if SESSION_COOKIE not in self.cookies and csrf.PRE_SESSION_COOKIE not in self.cookies:
            self.set_cookie(csrf.PRE_SESSION_COOKIE, "visitor-of-a-form")
        session_token = self.cookies.get(SESSION_COOKIE, "")
        pre_session = self.cookies.get(csrf.PRE_SESSION_COOKIE, "")
        state = {"session_token": session_token, "pre_session": pre_session}
        return csrf.token_for(Request({"type": "http", "app": self.forum, "headers": [], "state": state}))

    def post_form(self, path: str, fields: Fields | None = None, **options: Any) -> Response:
        """Send a form as a browser does from one of our own pages; `files=` makes it multipart."""
        data = {csrf.FIELD: self.csrf_token(), **(fields or {})}
        headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", **options.pop("headers", {})}
        return self.post(path, data=data, headers=headers, **options)

    def open_link(self, path: str) -> Response:
        """Open a link from an e-mail and go on to where it leads."""
        return self.get(self.get(path).headers["location"])

    def post_link(self, path: str, fields: Fields | None = None) -> Response:
        """Open a link from an e-mail and send the form that it leads to."""
        return self.post_form(self.get(path).headers["location"], fields)

    def request(self, *arguments: Any, **options: Any) -> Response:
        """Send a request. The test's own session lets go before and reads anew after."""
        # Both are savepoints on one connection: an open one of the test, rolled back later, would
        # take with it what the request wrote inside it.
        self._db.commit()
        try:
            return super().request(*arguments, **options)
        finally:
            self._db.expire_all()
