"""A case's page: every act by its form, as agents and leads do them; for others nothing is there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from app.domain import answers, escalations, queue
from app.models import (
    Answer,
    Comment,
    Draft,
    Escalation,
    EscalationNote,
    EscalationPresence,
    EscalationReason,
    Question,
    User,
)
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.macros import make_macro
from tests.factories.questions import make_question
from tests.factories.teams import make_team
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock

POSTS = ("claim", "reply", "notes", "presence", "macro", "resolve", "notes/1/edit", "notes/1/remove")


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker, title="Fan is loud")


@pytest.fixture
def case(db: Session, clock: Clock, question: Question) -> Escalation:
    return escalations.open_case(db, question=question, code="unanswered", now=clock.now)


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("role", ["stranger", "asker", "moderator", "admin"])
def test_only_agents_and_leads_find_a_case(
    client: Browser, request: Any, case: Escalation, question: Question, role: str
) -> None:
    client.sign_in(request.getfixturevalue(role))
    assert client.get(f"/desk/cases/{case.id}").status_code == 404
    assert client.get(f"/desk/cases/{case.id}/macro?macro=1").status_code == 404
    for act in POSTS:
        assert client.post_form(f"/desk/cases/{case.id}/{act}", {}).status_code == 404, act
    assert client.post_form("/desk/cases", {"question": str(question.id)}).status_code == 404


def test_a_case_shows_the_thread_and_all_that_staff_know(
    client: Browser, db: Session, clock: Clock, case: Escalation, question: Question, asker: User, agent: User
) -> None:
    make_question(db, author=asker, title="An older one")
    make_comment(db, post=make_answer(db, question=question, body="Clean it."), author=asker, body="I did.")
    escalations.add_note(db, escalation=case, body="Known since *May*.", by=agent, now=clock.now)
    page = client.sign_in(agent).get(f"/desk/cases/{case.id}").text
    for shown in (
        "Fan is loud",
        "Clean it.",
        "I did.",
        "An older one",
        "<em>May</em>",
        "No answer",
        "due in 8 h",
        "came to staff",
        "First reply",
        "only staff see this",
        "Unclaimed",
    ):
        assert shown in page, shown
    assert client.get("/desk/cases/999999").status_code == 404


def test_each_act_has_its_form(
    client: Browser, db: Session, case: Escalation, agent: User, lead: User
) -> None:
    team = make_team(db, lead)
    client.sign_in(agent)

    def do(act: str, expected: dict[str, object], **fields: str) -> None:
        answer = client.post_form(f"/desk/cases/{case.id}/{act}", {"back": "?view=mine", **fields})
        assert answer.status_code == 303, (act, answer.text)
        assert "view" in answer.headers["location"]
        row = db.get_one(Escalation, case.id)
        assert {name: getattr(row, name) for name in expected} == expected, act

    do("claim", {"state": "claimed", "owner_id": agent.id})
    do("priority", {"priority": "urgent"}, priority="urgent")
    do("team", {"team_id": team.id}, team=team.slug)
    do("add-reference", {"external_references": ["RMA 12"]}, reference="RMA 12")
    do("remove-reference", {"external_references": []}, reference="RMA 12")
    do("snooze", {"state": "snoozed"}, until="tomorrow")
    do("wake", {"state": "claimed"})
    do("snooze", {"state": "snoozed"}, at="2026-03-03T10:30")
    do("wake", {"state": "claimed"})
    do("release", {"state": "queued", "owner_id": None})
    do("assign", {"state": "claimed", "owner_id": agent.id}, to=agent.handle)
    do("hand-over", {"state": "waiting_internal", "owner_id": lead.id}, to=lead.handle, note="Yours?")
    client.sign_in(lead)
    do("claim", {"state": "claimed", "owner_id": lead.id})
    do("resolve", {"state": "resolved", "resolved_by": "staff"})
    do("reopen", {"state": "claimed"})
    do("cancel", {"state": "cancelled"}, reason="Asked twice.")


def test_what_is_refused_is_said_on_the_page(
    client: Browser, case: Escalation, agent: User, db: Session, clock: Clock
) -> None:
    client.sign_in(agent)
    refused: list[tuple[str, dict[str, str], int, str]] = [
        ("snooze", {}, 422, "Choose until when."),
        ("snooze", {"at": "soon"}, 422, "Write the time like"),
        ("priority", {"priority": "huge"}, 422, "Choose a priority."),
        ("hand-over", {"note": "Please look."}, 422, "Please look."),
        ("cancel", {"reason": " "}, 422, "Say why"),
        ("release", {}, 409, "Nobody has this case."),
        ("wake", {}, 409, "in the queue"),
        ("notes", {"body": " "}, 422, "Write the note first."),
        ("reply", {"body": "No."}, 422, "No."),
    ]
    for act, fields, status, sentence in refused:
        answer = client.post_form(f"/desk/cases/{case.id}/{act}", fields)
        assert answer.status_code == status, act
        assert sentence in answer.text, act
    assert client.post_form(f"/desk/cases/{case.id}/dance").status_code == 404
    assert client.post_form(f"/desk/cases/{case.id}/team", {"team": "gone"}).status_code == 404
    other = make_user(db, handle="omar", display_name="Omar", support_role="agent")
    escalations.claim(db, escalation=case, by=other, now=clock.now)
    lost = client.post_form(f"/desk/cases/{case.id}/claim")
    assert lost.status_code == 409
    assert "Omar has this case already." in lost.text


@pytest.mark.parametrize(
    ("then", "state"), [("", "claimed"), ("wait", "waiting_customer"), ("resolve", "resolved")]
)
def test_a_public_reply_is_an_answer_and_goes_on_as_asked(
    client: Browser, db: Session, case: Escalation, agent: User, then: str, state: str
) -> None:
    page = client.sign_in(agent).get(f"/desk/cases/{case.id}").text
    fields = {
        "body": "Update the firmware to 2.1.",
        "seen": seen_on(page),
        "then": then,
        "back": "?view=late",
    }
    answer = client.post_form(f"/desk/cases/{case.id}/reply", fields)
    assert answer.headers["location"].startswith("/desk/queue" if then else f"/desk/cases/{case.id}")
    posted = db.exec(select(Answer)).one()
    assert (posted.body, posted.by_staff, posted.question_id) == (fields["body"], True, case.question_id)
    assert db.get_one(Escalation, case.id).state == state


def test_a_reply_can_be_a_comment(
    client: Browser, db: Session, case: Escalation, question: Question, agent: User
) -> None:
    fields = {"body": "Which version do you have?", "on": str(question.id), "seen": "0", "then": "wait"}
    assert client.sign_in(agent).post_form(f"/desk/cases/{case.id}/reply", fields).status_code == 303
    assert db.exec(select(Comment.body)).all() == [fields["body"]]


def test_a_reply_against_an_older_thread_is_held_back_and_kept(
    client: Browser, db: Session, clock: Clock, case: Escalation, question: Question, agent: User
) -> None:
    page = client.sign_in(agent).get(f"/desk/cases/{case.id}").text
    other = make_user(db, display_name="Noor")
    answers.post(db, question=question, author=other, body="It is the driver, roll it back.", now=clock.now)
    fields = {"body": "Update the firmware to 2.1.", "seen": seen_on(page)}
    held = client.post_form(f"/desk/cases/{case.id}/reply", fields)
    assert held.status_code == 409
    for shown in (
        "Update the firmware to 2.1.</textarea>",
        "A new answer",
        "Noor",
        "It is the driver",
        "Send it anyway",
    ):
        assert shown in held.text, shown
    assert len(db.exec(select(Answer)).all()) == 1
    assert client.post_form(f"/desk/cases/{case.id}/reply", {**fields, "anyway": "1"}).status_code == 303
    assert len(db.exec(select(Answer)).all()) == 2


def test_what_is_being_written_is_kept_as_a_draft_until_it_is_sent(
    client: Browser, db: Session, case: Escalation, agent: User
) -> None:
    client.sign_in(agent)
    for key, body in (("reply", "Half a sentence"), ("note", "Half a note")):
        assert client.post_form(f"/drafts/{key}:{case.id}", {"body": body}).status_code == 204
        assert body in client.get(f"/desk/cases/{case.id}").text
    client.post_form(f"/desk/cases/{case.id}/notes", {"body": "A whole note."})
    assert [draft.key for draft in db.exec(select(Draft))] == [f"reply:{case.id}"]


def test_notes_are_changed_and_removed_by_their_author_or_a_lead(
    client: Browser, db: Session, case: Escalation, agent: User, lead: User
) -> None:
    client.sign_in(agent).post_form(f"/desk/cases/{case.id}/notes", {"body": "Called them."})
    note = db.exec(select(EscalationNote)).one()
    address = f"/desk/cases/{case.id}/notes/{note.id}"
    other = make_user(db, support_role="agent")
    assert client.sign_in(other).post_form(f"{address}/edit", {"body": "Changed."}).status_code == 403
    assert client.sign_in(lead).post_form(f"{address}/edit", {"body": "Called twice."}).status_code == 303
    assert client.post_form(f"{address}/edit", {"body": " "}).status_code == 422
    assert "Called twice." in client.get(f"/desk/cases/{case.id}").text
    assert client.sign_in(agent).post_form(f"{address}/remove").status_code == 303
    assert "Called twice." not in client.get(f"/desk/cases/{case.id}").text


def test_who_looks_and_who_replies_shows_on_the_case_and_in_the_list(
    client: Browser, db: Session, case: Escalation, agent: User, lead: User
) -> None:
    client.sign_in(lead)
    assert client.post_form(f"/desk/cases/{case.id}/presence", {"doing": "replying"}).status_code == 204
    assert client.post_form(f"/desk/cases/{case.id}/presence", {"doing": "dancing"}).status_code == 422
    client.sign_in(agent)
    for address in (f"/desk/cases/{case.id}", "/desk/queue"):
        assert "Lead is replying" in client.get(address).text, address
    client.sign_in(lead).post_form(f"/desk/cases/{case.id}/presence", {"doing": "left"})
    assert db.exec(select(EscalationPresence)).all() == []


def test_staff_bring_a_question_in_by_hand(
    client: Browser, db: Session, question: Question, agent: User
) -> None:
    client.sign_in(agent)
    answer = client.post_form("/desk/cases", {"question": str(question.id), "detail": "From the phone."})
    case = db.exec(select(Escalation)).one()
    assert answer.headers["location"] == f"/desk/cases/{case.id}"
    reason = db.exec(select(EscalationReason)).one()
    assert (reason.code, reason.detail, reason.by_id) == ("by_staff", "From the phone.", agent.id)
    for odd in ("", "0", "x", "9" * 30):
        assert client.post_form("/desk/cases", {"question": odd}).status_code == 404, odd


def test_a_public_page_leads_agents_to_the_case_and_tells_nobody_else(
    client: Browser, db: Session, clock: Clock, question: Question, agent: User, moderator: User, asker: User
) -> None:
    address = f"/questions/{question.id}/fan-is-loud"
    assert "Escalate</button>" in client.sign_in(agent).get(address).text
    case = escalations.open_case(db, question=question, code="unanswered", now=clock.now)
    escalations.claim(db, escalation=case, by=agent, now=clock.now)
    page = client.get(address).text
    assert f'href="/desk/cases/{case.id}">Claimed</a>, <bdi>Agent</bdi>' in page
    assert "Escalate</button>" not in page
    for other in (None, asker, moderator):
        assert "/desk/cases" not in client.sign_in(other).get(address).text


def test_a_case_is_found_by_its_number_or_its_questions(
    client: Browser, case: Escalation, question: Question, agent: User
) -> None:
    client.sign_in(agent)
    for typed in (f"%23{case.id}", f"%23{question.id}", f"{question.id}"):
        answer = client.get(f"/desk/queue?find={typed}")
        assert answer.headers.get("location") == f"/desk/cases/{case.id}", typed
    assert client.get("/desk/queue?find=%2399999999").status_code == 200


def test_a_macro_is_looked_at_and_then_run_whole_or_not_at_all(
    client: Browser, db: Session, case: Escalation, question: Question, agent: User, clock: Clock
) -> None:
    macro = make_macro(
        db,
        {"do": "reply", "text": "Hello {{asker_name}}, which version of {{product}}?"},
        {"do": "priority", "to": "high"},
        {"do": "state", "to": "wait"},
    )
    client.sign_in(agent)
    page = client.get(f"/desk/cases/{case.id}/macro?macro={macro.id}").text
    assert "Hello Asker, which version" in page
    fields = {"macro": str(macro.id), "seen": seen_on(page)}
    answers.post(
        db, question=question, author=make_user(db), body="Roll the driver back then.", now=clock.now
    )
    held = client.post_form(f"/desk/cases/{case.id}/macro", fields)
    assert held.status_code == 409
    assert "Run it anyway" in held.text
    assert db.get_one(Escalation, case.id).priority == "normal"
    assert client.post_form(f"/desk/cases/{case.id}/macro", {**fields, "anyway": "1"}).status_code == 303
    row = db.get_one(Escalation, case.id)
    assert (row.state, row.priority, row.owner_id) == ("waiting_customer", "high", agent.id)
    assert client.get(f"/desk/cases/{case.id}/macro?macro=999999").status_code == 404


def test_a_long_thread_shows_its_end(
    client: Browser, db: Session, case: Escalation, question: Question, agent: User
) -> None:
    author = make_user(db)
    for number in range(52):
        make_answer(db, question=question, author=author, body=f"Try number {number:02}.")
    page = client.sign_in(agent).get(f"/desk/cases/{case.id}").text
    assert "Try number 51." in page
    assert "Try number 01." not in page
    assert "Earlier answers are on the public page." in page


def test_the_page_costs_the_same_with_a_long_thread(
    client: Browser,
    db: Session,
    case: Escalation,
    question: Question,
    agent: User,
    clock: Clock,
    count_queries: Any,
) -> None:
    def add() -> None:
        make_comment(db, post=make_answer(db, question=question, author=make_user(db)), author=make_user(db))
        escalations.add_note(db, escalation=case, body="A note.", by=agent, now=clock.now)

    def cost() -> int:
        client.get(f"/desk/cases/{case.id}")
        with count_queries() as queries:
            assert client.get(f"/desk/cases/{case.id}").status_code == 200
        return len(queries)

    client.sign_in(agent)
    add()
    with_one = cost()
    for _ in range(12):
        add()
    assert cost() == with_one
    assert with_one <= 32


def test_snoozing_until_a_morning_is_of_the_desk_s_zone(db: Session, clock: Clock) -> None:
    friday = clock.now + timedelta(days=4)
    zone = "America/New_York"
    assert queue.snoozed_until("tomorrow", now=friday, zone=zone).isoformat() == "2026-03-07T14:00:00+00:00"
    # the clocks go forward in between
    assert queue.snoozed_until("monday", now=friday, zone=zone).isoformat() == "2026-03-09T13:00:00+00:00"
    assert queue.snoozed_until("monday", now=clock.now, zone="UTC").isoformat() == "2026-03-09T09:00:00+00:00"
