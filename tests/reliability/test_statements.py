"""A statement of a service fails, or its commit: nothing was changed, nothing stays locked, and the next call works.

Every `@atomic` function of `app/domain` is tried; a new one needs a call in tests/support/calls. Here the first
statement fails, each that writes, and the commit; `benchmarks/nth_statement.py` lets every one fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from app.core.db import atomic, make_engine, new_session
from app.domain import attachments, demo
from app.domain.exporting import bringing
from tests.factories.users import make_user
from tests.support import databases, failing
from tests.support.calls import CALLS, Scene

SERVICES = failing.services()
ELSEWHERE = {
    demo.load: "a transaction of thousands of statements, in an empty place only",
    bringing.bring_rows: "likewise; tests/domain/exporting shows that a bad line leaves the place empty",
}
FILES_ONLY = (attachments.remove_strays,)
ON_SQLITE = pytest.mark.parametrize("server", ["sqlite"], indirect=True, scope="session")
# A row that was read in a failed try is still known to the session when the next one makes its like.
pytestmark = pytest.mark.filterwarnings("ignore:Identity map already had an identity")


@pytest.fixture(scope="module")
def engine_of_all(server: databases.Server) -> Iterator[Engine]:
    """One database for all calls, which need not survive a power cut."""
    engine = make_engine(server.migrated())
    event.listen(engine, "connect", _hurry)
    yield engine
    engine.dispose()


def _hurry(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


@ON_SQLITE
@pytest.mark.parametrize("name", [name for name in SERVICES if SERVICES[name] not in ELSEWHERE])
def test_a_service_that_fails_has_changed_nothing(engine_of_all: Engine, tmp_path: Path, name: str) -> None:
    assert SERVICES[name] in CALLS, f"{name} has no call in tests/support/calls"
    with new_session(engine_of_all) as db:
        scene = Scene(db, tmp_path)
        tried = failing.try_out(engine_of_all, SERVICES[name], CALLS[SERVICES[name]], scene, every=False)
    assert tried.failures >= 1, "the call does not reach it"
    assert tried.writes or SERVICES[name] in FILES_ONLY, "the call has it change nothing"
    assert tried.faults == []


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_service_that_commits_half_of_its_work_is_found_out(real_engine: Engine, tmp_path: Path) -> None:
    @atomic
    def commit_half(db: Session) -> None:
        make_user(db)  # which commits
        make_user(db)

    with new_session(real_engine) as db:
        tried = failing.try_out(
            real_engine, commit_half, lambda scene: commit_half(scene.db), Scene(db, tmp_path), every=True
        )
    assert tried.faults
    assert tried.faults[0].startswith("it commits")
