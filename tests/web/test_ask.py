"""Ask: choose the product, see similar questions, post."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from app.models import Answer, Draft, EnvironmentField, EnvironmentValue, Product, Question, User
from tests.factories.products import make_product
from tests.support.browser import Browser
from tests.support.clock import Clock


@pytest.fixture
def model(db: Session) -> Product:
    brand = make_product(db, slug="papyra")
    line = make_product(db, slug="folio", parent=brand)
    field = EnvironmentField(product_id=brand.id or 0, name="os", label="Operating system", is_required=True)
    db.add(field)
    db.commit()
    return make_product(db, slug="folio-m240", parent=line)


def typed(**fields: str) -> dict[str, str]:
    whole = {
        "product": "folio-m240",
        "title": "It shows error 49 after every restart",
        "body": "It worked before the update; a restart did not help.",
        "tags": "printing, error-49",
        "env_os": "Windows 11",
        "confirmed": "1",
    }
    return {**whole, **fields}


def test_a_stranger_is_sent_to_sign_in_and_back(client: Browser) -> None:
    assert client.get("/ask?product=folio").headers["location"] == "/signin?next=/ask%3Fproduct%3Dfolio"


def test_the_product_is_chosen_first(client: Browser, model: Product, asker: User) -> None:
    client.sign_in(asker)
    assert "Folio" in client.get("/ask").text
    assert model.name in client.get("/ask?in=folio").text
    assert model.name in client.get("/ask?find=m240").text
    assert 'name="title"' not in client.get("/ask").text
    form = client.get("/ask?product=folio-m240").text
    assert 'name="title"' in form
    assert 'name="env_os"' in form
    assert client.get("/ask?product=unknown").status_code == 404


def test_a_question_is_posted_with_its_environment(
    client: Browser, db: Session, model: Product, asker: User
) -> None:
    posted = client.sign_in(asker).post_form("/ask", typed())
    assert posted.status_code == 303
    question = db.exec(select(Question)).one()
    assert posted.headers["location"].startswith(f"/questions/{question.id}/")
    assert question.product_id == model.id
    assert db.exec(select(EnvironmentValue)).one().value == "Windows 11"
    page = client.get(posted.headers["location"]).text
    assert "Windows 11" in page
    assert "#error-49" in page.replace("<span>", "").replace("</span>", "") or "error-49" in page


def test_a_question_that_is_sent_twice_is_asked_once_until_the_next_day(
    client: Browser, db: Session, model: Product, asker: User, clock: Clock
) -> None:
    client.sign_in(asker)
    first, again = (client.post_form("/ask", typed()) for _ in range(2))
    assert again.status_code == 303
    assert again.headers["location"] == first.headers["location"]
    clock.advance(days=1, minutes=1)
    client.post_form("/ask", typed())
    assert len(db.exec(select(Question)).all()) == 2


def test_a_question_about_no_product_is_fine(client: Browser, db: Session, asker: User) -> None:
    assert client.sign_in(asker).post_form("/ask", typed(product="none", env_os="")).status_code == 303
    assert db.exec(select(Question)).one().product_id is None


def test_everything_wrong_is_said_at_once_and_nothing_typed_is_lost(
    client: Browser, db: Session, model: Product, asker: User
) -> None:
    client.sign_in(asker)
    sent = typed(title="Brief", body="Also brief", tags="a, b, c, d, e, f", env_os="")
    refused = client.post_form("/ask", sent)
    assert refused.status_code == 422
    for text in ("Brief", "Also brief", "a, b, c, d, e, f", "at most five tags", "Fill in Operating system"):
        assert text in refused.text, text
    assert db.exec(select(Question)).all() == []


def test_question_and_answer_are_posted_in_one_go_or_not_at_all(
    client: Browser, db: Session, model: Product, asker: User
) -> None:
    client.sign_in(asker)
    refused = client.post_form("/ask", typed(answer="Brief."))
    assert refused.status_code == 422
    assert db.exec(select(Question)).all() == []
    posted = client.post_form("/ask", typed(answer="Reinstalling the driver helped me."))
    assert posted.status_code == 303
    assert db.exec(select(Answer)).one().author_id == asker.id


def test_posting_discards_the_draft(client: Browser, db: Session, model: Product, asker: User) -> None:
    client.sign_in(asker).post_form("/drafts/ask", typed())
    client.post_form("/ask", typed())
    assert db.exec(select(Draft)).all() == []


def test_fields_that_nobody_asked_for_are_refused(
    client: Browser, db: Session, model: Product, asker: User
) -> None:
    client.sign_in(asker)
    assert client.post_form("/ask", typed(score="1000", author_id="1")).status_code == 422
    assert db.exec(select(Question)).all() == []
