from __future__ import annotations

import pytest
from sqlmodel import Session, select

from app.core.errors import Conflict, Invalid, NotFound
from app.core.signing import hash_token
from app.domain import apikeys
from app.models import ApiKey, AuditEntry, User
from tests.factories.api_keys import make_api_key
from tests.support.clock import Clock


def test_a_key_is_kept_as_a_hash_only(db: Session, asker: User, clock: Clock) -> None:
    made = apikeys.create(db, owner=asker, name=" My  script ", scopes=["write", "read"], now=clock.now)
    row = db.exec(select(ApiKey)).one()
    assert made.token.startswith("pd_")
    assert row.token_hash == hash_token(made.token)
    assert made.token not in str(row.model_dump())
    assert (row.name, row.scopes, row.hint) == ("My script", ["read", "write"], made.token[:9])
    assert db.exec(select(AuditEntry.action)).all() == ["api_key.create"]


def test_a_key_is_known_by_its_checksum(db: Session) -> None:
    token = apikeys.new_key()
    assert apikeys.is_key(token)
    changed = token[:10] + ("a" if token[10] != "a" else "b") + token[11:]
    assert not apikeys.is_key(changed)
    for other in ("", "pd_", token[:-1], token + "0", token.upper(), "pd_" + "é" * 36):
        assert not apikeys.is_key(other)


def test_nobody_gives_a_key_more_than_they_may(db: Session, asker: User, agent: User, clock: Clock) -> None:
    for scope in ("staff", "moderate", "webhooks", "admin", "everything"):
        with pytest.raises(Invalid) as refusal:
            apikeys.create(db, owner=asker, name="Key", scopes=["read", scope], now=clock.now)
        assert refusal.value.field == "scopes"
    made = apikeys.create(db, owner=agent, name="Key", scopes=["staff"], now=clock.now)
    assert made.key.scopes == ["staff"]
    with pytest.raises(Invalid):
        apikeys.create(db, owner=agent, name="Key", scopes=["moderate"], now=clock.now)


def test_everything_wrong_is_told_at_once(db: Session, asker: User, clock: Clock) -> None:
    with pytest.raises(Invalid) as refusal:
        apikeys.create(
            db,
            owner=asker,
            name=" ",
            scopes=[],
            origins=["https://shop.example/path"],
            expires_at=clock.now,
            now=clock.now,
        )
    assert set(refusal.value.errors) == {"name", "scopes", "origins", "expires_at"}


def test_origins_are_written_alike(db: Session, asker: User, clock: Clock) -> None:
    given = ["https://Shop.Example/", "https://shop.example", "http://localhost:8001", ""]
    made = apikeys.create(db, owner=asker, name="Key", scopes=["read"], origins=given, now=clock.now)
    assert made.key.origins == ["https://shop.example", "http://localhost:8001"]
    assert apikeys.is_origin_known(db, "https://shop.example", now=clock.now)
    assert not apikeys.is_origin_known(db, "https://shop.example.evil", now=clock.now)


def test_a_key_ends_with_time_revocation_and_its_owner(db: Session, asker: User, clock: Clock) -> None:
    token = make_api_key(db, owner=asker, expires_at=clock.now.replace(hour=12))
    assert apikeys.live(db, token=token, now=clock.now)
    assert apikeys.live(db, token=token, now=clock.now.replace(hour=12)) is None

    asker.suspended_until = clock.now.replace(hour=10)
    assert apikeys.live(db, token=token, now=clock.now) is None
    assert apikeys.live(db, token=token, now=clock.now.replace(hour=11))

    asker.suspended_until, asker.deleted_at = None, clock.now
    assert apikeys.live(db, token=token, now=clock.now) is None

    asker.deleted_at = None
    key = db.exec(select(ApiKey)).one()
    apikeys.revoke(db, key_id=key.id or 0, by=asker, now=clock.now)
    assert apikeys.live(db, token=token, now=clock.now) is None
    with pytest.raises(NotFound):
        apikeys.revoke(db, key_id=key.id or 0, by=asker, now=clock.now)


def test_only_the_owner_and_the_operator_revoke_a_key(
    db: Session, asker: User, admin: User, clock: Clock
) -> None:
    make_api_key(db, owner=asker)
    key = db.exec(select(ApiKey)).one()
    with pytest.raises(NotFound):
        apikeys.revoke(db, key_id=key.id or 0, by=admin, now=clock.now)
    apikeys.revoke(db, key_id=key.id or 0, by=None, now=clock.now)
    assert apikeys.keys_of(db, owner=asker) == []


def test_a_member_has_a_bounded_number_of_keys(db: Session, asker: User, clock: Clock) -> None:
    for _ in range(apikeys.KEYS_AT_MOST):
        make_api_key(db, owner=asker)
    with pytest.raises(Conflict):
        apikeys.create(db, owner=asker, name="One more", scopes=["read"], now=clock.now)


def test_a_key_acts_with_those_roles_only_that_its_scopes_name(db: Session, admin: User, lead: User) -> None:
    assert not apikeys.acting(admin, ["read", "write"]).is_staff
    assert apikeys.acting(admin, ["moderate"]).moderation_role == "moderator"
    assert apikeys.acting(admin, ["admin"]).is_admin
    assert not apikeys.acting(admin, ["staff"]).is_staff
    assert not apikeys.acting(lead, ["moderate", "admin"]).is_staff
    assert apikeys.acting(lead, ["staff"]).support_role == "lead"
    db.commit()
    assert lead.support_role == "lead"


def test_use_is_noted_once_a_minute(db: Session, asker: User, clock: Clock) -> None:
    make_api_key(db, owner=asker)
    key = db.exec(select(ApiKey)).one()
    assert apikeys.is_due(key, now=clock.now)
    apikeys.note_use(db, key_id=key.id or 0, now=clock.now)
    db.refresh(key)
    assert not apikeys.is_due(key, now=clock.advance(seconds=59))
    assert apikeys.is_due(key, now=clock.advance(seconds=1))
