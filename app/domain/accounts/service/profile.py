"""What members say of themselves, and how pages look to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from app.core import markdown
from app.core.db import LOCK, atomic
from app.core.errors import Invalid
from app.core.handles import check_display_name, check_handle, skeleton
from app.core.i18n import gettext as _
from app.domain import outbox, reputation
from app.domain.accounts.events import MemberRenamed
from app.domain.accounts.policy import handle_locked_until
from app.domain.accounts.queries import is_handle_free
from app.models import FormerHandle, User

THEMES = ("", "light", "dark")
MAX_ABOUT = 3000
MAX_LOCATION = 100


@atomic
def change_profile(
    db: Session,
    *,
    by: User,
    display_name: str,
    handle: str,
    location: str,
    about: str,
    theme: str,
    now: datetime,
) -> None:
    """Change one's name, handle (once in a while), place, colours and the text about oneself; raise Invalid."""
    user = db.get_one(User, by.id, with_for_update=LOCK, populate_existing=True)
    if user.is_suspended(now) and user.suspended_until is not None:
        raise reputation.Suspended(user.suspended_until, user.suspended_reason)
    errors: dict[str, str] = {}
    before = (user.display_name, user.handle)
    try:
        user.display_name = check_display_name(display_name, may_claim_role=user.is_staff)
    except Invalid as error:
        errors |= error.errors
    try:
        _change_handle(db, user=user, handle=handle, now=now)
    except Invalid as error:
        errors |= error.errors
    errors |= _too_long("location", location, MAX_LOCATION) | _too_long("about", about, MAX_ABOUT)
    errors |= _unknown_theme(theme)
    Invalid.raise_if(errors)
    user.theme = theme
    user.location = " ".join("".join(c for c in location if c.isprintable()).split())
    user.about = about.strip()
    user.about_html = markdown.render(user.about) if user.about else ""
    db.add(user)
    try:
        db.flush()
    except IntegrityError as taken:
        raise _taken() from taken
    if (user.display_name, user.handle) != before:
        outbox.record(db, MemberRenamed(by_id=user.id, member_id=user.id or 0), now=now)


@atomic
def set_theme(db: Session, *, by: User, theme: str) -> None:
    """Choose light or dark pages; "" leaves it to the device."""
    Invalid.raise_if(_unknown_theme(theme))
    user = db.get_one(User, by.id)
    user.theme = theme
    db.add(user)


def _change_handle(db: Session, *, user: User, handle: str, now: datetime) -> None:
    if handle.strip() == user.handle:
        return
    until = handle_locked_until(user, now)
    if until is not None:
        text = _("You changed your handle a short while ago. It can be changed again from %(day)s.")
        raise Invalid("handle", text % {"day": f"{until:%d %b %Y}"})
    chosen = check_handle(handle, may_be_reserved=user.is_staff)
    key = skeleton(chosen)
    if not is_handle_free(db, key, user=user):
        raise _taken()
    _keep_former(db, user=user, new_key=key, now=now)
    user.handle = chosen
    user.handle_key = key
    user.handle_changed_at = now


def _keep_former(db: Session, *, user: User, new_key: str, now: datetime) -> None:
    if new_key == user.handle_key:  # only its spelling changes
        return
    taken_up_again = db.get(FormerHandle, new_key)
    if taken_up_again is not None:
        db.delete(taken_up_again)
    db.add(FormerHandle(handle_key=user.handle_key, user_id=user.id or 0, changed_at=now))


def _taken() -> Invalid:
    return Invalid("handle", _("This handle is taken, or looks like one that is."))


def _unknown_theme(theme: str) -> dict[str, str]:
    return {} if theme in THEMES else {"theme": _("Choose light, dark, or as your device.")}


def _too_long(field: str, text: str, most: int) -> dict[str, str]:
    if len(text) <= most:
        return {}
    return {field: _("Use at most %(n)s characters.") % {"n": most}}
