"""Migrated databases for tests, of both kinds."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Engine, text

from app.core import db as core_db
from app.core import schema
from app.core.db import make_engine
from app.core.turns import PATIENCE_SECONDS
from tests.support import postgres

KINDS = ("sqlite", "postgresql")
REQUIRE = "PEERDESK_REQUIRE_POSTGRES"


class Server(Protocol):
    """Makes databases of one kind."""

    def empty(self) -> str:
        """Return the address of a new database without tables."""

    def migrated(self) -> str:
        """Return the address of a new database with all tables."""


def state_of(kind: str) -> str:
    """Return how a kind of database is available, for pytest's header."""
    programs = postgres.binaries() if kind == "postgresql" else None
    if kind == "sqlite" or programs:
        return f"{kind} ({programs})" if programs else kind
    return f"NO {kind.upper()}: its tests are skipped"


@contextmanager
def server(kind: str, folder: Path) -> Iterator[Server]:
    """Provide a kind of database; skip the test where PostgreSQL is missing, unless it is required."""
    if kind == "sqlite":
        yield _Sqlite(folder)
        return
    programs = postgres.binaries()
    if programs is None:
        if os.environ.get(REQUIRE) == "1":
            raise FileNotFoundError(
                f"{REQUIRE}=1, but there is no PostgreSQL here: apt-get install postgresql"
            )
        pytest.skip("no PostgreSQL on this machine (apt-get install postgresql)")
    cluster = postgres.start(programs)
    try:
        yield _Postgresql(cluster)
    finally:
        cluster.stop()


def beside_a_server(engine: Engine) -> Engine:
    """Return the engine for a test that writes while a served forum does too.

    Its transactions take SQLite's lock at once and wait for it. A test that reads first (a factory
    after a query) would otherwise be refused with "database is locked" whenever the forum's worker
    has committed in between.
    """
    return engine.execution_options(**{core_db._WAIT: PATIENCE_SECONDS})


class _Sqlite:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._template: Path | None = None

    def empty(self) -> str:
        return f"sqlite:///{self._next()}"

    def migrated(self) -> str:
        if self._template is None:
            self._template = self._next()
            _migrate(f"sqlite:///{self._template}")
        copy = self._next()
        shutil.copyfile(self._template, copy)
        return f"sqlite:///{copy}"

    def _next(self) -> Path:
        return self._folder / f"{next(self._numbers)}.db"


class _Postgresql:
    def __init__(self, cluster: postgres.Cluster) -> None:
        self._cluster = cluster
        self._numbers = itertools.count(1)
        self._template = ""

    def empty(self) -> str:
        return self._cluster.create(f"peerdesk_{next(self._numbers)}")

    def migrated(self) -> str:
        if not self._template:
            _migrate(self._cluster.create("migrated"))
            self._template = "migrated"
        return self._cluster.create(f"peerdesk_{next(self._numbers)}", template=self._template)


def _migrate(url: str) -> None:
    engine = make_engine(url)
    schema.migrate(engine)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:  # a copy of the file must hold everything
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
