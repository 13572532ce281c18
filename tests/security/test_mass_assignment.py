"""Attack case 12: no form sets what it does not ask for."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from sqlmodel import Session

from app.models import User, metadata
from tests.support.addresses import Forum, filled, form_of
from tests.support.browser import Browser
from tests.support.routes import RouteFacts

COLUMNS = {column.name for table in metadata.tables.values() for column in table.columns}
OPEN_ON_PURPOSE = {
    "POST /drafts/{key}",  # keeps text for the form, acts on none of it
}


@pytest.fixture
def facts(db: Session, forum: Forum) -> dict[str, object]:
    return _everything(db, forum)


def test_case_12_no_route_takes_a_column_it_does_not_ask_for(
    client: Browser,
    db: Session,
    forum: Forum,
    moderator: User,
    writable: list[RouteFacts],
    facts: dict[str, object],
) -> None:
    taken = []
    for route in writable:
        path = filled(route.path, forum.parameters())
        if str(route) in OPEN_ON_PURPOSE or path.startswith("/settings/deletion"):
            continue
        client.sign_in(forum.author)
        sent = client.post_form(
            path, {"is_staff": "1", "support_role": "lead", "reputation": "99999", "score": "9"}
        )
        if sent.status_code < 400:
            taken.append(str(route))
        # What has no fields at all may go on and ignore them.
    assert {"POST /ask", "POST /posts/{post_id:int}/vote", "POST /signup", "POST /settings"}.isdisjoint(taken)
    after = _everything(db, forum)
    assert after["roles"] == facts["roles"]
    assert after["reputation"] == facts["reputation"]
    assert after["score"] == facts["score"]


def test_case_12_every_form_refuses_what_it_does_not_ask_for(writable: list[RouteFacts]) -> None:
    forms = {str(route): form for route in writable if (form := form_of(route))}
    assert len(forms) > 10
    for route, form in forms.items():
        if route in OPEN_ON_PURPOSE:
            continue
        for column in sorted(COLUMNS - set(form.model_fields)):
            with pytest.raises(ValidationError):
                form.model_validate({column: "1"} | dict.fromkeys(form.model_fields, "1"))


@pytest.mark.parametrize(
    "column", ["id", "author_id", "score", "created_at", "is_locked", "body_html", "by_staff", "removed_at"]
)
def test_case_12_posting_sets_no_column(client: Browser, forum: Forum, column: str) -> None:
    client.sign_in(forum.author)
    fields = {"body": "Hold the power button for ten seconds.", column: "1"}
    for path in (f"/questions/{forum.question.id}/answers", f"/posts/{forum.answer.id}/comments", "/ask"):
        assert client.post_form(path, fields).status_code == 422


def _everything(db: Session, forum: Forum) -> dict[str, object]:
    author = db.get_one(User, forum.author.id)
    db.refresh(author)
    return {
        "roles": (author.support_role, author.moderation_role),
        "reputation": author.reputation,
        "score": (forum.question.score, forum.answer.score),
    }


def test_the_columns_are_known() -> None:
    assert {"reputation", "support_role", "author_id", "score"} <= COLUMNS
