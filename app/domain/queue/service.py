"""Writing what belongs to the queue itself: saved views, and who has a case open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core.db import atomic
from app.core.errors import Invalid, NotFound
from app.core.i18n import gettext as _
from app.core.text import clean_text
from app.domain.queue.filters import Listing
from app.domain.queue.policy import may_change, may_work
from app.domain.queue.queries import PRESENT_FOR
from app.models import Escalation, EscalationPresence, SavedView, User

LONGEST_NAME = 60
MOST_VIEWS = 50
DOINGS = ("viewing", "replying")
_FORGOTTEN_AFTER = PRESENT_FOR * 4


@atomic
def save_view(
    db: Session, *, by: User, name: str, listing: Listing, is_shared: bool = False, now: datetime
) -> SavedView:
    """Keep a list under a name; the same name again replaces the one before. Raises Invalid for a bad name."""
    if not may_work(by):
        raise NotFound
    name = " ".join(clean_text(name).split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid("name", _("Give the view a name of at most 60 characters."))
    view = db.exec(select(SavedView).where(SavedView.owner_id == by.id, SavedView.name == name)).first()
    if view is None:
        mine = select(func.count()).where(col(SavedView.owner_id) == by.id)
        if db.exec(mine).one() >= MOST_VIEWS:
            raise Invalid("name", _("You have 50 saved views. Remove one first."))
        view = SavedView(owner_id=by.id or 0, name=name, created_at=now)
    view.filters = {name: text for name, text in listing.values().items() if name not in ("sort", "columns")}
    view.columns = list(listing.columns)
    view.sort = listing.sort
    view.is_shared = is_shared
    db.add(view)
    db.flush()
    return view


@atomic
def remove_view(db: Session, *, view: SavedView, by: User) -> None:
    """Forget a saved view of one's own; raises NotFound for another's."""
    if not may_change(by, view):
        raise NotFound
    db.delete(view)
    db.flush()


@atomic
def seen(db: Session, *, escalation_id: int, by: User, doing: str = "viewing", now: datetime) -> None:
    """Note that somebody has a case open now, and whether they are replying; said again every 20 seconds."""
    if not may_work(by) or db.get(Escalation, escalation_id) is None:
        raise NotFound
    if doing not in DOINGS:
        raise Invalid("doing", _("There is no such state."))
    changed = db.execute(
        update(EscalationPresence)
        .where(
            col(EscalationPresence.escalation_id) == escalation_id, col(EscalationPresence.user_id) == by.id
        )
        .values(doing=doing, seen_at=now)
    )
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        _appear(
            db, EscalationPresence(escalation_id=escalation_id, user_id=by.id or 0, doing=doing, seen_at=now)
        )


@atomic
def left(db: Session, *, escalation_id: int, by: User) -> None:
    """Note that somebody closed a case's page."""
    db.execute(
        delete(EscalationPresence).where(
            col(EscalationPresence.escalation_id) == escalation_id, col(EscalationPresence.user_id) == by.id
        )
    )


@atomic
def forget_absent(db: Session, *, now: datetime) -> None:
    """Delete what was said about presence long ago."""
    db.execute(delete(EscalationPresence).where(col(EscalationPresence.seen_at) < now - _FORGOTTEN_AFTER))


def _appear(db: Session, row: EscalationPresence) -> None:
    try:
        with db.begin_nested():
            db.add(row)
            db.flush()
    except IntegrityError:
        return  # another tab of theirs said so at the same moment
