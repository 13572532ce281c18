"""Fill an empty database with the rows of another one, whatever kind either is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select, text, update

from app.core.backup.rows import sequence_of, tables_of

RowsOf = Callable[[Table], Iterator[dict[str, Any]]]

_AT_ONCE = 1_000


def load(connection: Connection, rows_of: RowsOf, *, next_ids: Mapping[str, int | None]) -> None:
    """Put the rows of each table, by rising keys, in the place of what a new forum begins with.

    Tables are asked for in an order in which no row points to one that is not there yet. New ids
    will begin after the highest one and after those in `next_ids`.
    """
    tables = tables_of(connection)
    for table in reversed(tables):
        connection.execute(table.delete())
    for table in tables:
        _load_table(connection, table, rows_of(table))
    for table in tables:
        _count_on(connection, table, next_ids.get(table.name))


def _load_table(connection: Connection, table: Table, found: Iterator[dict[str, Any]]) -> None:
    own = [
        column.name
        for column in table.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]
    later: list[dict[str, Any]] = []
    while batch := list(islice(found, _AT_ONCE)):
        for row in batch:
            for name in own:  # rows come by id: what points to a later one waits until that is there
                if row[name] is not None and row[name] > row["id"]:
                    later.append({"row_id": row["id"], "column": name, "value": row[name]})
                    row[name] = None
            if table.name == "outbox_event":
                row["xid"] = 0  # transactions of another server: here they are the past
        connection.execute(insert(table), batch)
    for each in later:
        statement = (
            update(table).where(table.c.id == bindparam("row_id")).values({each["column"]: each["value"]})
        )
        connection.execute(statement, {"row_id": each["row_id"]})


def _count_on(connection: Connection, table: Table, next_id: int | None) -> None:
    """Let new ids begin after the highest that was ever given."""
    key = table.primary_key.columns.values()
    if len(key) != 1:
        return
    if connection.dialect.name == "sqlite":
        if next_id is not None and _has_sequence(connection, table):
            statement = text("UPDATE sqlite_sequence SET seq = max(seq, :seq) WHERE name = :name")
            connection.execute(statement, {"seq": next_id, "name": table.name})
        return
    sequence = sequence_of(connection, table)
    highest = connection.execute(select(func.max(key[0]))).scalar_one()
    if sequence and highest is not None:
        connection.execute(select(func.setval(sequence, max(highest, next_id or 0))))


def _has_sequence(connection: Connection, table: Table) -> bool:
    found = text("SELECT 1 FROM sqlite_sequence WHERE name = :name")
    return connection.execute(found, {"name": table.name}).first() is not None
