"""Documents of the search index."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.domain.search.documents import Document

JANUARY = datetime(2026, 1, 5, tzinfo=UTC)


def make_document(question_id: int, title: str, *texts: str, **facts: Any) -> Document:
    """Return a document of an unanswered question of January."""
    defaults: dict[str, Any] = {"created_at": JANUARY, "activity_at": JANUARY}
    return Document(question_id=question_id, title=title, texts=texts, **{**defaults, **facts})
