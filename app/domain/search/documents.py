"""What goes into the index and what comes out of it: plain read models that no engine owns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

Status = Literal["unanswered", "answered", "solved", "closed", "duplicate"]
"""The one word that lists and pages show for a question."""
Sort = Literal["relevance", "newest", "votes", "activity"]
SORTS: tuple[Sort, ...] = ("relevance", "newest", "votes", "activity")


@dataclass(frozen=True, kw_only=True)
class Document:
    """A question's thread as everybody may see it: removed answers and comments are not in it.

    `texts` are body, answers and comments as plain text, code kept. `products` are the slugs of the
    question's product and of those above it; `environment` maps names of fields to values.
    """

    question_id: int
    title: str
    texts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    author: str = ""
    status: Status = "unanswered"
    is_closed: bool = False
    answer_count: int = 0
    score: int = 0
    has_code: bool = False
    staff_answered: bool = False
    created_at: datetime
    activity_at: datetime


class Bounds(NamedTuple):
    """A range of numbers, both ends included; None is open."""

    low: float | None = None
    high: float | None = None


OPEN = Bounds()


@dataclass(frozen=True, kw_only=True)
class SearchQuery:
    """What to look for, already checked: bounded in length, every operator understood.

    `marks` must all hold and `without_marks` must not; see `marks_of` for how they are written.
    `synonyms` maps a folded word to others that count as the same. `hidden_ids` never show, not
    even in counts: threads that changed after the index was written. With `only_ids` nothing else shows.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    without_words: tuple[str, ...] = ()
    without_phrases: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    without_marks: tuple[str, ...] = ()
    score: Bounds = OPEN
    answers: Bounds = OPEN
    created: Bounds = OPEN
    sort: Sort = "relevance"
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden_ids: frozenset[int] = frozenset()
    only_ids: frozenset[int] | None = None
    offset: int = 0
    limit: int = 20

    @property
    def has_text(self) -> bool:
        """Whether words or phrases are asked for, beside filters."""
        return bool(self.words or self.phrases)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was asked for."""
        asked = (self.marks, self.without_marks, self.without_words, self.without_phrases)
        bounds = (self.score, self.answers, self.created)
        return not self.has_text and not any(asked) and all(bound == OPEN for bound in bounds)


class Hit(NamedTuple):
    """A thread that was found. `has_phrases` tells that the title itself holds every phrase asked for."""

    question_id: int
    score: float
    has_phrases: bool = True


@dataclass(frozen=True)
class ResultPage:
    """Hits from `offset` on, and what is known about all of them.

    `is_partial`: too few threads have all the words, so those with some of them are shown.
    `facets` maps a group ("product", "status", "tag", "staff", "age") to counts by value.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    is_partial: bool = False
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Stats:
    """The state of an index, for operators and for deciding when to rebuild."""

    engine: str
    documents: int
    deleted: int
    segments: int


def marks_of(document: Document) -> list[str]:
    """Return the exact marks that filters compare: "t:wifi", "p:xps-13", "s:solved", "u:mara", "e:os=windows"."""
    marks = [f"t:{tag}" for tag in document.tags]
    marks += [f"p:{slug}" for slug in document.products]
    marks.append(f"s:{document.status}")
    if document.author:
        marks.append(f"u:{document.author.casefold()}")
    flags = {
        "x:closed": document.is_closed,
        "h:code": document.has_code,
        "h:staff": document.staff_answered,
    }
    return marks + [mark for mark, holds in flags.items() if holds]
