"""Rows of a dump that are no single row of ours: votes, links, what was done to a post, tags' descriptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select, union_all

from app.domain.exporting.forms import FORMS, PARTS, Tables, excerpt, post_is_public
from app.domain.exporting.rows import Attributes, at, day

AT_ONCE = 1_000

_ACCEPTED, _UP, _DOWN = 1, 2, 3
_CLOSED, _LOCKED = 10, 14
_LINKS = {"linked": 1, "duplicate": 3}
_CLOSE_REASONS = {
    "duplicate": "101",
    "off_topic": "102",
    "unclear": "103",
    "too_broad": "104",
    "not_reproducible": "7",
    "outdated": "102",
}


def _stream(connection: Connection, statement: Select[Any]) -> Iterator[Any]:
    return iter(connection.execute(statement.execution_options(yield_per=AT_ONCE)))


def _votes(connection: Connection, t: Tables) -> Iterator[Attributes]:
    """Yield all votes as dumps tell them: a kind and a day, and never who."""
    numbers = count(1)

    def vote(post_id: int, kind: int, on: str) -> Attributes:
        return {"Id": next(numbers), "PostId": post_id, "VoteTypeId": kind, "CreationDate": on}

    question, answer, cast = t["question"], t["answer"], t["vote"]
    accepted = (
        select(question.c.accepted_answer_id, question.c.accepted_at)
        .join(answer, answer.c.id == question.c.accepted_answer_id)
        .where(question.c.removed_at.is_(None), answer.c.removed_at.is_(None))
        .order_by(question.c.id)
    )
    for post_id, accepted_at in _stream(connection, accepted):
        yield vote(post_id, _ACCEPTED, day(accepted_at))
    joined, shown = post_is_public(t, cast.c.post_id)
    ours = select(cast.c.post_id, cast.c.value, cast.c.cast_at).select_from(joined).where(shown)
    for post_id, value, cast_at in _stream(connection, ours.order_by(cast.c.id)):
        yield vote(post_id, _UP if value > 0 else _DOWN, day(cast_at))
    for table in (question, answer):
        joined, shown = post_is_public(t, table.c.id)
        moved_in = select(table.c.id, table.c.moved_in_up, table.c.moved_in_down, table.c.created_at)
        for post_id, up, down, at_day in _stream(
            connection, moved_in.select_from(joined).where(shown).order_by(table.c.id)
        ):
            for kind in (*[_UP] * up, *[_DOWN] * down):
                yield vote(post_id, kind, day(at_day))


def _links(connection: Connection, t: Tables) -> Iterator[Attributes]:
    """Yield the links that came with an import, and of what each question was closed as a duplicate."""
    link, question, post = t["post_link"], t["question"], t["post"]
    hidden = union_all(
        select(question.c.id).where(question.c.removed_at.is_not(None)),
        select(t["answer"].c.id)
        .join(question, question.c.id == t["answer"].c.question_id)
        .where(t["answer"].c.removed_at.is_not(None) | question.c.removed_at.is_not(None)),
    ).subquery()
    hidden_ids = select(hidden.c.id)
    told = select(link.c.post_id, link.c.related_id, link.c.kind, link.c.created_at).where(
        link.c.post_id.not_in(hidden_ids), link.c.related_id.not_in(hidden_ids)
    )
    already = select(link.c.post_id).where(
        link.c.post_id == question.c.id, link.c.related_id == question.c.duplicate_of_id
    )
    closed = (
        select(question.c.id, question.c.duplicate_of_id, question.c.closed_at)
        .join(post, post.c.id == question.c.duplicate_of_id)
        .where(
            question.c.removed_at.is_(None),
            question.c.duplicate_of_id.not_in(hidden_ids),
            ~already.where(link.c.kind == "duplicate").exists(),
        )
        .order_by(question.c.id)
    )
    numbers = count(1)
    in_order = told.order_by(link.c.post_id, link.c.related_id, link.c.kind)
    for post_id, related_id, kind, created_at in _stream(connection, in_order):
        yield _link(next(numbers), post_id, related_id, kind, at(created_at))
    for post_id, related_id, closed_at in _stream(connection, closed):
        yield _link(next(numbers), post_id, related_id, "duplicate", at(closed_at))


def _link(number: int, post_id: int, related_id: int, kind: str, created_at: str | None) -> Attributes:
    return {
        "Id": number,
        "CreationDate": created_at,
        "PostId": post_id,
        "RelatedPostId": related_id,
        "LinkTypeId": _LINKS[kind],
    }


def _states(connection: Connection, t: Tables) -> Iterator[Attributes]:
    """Yield which questions are closed or locked, as lines of their history."""
    question, revision = t["question"], t["revision"]
    behind = connection.execute(select(func.coalesce(func.max(revision.c.id), 0) + 1)).scalar_one()
    numbers = count(behind * PARTS)
    changed = question.c.closed_at.is_not(None) | question.c.locked_at.is_not(None)
    shown = select(question).where(question.c.removed_at.is_(None), changed).order_by(question.c.id)
    for row in connection.execute(shown.execution_options(yield_per=AT_ONCE)).mappings():
        if row["closed_at"] is not None:
            yield _state(next(numbers), row, _CLOSED, "closed", _CLOSE_REASONS[row["close_reason"]])
        if row["locked_at"] is not None:
            yield _state(next(numbers), row, _LOCKED, "locked", None)


def _state(number: int, row: RowMapping, kind: int, word: str, comment: str | None) -> Attributes:
    return {
        "Id": number,
        "PostHistoryTypeId": kind,
        "PostId": row["id"],
        "RevisionGUID": f"{kind:08x}-0000-0000-0000-{row['id']:012x}",
        "CreationDate": at(row[f"{word}_at"]),
        "UserId": row[f"{word}_by_id"],
        "Comment": comment,
    }


def _excerpts(connection: Connection, t: Tables) -> Iterator[Attributes]:
    tag = t["tag"]
    described = FORMS["tag"].statement(t).where(tag.c.description != "", tag.c.synonym_of_id.is_(None))
    for row in connection.execute(described.order_by(tag.c.id)).mappings():
        yield excerpt(row)


BESIDE: dict[str, Callable[[Connection, Tables], Iterator[Attributes]]] = {
    "Posts": _excerpts,
    "Votes": _votes,
    "PostLinks": _links,
    "PostHistory": _states,
}
"""By file: what is written behind the rows of its tables, or is all of it."""
