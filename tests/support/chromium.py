"""A real browser: the machine's own Chromium, through Playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, ViewportSize, sync_playwright
from sqlmodel import Session

from app.core.clock import utc_now
from app.core.signing import hash_token, new_token
from app.models import LoginSession
from app.web.deps import SESSION_COOKIE

REQUIRE = "PEERDESK_REQUIRE_BROWSER"
PHONE: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 900}
_OPTIONS = (
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def executable() -> str | None:
    """Return the browser's path; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def launched() -> Iterator[Browser]:
    """Provide a browser; skip the test where there is none, unless it is required."""
    path = executable()
    if path is None:
        if os.environ.get(REQUIRE) == "1":
            raise FileNotFoundError(f"{REQUIRE}=1, but there is no Chromium here: apt-get install chromium")
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_OPTIONS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """One person's browser window. `noise` collects what a console or network log would show in red."""

    context: BrowserContext
    page: Page
    noise: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Note errors and warnings of the console, failing scripts, and refused or failed requests."""
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.noise.append(f"error: {error}"))
        self.page.on("response", self._note_refusal)

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.noise.append(f"{kind}: {text}")

    def _note_refusal(self, response: Response) -> None:
        if response.status >= 400:
            self.noise.append(f"{response.status} {response.url}")


def session_cookie(db: Session, user_id: int) -> str:
    """Sign the member in, and return the value of their session cookie."""
    token, now = new_token(), utc_now()
    session = LoginSession(
        token_hash=hash_token(token),
        user_id=user_id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(days=1),
    )
    db.add(session)
    db.commit()
    return token


def sign_in(context: BrowserContext, url: str, token: str) -> None:
    """Give the window a session cookie."""
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": url}])
