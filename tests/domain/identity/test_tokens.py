"""What is believed of a token, and what is not."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from sqlmodel import Session

from app.domain import identity
from app.domain.identity import BadToken, Claims
from app.models import IdentityKey
from app.settings import Settings
from tests.factories.identity import make_key, make_site, token_of
from tests.support.clock import Clock


@pytest.fixture
def key(db: Session) -> IdentityKey:
    return make_key(db, site=make_site(db))


def read(db: Session, token: str, settings: Settings, clock: Clock) -> Claims:
    return identity.read(db, token, audience=settings.base_url, secret=settings.secret_key, now=clock.now)


def test_a_good_token_is_believed(db: Session, key: IdentityKey, settings: Settings, clock: Clock) -> None:
    token = token_of(
        key,
        secret=settings.secret_key,
        now=clock.now,
        email="mara@example.com",
        email_verified=True,
        product="aerie-14",
        environment={"os": "Windows 11"},
    )
    claims = read(db, token, settings, clock)
    assert (claims.subject, claims.name, claims.email) == ("customer-1", "Mara K", "mara@example.com")
    assert (claims.product, claims.environment) == ("aerie-14", {"os": "Windows 11"})


@pytest.mark.parametrize(
    "claims",
    [
        {"audience": "https://another.example"},
        {"audience": ["http://testserver"]},
        {"issuer": "another.example"},
        {"algorithm": "HS384"},
        {"headers": {"kid": "pd-unknown"}},
        {"headers": {"kid": "../../dev/null"}},
        {"without": "exp"},
        {"without": "iat"},
        {"without": "jti"},
        {"without": "sub"},
        {"without": "aud"},
        {"without": "iss"},
        {"sub": ""},
        {"sub": 7},
        {"sub": "with space"},
        {"jti": "x" * 201},
        {"exp": "tomorrow"},
        {"exp": 1e400},
        {"exp": True},
        {"name": {"first": "Mara"}},
        {"email": "a@x.org, b@x.org", "email_verified": True},
        {"environment": ["os"]},
        {"environment": {"os": 11}},
        {"product": "x" * 4000},
    ],
    ids=str,
)
def test_a_token_that_is_not_as_it_must_be_is_refused(
    db: Session, key: IdentityKey, settings: Settings, clock: Clock, claims: dict[str, Any]
) -> None:
    with pytest.raises(BadToken):
        read(db, token_of(key, secret=settings.secret_key, now=clock.now, **claims), settings, clock)


def test_an_address_that_the_site_has_not_confirmed_is_not_taken(
    db: Session, key: IdentityKey, settings: Settings, clock: Clock
) -> None:
    for confirmed in (False, None, "true", 1):
        token = token_of(
            key, secret=settings.secret_key, now=clock.now, email="mara@example.com", email_verified=confirmed
        )
        assert read(db, token, settings, clock).email == ""


@pytest.mark.parametrize(
    ("issued", "lasts"),
    [(-600, 300), (-300, 300), (0, 301), (0, 86_400), (60, 300), (0, 0), (0, -5)],
)
def test_time_is_kept_strictly(
    db: Session, key: IdentityKey, settings: Settings, clock: Clock, issued: int, lasts: int
) -> None:
    begins = clock.now + timedelta(seconds=issued)
    times: dict[str, Any] = {
        "iat": begins.timestamp(),
        "exp": (begins + timedelta(seconds=lasts)).timestamp(),
    }
    with pytest.raises(BadToken):
        read(db, token_of(key, secret=settings.secret_key, now=clock.now, **times), settings, clock)


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "HS256"])
def test_a_token_without_a_signature_is_refused(
    db: Session, key: IdentityKey, settings: Settings, clock: Clock, algorithm: str
) -> None:
    payload = token_of(key, secret=settings.secret_key, now=clock.now).split(".")[1]
    header = (
        base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": key.kid}).encode()).decode().rstrip("=")
    )
    for signature in ("", "AAAA"):
        with pytest.raises(BadToken):
            read(db, f"{header}.{payload}.{signature}", settings, clock)


def test_a_key_signs_for_its_own_site_only(
    db: Session, key: IdentityKey, settings: Settings, clock: Clock
) -> None:
    anothers = make_key(db, site=make_site(db, issuer="another.example"))
    forged = token_of(anothers, secret=settings.secret_key, now=clock.now)  # says it is from the first site
    with pytest.raises(BadToken):
        read(db, forged, settings, clock)
    swapped = token_of(anothers, secret=settings.secret_key, now=clock.now, headers={"kid": key.kid})
    with pytest.raises(BadToken):
        read(db, swapped, settings, clock)


def test_a_retired_key_signs_nothing(db: Session, settings: Settings, clock: Clock) -> None:
    retired = make_key(db, site=make_site(db), retired_at=clock.now)
    with pytest.raises(BadToken):
        read(db, token_of(retired, secret=settings.secret_key, now=clock.now), settings, clock)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "é.é.é", "x" * 5000, "eyJhbGciOiJIUzI1NiJ9.e30.e30"]
)
def test_what_is_no_token_is_refused(
    db: Session, key: IdentityKey, settings: Settings, clock: Clock, text: str
) -> None:
    with pytest.raises(BadToken):
        read(db, text, settings, clock)


def test_a_key_of_the_database_alone_signs_nothing(
    db: Session, key: IdentityKey, settings: Settings, clock: Clock
) -> None:
    with pytest.raises(BadToken):
        read(db, token_of(key, secret="what a thief guesses", now=clock.now), settings, clock)
    claims = jwt.decode(
        token_of(key, secret=settings.secret_key, now=clock.now), options={"verify_signature": False}
    )
    stolen = jwt.encode(claims, key.salt * 8, headers={"kid": key.kid})
    with pytest.raises(BadToken):
        read(db, stolen, settings, clock)
