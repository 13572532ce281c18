"""The queue's list: who finds it, what it shows, and saved views."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from app.models import SavedView, User
from tests.factories.clocks import make_clock
from tests.factories.macros import make_macro
from tests.factories.questions import make_question
from tests.factories.teams import make_case
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock


@pytest.mark.parametrize("role", ["stranger", "asker", "moderator", "admin"])
def test_only_agents_and_leads_find_the_queue(client: Browser, request: Any, role: str) -> None:
    client.sign_in(request.getfixturevalue(role))
    assert client.get("/desk/queue").status_code == 404
    assert client.post_form("/desk/queue/views", {"name": "Mine"}).status_code == 404
    if role in ("moderator", "admin"):
        assert "/desk/queue" not in client.get("/desk").text


@pytest.mark.parametrize("role", ["agent", "lead"])
def test_an_empty_queue_says_so(client: Browser, request: Any, role: str) -> None:
    page = client.sign_in(request.getfixturevalue(role)).get("/desk/queue")
    assert page.status_code == 200
    assert "No case is in this view." in page.text
    assert 'href="/desk/queue"' in client.get("/desk").text


def test_a_row_says_what_is_due_and_for_whom(client: Browser, db: Session, clock: Clock, agent: User) -> None:
    question = make_question(db, title="Fan is <loud>", me_too_count=7, answer_count=3)
    case = make_case(db, question=question, state="claimed", owner_id=agent.id, priority="urgent", level=1)
    make_clock(db, case=case, due_at=clock.now + timedelta(hours=2, minutes=10))
    page = client.sign_in(agent).get("/desk/queue").text
    for shown in (">2 h 10 m<", "First reply", "Fan is &lt;loud&gt;", ">new<", "Urgent", "Claimed", "L1"):
        assert shown in page, shown
    clock.advance(hours=2, minutes=50)
    assert "late 40 m" in client.get("/desk/queue").text


def test_filters_come_from_the_address_and_stay_in_it(client: Browser, db: Session, agent: User) -> None:
    kept, other = make_case(db, priority="urgent"), make_case(db)
    page = (
        client.sign_in(agent).get("/desk/queue?priority=urgent&priority=high&sort=oldest&columns=owner").text
    )
    assert f"/desk/cases/{kept.id}" in page
    assert f"/desk/cases/{other.id}" not in page
    assert 'name="back" value="?priority=high%2Curgent&amp;sort=oldest&amp;columns=owner"' in page
    assert "No case of this view fits" in client.get("/desk/queue?state=snoozed").text
    assert client.get("/desk/queue?view=odd&sort=odd&columns=odd&after=odd&state=odd").status_code == 200


def test_the_next_page_goes_on_by_place(client: Browser, db: Session, clock: Clock, agent: User) -> None:
    cases = [make_case(db) for _ in range(33)]
    for place, case in enumerate(cases[:20]):
        make_clock(db, case=case, due_at=clock.now + timedelta(minutes=place))
    first = client.sign_in(agent).get("/desk/queue").text
    found = re.search(r'rel="next" href="([^"]+)"', first)
    assert found is not None
    second = client.get(found[1].replace("&amp;", "&")).text
    shown = [re.findall(r'<tr data-case="(\d+)"', page) for page in (first, second)]
    assert [int(number) for page in shown for number in page] == [case.id for case in cases]
    assert "From the top" in second


def test_a_view_is_saved_opened_and_removed(client: Browser, db: Session, agent: User, lead: User) -> None:
    client.sign_in(agent)
    fields = {"name": "Urgent ones", "priority": "urgent", "columns": "owner,state", "is_shared": "1"}
    answer = client.post_form("/desk/queue/views", fields)
    assert answer.headers["location"] == "/desk/queue?priority=urgent&columns=state%2Cowner"
    page = client.get(answer.headers["location"]).text
    assert re.search(r'aria-current="page"><span>Urgent ones.*?class="num quiet">0<', page, re.DOTALL)
    view = db.exec(select(SavedView)).one()
    assert "Urgent ones" in client.sign_in(lead).get("/desk/queue").text
    assert client.post_form(f"/desk/queue/views/{view.id}/remove").status_code == 404
    assert client.sign_in(agent).post_form(f"/desk/queue/views/{view.id}/remove").status_code == 303
    assert db.exec(select(SavedView)).all() == []


def test_a_view_without_a_name_is_shown_again(client: Browser, agent: User) -> None:
    answer = client.sign_in(agent).post_form("/desk/queue/views", {"name": " ", "priority": "urgent"})
    assert answer.status_code == 422
    assert "at most 60 characters" in answer.text


def test_the_list_costs_the_same_with_many_cases(
    client: Browser, db: Session, clock: Clock, agent: User, count_queries: Any
) -> None:
    def add() -> None:
        case = make_case(db, owner_id=agent.id, question=make_question(db, author=make_user(db)))
        make_clock(db, case=case, due_at=clock.now)

    def cost() -> int:
        client.get("/desk/queue")
        with count_queries() as queries:
            assert client.get("/desk/queue").status_code == 200
        return len(queries)

    make_macro(db)
    client.sign_in(agent)
    add()
    with_one = cost()
    for _ in range(29):
        add()
    assert cost() == with_one
    assert with_one <= 22
