"""Nothing of the queue leaves the desk: a marker stands in all that staff write, and everything public is read.

Addresses come from the routes themselves, so a new one is covered the day it appears.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.domain import answers, comments, entry_rules, escalations, live, macros, outbox, queue, sla, teams
from app.domain.live import Changes
from app.models import Escalation, OutboxEvent, Question, SlaPolicy, User
from app.settings import Settings
from tests.factories.answers import make_answer
from tests.factories.api_keys import make_api_key
from tests.factories.comments import make_comment
from tests.factories.escalations import let_rules_count
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.support.addresses import filled
from tests.support.browser import Browser
from tests.support.clock import Clock
from tests.support.mailbox import Mailbox, text_of
from tests.support.routes import RouteFacts

MARKER = "canary4711"
BAIT = "zanzibar"  # stands beside the marker everywhere, and is what searches look for
SECRET = f"{BAIT} {MARKER}"
ENDLESS = ("/events",)  # server-sent events; what goes into them is read below
Drain = Callable[[Session], None]


@dataclass(frozen=True)
class Desk:
    """A case full of secrets, and everybody around it."""

    case: Escalation
    question: Question
    asker: User
    member: User
    agent: User
    parameters: dict[str, str]


@pytest.fixture
def desk(db: Session, asker: User, agent: User, lead: User, clock: Clock, drain: Drain) -> Desk:
    """Do everything that staff can do, with the marker in every word of theirs."""
    now = clock.now
    let_rules_count(db, since=now)
    product, tag = make_product(db), make_tag(db, question_count=1)
    question = make_question(db, author=asker, product_id=product.id, tags=[tag])
    member = make_user(db, handle="member", reputation=600)
    answer = make_answer(db, question=question, author=member)
    comment = make_comment(db, post=question, author=member)
    make_question(db, author=asker, product_id=product.id, created_at=now - timedelta(days=900))
    team = teams.add_team(db, name=f"Team {SECRET}", by=lead, now=now)
    macros.create(
        db,
        by=lead,
        name=f"Macro {SECRET}",
        actions=[macros.Action("note", text=SECRET)],
        now=now,
    )
    for shared in (False, True):
        name = f"View {shared} {SECRET}"
        queue.save_view(db, by=agent, name=name, listing=queue.Listing(), is_shared=shared, now=now)
    teams.add_absence(
        db,
        user=lead,
        by=lead,
        starts_at=now + timedelta(days=3),
        ends_at=now + timedelta(days=4),
        reason=SECRET,
        now=now,
    )
    policy = db.exec(select(SlaPolicy)).one()
    terms = sla.Terms.of(sla.current(db, policy))
    sla.change_policy(db, policy=policy, name=f"Policy {SECRET}", terms=terms, by=lead, now=now)
    entry_rules.set_rule(db, product=product, code="unanswered", is_enabled=True, amount=30, by=lead, now=now)
    case = escalations.open_case(db, question=question, code="by_staff", by=agent, detail=SECRET, now=now)
    _work_on(db, case, team=team, agent=agent, lead=lead, asker=asker, clock=clock)
    drain(db)
    clock.advance(days=3)
    drain(db)
    parameters = {
        "question_id": str(question.id),
        "answer_id": str(answer.id),
        "comment_id": str(comment.id),
        "post_id": str(question.id),
        "handle": agent.handle,
        "slug": product.slug,
        "name": tag.name,
        "words": "any-words",
        "key": f"answer-{question.id}",
        "number": "1",
        "case_id": str(case.id),
        "escalation_id": str(case.id),
    }
    return Desk(case, question, asker, member, agent, parameters)


def _work_on(
    db: Session, case: Escalation, *, team: Any, agent: User, lead: User, asker: User, clock: Clock
) -> None:
    question = db.get_one(Question, case.question_id)
    escalations.claim(db, escalation=case, by=agent, now=clock.now)
    note = escalations.add_note(
        db, escalation=case, body=f"@asker @{lead.handle} {SECRET}", by=agent, now=clock.now
    )
    escalations.edit_note(db, note=note, body=f"@asker @member {SECRET} again", by=agent, now=clock.now)
    escalations.add_reference(
        db, escalation=case, reference=f"https://jira.example/{SECRET}", by=agent, now=clock.now
    )
    escalations.set_priority(db, escalation=case, priority="high", by=agent, now=clock.now)
    escalations.hand_over(db, escalation=case, team=team, note=f"Handed {SECRET}", by=agent, now=clock.now)
    escalations.claim(db, escalation=case, by=lead, now=clock.now)
    escalations.ask_customer(
        db,
        escalation=case,
        body="Which firmware is it?",
        as_comment_on=question,
        by=lead,
        seen=0,
        now=clock.now,
    )
    comments.post(db, post=question, author=asker, body="It is 1.2.0, I think.", now=clock.advance(minutes=1))
    queue.seen(db, escalation_id=case.id or 0, by=agent, doing="replying", now=clock.now)


def read_all(client: Browser, readable: list[RouteFacts], desk: Desk) -> Iterator[tuple[str, str]]:
    """Read every readable address, with searches for what stands beside the marker."""
    for route in readable:
        if not route.path.startswith("/static") and not route.path.endswith(ENDLESS):
            handles = (desk.agent.handle, desk.asker.handle) if "{handle" in route.path else ("",)
            for handle in handles:
                address = filled(route.path, {**desk.parameters, "handle": handle})
                for query in ("", f"?q={BAIT}&tab=all&sort=newest"):
                    yield address + query, client.get(address + query).text


@pytest.mark.parametrize("who", ["stranger", "member", "asker"])
def test_no_page_feed_or_search_shows_anything_of_the_queue(
    client: Browser, desk: Desk, readable: list[RouteFacts], who: str
) -> None:
    viewer = {"stranger": None, "member": desk.member, "asker": desk.asker}[who]
    client.sign_in(viewer)
    found, links = [], []
    for address, text in read_all(client, readable, desk):
        found += [address] if MARKER in text else []
        is_open = not address.startswith(("/desk", "/help", "/robots.txt"))  # a refusal repeats its address
        links += [address] if "/desk/" in text and is_open else []
    assert found == []
    assert links == []


def test_the_desk_itself_shows_it_to_staff(client: Browser, desk: Desk) -> None:
    """Else the tests above would find nothing wherever it is."""
    client.sign_in(desk.agent)
    for address in (f"/desk/cases/{desk.case.id}", "/desk/queue", "/desk/macros"):
        assert MARKER in client.get(address).text, address


def test_desk_pages_do_not_exist_for_others(client: Browser, desk: Desk, readable: list[RouteFacts]) -> None:
    client.sign_in(desk.member)
    pages = [route for route in readable if route.path.startswith("/desk")]
    assert {client.get(filled(route.path, desk.parameters)).status_code for route in pages} == {404}


@pytest.mark.parametrize("who", ["stranger", "member", "asker"])
def test_the_api_shows_nothing_of_the_queue(client: Browser, db: Session, desk: Desk, who: str) -> None:
    viewer = {"stranger": None, "member": desk.member, "asker": desk.asker}[who]
    headers = {"Authorization": f"Bearer {make_api_key(db, owner=viewer)}"} if viewer else {}
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert len(paths) > 10
    for path, methods in paths.items():
        if "get" in methods and not path.endswith(ENDLESS):
            address = filled(path.removeprefix("/api/v1"), desk.parameters)
            answer = client.get(f"/api/v1{address}?q={BAIT}", headers=headers)
            assert MARKER not in answer.text, path


def test_no_mail_to_others_says_anything_of_the_queue(
    db: Session, desk: Desk, settings: Settings, clock: Clock
) -> None:
    sent = Mailbox(db, settings).fetch(now=clock.advance(days=1))
    staff = set(db.exec(select(User.email).where(User.support_role != "")))
    others = [message for message in sent if message["To"] not in staff]
    assert others
    assert len(others) < len(sent)
    for message in others:
        assert "/desk/" not in text_of(message)
    for message in sent:  # not even to staff: mail is read in many places
        assert MARKER not in f"{message['Subject']} {text_of(message)}"


def test_events_carry_no_words_and_live_ones_of_cases_go_to_staff_only(
    db: Session, desk: Desk, connection: Engine, now: datetime
) -> None:
    payloads = db.exec(select(OutboxEvent.payload)).all()
    assert MARKER not in json.dumps(payloads)
    source = Changes(connection, now=lambda: now)
    messages, _ = source.read(outbox.START)
    about_cases = [message for message in messages if "case_id" in message.data]
    assert about_cases
    for message in messages:
        assert MARKER not in json.dumps(message.data)
        assert ("case_id" in message.data) == bool(
            message.topics & {live.QUEUE, f"{live.CASE}:{desk.case.id}"}
        )
        if "case_id" in message.data:
            assert all(topic == live.QUEUE or topic.startswith(live.CASE) for topic in message.topics)


def test_nothing_of_the_queue_is_on_a_public_answer(db: Session, desk: Desk, clock: Clock) -> None:
    """The public page of a promise says when, and no more."""
    promise = escalations.promise_of(db, desk.question.id)
    assert promise is not None
    assert vars(promise).keys() == {"state", "due_at"}
    lead = db.exec(select(User).where(User.support_role == "lead")).one()
    reply = escalations.reply(
        db,
        escalation=desk.case,
        body="Press both buttons for ten seconds.",
        by=lead,
        seen=0,
        send_anyway=True,
        now=clock.now,
    )
    assert MARKER not in str(reply)
    assert (
        answers.visible(db, viewer=None, answer_id=reply.id or 0).body
        == "Press both buttons for ten seconds."
    )
    assert (
        db.exec(select(Escalation.id).where(col(Escalation.question_id) == desk.question.id)).one()
        == desk.case.id
    )
