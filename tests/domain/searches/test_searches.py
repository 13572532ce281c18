from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from app.core.errors import Invalid, NotFound
from app.domain import searches
from app.domain.searches import Seen
from app.models import AuditEntry, User

LONG_AGO = date(2000, 1, 1)


def told(db: Session, kind: str, since: date = LONG_AGO) -> list[tuple[str, int]]:
    return [(one.query, one.searches) for one in searches.told(db, kind=kind, since=since)]


def test_counts_of_a_day_add_up(db: Session, now: datetime) -> None:
    searches.count(db, seen={"wifi": Seen("Wifi", searches=2, clicks=1)}, now=now)
    searches.count(
        db,
        seen={"wifi": Seen("wifi", searches=1), "carpet": Seen("carpet", searches=1, without_results=1)},
        now=now,
    )
    searches.count(db, seen={"wifi": Seen("wifi", searches=1)}, now=now + timedelta(days=1))
    assert [searches for _, searches in told(db, "frequent")] == [4, 1]
    assert told(db, "frequent", since=(now + timedelta(days=1)).date()) == [("wifi", 1)]


def test_what_found_nothing_and_what_nobody_opened_are_told_apart(db: Session, now: datetime) -> None:
    seen = {
        "opened": Seen("opened", searches=3, clicks=2),
        "ignored": Seen("ignored", searches=2),
        "carpet": Seen("carpet", searches=5, without_results=5),
    }
    searches.count(db, seen=seen, now=now)
    assert told(db, "nothing") == [("carpet", 5)]
    assert told(db, "no_click") == [("ignored", 2)]


def test_counts_are_forgotten_after_a_quarter(db: Session, now: datetime) -> None:
    searches.count(db, seen={"old": Seen("old", searches=1)}, now=now)
    searches.count(db, seen={"new": Seen("new", searches=1)}, now=now + timedelta(days=91))
    assert told(db, "frequent") == [("new", 1)]


def test_a_very_long_query_is_cut(db: Session, now: datetime) -> None:
    searches.count(db, seen={"x" * 500: Seen("x" * 500, searches=1)}, now=now)
    assert told(db, "frequent") == [("x" * 120, 1)]


def test_each_word_of_a_group_means_the_others(db: Session, agent: User, now: datetime) -> None:
    searches.add_synonyms(db, by=agent, words="WiFi,  wlan , wireless lan,wifi", now=now)
    assert searches.synonyms(db)["wlan"] == ("wifi", "wireless lan")
    (entry,) = db.exec(select(AuditEntry)).all()
    assert (entry.action, entry.actor_label) == ("synonyms.add", "agent")


def test_a_removed_group_means_nothing(db: Session, agent: User, now: datetime) -> None:
    group = searches.add_synonyms(db, by=agent, words="wifi, wlan", now=now)
    searches.remove_synonyms(db, by=agent, group_id=group.id or 0, now=now)
    assert searches.synonyms(db) == {}
    with pytest.raises(NotFound):
        searches.remove_synonyms(db, by=agent, group_id=group.id or 0, now=now)


@pytest.mark.parametrize(
    "words", ["", "wifi", "wifi, wifi", ", ,", "a, " + "b" * 41, ", ".join("abcdefghijklmnop")]
)
def test_words_that_make_no_group_are_refused(db: Session, agent: User, now: datetime, words: str) -> None:
    with pytest.raises(Invalid):
        searches.add_synonyms(db, by=agent, words=words, now=now)
