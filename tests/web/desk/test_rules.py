"""Entry rules and starting days at the desk."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from app.domain import entry_rules
from app.models import Product, User
from tests.factories.products import make_product
from tests.support.browser import Browser


@pytest.fixture
def line(db: Session) -> Product:
    return make_product(db, slug="kestrel", parent=make_product(db, slug="norvane"))


def test_a_lead_sets_rules_for_all_and_for_a_product(
    client: Browser, db: Session, lead: User, line: Product
) -> None:
    client.sign_in(lead)
    page = client.get("/desk/rules").text
    assert "as it comes" in page
    assert 'value="480"' in page
    set_up = {"code": "unanswered", "is_enabled": "1", "amount": "60"}
    assert client.post_form("/desk/rules", set_up).headers["location"] == "/desk/rules"
    off = {"code": "unanswered", "amount": "60", "act": "set"}
    assert client.post_form("/desk/rules/for/norvane", off).is_redirect
    rule = entry_rules.rules_for(db, line.id)["unanswered"]
    assert (rule.is_enabled, rule.amount) == (False, 60)
    page = client.get("/desk/rules/for/kestrel").text
    assert "Norvane" in page
    assert "set here" not in page
    assert "own rules" in page
    back = {"code": "unanswered", "act": "inherit", "amount": ""}
    assert client.post_form("/desk/rules/for/norvane", back).is_redirect
    assert entry_rules.rules_for(db, line.id)["unanswered"].is_enabled


def test_a_starting_day_is_typed_in_the_time_of_the_desk(
    client: Browser, db: Session, lead: User, line: Product
) -> None:
    client.sign_in(lead)
    assert client.post_form("/desk/rules/start", {"starts_at": "2026-01-01T00:00"}).is_redirect
    assert client.post_form("/desk/rules/for/kestrel/start", {"starts_at": "2026-02-01"}).is_redirect
    assert "Questions asked before Sun 1 Feb 2026, 00:00" in client.get("/desk/rules/for/kestrel").text
    back = {"act": "inherit"}
    assert client.post_form("/desk/rules/for/kestrel/start", back).is_redirect
    assert entry_rules.start_for(db, line.id).starts_at.isoformat() == "2026-01-01T00:00:00+00:00"
    for wrong in ({"starts_at": "soon"}, {"starts_at": "2036-01-01"}, {}):
        assert client.post_form("/desk/rules/for/kestrel/start", wrong).status_code == 422


@pytest.mark.parametrize("amount", ["", "0", "many", "99999999999"])
def test_amounts_that_make_no_sense_are_refused_beside_the_rule(
    client: Browser, lead: User, amount: str
) -> None:
    client.sign_in(lead)
    answer = client.post_form("/desk/rules", {"code": "many_affected", "is_enabled": "1", "amount": amount})
    assert answer.status_code == 422
    assert 'id="error-many_affected"' in answer.text


def test_agents_do_not_find_it(client: Browser, agent: User, moderator: User, line: Product) -> None:
    for nobody in (agent, moderator):
        client.sign_in(nobody)
        for path in ("/desk/rules", f"/desk/rules/for/{line.slug}"):
            assert client.get(path).status_code == 404
            assert client.post_form(path, {"code": "unanswered"}).status_code == 404
