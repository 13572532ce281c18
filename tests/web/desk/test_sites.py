"""Product sites and their keys at the desk."""

from __future__ import annotations

import re

import pytest
from sqlmodel import Session, col, select

from app.models import AuditEntry, IdentityKey, IdentitySite, User
from tests.factories.identity import make_key, make_site
from tests.support.browser import Browser

KEY = re.compile(r"pdsk_[A-Za-z0-9_-]{43}")
SHOP = {"issuer": "Shop.example.com", "name": "Norvane Shop", "start_url": ""}


def test_a_site_is_added_and_its_keys_are_shown_once(client: Browser, db: Session, admin: User) -> None:
    client.sign_in(admin)
    added = client.post_form("/desk/sites", SHOP)
    site = db.exec(select(IdentitySite)).one()
    assert (site.issuer, added.headers["location"]) == ("shop.example.com", f"/desk/sites/{site.id}")
    texts = [KEY.findall(client.post_form(f"/desk/sites/{site.id}/keys").text) for _ in range(2)]
    assert texts[0] != texts[1]
    assert [len(found) for found in texts] == [1, 1]
    assert not KEY.search(client.get(f"/desk/sites/{site.id}").text)
    assert "Norvane Shop" in client.get("/desk/sites").text


def test_a_key_is_retired_for_good(client: Browser, db: Session, admin: User) -> None:
    client.sign_in(admin)
    key = make_key(db, site=make_site(db))
    path = f"/desk/sites/{key.site_id}/keys/{key.id}/retire"
    assert client.post_form(path).status_code == 303
    db.refresh(key)
    assert key.retired_at is not None
    assert client.post_form(path).status_code == 404
    acts = db.exec(select(AuditEntry.action).order_by(col(AuditEntry.id))).all()
    assert acts == ["site.retire_key"]


def test_a_site_has_five_good_keys_at_most(client: Browser, db: Session, admin: User) -> None:
    client.sign_in(admin)
    site = make_site(db)
    statuses = [client.post_form(f"/desk/sites/{site.id}/keys").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [409]
    assert len(db.exec(select(IdentityKey)).all()) == 5


@pytest.mark.parametrize(
    ("field", "value"), [("issuer", ""), ("issuer", "a b"), ("issuer", "https://x"), ("name", " "), ("start_url", "javascript:x")]
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_form(
    client: Browser, db: Session, admin: User, field: str, value: str
) -> None:
    client.sign_in(admin)
    assert client.post_form("/desk/sites", {**SHOP, field: value}).status_code == 422
    assert not db.exec(select(IdentitySite)).all()


def test_a_site_is_changed_and_two_do_not_share_a_name(client: Browser, db: Session, admin: User) -> None:
    client.sign_in(admin)
    site = make_site(db)
    assert client.post_form("/desk/sites", SHOP).status_code == 422
    changed = {"name": "Another", "start_url": "https://shop.example.com/start"}
    assert client.post_form(f"/desk/sites/{site.id}", changed).status_code == 303
    db.refresh(site)
    assert (site.name, site.start_url) == ("Another", "https://shop.example.com/start")
    assert client.post_form(f"/desk/sites/{site.id}", {"name": ""}).status_code == 422


@pytest.mark.parametrize("role", [None, "agent", "moderator"])
def test_for_everybody_but_administrators_there_is_nothing(
    client: Browser, db: Session, request: pytest.FixtureRequest, role: str | None
) -> None:
    client.sign_in(request.getfixturevalue(role) if role else None)
    key = make_key(db, site=make_site(db))
    base = f"/desk/sites/{key.site_id}"
    for path in ("/desk/sites", base):
        assert client.get(path).status_code == 404
    for path in ("/desk/sites", base, f"{base}/keys", f"{base}/keys/{key.id}/retire"):
        assert client.post_form(path, SHOP).status_code == 404
