"""Writing drafts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from app.core.db import LOCK, atomic
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.models import Draft, User

KEPT_FOR = timedelta(days=60)
LONGEST = 40_000
_KEY = re.compile(r"ask|(answer|reply|note):\d{1,10}")


@atomic
def keep(db: Session, *, author: User, key: str, fields: Mapping[str, str], now: datetime) -> Draft | None:
    """Keep what was typed so far, in place of what was kept before; empty fields discard the draft.

    Raises Invalid for a form we don't have, or for more text than a form takes.
    """
    if not _KEY.fullmatch(key):
        raise Invalid("key", _("There is no such form."))
    typed = {name[:60]: value for name, value in fields.items() if value.strip()}
    if sum(map(len, typed.values())) > LONGEST:
        raise Invalid("fields", _("This is too long to keep as a draft."))
    if not typed:
        discard(db, author=author, key=key)
        return None
    draft = db.get(Draft, (author.id, key), with_for_update=LOCK)
    if draft is None:
        draft = Draft(user_id=author.id or 0, key=key, fields=typed, updated_at=now)
    draft.fields = typed
    draft.updated_at = now
    db.add(draft)
    db.flush()
    return draft


@atomic
def discard(db: Session, *, author: User, key: str) -> None:
    """Forget a draft: the form was posted, or emptied."""
    draft = db.get(Draft, (author.id, key))
    if draft is not None:
        db.delete(draft)
        db.flush()


@atomic
def purge_old(db: Session, *, now: datetime) -> None:
    """Forget drafts that nobody came back to."""
    db.execute(delete(Draft).where(col(Draft.updated_at) < now - KEPT_FOR))
