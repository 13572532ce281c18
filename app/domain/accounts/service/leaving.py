"""Leaving: an account loses all that is personal; what it wrote stays, as by a former member."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from app.core import security_log
from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid
from app.core.handles import skeleton
from app.core.i18n import gettext as _
from app.domain import mail, outbox
from app.domain.accounts.events import MemberDeleted
from app.domain.accounts.queries import other_admin
from app.domain.accounts.service.proving import prove_password
from app.domain.accounts.service.sessions import end_sessions
from app.domain.accounts.service.tokens import revoke_all
from app.models import (
    BadgeAward,
    Draft,
    Follow,
    FormerHandle,
    Notification,
    NotificationChoice,
    OutgoingEmail,
    User,
)

FORMER_MEMBER = "Former member"

_OWN_ROWS = (
    (Draft, Draft.user_id),
    (Follow, Follow.user_id),
    (Follow, Follow.member_id),
    (Notification, Notification.user_id),
    (NotificationChoice, NotificationChoice.user_id),
    (OutgoingEmail, OutgoingEmail.user_id),
    (BadgeAward, BadgeAward.user_id),
    (FormerHandle, FormerHandle.user_id),
)


def delete_account(db: Session, *, by: User, password: str, is_meant: bool, now: datetime) -> None:
    """Make the member nobody, at once and for good, given their password and that they mean it."""
    if not is_meant:
        raise Invalid("is_meant", _("Tick this box if you mean it."))
    prove_password(db, by=by, password=password, now=now)
    _anonymise(db, by=by, now=now)
    security_log.tell("account.deleted", member=by.id)


@atomic
def _anonymise(db: Session, *, by: User, now: datetime) -> None:
    user = db.get_one(User, by.id, with_for_update=LOCK, populate_existing=True)
    if user.is_admin and other_admin(db, than=user) is None:
        raise Conflict(_("You are the only administrator. Make somebody else one first."))
    address, name = user.email, user.display_name
    end_sessions(db, user_id=user.id or 0)
    revoke_all(db, user_id=user.id or 0, now=now)
    for table, owner in _OWN_ROWS:
        db.execute(delete(table).where(col(owner) == user.id))
    user.handle = f"former-member-{user.id}"
    user.handle_key = skeleton(user.handle)
    user.display_name = FORMER_MEMBER
    user.email = user.email_key = user.email_verified_at = None
    user.password_hash = user.claim_hash = None
    user.support_role = user.moderation_role = ""
    user.location = user.about = user.about_html = user.theme = ""
    user.last_seen_at = user.handle_changed_at = None
    user.deleted_at = now
    db.add(user)
    db.flush()
    outbox.record(db, MemberDeleted(by_id=user.id, member_id=user.id or 0), now=now)
    if address:
        mail.queue(db, template="account_deleted", to=address, context={"name": name}, now=now)
