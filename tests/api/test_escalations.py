"""Cases of staff over the API: the same acts as at the desk, for agents only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlmodel import Session, select

from app.api import queue_walking
from app.api.routes import escalations as routes
from app.api.schemas.escalations import Priority
from app.domain import entry_rules, escalations, queue
from app.models import (
    ENTRY_REASONS,
    ESCALATION_STATES,
    METRICS,
    PRIORITIES,
    Answer,
    EscalationNote,
    EscalationReason,
    User,
)
from tests.api.conftest import Client
from tests.factories.escalations import open_case
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.teams import make_team
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock

Keys = Callable[..., Client]
STAFF = ("read", "write", "staff")


@pytest.fixture
def api(as_member: Keys, agent: User) -> Client:
    """The client of an agent, whose key has the scope `staff`."""
    return as_member(agent, *STAFF)


def test_the_choices_of_the_description_are_those_of_the_domain() -> None:
    assert get_args(routes.View) == tuple(queue.VIEWS)
    assert set(get_args(routes.Sort)) == set(queue.SORTS)
    assert set(get_args(routes.State)) == set(ESCALATION_STATES)
    assert get_args(routes.Reason) == ENTRY_REASONS
    assert get_args(routes.Clocks) == METRICS
    assert get_args(Priority) == PRIORITIES


def test_a_case_is_worked_on_from_the_queue_to_its_end(
    api: Client, db: Session, agent: User, clock: Clock
) -> None:
    case = open_case(db, now=clock.now)
    (listed,) = api("GET", "/escalations").json()["data"]
    assert (listed["id"], listed["state"], listed["reasons"]) == (case.id, "queued", ["unanswered"])
    assert listed["next_clock"]["metric"] == "first_response"
    path = f"/escalations/{case.id}"

    assert api("POST", f"{path}/claim").json()["owner"]["handle"] == agent.handle
    noted = api("POST", f"{path}/note", {"note": "They have *two* of these."})
    assert (noted.status_code, noted.json()["author"]["handle"]) == (201, "agent")
    read = api("GET", path).json()
    assert [note["body"] for note in read["notes"]] == ["They have *two* of these."]
    words = {"body": "Which firmware is it, please?", "seen": read["thread_token"], "then": "wait"}
    reply = api("POST", f"{path}/reply", {**words, "comment_on": case.question_id})
    assert reply.status_code == 201, reply.text
    assert reply.json()["escalation"]["state"] == "waiting_customer"
    assert api("GET", reply.headers["location"]).json()["data"][0]["id"] == reply.json()["comment_id"]
    solution = {"body": "Hold the button for ten seconds.", "seen": 0, "send_anyway": True, "then": "resolve"}
    solved = api("POST", f"{path}/reply", solution).json()
    assert (solved["escalation"]["state"], solved["escalation"]["resolved_by"]) == ("resolved", "staff")
    assert db.exec(select(Answer.id)).one() == solved["answer_id"]
    assert api("POST", f"{path}/reopen").json()["reopen_count"] == 1
    until = (clock.now + timedelta(hours=4)).isoformat()
    assert api("POST", f"{path}/snooze", {"until": until}).json()["state"] == "snoozed"
    kinds = [line["kind"] for line in api("GET", path).json()["timeline"]]
    assert kinds[:2] == ["opened", "claimed"]
    assert kinds[-2:] == ["reopened", "snoozed"]


def test_every_state_is_reached_by_the_act_that_leads_there(
    api: Client, db: Session, lead: User, clock: Clock
) -> None:
    team = make_team(db, lead, slug="printers")
    path = f"/escalations/{open_case(db, now=clock.now).id}/state"
    steps: list[tuple[dict[str, Any], str]] = [
        ({"state": "claimed"}, "claimed"),
        ({"state": "queued"}, "queued"),
        ({"state": "waiting_internal", "team": team.slug, "note": "Yours?"}, "waiting_internal"),
        ({"state": "claimed"}, "claimed"),
        ({"state": "resolved"}, "resolved"),
        ({"state": "cancelled", "note": "A mistake."}, "cancelled"),
    ]
    for body, state in steps:
        answer = api("POST", path, body)
        assert (answer.status_code, answer.json()["state"]) == (200, state), answer.text
    assert api("POST", path, {"state": "claimed"}).status_code == 409


def test_what_is_wrong_is_pointed_to(api: Client, db: Session, clock: Clock) -> None:
    path = f"/escalations/{open_case(db, now=clock.now).id}"
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("assign", {"to": "nobody"}, "#/to"),
        ("assign", {"to": make_user(db, handle="customer").handle}, "#/to"),
        ("note", {"note": "  "}, "#/note"),
        ("state", {"state": "waiting_internal", "note": "Why?"}, "#/to"),
        ("state", {"state": "waiting_internal", "team": "none", "note": "Why?"}, "#/team"),
        ("state", {"state": "cancelled"}, "#/note"),
        ("state", {"state": "closed"}, "#/state"),
        ("snooze", {"until": "2020-01-01T00:00:00Z"}, "#/until"),
        ("snooze", {"until": 1_900_000_000}, "#/until"),
        ("reply", {"body": "Hold the button.", "seen": 0, "comment_on": 999_999}, "#/comment_on"),
    ]
    for act, body, pointer in wrong:
        answer = api("POST", f"{path}/{act}", body)
        assert answer.status_code == 422, (act, body)
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer], (act, body)
    assert (
        api("POST", "/escalations", {"question_id": 999_999}).json()["errors"][0]["pointer"]
        == "#/question_id"
    )


def test_a_reply_to_an_older_thread_is_held_back(
    api: Client, db: Session, answerer: User, as_member: Keys, clock: Clock
) -> None:
    case = open_case(db, now=clock.now)
    path = f"/escalations/{case.id}"
    token = api("GET", path).json()["thread_token"]
    words = {"body": "Have you tried to restart it?"}
    assert as_member(answerer)("POST", f"/questions/{case.question_id}/answers", words).status_code == 201
    late = {"body": "Please restart it, then wait.", "seen": token}
    assert api("POST", f"{path}/reply", late).status_code == 409
    assert api("POST", f"{path}/reply", {**late, "send_anyway": True}).status_code == 201


def test_of_two_who_claim_one_is_told_who_has_it(
    api: Client, as_member: Keys, db: Session, lead: User
) -> None:
    path = f"/escalations/{open_case(db).id}/claim"
    assert as_member(lead, *STAFF)("POST", path).status_code == 200
    late = api("POST", path)
    assert late.status_code == 409
    assert lead.display_name in late.json()["detail"]


def test_an_act_sent_twice_is_done_once(api: Client, db: Session) -> None:
    path = f"/escalations/{open_case(db).id}"
    key = {"Idempotency-Key": "a note"}
    first, again = (api("POST", f"{path}/note", {"note": "Once."}, key) for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(db.exec(select(EscalationNote)).all()) == 1
    claims = [api("POST", f"{path}/claim", headers={"Idempotency-Key": "mine"}) for _ in range(2)]
    assert claims[0].content == claims[1].content
    assert api("POST", f"{path}/release", headers={"Idempotency-Key": "mine"}).status_code == 422


def test_a_product_site_brings_a_question_to_staff_where_the_rules_let_it(
    api: Client, db: Session, lead: User, agent: User, browser: Browser, clock: Clock
) -> None:
    product = make_product(db)
    first, second = (make_question(db, product_id=product.id) for _ in range(2))
    body = {"question_id": first.id, "detail": "Order 4711", "priority": "high"}
    made = api("POST", "/escalations", body)
    assert made.status_code == 201, made.text
    assert (made.json()["priority"], made.json()["reasons"]) == ("high", ["by_api"])
    assert api("GET", made.headers["location"]).json()["entries"][0]["detail"] == "Order 4711"
    again = api("POST", "/escalations", {"question_id": first.id, "detail": "Order 4711"})
    assert again.json()["id"] == made.json()["id"]
    assert len(db.exec(select(EscalationReason)).all()) == 1
    entry_rules.set_rule(
        db, product=product, code="by_api", is_enabled=False, amount=None, by=lead, now=clock.now
    )
    assert api("POST", "/escalations", {"question_id": second.id}).status_code == 403
    own = browser.sign_in(agent)  # at a page of the forum it is staff who do it, not a site
    token = own.get("/api/v1/me").json()["csrf_token"]
    by_hand = own.post(
        "/api/v1/escalations", json={"question_id": second.id}, headers={"X-CSRF-Token": token}
    )
    assert by_hand.json()["reasons"] == ["by_staff"]


def test_for_others_there_are_no_cases(
    as_member: Keys, browser: Browser, db: Session, agent: User, answerer: User, moderator: User
) -> None:
    path = f"/escalations/{open_case(db).id}"
    reads = ["/escalations", path, "/escalations/999999", "/reports/support"]
    writes: list[tuple[str, Any]] = [
        ("/escalations", {"question_id": 1}),
        *((f"{path}/{act}", None) for act in ("claim", "release", "resolve", "reopen")),
        (f"{path}/assign", {"to": "agent"}),
        (f"{path}/note", {"note": "Mine."}),
        (f"{path}/reply", {"body": "Hold the button.", "seen": 0}),
        (f"{path}/state", {"state": "resolved"}),
        (f"{path}/snooze", {"until": "2026-12-01T00:00:00Z"}),
    ]
    stranger = Client(browser)
    assert {stranger("GET", read).status_code for read in reads} == {401}
    assert {stranger("POST", write, body).status_code for write, body in writes} == {401}
    for client in (as_member(answerer), as_member(moderator, *STAFF, "moderate"), as_member(agent)):
        assert {client("GET", read).status_code for read in reads} == {404}
        assert {client("POST", write, body).status_code for write, body in writes} == {404}
    reader = as_member(agent, "read", "staff")
    assert reader("GET", path).json()["state"] == "queued"
    assert {reader("POST", write, body).status_code for write, body in writes} == {403}


def test_the_queue_is_narrowed_down_and_what_a_filter_names_must_exist(
    api: Client, db: Session, agent: User
) -> None:
    printers, phones = (make_product(db, slug=slug) for slug in ("printers", "phones"))
    mine = open_case(db, question=make_question(db, product_id=printers.id), owner=agent, priority="urgent")
    other = open_case(db, question=make_question(db, product_id=phones.id, title="Phone rings all night"))
    narrowed: list[tuple[dict[str, Any], list[int | None]]] = [
        ({"view": "mine"}, [mine.id]),
        ({"owner": "none"}, [other.id]),
        ({"owner": "agent"}, [mine.id]),
        ({"priority": ["urgent", "high"]}, [mine.id]),
        ({"state": "queued"}, [other.id]),
        ({"product": "phones"}, [other.id]),
        ({"q": "rings"}, [other.id]),
        ({"reason": "many_affected"}, []),
        ({"sort": "oldest"}, [mine.id, other.id]),
    ]
    for query, ids in narrowed:
        assert [row["id"] for row in api.rows("/escalations", **query)] == ids, query
    for query in ({"owner": "nobody"}, {"team": "none"}, {"product": "none"}):
        assert api("GET", "/escalations", params=query).status_code == 404
    assert api("GET", "/escalations", params={"sort": "random"}).status_code == 422


@pytest.mark.parametrize(
    ("sort", "ranked"), [("due", 500), ("priority", 4), ("me_too", 4), ("newest", 500), ("oldest", 500)]
)
def test_a_walk_through_the_queue_meets_every_case_of_the_start_once(
    api: Client, db: Session, clock: Clock, monkeypatch: pytest.MonkeyPatch, sort: str, ranked: int
) -> None:
    monkeypatch.setattr(queue_walking, "RANKED", ranked)
    cases = [open_case(db, now=clock.advance(minutes=number % 2)) for number in range(7)]
    at_start = {case.id for case in cases}
    seen: list[int] = []
    for step, page in enumerate(_pages(api, sort)):
        seen += page
        open_case(db, now=clock.advance(minutes=1), priority="urgent")
        moved = cases[(step * 4) % 7]
        escalations.set_priority(
            db,
            escalation=moved,
            priority="low" if moved.priority == "urgent" else "urgent",
            by=make_user(db, support_role="agent"),
            now=clock.now,
        )
        assert step < 30
    assert len(seen) == len(set(seen))
    assert at_start <= set(seen)


def test_the_report_says_what_was_met_and_who_resolved(
    api: Client, as_member: Keys, db: Session, lead: User, agent: User, clock: Clock
) -> None:
    team = make_team(db, agent, slug="printers")
    case = open_case(db, owner=agent, now=clock.now)
    clock.advance(minutes=30)
    words = {"body": "Hold the button for ten seconds.", "seen": 0, "send_anyway": True, "then": "resolve"}
    assert api("POST", f"/escalations/{case.id}/reply", words).status_code == 201
    clock.advance(minutes=1)
    assert api("GET", "/reports/support").status_code == 404  # leads only, as at the desk
    leads = as_member(lead, *STAFF)
    report = leads("GET", "/reports/support", params={"days": 7}).json()
    first = report["metrics"][0]
    assert (first["metric"], first["median_seconds"], first["p90_seconds"]) == ("first_response", 1800, 1800)
    assert first["attainment"] == {"met": 1, "missed": 0, "percent": 100}
    assert (report["endings"]["by_staff"], report["endings"]["community_percent"]) == (1, 0)
    of_team = leads("GET", "/reports/support", params={"team": team.slug}).json()
    assert (of_team["team"], of_team["endings"]["opened"]) == ("printers", 0)
    assert leads("GET", "/reports/support", params={"team": "none"}).status_code == 404
    assert leads("GET", "/reports/support", params={"days": 366}).status_code == 422


def _pages(api: Client, sort: str) -> Iterator[list[int]]:
    query: dict[str, Any] = {"sort": sort, "limit": 2}
    while True:
        page = api("GET", "/escalations", params=query).json()
        yield [row["id"] for row in page["data"]]
        if page["page"]["next"] is None:
            return
        query["cursor"] = page["page"]["next"]
