"""What integrators are told works as it stands there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from app.core.clock import utc_now
from app.core.resources import resource
from app.domain import identity, webhooks
from app.settings import Settings
from tests.factories.identity import make_key, make_site
from tests.support.browser import Browser
from tests.support.clock import Clock

DOCS = Path(__file__).parents[2] / "docs"
KEY = "the forum's own secret key, for tests"


def sample(document: str, language: str) -> str:
    """Return the first sample in a language of a page of the documentation."""
    found = re.search(rf"```{language}\n(.*?)```", (DOCS / document).read_text(), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def read_webhook() -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(sample("webhooks.md", "python"), names)
    read: Callable[..., Any] = names["read_webhook"]
    return read


@pytest.mark.parametrize("language", ["python", "js"])
@pytest.mark.parametrize(
    ("document", "part"), [("webhooks.md", "_verify_webhook"), ("signed-identity.md", "_sign_token")]
)
def test_the_samples_of_page_and_documentation_are_the_same(document: str, part: str, language: str) -> None:
    kind = {"python": "py", "js": "js"}[language]
    shown = (resource("templates") / f"help/{part}.{kind}.txt").read_text()
    assert shown == sample(document, language)


def test_the_python_sample_takes_what_we_sign_and_nothing_else(read_webhook: Callable[..., Any]) -> None:
    secret = webhooks.secret_text("salt", key=KEY)
    body = webhooks.body_of(
        kind="question.created", happened_at=utc_now(), data={"question_id": 1}, base_url=""
    )
    headers = webhooks.headers_of(
        message_id="msg_1", body=body, salts=["new", "salt"], key=KEY, now=utc_now()
    )
    assert read_webhook(secret, headers, body)["data"] == {"question_id": 1}
    with pytest.raises(ValueError, match="signature"):
        read_webhook(secret, headers, body.replace(b"1", b"2"))
    with pytest.raises(ValueError, match="signature"):
        read_webhook(secret, {**headers, "webhook-id": "msg_2"}, body)
    with pytest.raises(ValueError, match="old"):
        read_webhook(secret, {**headers, "webhook-timestamp": "1"}, body)


def test_the_help_page_names_every_type(client: Browser) -> None:
    page = client.get("/help/webhooks").text
    assert all(f"<code>{kind}</code>" in page for kind in webhooks.EVENT_TYPES)


def test_the_python_sample_signs_what_we_take(
    client: Browser, db: Session, settings: Settings, clock: Clock
) -> None:
    clock.now = utc_now()  # the sample signs by the clock of its machine
    key = make_key(db, site=make_site(db))
    names: dict[str, Any] = {}
    exec(sample("signed-identity.md", "python"), names)
    names |= {
        "FORUM": settings.base_url,
        "KEY_ID": key.kid,
        "KEY": identity.key_text(key.salt, secret=settings.secret_key),
    }
    customer = {"id": 7, "name": "Mara K", "email": "mara@example.com", "email_is_confirmed": True}
    link = names["link_to_forum"](customer, {"product": "aerie-14", "environment": {"os": "Windows 11"}})
    assert client.get(link).headers["location"] == "/enter"
    assert "Mara K" in client.get("/enter").text
    assert client.get("/help/signed-identity").status_code == 200
