"""Making deliveries of events, in the transaction of the event's job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.domain.outbox import Recorded
from app.domain.webhooks.making import new_delivery
from app.domain.webhooks.table import TYPES
from app.models import Answer, Comment, Escalation, Product, Question, User, WebhookEndpoint


def tell_webhooks(db: Session, recorded: Recorded, *, now: datetime) -> None:
    """Make a delivery of the event for each endpoint that asked for one of its types."""
    kinds = TYPES.get(recorded.event.name, ())
    enabled = db.exec(select(WebhookEndpoint).where(col(WebhookEndpoint.disabled_at).is_(None))).all()
    wanted = [(endpoint, kind) for endpoint in enabled for kind in kinds if kind in endpoint.events]
    data = _facts(db, recorded) if wanted else None
    if data is None:
        return
    for endpoint, kind in wanted:
        db.add(new_delivery(endpoint, kind=kind, data=data, event=recorded, now=now))
    db.flush()


def _facts(db: Session, recorded: Recorded) -> dict[str, Any] | None:
    """Return what is told of an event; None when it is about something that not everybody may see."""
    payload = recorded.event.payload()
    if "member_id" in payload:
        return _of_member(db, payload)
    question = db.get(Question, payload["question_id"]) if payload["question_id"] else None
    if "escalation_id" in payload:
        return _of_case(db, payload)
    if question is None:
        return None
    if question.is_removed:
        is_news = recorded.event.name == "QuestionRemoved"
        return {"question_id": question.id, "status": "removed"} if is_news else None
    return _of_thread(db, payload, question, is_removal=recorded.event.name == "AnswerRemoved")


def _of_thread(
    db: Session, payload: Mapping[str, Any], question: Question, *, is_removal: bool
) -> dict[str, Any] | None:
    product = db.get(Product, question.product_id) if question.product_id else None
    data: dict[str, Any] = {
        "question_id": question.id,
        "product": product.slug if product else None,
        "status": question.status,
        "answer_count": question.answer_count,
        "path": f"/questions/{question.id}",
    }
    if payload.get("answer_id"):
        data["answer_id"] = payload["answer_id"]
        answer = db.get(Answer, payload["answer_id"])
        if not is_removal and (answer is None or answer.is_removed):
            return None
        data["path"] += "" if is_removal else f"#answer-{payload['answer_id']}"
    if payload.get("comment_id"):
        comment = db.get(Comment, payload["comment_id"])
        post = db.get(Answer, payload["post_id"])  # none: it is under the question
        if comment is None or comment.is_removed or (post is not None and post.is_removed):
            return None
        data |= {"comment_id": payload["comment_id"], "post_id": payload["post_id"]}
    return data


def _of_case(db: Session, payload: Mapping[str, Any]) -> dict[str, Any] | None:
    case = db.get(Escalation, payload["escalation_id"])
    if case is None:
        return None
    more = {name: payload[name] for name in ("code", "step", "level", "resolved_by") if name in payload}
    return {
        "escalation_id": case.id,
        "question_id": case.question_id,
        "state": case.state,
        "priority": case.priority,
        **more,
        "path": f"/questions/{case.question_id}",
    }


def _of_member(db: Session, payload: Mapping[str, Any]) -> dict[str, Any]:
    user = db.get(User, payload["member_id"])
    if user is None or user.deleted_at is not None:
        return {"user_id": payload["member_id"]}
    return {"user_id": user.id, "handle": user.handle, "path": f"/users/{user.handle}"}
