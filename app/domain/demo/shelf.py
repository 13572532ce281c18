"""The sample catalog: brands, lines and models with what they ask for, and what the tags mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from app.domain import catalog
from app.domain.demo.script import BrandText, LineText, ModelText
from app.models import Product


def fill(db: Session, *, brands: list[BrandText], now: datetime) -> dict[str, int]:
    """Add the brands with all that is below them; return the models' ids by slug."""
    models: dict[str, int] = {}
    for position, brand in enumerate(brands):
        top = catalog.add_product(
            db, name=brand.name, slug=brand.slug, description=brand.description, position=position, now=now
        )
        for place, line in enumerate(brand.line):
            models |= _add_line(db, line, brand=top, position=place, now=now)
    return models


def describe_tags(db: Session, *, descriptions: Mapping[str, str], now: datetime) -> None:
    """Make the described tags and say what they are for."""
    for tag in catalog.ensure_tags(db, names=list(descriptions), now=now):
        catalog.describe_tag(db, tag=tag, description=descriptions[tag.name], now=now)


def _add_line(db: Session, line: LineText, *, brand: Product, position: int, now: datetime) -> dict[str, int]:
    row = catalog.add_product(
        db,
        name=line.name,
        slug=line.slug,
        description=line.description,
        parent=brand,
        position=position,
        now=now,
    )
    for place, field in enumerate(line.fields):
        catalog.add_environment_field(
            db,
            product=row,
            name=field.name,
            label=field.label,
            kind="version" if field.name == "version" else "text",
            hint=field.hint,
            is_required=field.required,
            position=place,
            now=now,
        )
    return {
        model.slug: _add_model(db, model, line=row, position=place, now=now)
        for place, model in enumerate(line.model)
    }


def _add_model(db: Session, model: ModelText, *, line: Product, position: int, now: datetime) -> int:
    row = catalog.add_product(
        db,
        name=model.name,
        slug=model.slug,
        description=model.description,
        parent=line,
        position=position,
        now=now,
    )
    newest_first = reversed(model.versions)
    for place, version in enumerate(newest_first):
        catalog.add_version(db, product=row, name=version, position=place, now=now)
    return row.id or 0
