"""Events and those who react to them: together while all goes well, one by one when it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from app.core.db import atomic
from app.domain import outbox
from app.domain.accounts import MemberJoined, MemberRenamed
from app.domain.outbox import Consumer, Event, Recorded
from app.models import Job, Tag


def note_first(db: Session, about: Recorded, *, now: datetime) -> None:
    db.add(Tag(name=f"first-{about.id}", created_at=now))
    db.flush()


def note_renamed(db: Session, about: Recorded, *, now: datetime) -> None:
    """React to all but those who joined, where it fails after having written."""
    db.add(Tag(name=f"second-{about.id}", created_at=now))
    db.flush()
    if about.event.name == MemberJoined.name:
        raise ValueError("not today")


CONSUMERS: Mapping[type[Event], Sequence[Consumer]] = {
    MemberRenamed: [note_first, note_renamed],
    MemberJoined: [note_first, note_renamed],
}
BY_NAME = {outbox.name_of(one): one for one in (note_first, note_renamed)}


@atomic
def happened(db: Session, *events: Event, now: datetime) -> None:
    for event in events:
        outbox.record(db, event, now=now)


def noted(db: Session) -> list[str]:
    return sorted(db.exec(select(Tag.name)))


@pytest.fixture
def ids(db: Session, now: datetime) -> list[int]:
    """Three events that wait; a consumer of the one in the middle fails."""
    start = outbox.end_of_feed(db)
    renamed, joined = MemberRenamed(by_id=None, member_id=1), MemberJoined(by_id=None, member_id=1)
    happened(db, renamed, joined, renamed, now=now)
    return [one.id for one in outbox.committed(db, after=start, limit=9)]


def test_one_that_fails_takes_no_other_event_with_it(db: Session, ids: list[int], now: datetime) -> None:
    first, failing, last = ids
    assert outbox.relay(db, consumers=CONSUMERS, now=now) == 3
    assert noted(db) == sorted(
        f"{which}-{number}" for which in ("first", "second") for number in (first, last)
    )
    jobs = db.exec(select(Job).order_by(col(Job.id))).all()
    assert [(job.event_id, job.consumer.rpartition(".")[2]) for job in jobs] == [
        (failing, "note_first"),
        (failing, "note_renamed"),
    ]
    assert outbox.relay(db, consumers=CONSUMERS, now=now) == 0


def test_what_failed_is_done_one_by_one_until_it_is_buried(
    db: Session, ids: list[int], now: datetime
) -> None:
    outbox.relay(db, consumers=CONSUMERS, now=now)
    for day in range(outbox.MAX_ATTEMPTS + 3):
        while outbox.run_next(db, consumers=BY_NAME, now=now + timedelta(days=day)):
            pass
    assert f"first-{ids[1]}" in noted(db)
    assert f"second-{ids[1]}" not in noted(db)
    done, buried = db.exec(select(Job).order_by(col(Job.id))).all()
    assert (done.attempts, done.done_at is not None) == (1, True)
    assert (buried.attempts, buried.last_error) == (outbox.MAX_ATTEMPTS, "ValueError: not today")
    assert buried.buried_at is not None


def test_a_relay_without_time_still_goes_on_by_one_event(db: Session, ids: list[int], now: datetime) -> None:
    assert [outbox.relay(db, consumers=CONSUMERS, now=now, seconds=0) for _ in range(4)] == [1, 1, 1, 0]
    assert noted(db) == sorted(f"{which}-{number}" for which in ("first", "second") for number in ids[::2])
