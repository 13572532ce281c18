"""Calendars and policies at the desk."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from app.domain import calendars, sla
from app.models import User
from tests.factories.products import make_product
from tests.factories.tags import make_tag
from tests.support.browser import Browser

WEEK = {
    "name": "Split",
    "timezone": "Europe/Berlin",
    "monday": "8-12, 13:30-18",
    "tuesday": "08:00-12:00, 13:30-18:00",
    "friday": "22:00-06:00",
    "holidays": "2026-12-25 Christmas\n2026-12-24 09:00-12:00 Christmas Eve",
}
FEED = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261226\nSUMMARY:Boxing Day\nEND:VEVENT\nEND:VCALENDAR\n"


def typed(**changes: str) -> dict[str, str]:
    """Return a policy as one types it."""
    spans = {"low": "16 h", "normal": "8 h", "high": "4h", "urgent": "1 h 30 m"}
    fields = {f"{priority}_first_response": span for priority, span in spans.items()}
    start = {"name": "Kestrel", "products": "kestrel", "calendar": "", "breach_percents": "50, 100 %"}
    return {**start, **fields, "pauses_resolution": "waiting_customer", "warn_percent": "50", **changes}


def test_a_lead_sets_up_a_calendar(client: Browser, db: Session, lead: User) -> None:
    client.sign_in(lead)
    added = client.post_form("/desk/calendars", {"name": "Berlin", "timezone": "Europe/Berlin"})
    address = added.headers["location"]
    assert client.post_form(address, WEEK).is_redirect
    page = client.get(address).text
    assert 'value="08:00-12:00, 13:30-18:00"' in page
    assert "2026-12-24 09:00-12:00 Christmas Eve\n2026-12-25 Christmas" in page
    assert "<del>09:00-17:00</del> → <ins>08:00-12:00, 13:30-18:00</ins>" in page
    assert "Mon-Tue 08:00-12:00, 13:30-18:00; Fri 22:00-06:00" in client.get("/desk/calendars").text
    tried = client.get(f"{address}?hours=4&start=2026-11-23T10:00").text
    assert "4 h from Mon 23 Nov 2026, 10:00 is Mon 23 Nov 2026, 15:30." in tried
    for wrong in ("hours=soon", "hours=-1", "hours=nan", "hours=1e99", "hours=1&start=now"):
        assert client.get(f"{address}?{wrong}").status_code == 200, wrong
    assert client.post_form(f"{address}/default").is_redirect
    assert client.post_form(f"{address}/retire").status_code == 409
    office = next(row.calendar for row in calendars.listing(db) if row.calendar.name == "Office hours")
    assert client.post_form(f"/desk/calendars/{office.id}/retire").status_code == 409


def test_holidays_are_taken_from_a_file(client: Browser, db: Session, admin: User) -> None:
    client.sign_in(admin)
    office = calendars.default_calendar(db)
    address = f"/desk/calendars/{office.id}/holidays"
    assert client.post_form(address, {}, files={"file": ("holidays.ics", FEED)}).is_redirect
    assert calendars.current(db, office).holidays[0]["name"] == "Boxing Day"
    refused = client.post_form(address, {}, files={"file": ("holidays.ics", b"<html>")})
    assert refused.status_code == 422
    assert "not an iCalendar file" in refused.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"monday": "nine"}, "is not a window"),
        ({"monday": "09:00-17:00, 16:00-18:00"}, "overlap"),
        ({"timezone": "Mars"}, "no time zone"),
        ({"holidays": "Christmas"}, "is not a holiday"),
        ({"monday": "", "tuesday": "", "friday": "", "holidays": ""}, "370 days"),
        ({"name": ""}, "Give the calendar a name"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused_beside_what_was_typed(
    client: Browser, db: Session, lead: User, changes: dict[str, str], words: str
) -> None:
    client.sign_in(lead)
    answer = client.post_form(f"/desk/calendars/{calendars.default_calendar(db).id}", {**WEEK, **changes})
    assert answer.status_code == 422
    assert words in answer.text
    assert calendars.default_calendar(db).version == 1


def test_a_lead_sets_up_a_policy(client: Browser, db: Session, lead: User) -> None:
    line = make_product(db, slug="kestrel", parent=make_product(db, slug="norvane"))
    make_tag(db, name="wifi")
    client.sign_in(lead)
    assert 'value="8 h"' in client.get("/desk/policies/new").text
    address = client.post_form("/desk/policies", typed()).headers["location"]
    policy = sla.policies(db)[0]
    assert policy.version.matches == {"products": [line.id]}
    assert policy.version.targets["urgent"] == {"first_response": 90}
    assert client.post_form(address, typed(tags="wifi", normal_first_response="6 h")).is_redirect
    page = client.get(address).text
    assert "targets normal first response: <del>480</del> → <ins>360</ins>" in page
    assert 'value="kestrel" checked' in page
    assert "Kestrel and #wifi" in client.get("/desk/policies").text
    second = client.post_form("/desk/policies", typed(name="Urgent", products="", priorities="urgent"))
    assert client.post_form(f"{second.headers['location']}/move", {"to": "up"}).is_redirect
    assert [each.policy.name for each in sla.policies(db)] == ["Urgent", "Kestrel", "Everything else"]
    assert client.post_form(f"{address}/switch-off").is_redirect
    assert client.post_form(f"{address}/switch-on").is_redirect
    assert client.post_form(f"{address}/retire").is_redirect
    assert client.post_form(f"{address}/bring-back").is_redirect
    everything = sla.policies(db)[-1].policy
    assert client.get(f"/desk/policies/{everything.id}").status_code == 200
    assert client.post_form(f"/desk/policies/{everything.id}/switch-off").status_code == 409
    assert client.post_form(f"/desk/policies/{everything.id}/retire").status_code == 409


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"normal_first_response": "soon"}, "is no length of time"),
        ({"normal_first_response": "40 h"}, "would have more time than"),
        ({"products": "nothing"}, "choose again"),
        ({"products": ""}, "Say which questions"),
        ({"tags": "nothing"}, "There is no"),
        ({"breach_percents": "much"}, "whole numbers"),
        ({"warn_percent": "120"}, "between 1 and 99"),
        ({"calendar": "4711"}, "not in use"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_beside_what_was_typed(
    client: Browser, db: Session, lead: User, changes: dict[str, str], words: str
) -> None:
    make_product(db, slug="kestrel", parent=make_product(db, slug="norvane"))
    client.sign_in(lead)
    answer = client.post_form("/desk/policies", typed(**changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert len(sla.policies(db)) == 1


def test_the_pages_exist_for_leads_and_administrators_only(
    client: Browser, db: Session, asker: User, agent: User, moderator: User, lead: User, admin: User
) -> None:
    office, everything = calendars.default_calendar(db), sla.policies(db)[0].policy
    pages = ["/desk/calendars", f"/desk/calendars/{office.id}", "/desk/policies", "/desk/policies/new"]
    pages += [f"/desk/policies/{everything.id}"]
    for page in pages:
        assert client.get(page).status_code == 404, page
    for user in (asker, agent, moderator):
        client.sign_in(user)
        for page in pages:
            assert client.get(page).status_code == 404, page
        assert client.post_form(f"/desk/calendars/{office.id}", WEEK).status_code == 404
        assert client.post_form(f"/desk/policies/{everything.id}", typed()).status_code == 404
    for user in (lead, admin):
        client.sign_in(user)
        for page in pages:
            assert client.get(page).status_code == 200, page
