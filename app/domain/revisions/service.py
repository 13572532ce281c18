"""Writing revisions, within the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core.db import insert_row
from app.models import Revision, User


def record(
    db: Session,
    *,
    post_id: int,
    number: int,
    editor: User,
    body: str,
    now: datetime,
    title: str | None = None,
    tags: list[str] | None = None,
    environment: dict[str, str] | None = None,
    summary: str = "",
    restores: int | None = None,
) -> None:
    """Write down the text a post has from now on; title, tags and environment for questions only."""
    row = {
        "post_id": post_id,
        "number": number,
        "editor_id": editor.id,
        "title": title,
        "body": body,
        "summary": summary.strip()[:300],
        "restores": restores,
        "created_at": now,
    }
    for_questions = {"tags": tags, "environment": environment}
    given = {
        name: value for name, value in for_questions.items() if value is not None
    }  # else NULL, not JSON's null
    insert_row(db, Revision, row | given)
