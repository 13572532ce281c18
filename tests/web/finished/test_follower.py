"""What one process writes, the others know of before they answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

import anyio
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from app.core.db import new_session
from app.domain import answers, outbox, votes
from app.main import create_app
from app.models import Question
from app.settings import Settings
from app.web.finished import Follower
from app.web.finished.keys import ANYTHING, member, question
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser

Answered = TypeVar("Answered")
BODY = "Take the cartridge out, shake it, put it back, and print a test page."


@pytest.fixture
def session(real_engine: Engine) -> Iterator[Session]:
    with new_session(real_engine) as opened:
        yield opened


def test_two_processes_agree_after_each_change(
    real_engine: Engine, session: Session, settings: Settings, now: datetime
) -> None:
    asked = make_question(session, title="Printer prints blank pages")
    helper = make_user(session, handle="helper")
    address = f"/questions/{asked.id}/printer-prints-blank-pages"
    one, other = (Browser(create_app(settings, engine=real_engine), session) for _ in range(2))
    for number in range(1, 4):
        for browser in (one, other):
            assert browser.get(address).text.count('id="answer-') == number - 1
        answers.post(session, question=asked, author=helper, body=f"{BODY} {number}", now=now)
    assert one.get(address).text == other.get(address).text


def test_nothing_is_read_while_nothing_is_written(real_engine: Engine, session: Session) -> None:
    follower = Follower(real_engine)

    async def ticks() -> list[int]:
        return [await follower.catch_up() for _ in range(3)]

    assert len(set(_run(ticks))) == 1


def test_only_what_was_touched_is_made_anew(real_engine: Engine, session: Session, now: datetime) -> None:
    follower = Follower(real_engine)
    one, other = make_question(session), make_question(session)
    voter = make_user(session, handle="voter", reputation=500)
    before = _run(follower.catch_up)
    votes.cast(session, post=one, by=voter, value=1, now=now)
    _run(follower.catch_up)
    assert not follower.is_true([question(one.id)], since=before)
    assert not follower.is_true([member(one.author_id)], since=before)
    assert not follower.is_true([ANYTHING], since=before)
    assert follower.is_true([question(other.id), member(other.author_id)], since=before)


def test_a_transaction_that_commits_late_is_not_missed(
    real_engine: Engine, session: Session, now: datetime
) -> None:
    """On PostgreSQL it got its place in the outbox before others that were committed and read already."""
    if real_engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer: nothing can commit out of order")
    follower = Follower(real_engine)
    late, early = make_question(session), make_question(session)
    before = _run(follower.catch_up)
    with new_session(real_engine) as slow, new_session(real_engine) as quick:
        slow.execute(text("SELECT pg_current_xact_id()"))
        _record(slow, late, now)
        _record(quick, early, now)
        quick.commit()
        between = _run(follower.catch_up)
        assert not follower.is_true([question(early.id)], since=before)
        assert follower.is_true([question(late.id)], since=before)
        slow.commit()
    _run(follower.catch_up)
    assert not follower.is_true([question(late.id)], since=between)
    assert follower.is_true([question(early.id)], since=between)


def test_a_flood_of_events_makes_everything_untrue(
    real_engine: Engine, session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.finished.follower.MOST_EVENTS", 3)
    follower = Follower(real_engine)
    asked, untouched = make_question(session), make_question(session)
    before = _run(follower.catch_up)
    for _ in range(4):
        _record(session, asked, now)
    session.commit()
    _run(follower.catch_up)
    assert not follower.is_true([question(untouched.id)], since=before)
    after = _run(follower.catch_up)
    assert follower.is_true([question(untouched.id)], since=after)


def test_an_event_of_no_thread_touches_everything(
    real_engine: Engine, session: Session, now: datetime
) -> None:
    class SomethingNew(outbox.Event):
        """Nobody has said what this touches."""

    follower = Follower(real_engine)
    before = _run(follower.catch_up)
    outbox.record(session, SomethingNew(by_id=None), now=now)
    session.commit()
    _run(follower.catch_up)
    assert not follower.is_true([question(1)], since=before)


def _run(act: Callable[[], Awaitable[Answered]]) -> Answered:
    # In a thread of its own: a browser of another test may have left a running loop in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, act).result()


def _record(db: Session, asked: Question, now: datetime, **payload: Any) -> None:
    event_type = outbox.EVENT_TYPES["QuestionLocked"]
    outbox.record(db, event_type(by_id=None, question_id=asked.id, **payload), now=now)
    db.flush()
