from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlmodel import Session, select

from app.models import Answer, User
from tests.factories.questions import make_question
from tests.support.allowlist import offences
from tests.support.browser import Browser

VECTORS: list[str] = json.loads((Path(__file__).parents[1] / "core" / "xss_vectors.json").read_text())
SOURCE = "Press **F2**, @mara:\n\n```bash\nls -l\n```\n<script>alert(1)</script> #wifi https://a.example"


def test_the_preview_equals_what_is_published(client: Browser, db: Session, answerer: User) -> None:
    question = make_question(db)
    client.sign_in(answerer)
    preview = client.post_form("/preview", {"body": SOURCE})
    client.post_form(f"/questions/{question.id}/answers", {"body": SOURCE})
    published = db.exec(select(Answer)).one()
    assert preview.status_code == 200
    assert preview.text == published.body_html


def test_case_4_the_preview_is_as_clean_as_a_post(client: Browser, asker: User) -> None:
    client.sign_in(asker)
    for start in range(0, len(VECTORS), 50):
        preview = client.post_form("/preview", {"body": "\n\n".join(VECTORS[start : start + 50])})
        assert preview.status_code == 200
        assert offences(preview.text) == []


def test_a_preview_is_kept_nowhere(client: Browser, asker: User) -> None:
    client.sign_in(asker)
    assert client.post_form("/preview", {"body": "x"}).headers["cache-control"] == "private, no-store"


def test_a_stranger_gets_no_preview(client: Browser) -> None:
    assert client.post_form("/preview", {"body": "x"}, headers={"X-Fragment": "1"}).status_code == 401


@pytest.mark.parametrize("fields", [{"body": "x" * 30_001}, {"body": "x", "is_staff": "1"}])
def test_what_no_form_of_ours_sends_is_refused(client: Browser, asker: User, fields: dict[str, str]) -> None:
    client.sign_in(asker)
    assert client.post_form("/preview", fields).status_code == 422
