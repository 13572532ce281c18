"""Entry rules: the nearest product upwards decides."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from app.core.errors import Conflict, Invalid, NotAllowed
from app.domain import entry_rules
from app.models import AuditEntry, OutboxEvent, Product, User
from tests.factories.products import make_product

DAY = timedelta(days=1)


@pytest.fixture
def model(db: Session) -> Product:
    line = make_product(db, slug="kestrel", parent=make_product(db, slug="norvane"))
    return make_product(db, slug="kestrel-13", parent=line)


def held(db: Session, product: Product | None, code: str) -> tuple[bool, int | None, str]:
    rule = entry_rules.rules_for(db, product.id if product else None)[code]
    return rule.is_enabled, rule.amount, rule.source.slug if rule.source else "all"


def test_the_defaults_are_those_that_are_published(db: Session, model: Product) -> None:
    rules = entry_rules.rules_for(db, model.id)
    assert {code: rule.amount for code, rule in rules.items() if rule.amount} == {
        "unanswered": 480,
        "asker_waiting": 960,
        "many_affected": 5,
        "trusted_request": 3,
    }
    assert all(rule.is_enabled and rule.is_default for rule in rules.values())
    assert len(rules) == 8


def test_the_nearest_product_upwards_decides_and_can_be_taken_back(
    db: Session, model: Product, lead: User, now: datetime
) -> None:
    line = db.get_one(Product, model.parent_id)
    common = {"code": "unanswered", "by": lead, "now": now}
    entry_rules.set_rule(db, product=None, is_enabled=True, amount=100, **common)  # type: ignore[arg-type]
    entry_rules.set_rule(db, product=line, is_enabled=False, amount=200, **common)  # type: ignore[arg-type]
    entry_rules.set_rule(db, product=model, is_enabled=True, amount=300, **common)  # type: ignore[arg-type]
    assert held(db, None, "unanswered") == (True, 100, "all")
    assert held(db, line, "unanswered") == (False, 200, "kestrel")
    assert held(db, model, "unanswered") == (True, 300, "kestrel-13")
    assert held(db, db.get_one(Product, line.parent_id), "unanswered") == (True, 100, "all")
    entry_rules.inherit(db, product=model, **common)  # type: ignore[arg-type]
    assert held(db, model, "unanswered") == (False, 200, "kestrel")
    entry_rules.inherit(db, product=line, **common)  # type: ignore[arg-type]
    entry_rules.inherit(db, product=None, **common)  # type: ignore[arg-type]
    assert held(db, model, "unanswered") == (True, 480, "all")
    assert [product.slug for product in entry_rules.products_with_their_own(db)] == []
    told = db.exec(select(OutboxEvent.name).where(OutboxEvent.name == "EntryRulesChanged")).all()
    assert len(told) == 6
    logged = db.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all()
    assert [entry.action for entry in logged] == ["rule.set"] * 3 + ["rule.inherit"] * 3
    assert logged[1].after == {"for": "kestrel", "on": False, "amount": 200}


def test_the_nearest_starting_day_upwards_decides(
    db: Session, model: Product, lead: User, now: datetime
) -> None:
    line = db.get_one(Product, model.parent_id)
    entry_rules.set_start(db, product=None, starts_at=now, by=lead, now=now)
    entry_rules.set_start(db, product=line, starts_at=now - 9 * DAY, by=lead, now=now)
    found = entry_rules.start_for(db, model.id)
    assert (found.starts_at, found.source) == (now - 9 * DAY, line)
    assert entry_rules.start_for(db, line.parent_id).starts_at == now
    assert entry_rules.own_of(db, line).has_start
    entry_rules.inherit_start(db, product=line, by=lead, now=now)
    assert entry_rules.start_for(db, model.id).starts_at == now
    with pytest.raises(Conflict):
        entry_rules.inherit_start(db, product=None, by=lead, now=now)
    with pytest.raises(Invalid):
        entry_rules.set_start(db, product=None, starts_at=now + 400 * DAY, by=lead, now=now)


@pytest.mark.parametrize(
    ("code", "amount"),
    [("unanswered", 0), ("unanswered", None), ("many_affected", 1), ("trusted_request", 101), ("moon", 1)],
)
def test_amounts_that_make_no_sense_are_refused(
    db: Session, lead: User, now: datetime, code: str, amount: int | None
) -> None:
    with pytest.raises(Invalid):
        entry_rules.set_rule(db, product=None, code=code, is_enabled=True, amount=amount, by=lead, now=now)


def test_agents_and_moderators_set_no_rules(db: Session, agent: User, moderator: User, now: datetime) -> None:
    for nobody in (agent, moderator):
        with pytest.raises(NotAllowed):
            entry_rules.set_start(db, product=None, starts_at=now, by=nobody, now=now)
