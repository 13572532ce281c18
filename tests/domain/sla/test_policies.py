"""Policies: which one a question falls under, and what is refused when they are set up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from sqlmodel import Session, select

from app.core.errors import Conflict, DomainError, Invalid, NotAllowed
from app.domain import sla
from app.domain.sla import Terms
from app.models import AuditEntry, OutboxEvent, Product, SlaPolicy, Tag, User
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.factories.users import make_user

TARGETS = {
    "low": {"first_response": 960, "resolution": 4800},
    "normal": {"first_response": 480, "resolution": 2400},
    "high": {"first_response": 240, "resolution": 960},
    "urgent": {"first_response": 60, "resolution": 480},
}


@pytest.fixture
def brand(db: Session) -> Product:
    return make_product(db, slug="norvane")


@pytest.fixture
def line(db: Session, brand: Product) -> Product:
    return make_product(db, slug="kestrel", parent=brand)


@pytest.fixture
def wifi(db: Session) -> Tag:
    return make_tag(db, name="wifi")


@pytest.fixture
def catch_all(db: Session) -> SlaPolicy:
    return sla.policies(db)[-1].policy


def add(db: Session, name: str, now: datetime, by: User | None = None, **matches: list[object]) -> SlaPolicy:
    return sla.add_policy(db, name=name, terms=Terms(matches=matches, targets=TARGETS), by=by, now=now)


def names(db: Session) -> list[str]:
    return [each.policy.name for each in sla.policies(db)]


def test_the_first_enabled_match_wins(
    db: Session, brand: Product, line: Product, wifi: Tag, lead: User, now: datetime
) -> None:
    model = make_product(db, slug="kestrel-13", parent=line)
    expert = make_user(db, handle="expert", reputation=1_200)
    add(db, "Urgent", now, priorities=["urgent"])
    add(db, "Experts", now, ranks=["Gold", "Platinum"])
    wireless = add(db, "Kestrel wireless", now, products=[line.id], tags=["wifi"])
    add(db, "Norvane", now, products=[brand.id])

    def found(priority: str = "normal", **facts: object) -> str:
        question = make_question(db, **facts)  # type: ignore[arg-type]
        version = sla.policy_for(db, question=question, priority=priority)
        return sla.policy(db, version.policy_id).name

    assert found() == "Everything else"
    assert found(product_id=brand.id) == "Norvane"
    assert found(product_id=model.id) == "Norvane"
    assert found(product_id=model.id, tags=[wifi]) == "Kestrel wireless"
    assert found(product_id=brand.id, tags=[wifi]) == "Norvane"
    assert found(tags=[wifi]) == "Everything else"
    assert found(author=expert, product_id=model.id) == "Experts"
    assert found("urgent", author=expert) == "Urgent"
    sla.switch_policy(db, policy=wireless, is_enabled=False, by=lead, now=now)
    assert found(product_id=model.id, tags=[wifi]) == "Norvane"


def test_a_change_is_a_new_version_in_the_log_and_tells_of_itself(
    db: Session, brand: Product, lead: User, now: datetime
) -> None:
    norvane = add(db, "Norvane", now, lead, products=[brand.id])
    said = Terms.of(sla.current(db, norvane))
    longer = {**TARGETS, "low": {"first_response": 2000, "resolution": 4800}}

    def change(terms: Terms) -> bool:
        return sla.change_policy(db, policy=norvane, name=norvane.name, terms=terms, by=lead, now=now)

    assert not change(said)
    assert change(replace(said, targets=longer))
    assert [each.version.version for each in sla.history(db, norvane)] == [2, 1]
    events = [row.payload["policy_id"] for row in db.exec(select(OutboxEvent))]
    assert events == [norvane.id, norvane.id]
    entry = db.exec(select(AuditEntry).where(AuditEntry.action == "policy.change")).one()
    assert entry.before["targets"]["low"] == {"first_response": 960, "resolution": 4800}
    assert entry.after["targets"]["low"]["first_response"] == 2000


@pytest.mark.parametrize(
    ("terms", "field", "words"),
    [
        (Terms(targets=TARGETS), "matches", "Say which questions"),
        (Terms(targets=TARGETS, matches={"products": [4711]}), "matches", "no “4711”"),
        (Terms(targets=TARGETS, matches={"tags": ["nothing"]}), "matches", "no “nothing”"),
        (Terms(targets=TARGETS, matches={"ranks": ["Emperor"]}), "matches", "no “Emperor”"),
        (Terms(targets=TARGETS, matches={"priorities": ["soon"]}), "matches", "no such priority"),
        (Terms(targets={}), "targets", "without any deadline"),
        (Terms(targets={**TARGETS, "low": {}}), "targets", "without any deadline"),
        (Terms(targets={**TARGETS, "low": {"first_response": 0}}), "targets", "at least a minute"),
        (Terms(targets={**TARGETS, "low": {"first_response": 10**9}}), "targets", "at most a year"),
        (
            Terms(targets={**TARGETS, "high": {"first_response": 240, "resolution": 60}}),
            "targets",
            "High: the resolution would be due before the reply",
        ),
        (
            Terms(targets={**TARGETS, "urgent": {"first_response": 300, "resolution": 480}}),
            "targets",
            "First response: Urgent would have more time than High",
        ),
        (Terms(targets={**TARGETS, "urgent": {"first_response": 60}}), "targets", "Resolution: Urgent"),
        (Terms(targets={**TARGETS, "soon": {"first_response": 60}}), "targets", "no such priority"),
        (
            Terms(targets=TARGETS, pauses={"first_response": ["waiting_customer"]}),
            "pauses",
            "never pauses",
        ),
        (Terms(targets=TARGETS, pauses={"resolution": ["queued"]}), "pauses", "no such clock or state"),
        (Terms(targets=TARGETS, warnings={"percent": [100]}), "warnings", "1 and 99"),
        (Terms(targets=TARGETS, warnings={"minutes_before": [0]}), "warnings", "at least a minute"),
        (Terms(targets=TARGETS, breach_percents=[100, 50]), "breach_percents", "rising"),
        (Terms(targets=TARGETS, breach_percents=[50]), "breach_percents", "rising"),
        (Terms(targets=TARGETS, matches={"ranks": ["Gold"]}, calendar_id=4711), "calendar", "not in use"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    db: Session, now: datetime, terms: Terms, field: str, words: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        sla.add_policy(db, name="New", terms=terms, now=now)
    assert words in refusal.value.errors[field]
    assert names(db) == ["Everything else"]


def test_a_policy_that_nothing_reaches_is_refused(
    db: Session, brand: Product, line: Product, wifi: Tag, lead: User, now: datetime
) -> None:
    narrow = add(db, "Kestrel", now, products=[line.id])
    broad = add(db, "Norvane", now, products=[brand.id])
    refusals: list[tuple[Callable[[], object], str]] = [
        (lambda: add(db, "Again", now, products=[line.id]), "“Kestrel” comes first"),
        (lambda: add(db, "Narrower", now, products=[line.id], tags=["wifi"]), "“Kestrel” comes first"),
        (lambda: sla.move_policy(db, policy=broad, up=True, by=lead, now=now), "reach “Kestrel” any more"),
        (lambda: sla.move_policy(db, policy=narrow, up=False, by=lead, now=now), "“Norvane” comes first"),
    ]
    for act, words in refusals:
        with pytest.raises(Invalid, match=words):
            act()
    assert names(db) == ["Kestrel", "Norvane", "Everything else"]
    assert add(db, "Wireless", now, tags=["wifi"]).id

    sla.switch_policy(db, policy=narrow, is_enabled=False, by=lead, now=now)
    sla.move_policy(db, policy=narrow, up=False, by=lead, now=now)
    with pytest.raises(Invalid, match="“Norvane” comes first"):
        sla.switch_policy(db, policy=narrow, is_enabled=True, by=lead, now=now)
    assert names(db) == ["Norvane", "Kestrel", "Wireless", "Everything else"]


def test_the_catch_all_stays_last_on_and_for_everything(
    db: Session, catch_all: SlaPolicy, lead: User, now: datetime
) -> None:
    only_gold = replace(Terms.of(sla.current(db, catch_all)), matches={"ranks": ["Gold"]})
    refusals: list[tuple[Callable[[], object], type[DomainError]]] = [
        (lambda: sla.switch_policy(db, policy=catch_all, is_enabled=False, by=lead, now=now), Conflict),
        (lambda: sla.retire_policy(db, policy=catch_all, is_retired=True, by=lead, now=now), Conflict),
        (lambda: sla.move_policy(db, policy=catch_all, up=True, by=lead, now=now), Conflict),
        (
            lambda: sla.change_policy(db, policy=catch_all, name="All", terms=only_gold, by=lead, now=now),
            Invalid,
        ),
    ]
    for act, kind in refusals:
        with pytest.raises(kind):
            act()


def test_a_retired_policy_comes_back_switched_off(
    db: Session, brand: Product, lead: User, now: datetime
) -> None:
    norvane = add(db, "Norvane", now, products=[brand.id])
    sla.retire_policy(db, policy=norvane, is_retired=True, by=lead, now=now)
    assert names(db) == ["Everything else"]
    sla.retire_policy(db, policy=norvane, is_retired=False, by=lead, now=now)
    assert names(db) == ["Norvane", "Everything else"]
    assert not norvane.is_enabled


def test_only_leads_and_administrators_set_up_policies(
    db: Session, brand: Product, agent: User, moderator: User, admin: User, now: datetime
) -> None:
    for user in (agent, moderator):
        with pytest.raises(NotAllowed):
            add(db, "Norvane", now, user, products=[brand.id])
    assert add(db, "Norvane", now, admin, products=[brand.id]).id
