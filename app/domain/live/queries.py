"""What may be told of threads and cases now: read at the moment of telling, as a stranger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.models import Answer, Comment, EscalationPresence, Product, Question, User

PRESENT_FOR = timedelta(seconds=45)
"""Who has not said for so long that they have a case open, has it open no more."""


@dataclass(frozen=True)
class Visible:
    """Those of the things asked about that every stranger may see, with the products of the whole catalog."""

    questions: Mapping[int, Question] = field(default_factory=dict)
    answer_ids: Collection[int] = ()
    comment_ids: Collection[int] = ()
    products: Mapping[int, Product] = field(default_factory=dict)

    def trail(self, question: Question) -> list[str]:
        """Return the slugs of the question's product and of those above it, its own first."""
        slugs = []
        product_id = question.product_id
        while product_id is not None:
            product = self.products[product_id]
            slugs.append(product.slug)
            product_id = product.parent_id
        return slugs


def visible(
    db: Session, *, question_ids: Collection[int], answer_ids: Collection[int], comment_ids: Collection[int]
) -> Visible:
    """Look up what strangers may see of these, in at most four queries."""
    if not question_ids:
        return Visible()
    asked = select(Question).where(col(Question.id).in_(question_ids), col(Question.removed_at).is_(None))
    questions = {question.id: question for question in db.exec(asked)}
    products = {row.id or 0: row for row in db.exec(select(Product))} if questions else {}
    return Visible(
        questions=questions,
        answer_ids=_answers(db, answer_ids) if answer_ids else (),
        comment_ids=_comments(db, comment_ids) if comment_ids else (),
        products=products,
    )


def present(db: Session, *, now: datetime) -> dict[int, list[dict[str, str | int]]]:
    """Return by case who has it open, and whether they reply: ids, names and what they do."""
    rows = db.exec(
        select(EscalationPresence, User)
        .join(User, col(User.id) == col(EscalationPresence.user_id))
        .where(col(EscalationPresence.seen_at) > now - PRESENT_FOR)
        .order_by(col(EscalationPresence.escalation_id), col(EscalationPresence.user_id))
    )
    found: dict[int, list[dict[str, str | int]]] = {}
    for row, user in rows:
        who: dict[str, str | int] = {"id": row.user_id, "name": user.display_name, "doing": row.doing}
        found.setdefault(row.escalation_id, []).append(who)
    return found


def _answers(db: Session, ids: Collection[int]) -> frozenset[int]:
    return frozenset(
        db.exec(select(Answer.id).where(col(Answer.id).in_(ids), col(Answer.removed_at).is_(None)))
    )


def _comments(db: Session, ids: Collection[int]) -> frozenset[int]:
    statement = (
        select(Comment.id)
        .outerjoin(Answer, col(Answer.id) == col(Comment.post_id))
        .where(
            col(Comment.id).in_(ids),
            col(Comment.removed_at).is_(None),
            or_(col(Answer.id).is_(None), col(Answer.removed_at).is_(None)),
        )
    )
    return frozenset(number for number in db.exec(statement) if number is not None)
