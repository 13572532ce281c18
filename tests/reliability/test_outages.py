"""A disk that is full or may only be read, a database that goes away: clear answers, nothing typed lost, recovery."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event, inspect
from sqlmodel import Session

from app.core import turns
from app.core.db import new_session
from app.core.files import FileStore
from app.core.writing import FULL, Writing
from app.domain import answers, follows, notifications
from app.main import create_app
from app.models import Question
from app.settings import Settings
from app.web import deps
from tests.conftest import no_lifespan
from tests.factories.images import make_image
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock

TYPED = 'Reset the mixer to its defaults.\n\nThen restart, & see whether <it> "helps".' * 400
ON_SQLITE = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


@pytest.fixture
def forum(real_engine: Engine, settings: Settings, clock: Clock, worked_out: FastAPI) -> FastAPI:
    """The forum on a real engine, whose connections can be spoiled."""
    made = create_app(settings, engine=real_engine)
    made.state.now = clock
    made.state.environment = worked_out.state.environment
    made.router.lifespan_context = no_lifespan
    return made


@pytest.fixture
def db(real_engine: Engine) -> Iterator[Session]:
    with new_session(real_engine) as session:
        yield session


@pytest.fixture
def question(db: Session) -> Question:
    return make_question(db)


@pytest.fixture
def browser(forum: FastAPI, db: Session) -> Iterator[Browser]:
    with Browser(forum, db) as made:
        yield made.sign_in(make_user(db))


class Spoiled:
    """Runs a PRAGMA on every connection, from the next use on."""

    def __init__(self, engine: Engine) -> None:
        self.pragma = ""
        event.listen(engine, "checkout", self._spoil)

    def _spoil(self, connection: Any, _record: object, _proxy: object) -> None:
        if self.pragma:
            connection.execute(self.pragma)


OUTAGES = {
    "full": ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000"),  # what is there is the least
    "read-only": ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
}


@ON_SQLITE
@pytest.mark.parametrize("outage", OUTAGES)
def test_while_nothing_can_be_saved_pages_are_read_and_what_was_typed_comes_back(
    browser: Browser, db: Session, question: Question, real_engine: Engine, outage: str
) -> None:
    spoiled = Spoiled(real_engine)
    spoiled.pragma, mended = OUTAGES[outage]
    path = f"/questions/{question.id}/answers"
    browser.get(f"/questions/{question.id}", follow_redirects=True)  # it is kept finished from now on
    refused = browser.post_form(path, {"body": TYPED})
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert "nothing was saved" in refused.text
    form = form_in(refused.text)
    assert form["body"] == TYPED

    page = browser.get(f"/questions/{question.id}", follow_redirects=True)
    assert page.status_code == 200
    assert "Nothing can be saved at the moment" in page.text
    assert "Nothing can be saved" not in browser.get("/healthz").text
    not_ready = browser.get("/readyz")
    assert not_ready.status_code == 503
    assert outage in not_ready.json()["checks"]["writing"]

    spoiled.pragma = mended
    assert browser.post(path, data=form).status_code == 303
    browser.forum.state.writing._looked_at = float("-inf")
    assert browser.get("/readyz").status_code == 200
    again = browser.get(f"/questions/{question.id}", follow_redirects=True).text
    assert "Nothing can be saved" not in again
    assert "helps" in again


@ON_SQLITE
def test_connections_that_were_opened_while_the_file_could_only_be_read_are_opened_anew(
    browser: Browser, question: Question, real_engine: Engine
) -> None:
    def open_to_read(
        _dialect: object, _record: object, _args: object, _options: object
    ) -> sqlite3.Connection:
        path = f"file:{real_engine.url.database}?mode=ro"
        return sqlite3.connect(path, uri=True, check_same_thread=False)

    path = f"/questions/{question.id}/answers"
    real_engine.dispose()
    event.listen(real_engine, "do_connect", open_to_read)
    assert browser.post_form(path, {"body": TYPED}).status_code == 503
    assert browser.get(f"/questions/{question.id}", follow_redirects=True).status_code == 200
    event.remove(real_engine, "do_connect", open_to_read)
    statuses = [
        browser.post_form(path, {"body": f"{TYPED[:80]} {number}"}).status_code for number in range(3)
    ]
    assert statuses == [503, 303, 303]  # the first finds it out


@ON_SQLITE
def test_a_database_file_that_is_moved_away_takes_no_more_writes_and_is_used_again_when_it_is_back(
    browser: Browser, question: Question, real_engine: Engine
) -> None:
    path, file = f"/questions/{question.id}/answers", Path(str(real_engine.url.database))
    csrf = browser.csrf_token()
    aside = file.rename(file.with_name("aside.db"))
    refused = browser.post(path, data={"csrf": csrf, "body": TYPED})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert browser.get("/readyz").json()["checks"]["database"] == "it does not answer"
    assert not file.exists()
    aside.rename(file)
    assert browser.post(path, data=form_in(refused.text)).status_code == 303
    browser.forum.state.writing._looked_at = float("-inf")
    assert browser.get("/readyz").status_code == 200


def test_trying_whether_there_is_room_again_leaves_nothing_behind(real_engine: Engine) -> None:
    writing = Writing(real_engine)
    assert writing.failed(OSError(errno.ENOSPC, "full")) == FULL
    assert (writing.look(), writing.outage) == ("", "")
    assert "room_to_write" not in inspect(real_engine).get_table_names()


@ON_SQLITE
def test_while_another_program_keeps_the_database_pages_are_read_and_what_was_typed_comes_back(
    browser: Browser, question: Question, real_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.05)
    path, address = f"/questions/{question.id}/answers", f"/questions/{question.id}"
    with closing(sqlite3.connect(str(real_engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = browser.post_form(path, {"body": TYPED})
        page = browser.get(address, follow_redirects=True)
        not_ready = browser.get("/readyz")
        other.execute("ROLLBACK")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    form = form_in(refused.text)
    assert form["body"] == TYPED
    assert page.status_code == 200
    assert "another program keeps" in page.text
    assert (not_ready.status_code, not_ready.json()["checks"]["writing"]) == (
        503,
        "it can't be written: locked",
    )

    assert browser.post(path, data=form).status_code == 303
    browser.forum.state.writing._looked_at = float("-inf")
    assert browser.get("/readyz").status_code == 200
    assert "another program" not in browser.get(address, follow_redirects=True).text


@ON_SQLITE
def test_who_opens_news_while_others_write_for_long_reads_them_and_they_stay_news(
    browser: Browser,
    db: Session,
    question: Question,
    real_engine: Engine,
    now: datetime,
    drain: Callable[[Session], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deps, "HURRY_SECONDS", 0.01)
    reader = make_user(db)
    follows.follow(db, by=reader, subject=question, now=now)
    answers.post(db, question=question, author=make_user(db), body="Reseat the toner cartridge.", now=now)
    drain(db)
    browser.sign_in(reader)
    with closing(sqlite3.connect(str(real_engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page = browser.get(f"/questions/{question.id}", follow_redirects=True)
    assert (page.status_code, "toner" in page.text) == (200, True)
    assert notifications.unread_count(db, reader) == 1
    browser.get(f"/questions/{question.id}", follow_redirects=True)
    assert notifications.unread_count(db, reader) == 0


@ON_SQLITE
@pytest.mark.parametrize(
    ("code", "told"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "may only be read")]
)
def test_an_upload_that_the_disk_does_not_take_is_refused_and_nothing_of_it_is_left(
    browser: Browser, settings: Settings, monkeypatch: pytest.MonkeyPatch, code: int, told: str
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(code, "no")

    image = {"file": ("a.png", make_image(), "image/png")}
    with monkeypatch.context() as spoiled:
        spoiled.setattr("os.fsync", refuse)
        refused = browser.post_form("/uploads", files=image)
    assert refused.status_code == 503
    assert told in refused.text
    assert not [path for path in settings.uploads_dir.rglob("*") if path.is_file()]
    assert browser.post_form("/uploads", files=image).status_code == 201
    assert len(list(FileStore(settings.uploads_dir).names())) == 1


@ON_SQLITE
def test_a_folder_of_uploads_that_may_not_be_written_turns_readiness_red(
    browser: Browser, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.uploads_dir.mkdir()
    assert browser.get("/readyz").status_code == 200
    monkeypatch.setattr("os.access", lambda *_arguments: False)  # who runs the tests may be root, who may all
    not_ready = browser.get("/readyz")
    assert not_ready.status_code == 503
    assert "can't be written" in not_ready.json()["checks"]["uploads"]


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_database_that_goes_away_and_returns_is_used_again_without_a_restart(
    browser: Browser, question: Question, real_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    path, url = f"/questions/{question.id}/answers", real_engine.url
    with psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname="postgres", autocommit=True
    ) as others:
        others.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false')
        others.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [url.database]
        )
        refused = browser.post(path, data={"csrf": browser.csrf_token(), "body": TYPED})
        by_api = browser.get(f"/api/v1{path}")
        assert browser.get("/readyz").status_code == 503
        others.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true')
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    assert (by_api.status_code, by_api.headers["retry-after"]) == (503, "5")
    assert "Traceback" not in caplog.text  # one for each request would fill the disk as well
    assert browser.post(path, data=form_in(refused.text)).status_code == 303
    browser.forum.state.writing._looked_at = float("-inf")
    assert browser.get("/readyz").status_code == 200


def form_in(html: str) -> dict[str, str]:
    """Return what a browser would send with the page's form that is posted."""
    reader = _Fields()
    reader.feed(html)
    # A browser drops the first line break of a text area, and so does who reads one.
    return {name: value.removeprefix("\n") for name, value in reader.fields.items()}


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "textarea":
            self._inside = facts["name"]
            self.fields[self._inside] = ""
        elif tag == "input" and facts.get("type") == "hidden":
            self.fields[facts["name"]] = facts["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.fields[self._inside] += data
