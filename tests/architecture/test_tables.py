from __future__ import annotations

import importlib
import pkgutil

from sqlalchemy import CheckConstraint
from sqlmodel import SQLModel

import app.models
from app.models import metadata


def test_every_table_is_exported_from_models() -> None:
    for module in pkgutil.iter_modules(app.models.__path__):
        importlib.import_module(f"app.models.{module.name}")
    exported = {
        getattr(app.models, name).__tablename__
        for name in app.models.__all__
        if hasattr(getattr(app.models, name), "__table__")
    }
    assert exported == set(metadata.tables)


def test_every_relationship_raises_instead_of_loading_on_its_own() -> None:
    lazy = [
        f"{mapper.class_.__name__}.{relationship.key}"
        for mapper in SQLModel._sa_registry.mappers
        for relationship in mapper.relationships
        if relationship.lazy not in ("raise", "raise_on_sql")
    ]
    assert not lazy, f"add RAISE of app.models.base: {lazy}"


def test_every_foreign_key_says_what_happens_when_its_target_goes() -> None:
    silent = [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.ondelete is None
    ]
    assert not silent, f"add ondelete=: {silent}"


def test_every_check_has_a_name() -> None:
    nameless = [
        table.name
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint) and constraint.name is None
    ]
    assert not nameless
