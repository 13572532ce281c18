"""The catalog: brands, lines and models, what they ask for, and their versions."""

from __future__ import annotations

import itertools
from typing import Any

from sqlmodel import Session

from app.models import EnvironmentField, Product, ProductVersion
from tests.support.clock import MONDAY_MORNING

_numbers = itertools.count(1)


def make_product(db: Session, *, slug: str = "", parent: Product | None = None, **facts: Any) -> Product:
    """Save a brand; with `parent` what comes below it: a line below a brand, a model below a line."""
    name = slug or f"product-{next(_numbers)}"
    kind = {None: "brand", "brand": "line", "line": "model"}[parent.kind if parent else None]
    defaults: dict[str, Any] = {
        "slug": name,
        "name": name.title(),
        "kind": kind,
        "created_at": MONDAY_MORNING,
    }
    product = Product(parent_id=parent.id if parent else None, **{**defaults, **facts})
    db.add(product)
    db.commit()
    return product


def make_version(db: Session, *, product: Product, name: str = "1.0", **facts: Any) -> ProductVersion:
    """Save a version of a product."""
    version = ProductVersion(product_id=product.id or 0, name=name, **facts)
    db.add(version)
    db.commit()
    return version


def make_environment_field(
    db: Session, *, product: Product, name: str = "os", **facts: Any
) -> EnvironmentField:
    """Save a detail that a product asks of the asker."""
    field = EnvironmentField(product_id=product.id or 0, name=name, **{"label": name.upper(), **facts})
    db.add(field)
    db.commit()
    return field
