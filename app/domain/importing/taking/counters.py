"""Counters, compared with a recount by set-based statements; only rows that differ are written.

Posts come in with the dump's own counts, which are nearly always right.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import Session

_GROWN = "moved_in, post, question, answer, question_tag, comment, post_link"
_OURS = "id IN (SELECT local_id FROM moved_in WHERE source = :source AND kind = 'post')"

_COMMENTS = "(SELECT count(*) FROM comment c WHERE c.post_id = {table}.id AND c.removed_at IS NULL)"
_ANSWERS = "(SELECT count(*) FROM answer a WHERE a.question_id = question.id AND a.removed_at IS NULL)"
_TAGGED = (
    "(SELECT count(*) FROM question_tag t JOIN question q ON q.id = t.question_id "
    "WHERE t.tag_id = tag.id AND q.removed_at IS NULL)"
)
_UNDER_PRODUCT = "(SELECT count(*) FROM question q WHERE q.product_id = product.id AND q.removed_at IS NULL)"
_SOLVED = (
    "(SELECT count(*) FROM question q WHERE q.product_id = product.id AND q.removed_at IS NULL "
    "AND q.accepted_answer_id IS NOT NULL)"
)
_LAST_ACTIVE = """
    UPDATE question SET last_activity_by_id = coalesce(
        (SELECT a.author_id FROM answer a WHERE a.question_id = question.id
          AND a.created_at = question.last_activity_at ORDER BY a.id LIMIT 1),
        (SELECT a.edited_by_id FROM answer a WHERE a.question_id = question.id
          AND a.edited_at = question.last_activity_at ORDER BY a.id LIMIT 1))
    WHERE last_activity_by_id IS NULL AND
"""


def refresh_statistics(db: Session) -> None:
    """Tell PostgreSQL how large the tables have become; by itself it looks a minute later, and plans for empty ones."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text(f"ANALYZE {_GROWN}"))


def recount(db: Session, *, source: str, product_id: int | None) -> None:
    """Make every counter that the import touched equal to its recount."""
    given: dict[str, object] = {"source": source, "product": product_id}
    for table in ("question", "answer"):
        _correct(db, f"{table}.comment_count", _COMMENTS.format(table=table), where=_OURS, given=given)
    _correct(db, "question.answer_count", _ANSWERS, where=_OURS, given=given)
    _correct(db, "tag.question_count", _TAGGED, where="true", given=given)
    _correct(db, "product.question_count", _UNDER_PRODUCT, where="id = :product", given=given)
    _correct(db, "product.solved_count", _SOLVED, where="id = :product", given=given)
    db.execute(text(_LAST_ACTIVE + _OURS), {"source": source})


def _correct(db: Session, counter: str, counted: str, *, where: str, given: dict[str, object]) -> None:
    table, _, column = counter.partition(".")
    statement = f"UPDATE {table} SET {column} = {counted} WHERE {where} AND {column} <> {counted}"
    db.execute(text(statement), {name: given[name] for name in given if f":{name}" in statement})
