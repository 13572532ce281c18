from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from app.core.db import atomic, make_engine, new_session
from app.models import Tag, User
from tests.factories.tags import make_tag
from tests.factories.users import make_user


@atomic
def add_tag(db: Session, *, name: str, then: Exception | None = None) -> None:
    db.add(Tag(name=name, created_at=datetime(2026, 3, 2, tzinfo=UTC)))
    db.flush()
    if then:
        raise then


@atomic
def add_two(db: Session, *, second_fails: bool) -> None:
    add_tag(db, name="first")
    add_tag(db, name="second", then=LookupError() if second_fails else None)


def tag_names(db: Session) -> set[str]:
    return set(db.exec(select(Tag.name)))


def test_a_service_commits(real_engine: Engine) -> None:
    with new_session(real_engine) as db:
        add_tag(db, name="wifi")
    with new_session(real_engine) as other:
        assert tag_names(other) == {"wifi"}


def test_a_failing_service_leaves_nothing(db: Session) -> None:
    with pytest.raises(LookupError):
        add_tag(db, name="wifi", then=LookupError())
    assert tag_names(db) == set()


def test_services_within_a_service_stand_or_fall_with_it(db: Session) -> None:
    with pytest.raises(LookupError):
        add_two(db, second_fails=True)
    assert tag_names(db) == set()
    add_two(db, second_fails=False)
    assert tag_names(db) == {"first", "second"}


def test_a_service_sees_what_others_committed_since_the_row_was_read(real_engine: Engine) -> None:
    @atomic
    def reputation_of(db: Session, *, user: User) -> int:
        return user.reputation

    with new_session(real_engine) as db, new_session(real_engine) as other:
        mine = make_user(db, reputation=10)
        theirs = other.get_one(User, mine.id)
        theirs.reputation = 25
        other.add(theirs)
        other.commit()
        assert mine.reputation == 10
        assert reputation_of(db, user=mine) == 25


def test_two_services_that_lock_the_same_rows_in_opposite_order_both_succeed(real_engine: Engine) -> None:
    with new_session(real_engine) as db:
        one, other = make_tag(db).id, make_tag(db).id
    both_hold_one = Barrier(2)
    has_writers_in_turn = real_engine.dialect.name == "sqlite"
    calls: list[int | None] = []

    @atomic
    def lock_both(db: Session, *, first: int | None, second: int | None) -> None:
        db.get_one(Tag, first, with_for_update=True)
        is_first_try = first not in calls
        calls.append(first)
        if is_first_try and not has_writers_in_turn:
            both_hold_one.wait(timeout=30)
        db.get_one(Tag, second, with_for_update=True).description = "Locked."

    def work(first: int | None, second: int | None) -> None:
        with new_session(real_engine) as db:
            lock_both(db, first=first, second=second)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, (one, other), (other, one)))
    assert len(calls) == 2 if has_writers_in_turn else len(calls) > 2


def test_other_errors_of_the_database_are_not_tried_again(db: Session) -> None:
    calls = []

    @atomic
    def fail(db: Session) -> None:
        calls.append(1)
        raise OperationalError("SELECT 1", {}, Exception("the server is gone"))

    with pytest.raises(OperationalError):
        fail(db)
    assert calls == [1]


def test_instants_come_back_aware_and_in_utc(db: Session) -> None:
    berlin = timezone(timedelta(hours=1))
    make_tag(db, name="wifi", created_at=datetime(2026, 3, 2, 10, 30, tzinfo=berlin))
    db.expire_all()
    found = db.exec(select(Tag)).one().created_at
    assert found == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert found.utcoffset() == timedelta(0)


def test_a_naive_instant_is_refused(db: Session) -> None:
    with pytest.raises(Exception, match="naive"):
        make_tag(db, created_at=datetime(2026, 3, 2, 9, 30))  # noqa: DTZ001 (that is the point)


def test_foreign_keys_hold_on_sqlite_too(db: Session) -> None:
    assert (
        db.connection().dialect.name != "sqlite"
        or db.connection().exec_driver_sql("PRAGMA foreign_keys").scalar()
    )


def test_connections_to_sqlite_keep_few_pages_and_the_last_one_used_is_the_next(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'forum.db'}")
    with engine.connect() as first, engine.connect() as last:
        assert first.exec_driver_sql("PRAGMA cache_size").scalar_one() == -1_000
        kept = last.connection.driver_connection
        first.close()
        last.close()
    with engine.connect() as again:
        assert again.connection.driver_connection is kept
    engine.dispose()


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("of_address", "used"), [({}, "5"), ({"connect_timeout": "2"}, "2")])
def test_a_database_machine_that_is_lost_is_given_up_as_soon_as_its_address_says_or_we(
    real_engine: Engine, of_address: dict[str, str], used: str
) -> None:
    address = real_engine.url.update_query_dict(of_address).render_as_string(hide_password=False)
    engine = make_engine(address)
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        parameters = driver.info.get_parameters()
    engine.dispose()
    assert parameters["connect_timeout"] == used
    assert parameters["tcp_user_timeout"] == "10000"
