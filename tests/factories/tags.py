"""Tags."""

from __future__ import annotations

import itertools
from typing import Any

from sqlmodel import Session

from app.models import Tag
from tests.support.clock import MONDAY_MORNING

_numbers = itertools.count(1)


def make_tag(db: Session, *, name: str = "", **facts: Any) -> Tag:
    """Save a tag."""
    tag = Tag(name=name or f"tag-{next(_numbers)}", **{"created_at": MONDAY_MORNING, **facts})
    db.add(tag)
    db.commit()
    return tag
