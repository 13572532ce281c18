"""The lead's page, its files, and the what-if of policies and calendars."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from sqlmodel import Session

from app.domain import calendars, escalations, sla
from app.models import Escalation, Question, User
from app.web.desk.lead_tables import Cell, Table, as_csv
from tests.factories.escalations import open_case
from tests.factories.questions import make_question
from tests.factories.teams import make_team
from tests.support.browser import Browser
from tests.support.clock import MONDAY_MORNING, Clock
from tests.web.desk.test_calendars import typed

HOUR = timedelta(hours=1)
TABLES = ("numbers", "weeks", "policies", "products", "outcomes", "causes", "breaches", "load")


@pytest.fixture
def past(db: Session, agent: User, clock: Clock) -> list[Escalation]:
    """A case answered after an hour, and one that nobody has touched for five days."""
    answered = open_case(db, owner=agent)
    title = '=HYPERLINK("http://example.org")'
    untouched = open_case(db, question=make_question(db, title=title))
    escalations.reply(
        db,
        escalation=answered,
        body="Please restart it, then look again.",
        by=agent,
        seen=0,
        send_anyway=True,
        now=MONDAY_MORNING + HOUR,
    )
    clock.now = MONDAY_MORNING + timedelta(days=5)
    escalations.sweep(db, now=clock.now, limit=100)
    return [answered, untouched]


def test_a_lead_sees_numbers_pictures_and_tables(
    client: Browser, db: Session, lead: User, past: list[Escalation]
) -> None:
    make_team(db, slug="other")
    client.sign_in(lead)
    page = client.get("/desk/lead").text
    for name in TABLES:
        assert f'id="{name}"' in page
    assert '<title id="causes-title">Missed deadlines by cause</title>' in page
    assert "Nobody had claimed it" in page
    assert f'href="/desk/cases/{past[1].id}"' in page
    assert "Nothing in this period." in client.get("/desk/lead?days=7&team=other").text
    assert client.get("/desk/lead?team=nobody").status_code == 404
    assert client.get("/desk/lead?days=0").status_code in (404, 422)


@pytest.mark.usefixtures("past")
def test_each_table_is_a_file_that_no_spreadsheet_runs(client: Browser, db: Session, lead: User) -> None:
    client.sign_in(lead)
    for name in TABLES:
        answer = client.get(f"/desk/lead/{name}.csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert len(list(csv.reader(answer.text.splitlines()))) > 1, name
    rows = list(csv.reader(client.get("/desk/lead/breaches.csv").text.splitlines()))
    assert '\'=HYPERLINK("http://example.org")' in {row[0] for row in rows}
    assert client.get("/desk/lead/secrets.csv").status_code == 404


def test_texts_are_made_harmless_and_numbers_kept() -> None:
    texts = ["=1+1", "+1", "-1", "@a", "\tx", "\rx", "\nx", "a=b", "plain, with comma"]
    table = Table("t", "t", "", ["=head"], [[Cell(text), Cell("-5 m", -5)] for text in texts])
    rows = list(csv.reader(as_csv(table).split("\r\n")[:1]))
    assert rows == [["'=head"]]
    body = as_csv(table)
    for text in texts[:7]:
        assert f"'{text}" in body
    assert "a=b,-5" in body


def test_a_what_if_shows_the_past_and_saves_nothing(
    client: Browser, db: Session, lead: User, past: list[Escalation]
) -> None:
    client.sign_in(lead)
    policy = sla.policies(db)[-1].policy
    office = calendars.default_calendar(db)
    address = f"/desk/policies/{policy.id}/what-if"
    changes = {"products": "", "days": "7", "calendar": str(office.id), "normal_first_response": "30 m"}
    spans = {"high_first_response": "20 m", "urgent_first_response": "10 m"}
    page = client.post_form(address, typed(name=policy.name, **changes, **spans)).text
    assert "The last 7 days would have had 2 missed first responses instead of 1." in page
    assert 'value="30 m"' in page
    assert policy.version == 1
    refused = client.post_form(address, typed(normal_first_response="40 h"))
    assert refused.status_code == 422

    address = f"/desk/calendars/{office.id}/what-if"
    hours = {"name": "Office hours", "timezone": "UTC", "saturday": "9-17", "days_back": "28"}
    page = client.post_form(address, hours).text
    assert "The last 28 days would have had 0 missed first responses instead of 1." in page
    assert office.version == 1
    assert client.post_form(address, {"timezone": "UTC"}).status_code == 422


@pytest.mark.usefixtures("past")
def test_the_pages_exist_for_leads_and_administrators_only(
    client: Browser, asker: User, agent: User, moderator: User, admin: User
) -> None:
    for user in (None, asker, agent, moderator):
        if user is not None:
            client.sign_in(user)
        assert client.get("/desk/lead").status_code == 404
        assert client.get("/desk/lead/load.csv").status_code == 404
    client.sign_in(admin)
    assert client.get("/desk/lead").status_code == 200


def test_an_empty_forum_has_a_page_too(client: Browser, db: Session, lead: User) -> None:
    client.sign_in(lead)
    assert db.get(Question, 1) is None
    assert "Nothing in this period." in client.get("/desk/lead?days=365").text
