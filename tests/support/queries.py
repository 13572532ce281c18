"""Counting database queries, for budgets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

_TRANSACTION_WORDS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


@dataclass
class Queries:
    """The statements that ran, without those that only begin and end transactions."""

    statements: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.statements)


@contextmanager
def counted(bind: Engine | Connection) -> Iterator[Queries]:
    """Collect the queries that run inside the block."""
    queries = Queries()

    def collect(_connection: Connection, _cursor: object, statement: str, *_rest: Any) -> None:
        if not statement.startswith(_TRANSACTION_WORDS):
            queries.statements.append(statement)

    event.listen(bind, "before_cursor_execute", collect)
    try:
        yield queries
    finally:
        event.remove(bind, "before_cursor_execute", collect)
