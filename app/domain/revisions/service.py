"""Writing revisions, within the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

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
) -> Revision:
    """Write down the text a post has from now on; title, tags and environment for questions only."""
    revision = Revision(
        post_id=post_id,
        number=number,
        editor_id=editor.id,
        title=title,
        body=body,
        tags=tags,
        environment=environment,
        summary=summary.strip()[:300],
        restores=restores,
        created_at=now,
    )
    db.add(revision)
    return revision
