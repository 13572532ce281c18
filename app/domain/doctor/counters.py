"""Every stored counter with what it must be: one table."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

SHOWN = 5


@dataclass(frozen=True)
class Counter:
    """A column that must equal an expression over its row and other tables."""

    table: str
    column: str
    expected: str

    @property
    def name(self) -> str:
        """As it is told: "question.answer_count"."""
        return f"{self.table}.{self.column}"


def _of_votes(table: str) -> list[Counter]:
    cast = "(SELECT count(*) FROM vote WHERE vote.post_id = {table}.id AND vote.value = {value})"
    up = f"{table}.moved_in_up + {cast.format(table=table, value=1)}"
    down = f"{table}.moved_in_down + {cast.format(table=table, value=-1)}"
    return [
        Counter(table, "up_count", up),
        Counter(table, "down_count", down),
        Counter(table, "score", f"{up} - ({down})"),
    ]


def _of_texts(table: str) -> list[Counter]:
    comments = f"(SELECT count(*) FROM comment c WHERE c.post_id = {table}.id AND c.removed_at IS NULL)"
    newest = f"(SELECT coalesce(max(r.number), 1) FROM revision r WHERE r.post_id = {table}.id)"
    return [Counter(table, "comment_count", comments), Counter(table, "revision", newest)]


_ANSWERS = "(SELECT count(*) FROM answer a WHERE a.question_id = question.id AND a.removed_at IS NULL)"
_ME_TOOS = "question.moved_in_me_too + (SELECT count(*) FROM me_too m WHERE m.question_id = question.id)"
_TAGGED = (
    "(SELECT count(*) FROM question_tag t JOIN question q ON q.id = t.question_id "
    "WHERE t.tag_id = tag.id AND q.removed_at IS NULL)"
)
_ABOUT = "(SELECT count(*) FROM question q WHERE q.product_id = product.id AND q.removed_at IS NULL{more})"
_LEDGER = "(SELECT coalesce(sum(e.points), 0) FROM reputation_entry e WHERE e.user_id = users.id)"

COUNTERS: tuple[Counter, ...] = (
    *_of_votes("question"),
    *_of_votes("answer"),
    *_of_texts("question"),
    *_of_texts("answer"),
    Counter("question", "answer_count", _ANSWERS),
    Counter("question", "me_too_count", _ME_TOOS),
    Counter("tag", "question_count", _TAGGED),
    Counter("product", "question_count", _ABOUT.format(more="")),
    Counter("product", "solved_count", _ABOUT.format(more=" AND q.accepted_answer_id IS NOT NULL")),
    Counter("users", "reputation", _LEDGER),
    Counter(
        "users",
        "peak_reputation",
        "CASE WHEN peak_reputation < reputation THEN reputation ELSE peak_reputation END",
    ),
)


def wrong_rows(db: Session, counter: Counter) -> list[int]:
    """Return the ids of the rows whose counter is not what it must be."""
    statement = f"SELECT id FROM {counter.table} WHERE {counter.column} <> {counter.expected} ORDER BY id"
    return [int(row[0]) for row in db.execute(text(statement))]


def correct(db: Session, counter: Counter, row_id: int) -> None:
    """Make one row's counter right, with the row locked as its own service locks it."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text(f"SELECT id FROM {counter.table} WHERE id = :id FOR UPDATE"), {"id": row_id})
    # A statement of its own: it sees what was committed while we waited for the lock.
    statement = f"UPDATE {counter.table} SET {counter.column} = {counter.expected} WHERE id = :id"
    db.execute(text(statement), {"id": row_id})
