"""Setting up sites and their keys: administrators only, and every act is in the audit log."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from sqlmodel import Session, col, select

from app.core.db import LOCK, atomic
from app.core.derived_keys import new_salt
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import gettext as _
from app.core.outbound import Refused, parse_url
from app.domain import audit
from app.domain.identity.policy import may_manage
from app.models import IdentityKey, IdentitySite, User

KEYS_AT_MOST = 5
_ISSUER = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,38}[a-z0-9])?")


@atomic
def add_site(db: Session, *, issuer: str, name: str, start_url: str, by: User, now: datetime) -> IdentitySite:
    """Add a site; it needs a key next. Raises Invalid for everything wrong at once."""
    _require_manager(by)
    chosen = issuer.strip().lower()
    errors = _faults(name, start_url)
    if not _ISSUER.fullmatch(chosen):
        errors["issuer"] = _("Use small letters, digits, dots and hyphens: shop.example.com.")
    elif db.exec(select(IdentitySite.id).where(IdentitySite.issuer == chosen)).first() is not None:
        errors["issuer"] = _("There is a site of this name already.")
    Invalid.raise_if(errors)
    row = IdentitySite(issuer=chosen, name=name.strip(), start_url=start_url.strip(), created_at=now)
    db.add(row)
    db.flush()
    audit.record(db, by=by, action="site.add", subject=row, after={"issuer": chosen}, now=now)
    return row


@atomic
def change_site(
    db: Session, *, site_id: int, name: str, start_url: str, by: User, now: datetime
) -> IdentitySite:
    """Change what it is called and where its customers begin. What it calls itself in tokens stays."""
    row = _locked(db, site_id, by=by)
    Invalid.raise_if(_faults(name, start_url))
    before = {"name": row.name, "start_url": row.start_url}
    row.name, row.start_url = name.strip(), start_url.strip()
    db.add(row)
    after = {"name": row.name, "start_url": row.start_url}
    audit.record(db, by=by, action="site.change", subject=row, before=before, after=after, now=now)
    return row


@atomic
def add_key(db: Session, *, site_id: int, by: User, now: datetime) -> IdentityKey:
    """Make another key; the others stay good until they are retired. It is shown to its maker now and never again."""
    site = _locked(db, site_id, by=by)
    live = select(IdentityKey.id).where(IdentityKey.site_id == site_id, col(IdentityKey.retired_at).is_(None))
    if len(db.exec(live).all()) >= KEYS_AT_MOST:
        raise Conflict(_("A site has at most %(n)s keys; retire one first.") % {"n": KEYS_AT_MOST})
    key = IdentityKey(site_id=site_id, kid=f"pd-{secrets.token_hex(6)}", salt=new_salt(), created_at=now)
    db.add(key)
    db.flush()
    audit.record(db, by=by, action="site.add_key", subject=site, after={"kid": key.kid}, now=now)
    return key


@atomic
def retire_key(db: Session, *, site_id: int, key_id: int, by: User, now: datetime) -> None:
    """End a key at once and for good. Raises NotFound, also for one that was retired before."""
    site = _locked(db, site_id, by=by)
    key = db.get(IdentityKey, key_id)
    if key is None or key.site_id != site_id or key.retired_at is not None:
        raise NotFound
    key.retired_at = now
    db.add(key)
    audit.record(db, by=by, action="site.retire_key", subject=site, before={"kid": key.kid}, now=now)


def _locked(db: Session, site_id: int, *, by: User) -> IdentitySite:
    row = db.get(IdentitySite, site_id, with_for_update=LOCK, populate_existing=True)
    if row is None or not may_manage(by):
        raise NotFound
    return row


def _require_manager(by: User) -> None:
    if not may_manage(by):
        raise NotFound


def _faults(name: str, start_url: str) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not 0 < len(name.strip()) <= 60:
        errors["name"] = _("Say in at most 60 characters how people know it.")
    if start_url.strip():
        try:
            parse_url(start_url.strip())
        except Refused as refusal:
            errors["start_url"] = str(refusal)
    return errors
