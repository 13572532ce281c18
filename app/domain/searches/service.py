"""Counting searches, and keeping the synonyms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.core.db import atomic, table_of
from app.core.errors import Invalid, NotFound
from app.core.i18n import gettext as _
from app.core.text import clean_text
from app.domain import audit, outbox
from app.domain.searches.events import SynonymsChanged
from app.models import ProtectedWord, SearchCount, SynonymGroup, User

KEPT_DAYS = 90
KEY_LENGTH = 120
WORD_LENGTH = 40
WORDS_AT_MOST = 12
SHORTEST_STEMMED = 4
PROTECTED_AT_MOST = 200


@dataclass
class Seen:
    """What became of a query since the last count."""

    query: str
    searches: int = 0
    without_results: int = 0
    clicks: int = 0


@atomic
def count(db: Session, *, seen: Mapping[str, Seen], now: datetime) -> None:
    """Add what was searched for to today's counts, and forget those of long ago."""
    insert: Any = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    table = table_of(SearchCount)
    added = insert(table)
    sums = {name: table.c[name] + added.excluded[name] for name in ("searches", "without_results", "clicks")}
    rows = [
        {
            "day": now.date(),
            "query_key": key[:KEY_LENGTH],
            "query": one.query[:KEY_LENGTH],
            "searches": one.searches,
            "without_results": one.without_results,
            "clicks": one.clicks,
        }
        for key, one in sorted(seen.items())
    ]
    if rows:
        db.execute(added.on_conflict_do_update(index_elements=["day", "query_key"], set_=sums), rows)
    db.execute(delete(SearchCount).where(col(SearchCount.day) < now.date() - timedelta(days=KEPT_DAYS)))


@atomic
def add_synonyms(db: Session, *, by: User, words: str, now: datetime) -> SynonymGroup:
    """Let words, given with commas between them, count as the same in every search."""
    kept = list(dict.fromkeys(" ".join(word.casefold().split()) for word in clean_text(words).split(",")))
    kept = [word for word in kept if word]
    if len(kept) < 2:
        raise Invalid("words", _("Write at least two words, with commas between them: wifi, wlan, wireless."))
    if len(kept) > WORDS_AT_MOST or any(len(word) > WORD_LENGTH for word in kept):
        raise Invalid(
            "words",
            _("At most %(words)s words of %(letters)s letters each go together.")
            % {"words": WORDS_AT_MOST, "letters": WORD_LENGTH},
        )
    group = SynonymGroup(words=kept, by_id=by.id, created_at=now)
    db.add(group)
    db.flush()
    audit.record(db, by=by, action="synonyms.add", subject=group, after={"words": kept}, now=now)
    outbox.record(db, SynonymsChanged(by_id=by.id, group_id=group.id or 0), now=now)
    return group


@atomic
def remove_synonyms(db: Session, *, by: User, group_id: int, now: datetime) -> None:
    """Let the words of a group mean different things again. Raise NotFound."""
    group = db.get(SynonymGroup, group_id)
    if group is None:
        raise NotFound
    audit.record(db, by=by, action="synonyms.remove", subject=group, before={"words": group.words}, now=now)
    outbox.record(db, SynonymsChanged(by_id=by.id, group_id=group_id), now=now)
    db.delete(group)


@atomic
def protect_word(db: Session, *, by: User, word: str, now: datetime) -> ProtectedWord:
    """Keep a word from being cut to its stem, so that it finds only itself. Raise Invalid."""
    kept = clean_text(word).strip().casefold()
    if not (kept.isascii() and kept.isalpha() and SHORTEST_STEMMED <= len(kept) <= WORD_LENGTH):
        raise Invalid(
            "word", _("Write one word of 4 to 40 English letters; search takes all others as they are.")
        )
    there = db.exec(select(ProtectedWord.word)).all()
    if kept in there:
        raise Invalid("word", _("This word is protected already."))
    if len(there) >= PROTECTED_AT_MOST:
        raise Invalid("word", _("%(n)s words are protected; remove some first.") % {"n": PROTECTED_AT_MOST})
    protected = ProtectedWord(word=kept, by_id=by.id, created_at=now)
    db.add(protected)
    db.flush()
    audit.record(db, by=by, action="words.protect", subject=protected, after={"word": kept}, now=now)
    return protected


@atomic
def release_word(db: Session, *, by: User, word_id: int, now: datetime) -> None:
    """Let a word be cut to its stem again. Raise NotFound."""
    protected = db.get(ProtectedWord, word_id)
    if protected is None:
        raise NotFound
    audit.record(
        db, by=by, action="words.release", subject=protected, before={"word": protected.word}, now=now
    )
    db.delete(protected)
