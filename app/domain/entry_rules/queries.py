"""Reading entry rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.domain import catalog
from app.domain.entry_rules.defaults import KINDS, Kind
from app.models import EntryRule, EntryStart, Product


@dataclass(frozen=True)
class Rule:
    """A rule as it holds for a product. `source`: the product that set it; None for all, or the default."""

    kind: Kind
    is_enabled: bool
    amount: int | None
    source: Product | None = None
    is_default: bool = False


@dataclass(frozen=True)
class Start:
    """From when on rules count for a product. `source`: the product that set it; None for all."""

    starts_at: datetime
    source: Product | None


@dataclass(frozen=True)
class Own:
    """What is set for just this product (or for all), not inherited: codes, and whether the starting day."""

    codes: frozenset[str]
    has_start: bool


def rules_for(db: Session, product_id: int | None) -> dict[str, Rule]:
    """Return every rule as it holds for a product (None: for questions without one), by its code."""
    trail = catalog.breadcrumbs(db, product_id)
    nearest = {product.id: place for place, product in enumerate(trail, start=1)}
    rows = db.exec(
        select(EntryRule).where(
            or_(col(EntryRule.product_id).is_(None), col(EntryRule.product_id).in_(nearest))
        )
    ).all()
    found = {
        kind.code: Rule(kind, is_enabled=kind.is_enabled, amount=kind.amount, is_default=True)
        for kind in KINDS
    }
    for row in sorted(rows, key=lambda each: nearest.get(each.product_id, 0)):
        source = trail[nearest[row.product_id] - 1] if row.product_id else None
        found[row.code] = Rule(found[row.code].kind, row.is_enabled, row.amount, source)
    return found


def start_for(db: Session, product_id: int | None) -> Start:
    """Return from when on rules count for a product."""
    trail = catalog.breadcrumbs(db, product_id)
    nearest = {product.id: place for place, product in enumerate(trail, start=1)}
    rows = db.exec(
        select(EntryStart).where(
            or_(col(EntryStart.product_id).is_(None), col(EntryStart.product_id).in_(nearest))
        )
    ).all()
    row = max(rows, key=lambda each: nearest.get(each.product_id, 0))
    return Start(row.starts_at, trail[nearest[row.product_id] - 1] if row.product_id else None)


def own_of(db: Session, product: Product | None) -> Own:
    """Return what is set for just this product, or with None for all."""
    product_id = product.id if product else None
    codes = db.exec(select(EntryRule.code).where(EntryRule.product_id == product_id))
    starts = db.exec(select(EntryStart.id).where(EntryStart.product_id == product_id))
    return Own(frozenset(codes), starts.first() is not None)


def products_with_their_own(db: Session) -> Sequence[Product]:
    """Return the products that have a rule or a starting day of their own, by name."""
    rules = select(EntryRule.product_id).where(col(EntryRule.product_id).is_not(None))
    starts = select(EntryStart.product_id).where(col(EntryStart.product_id).is_not(None))
    return db.exec(
        select(Product)
        .where(or_(col(Product.id).in_(rules), col(Product.id).in_(starts)))
        .order_by(col(Product.name))
    ).all()
