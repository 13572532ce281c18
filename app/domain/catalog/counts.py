"""Question counts of products and tags, moved in the transaction that changes a question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.models import Product, Question, QuestionTag, Tag


@contextmanager
def counting(db: Session, question: Question, *, is_new: bool = False) -> Iterator[None]:
    """Compare what the question counts for before and after the block, and move the counts by the difference.

    Rows are taken in the order of their ids, so that two writers never wait for each other.
    """
    before: Counter[tuple[str, int]] = Counter() if is_new else _standing(db, question)
    yield
    db.flush()
    moves = _standing(db, question)
    moves.subtract(before)
    for (counter, row_id), by in sorted(moves.items()):
        if by:
            _move(db, counter, row_id, by)


def _standing(db: Session, question: Question) -> Counter[tuple[str, int]]:
    if question.is_removed:
        return Counter()
    tag_ids = db.exec(select(QuestionTag.tag_id).where(QuestionTag.question_id == question.id))
    standing = Counter({("tag", tag_id): 1 for tag_id in tag_ids})
    if question.product_id is not None:
        standing["product", question.product_id] = 1
        standing["solved", question.product_id] = int(question.is_solved)
    return standing


def _move(db: Session, counter: str, row_id: int, by: int) -> None:
    if counter == "tag":
        statement = update(Tag).where(col(Tag.id) == row_id)
        db.execute(statement.values(question_count=Tag.question_count + by))
    elif counter == "product":
        db.execute(
            update(Product)
            .where(col(Product.id) == row_id)
            .values(question_count=Product.question_count + by)
        )
    else:
        db.execute(
            update(Product).where(col(Product.id) == row_id).values(solved_count=Product.solved_count + by)
        )
