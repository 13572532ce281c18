"""Lists of cases: who sees them, which are in them, in which order, page by page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from app.core.errors import NotFound
from app.domain import queue
from app.domain.queue.sorting import cursor
from app.models import Escalation, EscalationReason, User
from tests.factories.clocks import make_clock
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.teams import make_case, make_team
from tests.factories.users import make_user

HOUR = timedelta(hours=1)


def ids(db: Session, viewer: User, now: datetime, **parts: str) -> list[int]:
    """Return the cases of all pages, by id."""
    wanted, found, after = queue.read(parts), [], ""
    for _ in range(50):
        page = queue.listing(db, viewer=viewer, wanted=wanted, now=now, after=after, size=3)
        found += [row.case.id or 0 for row in page.rows]
        after = page.after
        if not after:
            return found
    raise AssertionError("the pages do not end")


def case_due(db: Session, due_at: datetime | None, **facts: Any) -> Escalation:
    case = make_case(db, **facts)
    make_clock(db, case=case, due_at=due_at)
    return case


@pytest.mark.parametrize("role", ["stranger", "member", "moderator", "admin"])
def test_for_others_there_is_no_queue(db: Session, now: datetime, request: Any, role: str) -> None:
    viewer = make_user(db, reputation=9_000) if role == "member" else request.getfixturevalue(role)
    with pytest.raises(NotFound):
        queue.listing(db, viewer=viewer, wanted=queue.Listing(), now=now)
    with pytest.raises(NotFound):
        queue.counts(db, viewer=viewer, now=now)
    with pytest.raises(NotFound):
        queue.saved_views(db, viewer=viewer)
    with pytest.raises(NotFound):
        queue.present(db, viewer=viewer, case_ids=[1], now=now)


def test_the_earliest_due_comes_first_and_what_has_no_clock_last(
    db: Session, now: datetime, agent: User
) -> None:
    without = [make_case(db).id for _ in range(4)]
    dues = [now + HOUR * hours for hours in (5, -2, 3, 3, 9)]
    cases = [case_due(db, due).id for due in dues]
    make_case(db, state="closed", ended_at=now)
    make_case(db, state="resolved", resolved_at=now)

    expected = [cases[1], cases[2], cases[3], cases[0], cases[4], *without]

    assert ids(db, agent, now) == expected


def test_each_order_is_kept_over_its_pages(db: Session, now: datetime, agent: User) -> None:
    facts = [
        ("low", 1, 3),
        ("urgent", 4, 0),
        ("normal", 2, 7),
        ("urgent", 9, 5),
        ("high", 3, 7),
        ("low", 8, 1),
    ]
    cases = [
        case_due(
            db,
            now + HOUR * due,
            priority=priority,
            opened_at=now - HOUR * place,
            question=make_question(db, me_too_count=me_too),
        ).id
        for place, (priority, due, me_too) in enumerate(facts)
    ]

    def order(sort: str) -> list[int]:
        return [cases.index(number) for number in ids(db, agent, now, sort=sort)]

    assert order("priority") == [1, 3, 4, 2, 0, 5]
    assert order("newest") == [0, 1, 2, 3, 4, 5]
    assert order("oldest") == [5, 4, 3, 2, 1, 0]
    assert order("me_too") == [4, 2, 3, 0, 5, 1]


def test_views_hold_what_they_say_and_count_it(db: Session, now: datetime, agent: User) -> None:
    team = make_team(db, agent)
    soon, late, later = now + HOUR / 2, now - HOUR, now + HOUR * 30
    cases = {
        "unclaimed": case_due(db, soon, team_id=team.id),
        "mine": case_due(db, later, state="claimed", owner_id=agent.id),
        "late": case_due(db, late, state="claimed", owner_id=make_user(db, support_role="agent").id),
        "waiting": make_case(db, state="waiting_customer", owner_id=agent.id),
        "snoozed": case_due(db, later, state="snoozed", snoozed_until=later),
        "resolved": make_case(db, state="resolved", resolved_at=now, resolved_by="staff"),
        "yesterday": make_case(db, state="resolved", resolved_at=now - HOUR * 24, resolved_by="staff"),
    }
    names = {case.id: name for name, case in cases.items()}
    expected = {
        "open": {"unclaimed", "mine", "late", "waiting", "snoozed"},
        "unclaimed": {"unclaimed"},
        "mine": {"mine", "waiting"},
        "team": {"unclaimed"},
        "soon": {"unclaimed"},
        "breached": {"late"},
        "waiting": {"waiting"},
        "snoozed": {"snoozed"},
        "resolved": {"resolved"},
        "past": {"resolved", "yesterday"},
    }

    counts = queue.counts(db, viewer=agent, now=now)

    for view, held in expected.items():
        assert {names[number] for number in ids(db, agent, now, view=view)} == held, view
        assert counts.get(view) == (len(held) if view != "past" else None), view
    assert expected.keys() == queue.VIEWS.keys()


def test_past_cases_are_listed_in_the_orders_that_an_index_serves(
    db: Session, now: datetime, agent: User
) -> None:
    make_case(db)
    past = [
        make_case(db, state=state, opened_at=now - HOUR * hours, ended_at=now).id
        for state, hours in (("closed", 5), ("cancelled", 2), ("resolved", 9))
    ]

    newest = [past[1], past[0], past[2]]
    assert ids(db, agent, now, view="past") == newest
    assert ids(db, agent, now, view="past", sort="due") == newest
    assert ids(db, agent, now, view="past", sort="oldest") == newest[::-1]


def test_within_an_hour_means_of_opening_hours(db: Session, agent: User) -> None:
    saturday = datetime.fromisoformat("2026-03-07T12:00+00:00")
    monday = saturday + timedelta(days=2)
    early, later = case_due(db, monday.replace(hour=9, minute=30)), case_due(db, monday.replace(hour=11))

    assert ids(db, agent, saturday, view="soon") == [early.id]
    assert later.id not in ids(db, agent, saturday, view="soon")


def test_filters_narrow_a_view_down(db: Session, now: datetime, agent: User) -> None:
    brand = make_product(db)
    model = make_product(db, parent=make_product(db, parent=brand))
    team = make_team(db)
    other = make_user(db, support_role="agent")
    plain = case_due(db, now + HOUR)
    special = case_due(
        db,
        now + HOUR,
        priority="urgent",
        state="claimed",
        owner_id=other.id,
        team_id=team.id,
        question=make_question(db, title="Fan is 100% LOUD", product_id=model.id),
    )
    db.add(EscalationReason(escalation_id=special.id or 0, code="many_affected", at=now))
    db.commit()
    narrow: list[dict[str, str]] = [
        {"priority": "urgent,high"},
        {"state": "claimed"},
        {"owner": other.handle},
        {"team": team.slug},
        {"product": brand.slug},
        {"find": "loud 100%"},
        {"reason": "many_affected"},
    ]
    for parts in narrow:
        assert ids(db, agent, now, **parts) == [special.id], parts
        assert queue.read(parts).values() == {
            **parts,
            **({"priority": "high,urgent"} if "priority" in parts else {}),
        }
    nothing: list[dict[str, str]] = [
        {"owner": "nobody-here"},
        {"team": "gone"},
        {"product": "gone"},
        {"find": "_"},
    ]
    for parts in nothing:
        assert ids(db, agent, now, **parts) == [], parts
    assert ids(db, agent, now, owner="none", metric="first_response") == [plain.id]
    assert ids(db, agent, now, owner="me") == []


def test_a_row_tells_what_a_person_needs(db: Session, now: datetime, agent: User, asker: User) -> None:
    make_question(db, author=asker)
    case = case_due(db, now + HOUR * 2, question=make_question(db, author=asker))
    newcomer = case_due(db, now - HOUR)
    for code in ("unanswered", "many_affected", "unanswered"):
        db.add(EscalationReason(escalation_id=case.id or 0, code=code, at=now))
    db.commit()

    late, row = queue.listing(db, viewer=agent, wanted=queue.Listing(), now=now).rows

    assert row.reasons == ["unanswered", "many_affected"]
    assert (row.is_first_question, late.is_first_question) == (False, True)
    assert row.reading is not None
    assert late.reading is not None
    assert (row.reading.remaining, row.reading.share) == (HOUR * 2, 0.75)
    assert late.case.id == newcomer.id
    assert late.reading.is_late  # the calendar was closed all the time since


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="0123456789.t-x", max_size=24), sort=st.sampled_from(sorted(queue.SORTS)))
def test_a_place_is_read_back_or_left_out(text: str, sort: str) -> None:
    place = cursor(text, sort=sort)

    assert place is None or cursor(str(place), sort=sort) == place


def test_any_place_gives_a_list(db: Session, now: datetime, agent: User) -> None:
    case_due(db, now + HOUR)
    for after in ("0.t1.1", "0.t99999999999999999.1", "1..5", "9.1.1", "0.1.1", "x", "..", "0.t1", "²..1"):
        queue.listing(db, viewer=agent, wanted=queue.Listing(), now=now, after=after)
