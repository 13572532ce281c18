"""Uploads."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

from sqlmodel import Session

from app.models import Attachment, User
from tests.factories.users import make_user
from tests.support.clock import MONDAY_MORNING

_numbers = itertools.count(1)


def make_attachment(db: Session, *, author: User | None = None, **facts: Any) -> Attachment:
    """Save the row of an upload; its file does not exist."""
    author = author or make_user(db)
    defaults: dict[str, Any] = {
        "sha256": hashlib.sha256(str(next(_numbers)).encode()).hexdigest(),
        "extension": "png",
        "name": "screenshot.png",
        "content_type": "image/png",
        "size": 1000,
        "width": 40,
        "height": 30,
        "created_at": MONDAY_MORNING,
    }
    attachment = Attachment(author_id=author.id or 0, **{**defaults, **facts})
    db.add(attachment)
    db.commit()
    return attachment
