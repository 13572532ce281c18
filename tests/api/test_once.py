"""A POST that is sent twice is carried out once: in a row, at once, from two servers, and after a crash."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.core.db import make_engine, new_session
from app.domain.answers.service import posting
from app.main import create_app
from app.models import Answer, Post, Question, StoredAnswer, User
from app.settings import Settings
from tests.api.conftest import Client
from tests.factories.api_keys import make_api_key
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock

WORDS = {"body": "Reset the mixer to its defaults, please."}
KEY = {"Idempotency-Key": "5f0c8f2e"}
TRIES = 6


@pytest.fixture(autouse=True)
def only_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nothing but the key tell that a request was sent before: the service knows equal answers, too."""
    monkeypatch.setattr(posting, "sent_before", lambda *_: None)


def test_the_same_request_gives_the_same_answer_and_changes_nothing(
    as_member: Callable[..., Client], db: Session, asker: User, answerer: User, clock: Clock
) -> None:
    path = f"/questions/{make_question(db, author=asker).id}/answers"
    member = as_member(answerer)
    first = member("POST", path, WORDS, KEY)
    clock.advance(hours=23)
    again = member("POST", path, WORDS, KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (again.headers["etag"], again.headers["location"]) == (
        first.headers["etag"],
        first.headers["location"],
    )
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(db.exec(select(Answer)).all()) == 1

    clock.advance(hours=1)
    assert member("POST", path, WORDS, KEY).json()["id"] != first.json()["id"]


def test_a_key_stands_for_one_request_of_one_member(
    as_member: Callable[..., Client], db: Session, asker: User, answerer: User
) -> None:
    question = make_question(db, author=asker)
    other = make_question(db, author=asker)
    member = as_member(answerer)
    assert member("POST", f"/questions/{question.id}/answers", WORDS, KEY).status_code == 201
    changed = member("POST", f"/questions/{question.id}/answers", {"body": "Something else, but long."}, KEY)
    assert changed.status_code == 422
    assert changed.json()["errors"][0]["parameter"] == "Idempotency-Key"
    assert member("POST", f"/questions/{other.id}/answers", WORDS, KEY).status_code == 422
    assert as_member(asker)("POST", f"/questions/{question.id}/answers", WORDS, KEY).status_code == 201


def test_a_refusal_is_not_kept(
    as_member: Callable[..., Client], db: Session, asker: User, answerer: User
) -> None:
    question = make_question(db, author=asker)
    question.closed_at, question.close_reason = question.created_at, "unclear"
    db.commit()
    member = as_member(answerer)
    path = f"/questions/{question.id}/answers"
    assert member("POST", path, WORDS, KEY).status_code == 409
    assert not db.exec(select(StoredAnswer)).all()
    question.closed_at, question.close_reason = None, None
    db.commit()
    assert member("POST", path, WORDS, KEY).status_code == 201


def test_what_was_written_without_its_answer_being_sent_is_not_written_again(
    real_engine: Engine, settings: Settings
) -> None:
    """The connection breaks after the commit: the client has no answer and tries again."""
    path, token = _set_up(real_engine)
    with new_session(real_engine) as db:
        member = Client(Browser(create_app(settings, engine=real_engine), db), token)
        first = member("POST", path, WORDS, KEY)
        restarted = Client(Browser(create_app(settings, engine=real_engine), db), token)
        again = restarted("POST", path, WORDS, KEY)
        assert again.headers["idempotency-replayed"] == "true"
        assert again.content == first.content
        assert len(db.exec(select(Answer)).all()) == 1


def test_two_servers_at_once_write_once(real_engine: Engine, settings: Settings) -> None:
    path, token = _set_up(real_engine)
    engines = [make_engine(real_engine.url.render_as_string(hide_password=False)) for _server in range(2)]
    # All that the servers share is the database. FastAPI puts routes together at the first request, for one
    # thread at a time; so that comes before.
    forums = [create_app(settings, engine=engine) for engine in engines]
    with ThreadPoolExecutor(2) as pool:
        for forum, engine in zip(forums, engines, strict=True):
            pool.submit(_post, forum, engine, "/nowhere", token).result(timeout=120)
        tries = [
            pool.submit(_post, forum, engine, path, token)
            for forum, engine in zip(forums, engines, strict=True)
        ]
        outcomes = [outcome for future in tries for outcome in future.result(timeout=120)]
    for engine in engines:
        engine.dispose()
    assert set(outcomes) <= {201, 409}
    with new_session(real_engine) as db:
        answers = db.exec(select(Answer)).all()
        posts = db.exec(select(Post).where(Post.kind == "answer")).all()
        question = db.exec(select(Question)).one()
    assert len(answers) == len(posts) == question.answer_count == TRIES


def _set_up(engine: Engine) -> tuple[str, str]:
    with new_session(engine) as db:
        question = make_question(db)
        return f"/questions/{question.id}/answers", make_api_key(db, owner=make_user(db, reputation=500))


def _post(forum: FastAPI, engine: Engine, path: str, token: str) -> list[int]:
    with new_session(engine) as db:
        member = Client(Browser(forum, db), token)
        keys = [{"Idempotency-Key": f"the same from both: {each}"} for each in range(TRIES)]
        return [member("POST", path, WORDS, key).status_code for key in keys]
