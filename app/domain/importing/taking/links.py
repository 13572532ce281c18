"""Links between posts, and which question is a duplicate of which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.domain.importing.source.rows import LinkRow, Parsed
from app.domain.importing.taking import bulk
from app.domain.importing.taking.run import ADAPTED, LEFT_OUT, TAKEN, Run
from app.models import MovedIn, PostLink, Question


class Candidate(NamedTuple):
    """A link that says of what a question is a duplicate."""

    question: int
    original: int
    score: int  # of the original
    at: datetime


def take_links(db: Session, run: Run, parsed: Parsed[LinkRow]) -> None:
    """Take a piece of PostLinks.xml."""
    posts = run.posts.find_numbers(db, {post for row in parsed.rows for post in (row.post, row.related)})
    links: dict[tuple[int, int, str], datetime] = {}
    for row in parsed.rows:
        if row.post not in posts or row.related not in posts:
            run.count("PostLinks", LEFT_OUT, "one of its posts is not in the dump, or was left out")
            continue
        key = (posts[row.post], posts[row.related], row.kind)
        if row.post == row.related or key in links:
            run.count("PostLinks", LEFT_OUT, "it leads to itself, or is there twice")
        else:
            links[key] = row.created_at
    for key in _present(db, links):
        del links[key]
        run.count("PostLinks", LEFT_OUT, "it leads to itself, or is there twice")
    rows = [
        {"post_id": post_id, "related_id": related_id, "kind": kind, "created_at": at}
        for (post_id, related_id, kind), at in links.items()
    ]
    bulk.insert(db, PostLink, rows)
    run.count("PostLinks", TAKEN, number=len(rows))
    run.count_all("PostLinks", LEFT_OUT, parsed.left_out)
    run.count_all("PostLinks", ADAPTED, parsed.adapted)


def close_duplicates(db: Session, run: Run) -> None:
    """Make every question with such a link a duplicate of one original: never in circles, never of an alias."""
    candidates = _candidates(db, run)
    originals = choose(candidates)
    at = {row.question: row.at for row in candidates}
    changes = [
        {"question": question, "original": original, "at": at[question]}
        for question, original in originals.items()
    ]
    if changes:
        table = Question.__table__  # type: ignore[attr-defined]
        statement = update(table).where(table.c.id == bindparam("question"))
        values = statement.values(
            duplicate_of_id=bindparam("original"),
            close_reason="duplicate",
            closed_at=func.coalesce(table.c.closed_at, bindparam("at", type_=table.c.closed_at.type)),
        )
        db.connection().execute(values, changes)
    left = {row.question for row in candidates} - originals.keys()
    if left:
        run.count("PostLinks", ADAPTED, "originals name each other in a circle, which was opened", len(left))


def choose(candidates: Iterable[Candidate]) -> dict[int, int]:
    """Return one original for each duplicate: the end of the chain that begins with the best original.

    The best has no original of its own, then the highest score, then the lowest id. Of questions
    that name each other in a circle, the one with the best score stays open.
    """
    by_question: dict[int, list[Candidate]] = {}
    scores: dict[int, int] = {}
    for row in candidates:
        by_question.setdefault(row.question, []).append(row)
        scores[row.original] = row.score
    chosen = {
        question: max(
            rows, key=lambda row: (row.original not in by_question, row.score, -row.original)
        ).original
        for question, rows in by_question.items()
    }
    for question in sorted(chosen):
        circle = _circle(chosen, question)
        if circle:
            del chosen[max(circle, key=lambda member: (scores.get(member, 0), -member))]
    return {question: _end(chosen, question) for question in chosen}


def _circle(chosen: Mapping[int, int], start: int) -> list[int]:
    """Return the members of the circle that one comes into from `start`; empty if the chain ends."""
    path: dict[int, None] = {}
    at = start
    while at in chosen:
        if at in path:
            members = list(path)
            return members[members.index(at) :]
        path[at] = None
        at = chosen[at]
    return []


def _end(chosen: Mapping[int, int], start: int) -> int:
    at = chosen[start]
    while at in chosen:
        at = chosen[at]
    return at


def _present(db: Session, links: Mapping[tuple[int, int, str], datetime]) -> set[tuple[int, int, str]]:
    """Return those of the links that an earlier piece brought."""
    statement = select(PostLink.post_id, PostLink.related_id, PostLink.kind)
    rows = db.execute(statement.where(col(PostLink.post_id).in_({post_id for post_id, _, _ in links})))
    return {(row[0], row[1], row[2]) for row in rows} & links.keys()


def _candidates(db: Session, run: Run) -> list[Candidate]:
    original, duplicate = aliased(Question), aliased(Question)
    ours = select(MovedIn.local_id).where(MovedIn.source == run.source, MovedIn.kind == "post")
    rows: Iterable[Any] = db.execute(
        select(PostLink.post_id, PostLink.related_id, original.score, PostLink.created_at)
        .join(original, col(original.id) == col(PostLink.related_id))
        .join(duplicate, col(duplicate.id) == col(PostLink.post_id))
        .where(
            PostLink.kind == "duplicate",
            col(original.removed_at).is_(None),
            col(duplicate.duplicate_of_id).is_(None),
            col(PostLink.post_id).in_(ours),
        )
        .order_by(col(PostLink.created_at), col(PostLink.post_id), col(PostLink.related_id))
    )
    return [Candidate(*row) for row in rows]
