"""What asking and editing share: a question's parts, checked and written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.core.db import LOCK
from app.core.errors import Invalid
from app.domain import catalog, revisions
from app.domain.questions.texts import check_body, check_environment, check_title
from app.models import EnvironmentField, EnvironmentValue, Question, User


@dataclass(frozen=True)
class CheckedParts:
    """The parts of a question after every check."""

    title: str
    body: str
    body_html: str
    tag_names: list[str]
    product_id: int | None
    environment: list[tuple[EnvironmentField, str]]


def check_parts(
    db: Session,
    *,
    author: User,
    title: str,
    body: str,
    tags: str,
    product_id: int | None,
    environment: dict[str, str],
) -> CheckedParts:
    """Return the checked parts, or raise one Invalid for everything that is wrong. No product is a choice, too."""
    errors: dict[str, str] = {}
    kept_title = check_title(title, errors)
    body_html = check_body(body, author, errors)
    tag_names: list[str] = []
    try:
        tag_names = catalog.parse_tags(tags)
    except Invalid as error:
        errors.update(error.errors)
    asked = catalog.environment_fields(db, product_id)
    kept_environment = check_environment(environment, asked, errors)
    Invalid.raise_if(errors)
    return CheckedParts(kept_title, body, body_html, tag_names, product_id, kept_environment)


def record_revision(
    db: Session,
    question: Question,
    parts: CheckedParts,
    *,
    editor: User,
    now: datetime,
    summary: str = "",
    restores: int | None = None,
) -> None:
    """Write down the parts as the question's present revision."""
    revisions.record(
        db,
        post_id=question.id,
        number=question.revision,
        editor=editor,
        title=parts.title,
        body=parts.body,
        tags=parts.tag_names,
        environment={field.name: value for field, value in parts.environment},
        summary=summary,
        restores=restores,
        now=now,
    )


def write_tags(db: Session, question: Question, names: list[str], *, now: datetime) -> None:
    """Make these the question's tags."""
    catalog.set_tags(db, question_id=question.id, tags=catalog.ensure_tags(db, names=names, now=now))


def write_environment(db: Session, question: Question, given: list[tuple[EnvironmentField, str]]) -> None:
    """Make these the question's details."""
    db.execute(delete(EnvironmentValue).where(col(EnvironmentValue.question_id) == question.id))
    for position, (field, value) in enumerate(given):
        db.add(
            EnvironmentValue(
                question_id=question.id,
                name=field.name,
                label=field.label,
                value=value,
                value_key=value.casefold(),
                position=position,
            )
        )
    db.flush()


def locked_for_change(db: Session, question_id: int) -> Question:
    """Return the question as it is now, locked until the transaction ends."""
    statement = select(Question).where(Question.id == question_id).with_for_update(of=Question, **LOCK)
    return db.exec(statement.execution_options(populate_existing=True)).one()
