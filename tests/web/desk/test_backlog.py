"""Taking in a backlog at the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from app.models import AuditEntry, Escalation, Product, User
from tests.factories.answers import make_answer
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.support.browser import Browser
from tests.support.clock import MONDAY_MORNING


@pytest.fixture
def line(db: Session) -> Product:
    line = make_product(db, slug="kestrel", name="Kestrel", parent=make_product(db, slug="norvane"))
    for days in range(3):
        make_question(db, product_id=line.id, created_at=MONDAY_MORNING - timedelta(days=days))
    make_answer(db, question=make_question(db, product_id=line.id))
    return line


@pytest.mark.usefixtures("line")
def test_the_number_is_shown_before_and_the_rest_after(
    client: Browser, db: Session, lead: User, drain: Callable[[Session], None]
) -> None:
    client.sign_in(lead)
    assert "3 questions" in client.get("/desk/backlog?product=norvane").text
    older = "/desk/backlog?product=kestrel&before=2026-03-01T12:00"
    assert "Take in 2 questions" in client.get(older).text
    wanted = {"product": "kestrel", "before": "2026-03-01T12:00"}
    answer = client.post_form("/desk/backlog", wanted)
    assert answer.headers["location"] == "/desk/backlog?product=kestrel&before=2026-03-01T12%3A00"
    drain(db)
    assert len(db.exec(select(Escalation)).all()) == 2
    assert "There is nothing to take in" in client.get(older).text
    assert "1 question" in client.get("/desk/backlog").text
    assert "backlog.take_in" in db.exec(select(AuditEntry.action)).all()


@pytest.mark.usefixtures("line")
def test_what_is_not_understood_is_said(client: Browser, lead: User) -> None:
    client.sign_in(lead)
    assert client.get("/desk/backlog?before=soon").status_code == 422
    assert client.post_form("/desk/backlog", {"before": "soon"}).status_code == 422
    assert client.get("/desk/backlog?product=nothing").status_code == 404


def test_agents_do_not_find_it(client: Browser, agent: User, moderator: User) -> None:
    for nobody in (agent, moderator):
        client.sign_in(nobody)
        assert client.get("/desk/backlog").status_code == 404
        assert client.post_form("/desk/backlog", {}).status_code == 404
