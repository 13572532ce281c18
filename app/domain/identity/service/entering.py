"""Signing a customer in by a token."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.i18n import gettext as _
from app.domain import accounts, catalog, drafts
from app.domain.accounts import Browser, SignedIn
from app.domain.identity.queries import address_has_account, member_of
from app.domain.identity.tokens import BadToken, Claims
from app.models import SignedIdentity, UsedToken, User

DRAFT = "ask"


class AddressTaken(Conflict):
    """There is an account under the customer's address: its owner must sign in to it and connect it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "There is an account here with your e-mail address. Sign in to it; then you can connect the two."
            )
        )


class StaffRefused(NotAllowed):
    """Staff sign in with their password: no site's word is enough."""

    def __init__(self) -> None:
        super().__init__(
            _("Accounts of staff can't be used through another site. Sign in with your password.")
        )


@atomic
def enter(db: Session, *, claims: Claims, viewer: User | None, browser: Browser, now: datetime) -> SignedIn:
    """Use a token up: sign its customer in, making an account at the first time, and prepare their question.

    A member who is signed in and whom the site does not know yet is connected with its customer. Raises
    BadToken for a token that was used, AddressTaken, StaffRefused; the token is not used up by these two.
    """
    _use_up(db, claims)
    user = member_of(db, claims)
    if user is None:
        user = viewer if viewer is not None else _new_member(db, claims, now=now)
        _connect(db, claims, user, now=now)
    user = db.get_one(User, user.id, with_for_update=LOCK, populate_existing=True)
    if user.is_staff:
        raise StaffRefused
    _note(db, claims, now=now)
    _prepare(db, claims, user, now=now)
    return accounts.open_session(db, user=user, browser=browser, way="site", now=now)


@atomic
def forget_old(db: Session, *, now: datetime) -> int:
    """Forget tokens that have expired; return how many."""
    result = db.execute(delete(UsedToken).where(col(UsedToken.expires_at) < now))
    return int(cast(Any, result).rowcount)


def _use_up(db: Session, claims: Claims) -> None:
    try:
        with db.begin_nested():
            db.add(UsedToken(site_id=claims.site.id or 0, jti=claims.jti, expires_at=claims.expires_at))
    except IntegrityError:
        raise BadToken("jti was used") from None


def _new_member(db: Session, claims: Claims, *, now: datetime) -> User:
    if address_has_account(db, claims):
        raise AddressTaken
    name = claims.name or _("Customer")
    return accounts.join_by_word_of(db, name=name, email=claims.email, now=now)


def _connect(db: Session, claims: Claims, user: User, *, now: datetime) -> None:
    row = _row(db, claims)
    if row is None:
        row = SignedIdentity(
            site_id=claims.site.id or 0,
            subject=claims.subject,
            user_id=user.id or 0,
            created_at=now,
            last_used_at=now,
        )
    row.user_id = user.id or 0  # the account of before may have been deleted
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        raise Conflict(_("You are being signed in already; try again.")) from None


def _note(db: Session, claims: Claims, *, now: datetime) -> None:
    row = _row(db, claims)
    if row is not None:
        row.last_used_at = now
        db.add(row)


def _row(db: Session, claims: Claims) -> SignedIdentity | None:
    return db.exec(
        select(SignedIdentity).where(
            SignedIdentity.site_id == claims.site.id, SignedIdentity.subject == claims.subject
        )
    ).first()


def _prepare(db: Session, claims: Claims, user: User, *, now: datetime) -> None:
    """Put product and device into the member's draft of a question; what they have typed stays."""
    if not claims.product:
        return
    try:
        product = catalog.product_by_slug(db, claims.product)
    except NotFound:
        return  # a product that is not in the catalog; the question can be asked all the same
    known = {field.name for field in catalog.environment_fields(db, product.id)}
    told = {f"env_{name}": value for name, value in claims.environment.items() if name in known}
    draft = drafts.find(db, author=user, key=DRAFT)
    typed = dict(draft.fields) if draft else {}
    try:
        drafts.keep(db, author=user, key=DRAFT, fields={**typed, **told, "product": product.slug}, now=now)
    except Invalid:
        return  # the draft is as long as one can be; it matters more
