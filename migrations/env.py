"""Runs migrations on the connection that `peerdesk migrate` passes in, or on the settings' database."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, text
from sqlmodel.sql.sqltypes import AutoString

from app import settings
from app.core.db import Span, UtcDateTime, make_engine
from app.core.schema import LOCK_TIMEOUT
from app.models import metadata


def render_item(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our types as plain ones: migrations import nothing from the application."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Span):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def run(connection: Connection) -> None:
    """Run what alembic was asked for in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            # Rather fail than queue behind a long transaction with everybody behind us.
            wait: timedelta = context.config.attributes.get("lock_timeout", LOCK_TIMEOUT)
            connection.execute(text(f"SET lock_timeout = {int(wait.total_seconds() * 1000)}"))
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(settings.load().database).connect() as own:
        run(own)
