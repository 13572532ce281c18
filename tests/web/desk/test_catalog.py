"""The catalog and the tags at the desk."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from app.models import AuditEntry, EnvironmentField, Product, ProductVersion, Tag, User
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.support.browser import Browser


@pytest.fixture
def brand(db: Session) -> Product:
    return make_product(db, name="Norvane", slug="norvane")


def test_a_brand_a_line_and_a_model_are_added(client: Browser, db: Session, admin: User) -> None:
    client.sign_in(admin)
    assert (
        client.post_form("/desk/catalog", {"name": "Norvane"}).headers["location"] == "/desk/catalog/norvane"
    )
    client.post_form("/desk/catalog/norvane/below", {"name": "Kestrel"})
    client.post_form("/desk/catalog/kestrel/below", {"name": "Kestrel 13"})
    kinds = db.exec(select(Product.kind).order_by(Product.id)).all()  # type: ignore[arg-type]
    assert kinds == ["brand", "line", "model"]
    assert db.exec(select(AuditEntry.action)).all() == ["product.add"] * 3


@pytest.mark.usefixtures("brand")
def test_what_is_wrong_is_said_beside_the_form(client: Browser, admin: User) -> None:
    client.sign_in(admin)
    assert client.post_form("/desk/catalog", {"name": "Norvane"}).status_code == 422
    assert client.post_form("/desk/catalog", {"name": " "}).status_code == 422
    assert client.post_form("/desk/catalog/norvane/versions", {"name": ""}).status_code == 422
    odd = client.post_form(
        "/desk/catalog/norvane/fields", {"name": "Error Code", "label": "", "kind": "choice"}
    )
    assert odd.status_code == 422
    assert "one a line" in odd.text


def test_a_product_is_renamed_and_retired_under_its_old_address(
    client: Browser, db: Session, brand: Product, admin: User
) -> None:
    client.sign_in(admin)
    fields = {"name": "Norvane Ltd", "description": "Laptops.", "is_retired": "1"}
    assert client.post_form("/desk/catalog/norvane", fields).status_code == 303
    row = db.get_one(Product, brand.id)
    assert (row.name, row.slug, row.retired_at is not None) == ("Norvane Ltd", "norvane", True)
    assert "Norvane Ltd" in client.get("/desk/catalog").text
    entry = db.exec(select(AuditEntry).where(AuditEntry.action == "product.change")).one()
    assert (entry.before["name"], entry.after["name"]) == ("Norvane", "Norvane Ltd")
    client.post_form("/desk/catalog/norvane", {"name": "Norvane", "description": ""})
    assert db.get_one(Product, brand.id).retired_at is None


def test_versions_and_details_are_added_once(
    client: Browser, db: Session, brand: Product, admin: User
) -> None:
    client.sign_in(admin)
    detail = {"name": "error_code", "label": "Error code", "kind": "text"}
    for status in (303, 422):
        assert client.post_form("/desk/catalog/norvane/versions", {"name": "A12"}).status_code == status
        assert client.post_form("/desk/catalog/norvane/fields", detail).status_code == status
    assert brand.id
    assert db.exec(select(ProductVersion.name)).all() == ["A12"]
    assert db.exec(select(EnvironmentField.name)).all() == ["error_code"]
    logged = db.exec(select(AuditEntry.action, AuditEntry.subject_label)).all()
    assert set(logged) == {("product.add_version", "Norvane"), ("product.add_field", "Norvane")}
    assert len(logged) == 2


def test_a_tag_is_described_by_staff_and_merged_by_administrators(
    client: Browser, db: Session, agent: User, admin: User
) -> None:
    wifi, wlan = make_tag(db, name="wifi"), make_tag(db, name="wlan", question_count=1)
    make_question(db, tags=[wlan])
    client.sign_in(agent)
    assert client.post_form("/desk/tags/wifi", {"description": "Wireless networks."}).status_code == 303
    assert client.post_form("/desk/tags/wlan/merge", {"into": "wifi"}).status_code == 404
    client.sign_in(admin)
    assert client.post_form("/desk/tags/wlan/merge", {"into": "nothing"}).status_code == 422
    assert client.post_form("/desk/tags/wlan/merge", {"into": "#wifi"}).status_code == 303
    assert db.get_one(Tag, wlan.id).synonym_of_id == wifi.id
    assert db.get_one(Tag, wifi.id).question_count == 1
    assert "Wireless networks." in client.get("/desk/tags").text
    assert set(db.exec(select(AuditEntry.action))) == {"tag.describe", "tag.merge"}
