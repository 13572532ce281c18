"""Giving one's password again before something that whoever found a browser signed in must not do."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from app.core import security_log
from app.core.db import atomic
from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.core.passwords import verify_password
from app.domain import throttles
from app.domain.accounts import limits
from app.models import User


class WrongPassword(Invalid):
    """The password given to prove who one is does not fit."""

    def __init__(self, field: str = "password") -> None:
        super().__init__(field, _("That is not your password."))


def prove_password(db: Session, *, by: User, password: str, now: datetime, field: str = "password") -> None:
    """Raise WrongPassword unless it is the member's own, or TooMany: whoever found a browser signed in can't guess."""
    attempts = limits.proving_password(member_id=by.id or 0)
    throttles.take(db, attempts=attempts, now=now)
    if not verify_password(password, by.password_hash):
        security_log.tell("password.refused", member=by.id)
        raise WrongPassword(field)
    _give_back(db, attempts=attempts)


def prove_password_if_any(db: Session, *, by: User, password: str, now: datetime) -> None:
    """Do the same, but let those pass who have no password: a product site vouches for them."""
    if by.password_hash is not None:
        prove_password(db, by=by, password=password, now=now)


@atomic
def _give_back(db: Session, *, attempts: list[throttles.Attempt]) -> None:
    throttles.give_back(db, attempts=attempts)
