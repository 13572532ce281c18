"""Make and revoke keys, and note that they are used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from app.core import security_log
from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import gettext as _
from app.core.signing import hash_token
from app.domain import accounts, audit, mail
from app.domain.apikeys.policy import SCOPES, scopes_of
from app.domain.apikeys.tokens import new_key
from app.models import ApiKey, User

KEYS_AT_MOST = 50
ORIGINS_AT_MOST = 20
NOTED_EVERY = timedelta(minutes=1)
_ORIGIN = re.compile(r"https?://(?:[a-z0-9-]+\.)*[a-z0-9-]+(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class NewKey:
    """A key that was just made. `token` can never be shown again."""

    key: ApiKey
    token: str


def create_own(
    db: Session,
    *,
    owner: User,
    password: str,
    name: str,
    scopes: Sequence[str],
    origins: Sequence[str] = (),
    expires_at: datetime | None = None,
    now: datetime,
) -> NewKey:
    """Make a key as its owner, given their password (if they have one): a key outlives the session it is made in."""
    accounts.prove_password_if_any(db, by=owner, password=password, now=now)
    return create(db, owner=owner, name=name, scopes=scopes, origins=origins, expires_at=expires_at, now=now)


@atomic
def create(
    db: Session,
    *,
    owner: User,
    name: str,
    scopes: Sequence[str],
    origins: Sequence[str] = (),
    expires_at: datetime | None = None,
    now: datetime,
) -> NewKey:
    """Make a key that acts for its owner. Raises Invalid for everything wrong at once."""
    errors: dict[str, str] = {}
    kept_name = " ".join(name.split())
    if not 0 < len(kept_name) <= 60:
        errors["name"] = _("Say in at most 60 characters what the key is for.")
    kept_scopes = _checked_scopes(owner, scopes, errors)
    kept_origins = _checked_origins(origins, errors)
    if expires_at is not None and expires_at <= now:
        errors["expires_at"] = _("Choose a day that is still to come.")
    Invalid.raise_if(errors)
    db.get_one(User, owner.id, with_for_update=LOCK)
    held = select(func.count()).where(ApiKey.user_id == owner.id, col(ApiKey.revoked_at).is_(None))
    if db.exec(held).one() >= KEYS_AT_MOST:
        raise Conflict(_("You have %(n)s keys; revoke some that nobody uses.") % {"n": KEYS_AT_MOST})
    token = new_key()
    key = ApiKey(
        user_id=owner.id or 0,
        name=kept_name,
        hint=token[:9],
        token_hash=hash_token(token),
        scopes=kept_scopes,
        origins=kept_origins,
        created_at=now,
        expires_at=expires_at,
    )
    db.add(key)
    db.flush()
    # All staff read the log; what it is called is its owner's.
    after = {"key": key.id, "scopes": kept_scopes, "origins": kept_origins}
    audit.record(db, by=owner, action="api_key.create", subject=owner, after=after, now=now)
    security_log.tell("key.made", member=owner.id)
    mail.queue(db, template="key_made", user=owner, context={"key": kept_name}, now=now)
    return NewKey(key, token)


@atomic
def revoke(db: Session, *, key_id: int, by: User | None, now: datetime) -> ApiKey:
    """End a key at once and for good: one's own, or any by the operator (`by` None). Raises NotFound."""
    key = db.get(ApiKey, key_id, with_for_update=LOCK, populate_existing=True)
    if key is None or key.revoked_at is not None or (by is not None and key.user_id != by.id):
        raise NotFound
    key.revoked_at = now
    db.add(key)
    owner = db.get_one(User, key.user_id)
    before = {"key": key.id, "scopes": key.scopes}
    audit.record(db, by=by, action="api_key.revoke", subject=owner, before=before, now=now)
    security_log.tell("key.revoked", member=owner.id)
    return key


def is_due(key: ApiKey, *, now: datetime) -> bool:
    """Return whether the use of a key is to be noted: once a minute is enough."""
    return key.last_used_at is None or now - key.last_used_at >= NOTED_EVERY


@atomic
def note_use(db: Session, *, key_id: int, now: datetime) -> None:
    """Write down that a key was used."""
    db.execute(update(ApiKey).where(col(ApiKey.id) == key_id).values(last_used_at=now))


def _checked_scopes(owner: User, scopes: Sequence[str], errors: dict[str, str]) -> list[str]:
    allowed = scopes_of(owner)
    beyond = [scope for scope in scopes if scope not in allowed]
    if beyond:
        errors["scopes"] = _("You can't give a key these scopes: %(scopes)s.") % {"scopes": ", ".join(beyond)}
    elif not scopes:
        errors["scopes"] = _("Choose at least one thing that the key may do.")
    return [scope for scope in SCOPES if scope in scopes]


def _checked_origins(origins: Sequence[str], errors: dict[str, str]) -> list[str]:
    kept = list(dict.fromkeys(origin.strip().lower().rstrip("/") for origin in origins if origin.strip()))
    wrong = [origin for origin in kept if not _ORIGIN.fullmatch(origin)]
    if wrong:
        text = _("Write an origin as in https://www.example.com, without a path: %(origin)s is none.")
        errors["origins"] = text % {"origin": wrong[0][:100]}
    elif len(kept) > ORIGINS_AT_MOST:
        errors["origins"] = _("At most %(n)s origins, please.") % {"n": ORIGINS_AT_MOST}
    return kept
