"""What integrators are told works as it stands there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.core.clock import utc_now
from app.core.resources import resource
from app.domain import webhooks
from tests.support.browser import Browser

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
def test_the_samples_of_page_and_documentation_are_the_same(language: str) -> None:
    kind = {"python": "py", "js": "js"}[language]
    shown = (resource("templates") / f"help/_verify_webhook.{kind}.txt").read_text()
    assert shown == sample("webhooks.md", language)


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
