"""A dump's rows with types: what the readers hand to the writers.

An author is named by ("user", id) or, where the account is gone, ("name", display name); None where
the dump names nobody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

Author = tuple[str, str] | None
Row = TypeVar("Row")

NO_ID = "it has no Id that can be read"
NO_DATE = "it has no date that can be read"
_COLUMN, _SIGNED = 2**31, 2**63


@dataclass
class Parsed(Generic[Row]):
    """The rows of a piece that can be taken, and how many were left out or adapted for which reason."""

    rows: list[Row] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    adapted: Counter[str] = field(default_factory=Counter)


class UserRow(NamedTuple):
    """A line of Users.xml."""

    id: str
    name: str
    reputation: int
    created_at: datetime
    seen_at: datetime | None
    location: str
    about: str
    about_html: str
    email_hash: str | None


class PostRow(NamedTuple):
    """A question or answer of Posts.xml; `body` is its Markdown when no history will give it."""

    id: int
    is_question: bool
    parent: int | None
    accepted: int | None
    author: Author
    created_at: datetime
    edited_at: datetime | None
    editor: Author
    active_at: datetime | None
    score: int
    views: int
    title: str
    tags: tuple[str, ...]
    body: str | None
    html: str
    answer_count: int
    comment_count: int
    closed_at: datetime | None


class ExcerptRow(NamedTuple):
    """A tag's description, which dumps keep among the posts."""

    id: int
    text: str


class CommentRow(NamedTuple):
    """A line of Comments.xml."""

    id: int
    post: int
    author: Author
    score: int
    text: str
    html: str
    created_at: datetime


class HistoryRow(NamedTuple):
    """A line of PostHistory.xml."""

    post: int
    id: int
    kind: int
    group: str
    at: str
    user: str | None
    name: str | None
    comment: str
    text: str


class LinkRow(NamedTuple):
    """A line of PostLinks.xml."""

    post: int
    related: int
    kind: str
    created_at: datetime


class BadgeRow(NamedTuple):
    """A line of Badges.xml."""

    user: str
    name: str
    metal: str
    awarded_at: datetime


class TagRow(NamedTuple):
    """A line of Tags.xml."""

    name: str
    excerpt: int | None


@lru_cache(maxsize=4096)  # a post's rows often tell the same one, which then is one object also when pickled
def instant(text: str | None) -> datetime | None:
    """Return a dump's date as UTC; None when there is none or it makes no sense."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter: in UTC it would be before the year 1, or after 9999
        return None


def number(text: str | None) -> int | None:
    """Return a whole number that a column of ours can hold; None for anything else."""
    return _whole(text, _COLUMN)


def id_number(text: str | None) -> int | None:
    """Return what a dump numbers a row by, which may be beyond the numbers of ours; None for anything else."""
    return _whole(text, _SIGNED)


def author_of(row: dict[str, Any], user: str, name: str) -> Author:
    """Return who a row names in its two attributes."""
    if row.get(user):
        return ("user", row[user])
    return ("name", row[name]) if row.get(name, "").strip() else None


def _whole(text: str | None, limit: int) -> int | None:
    if text is None:
        return None
    try:
        found = int(text)
    except ValueError:
        return None
    return found if -limit <= found < limit else None
