"""The n-th statement of a service fails, for every n: nothing was changed, and the call after it works.

`benchmarks/nth_statement.py` does it for every service function that any test calls.
"""

from __future__ import annotations

import pytest
from sqlmodel import Session

from app.core.db import atomic
from tests.factories.users import make_user
from tests.support import community
from tests.support.failing import failing
from tests.support.recount import disagreements


# A row that was read in a failed try is still known to the session when the next one makes its like.
@pytest.mark.filterwarnings("ignore:Identity map already had an identity")
@pytest.mark.slow
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_service_that_fails_at_any_statement_has_changed_nothing(db: Session) -> None:
    with failing() as tried:
        community.settle(db)
    assert tried.faults == []
    assert len(tried.statements) >= 15
    assert sum(tried.statements.values()) > 200
    assert disagreements(db) == []


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_service_that_commits_half_of_its_work_is_found_out(db: Session) -> None:
    @atomic
    def commit_half(db: Session) -> None:
        make_user(db)  # which commits
        make_user(db)

    with failing() as tried:
        commit_half(db)
    assert tried.faults
