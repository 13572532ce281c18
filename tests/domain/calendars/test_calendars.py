"""Calendars: set up by leads, in versions that are never changed, with holidays from iCalendar files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session, select

from app.core.errors import Conflict, Invalid, NotAllowed
from app.domain import calendars
from app.models import AuditEntry, Calendar, CalendarVersion, OutboxEvent, User

OFFICE = [{"day": day, "opens": "09:00", "closes": "17:00"} for day in range(5)]

FEED = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20201225
DTEND;VALUE=DATE:20201227
RRULE:FREQ=YEARLY
EXDATE;VALUE=DATE:20271225
SUMMARY:Christmas
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20261126
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;UNTIL=20271231T000000Z
SUMMARY:Thanksgiving\\, in America
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20260401T090000Z
SUMMARY:A meeting
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART;VALUE=DATE:20260401
RRULE:FREQ=SECONDLY
SUMMARY:Always
END:VEVENT
BEGIN:VEVENT
UID:5
DTSTART;VALUE=DATE:20260402
STATUS:CANCELLED
SUMMARY:Called off
END:VEVENT
BEGIN:VEVENT
UID:7
DTSTART;VALUE=DATE:20260403
RRULE:FREQ=YEARLY;INTERVAL=0
SUMMARY:Without end
END:VEVENT
BEGIN:VEVENT
UID:8
DTSTART;VALUE=DATE:20260404
EXDATE:garbage
SUMMARY:Broken
END:VEVENT
BEGIN:VEVENT
UID:6
DTSTART;VALUE=DATE:19990101
SUMMARY:Long ago
END:VEVENT
END:VCALENDAR
"""


def add(db: Session, now: datetime, by: User | None = None, **facts: Any) -> Calendar:
    start: dict[str, Any] = {"name": "Berlin", "timezone": "Europe/Berlin", "windows": OFFICE}
    return calendars.add_calendar(db, now=now, by=by, **{**start, **facts})


def change(db: Session, calendar: Calendar, now: datetime, by: User | None = None, **facts: Any) -> bool:
    said = calendars.current(db, calendar)
    start: dict[str, Any] = {
        "name": calendar.name,
        "timezone": said.timezone,
        "windows": said.windows,
        "holidays": said.holidays,
    }
    return calendars.change_calendar(db, calendar=calendar, now=now, by=by, **{**start, **facts})


def test_a_change_is_a_new_version_in_the_log_and_tells_of_itself(
    db: Session, lead: User, now: datetime
) -> None:
    berlin = add(db, now, lead)
    old = calendars.version_of(db, berlin.id)
    assert change(db, berlin, now, lead, holidays=[{"date": "2026-12-25", "name": "Christmas"}])
    assert not change(db, berlin, now, lead)
    new = calendars.version_of(db, berlin.id)
    assert (berlin.version, [each.version.version for each in calendars.history(db, berlin)]) == (2, [2, 1])
    assert calendars.hours_of(db, old).holidays == ()
    assert len(calendars.hours_of(db, new).holidays) == 1
    assert calendars.hours_of(db, None) == calendars.ROUND_THE_CLOCK
    assert [row.payload["calendar_id"] for row in db.exec(select(OutboxEvent))] == [berlin.id]
    entry = db.exec(select(AuditEntry).where(AuditEntry.action == "calendar.change")).one()
    assert (entry.before["holidays"], entry.after["holidays"]) == ({}, {"2026-12-25": "Christmas"})
    assert "Monday" not in entry.after


def test_a_new_name_alone_is_no_new_version(db: Session, lead: User, now: datetime) -> None:
    berlin = add(db, now, lead)
    assert not change(db, berlin, now, lead, name="Head office")
    assert (berlin.name, berlin.version) == ("Head office", 1)


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"name": " "}, "name", "name"),
        ({"name": "Office hours"}, "name", "already"),
        ({"timezone": "Mars/Olympus"}, "timezone", "no time zone"),
        ({"timezone": "../../etc/passwd"}, "timezone", "no time zone"),
        ({"windows": []}, "windows", "370 days"),
        ({"windows": [], "holidays": [{"date": "2030-01-01", "name": ""}]}, "windows", "370 days"),
        (
            {"windows": [*OFFICE, {"day": 1, "opens": "16:30", "closes": "20:00"}]},
            "windows",
            "Tuesday 09:00-17:00 and Tuesday 16:30-20:00 overlap",
        ),
        (
            {
                "windows": [
                    {"day": 6, "opens": "20:00", "closes": "06:00"},
                    {"day": 0, "opens": "05:00", "closes": "09:00"},
                ]
            },
            "windows",
            "Sunday 20:00-06:00 and Monday 05:00-09:00 overlap",
        ),
        ({"holidays": [{"date": "2026-12-25", "name": ""}] * 2}, "holidays", "there twice"),
        (
            {
                "holidays": [
                    {
                        "date": "2026-12-24",
                        "name": "",
                        "windows": [
                            {"opens": "09:00", "closes": "12:00"},
                            {"opens": "11:00", "closes": "13:00"},
                        ],
                    }
                ]
            },
            "holidays",
            "overlap",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    db: Session, now: datetime, facts: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        add(db, now, **facts)
    assert words in refusal.value.errors[field]


def test_windows_may_touch_and_go_around_the_week(db: Session, now: datetime) -> None:
    windows = [
        {"day": 6, "opens": "22:00", "closes": "06:00"},
        {"day": 0, "opens": "06:00", "closes": "12:00"},
        {"day": 0, "opens": "12:00", "closes": "24:00"},
    ]
    assert add(db, now, windows=windows).id


def test_the_default_and_what_policies_use_can_not_go(db: Session, lead: User, now: datetime) -> None:
    office, berlin = calendars.default_calendar(db), add(db, now, lead)
    retire = calendars.retire_calendar
    with pytest.raises(Conflict, match="default"):
        retire(db, calendar=office, is_retired=True, by=lead, now=now)
    calendars.make_default(db, calendar=berlin, by=lead, now=now)
    for calendar, words in ((berlin, "default"), (office, "Everything else")):
        with pytest.raises(Conflict, match=words):
            retire(db, calendar=calendar, is_retired=True, by=lead, now=now)
    assert [row.calendar.name for row in calendars.listing(db)] == ["Berlin", "Office hours"]


def test_only_leads_and_administrators_set_up_calendars(
    db: Session, agent: User, moderator: User, admin: User, now: datetime
) -> None:
    for user in (agent, moderator):
        with pytest.raises(NotAllowed):
            add(db, now, user)
    assert add(db, now, admin).id


def test_holidays_come_from_an_icalendar_file(db: Session, lead: User, now: datetime) -> None:
    berlin = add(db, now, lead, holidays=[{"date": "2026-12-25", "name": "Ours"}])
    found = calendars.import_holidays(db, calendar=berlin, content=FEED, now=now, by=lead)
    assert found.skipped == 5
    assert {each["date"]: each["name"] for each in calendars.current(db, berlin).holidays} == {
        "2026-11-26": "Thanksgiving, in America",
        "2026-12-25": "Ours",
        "2026-12-26": "Christmas",
        "2027-11-25": "Thanksgiving, in America",
    }
    again = calendars.import_holidays(db, calendar=berlin, content=FEED, now=now, by=lead)
    assert (again.holidays, berlin.version) == ([], 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an iCalendar file|no events"),
        (b"\x00\xff\xfe", "not an iCalendar file"),
        (b"<html></html>", "not an iCalendar file"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "no events"),
        (b"x" * 1_000_001, "megabyte"),
        (FEED[: FEED.index(b"BEGIN:VEVENT")] + b"END:VCALENDAR", "no events"),
        (
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101T000000Z\nEND:VEVENT\nEND:VCALENDAR",
            "no event of a whole day",
        ),
    ],
)
def test_a_file_without_holidays_is_refused(
    db: Session, lead: User, now: datetime, content: bytes, words: str
) -> None:
    berlin = add(db, now, lead)
    with pytest.raises(Invalid, match=words):
        calendars.import_holidays(db, calendar=berlin, content=content, now=now, by=lead)
    assert len(db.exec(select(CalendarVersion).where(CalendarVersion.calendar_id == berlin.id)).all()) == 1


def test_hours_are_read_as_people_write_them() -> None:
    typed = "9-12, 13:30\u201318:00 and 22:00 to 6"
    assert calendars.write_windows(calendars.read_windows(typed, field="monday")) == (
        "09:00-12:00, 13:30-18:00, 22:00-06:00"
    )
    text = "2026-12-24 09:00-12:00, 13:00-14:00 Christmas Eve\n2026-12-25 Christmas, at last\n2026-12-26"
    assert calendars.write_holidays(calendars.read_holidays(text, field="holidays")) == text
    for wrong in ("nine to five", "09:00", "25-26", "09:00-17:75", "24:00-06:00"):
        with pytest.raises(Invalid):
            calendars.read_windows(wrong, field="monday")
    for wrong in ("Christmas", "2026-02-30 No day", "25.12.2026"):
        with pytest.raises(Invalid):
            calendars.read_holidays(wrong, field="holidays")
