"""An export gives the same community elsewhere, in either kind of database, and a dump for anybody."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect
from sqlmodel import Session, col, delete, func, select

from app.core import schema
from app.core.db import make_engine, new_session
from app.core.files import FileStore
from app.domain import answers, attachments, exporting, importing
from app.domain.exporting.folder import MANIFEST
from app.domain.exporting.forms import FORMS
from app.models import Answer, Comment, OutboxEvent, PostLink, Question, Tag, User, Vote, metadata
from tests.factories.images import make_image
from tests.factories.users import make_user
from tests.support.community import settle
from tests.support.databases import Server
from tests.support.filling import fill_empty_tables
from tests.support.recount import disagreements

SECRET = re.compile(r"hash|salt|token|password|e-?mail|secret|url$")
NO_SECRET = {"notification_choice.by_email"}
ADDRESS = "priya@example.org"
PASSWORD = "$argon2id$the-hash-of-a-password"
ODD = "a\x01b \ufffe ]]> &amp;\r\n\t<row Id='1'/>"


@pytest.fixture
def forum(real_engine: Engine, tmp_path: Path, now: datetime) -> Iterator[exporting.Forum]:
    """A community with a row in every table, and texts that XML can't hold as they are."""
    folder = tmp_path / "forum"
    with new_session(real_engine) as db:
        community = settle(db)
        author = db.get_one(User, community.asker)
        author.email = author.email_key = ADDRESS
        author.password_hash = PASSWORD
        author.location = 'at "home" & <away>\n'
        comment = db.exec(select(Comment).order_by(col(Comment.id))).first()
        tag = db.exec(select(Tag).order_by(col(Tag.id))).first()
        assert comment is not None
        assert tag is not None
        comment.body, tag.description = ODD, "All of <wireless> & no wires"
        db.commit()
        fill_empty_tables(db)
        store = FileStore(folder / "uploads")
        attachments.upload(
            db, files=store, author=author, data=make_image(), filename="a.png", max_bytes=10**6, now=now
        )
    yield exporting.Forum(real_engine, folder, "PEERDESK_X=1\n", "1.0")
    real_engine.dispose()


def again(folder: Path, url: str, name: str, now: datetime, *, private: bool) -> Path:
    """Bring an export into a new place, and return what that place exports."""
    engine, data = make_engine(url), folder.parent / f"{name}-data"
    exporting.bring_in(folder, engine, data_dir=data)
    to = folder.parent / name
    exporting.export(exporting.Forum(engine, data, "", "2.0"), to=to, private=private, now=now)
    with new_session(engine) as db:
        assert disagreements(db) == []
        _goes_on(db, now)
    engine.dispose()
    return to


def _goes_on(db: Session, now: datetime) -> None:
    """New rows get new ids."""
    highest = db.exec(select(func.max(OutboxEvent.id))).one() or 0
    question = db.exec(select(Question).where(col(Question.closed_at).is_(None))).first()
    assert question is not None
    answers.post(db, question=question, author=make_user(db, handle="new"), body="Take it out. " * 9, now=now)
    assert (db.exec(select(func.max(OutboxEvent.id))).one() or 0) > highest


def content(folder: Path) -> dict[str, bytes]:
    """Return every file that two equal exports have in common."""
    told = {MANIFEST, "settings.env"}
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in told)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("private", [True, False], ids=["moving", "public"])
def test_there_and_back_gives_the_same_files(
    forum: exporting.Forum, server: Server, tmp_path: Path, now: datetime, private: bool
) -> None:
    with new_session(forum.engine) as db:  # an id that is gone is not given again
        db.delete(db.exec(select(OutboxEvent).order_by(col(OutboxEvent.id).desc())).first())
        db.commit()
    first = tmp_path / "first"
    manifest = exporting.export(forum, to=first, private=private, now=now)
    _holds_every_table(manifest)
    everything = b"".join(content(first).values())
    assert (ADDRESS.encode() in everything) is private
    assert (PASSWORD.encode() in everything) is private
    assert first.stat().st_mode & 0o777 == 0o700
    sqlite = again(first, f"sqlite:///{tmp_path / 'new.db'}", "second", now, private=private)
    back = again(sqlite, server.empty(), "third", now, private=private)
    assert content(first) == content(sqlite)
    assert content(first) == content(back)
    told = [exporting.read_manifest(folder) for folder in (first, sqlite, back)]
    assert told[0].files == told[1].files == told[2].files
    assert told[0].next_ids == told[1].next_ids == told[2].next_ids


def _holds_every_table(manifest: exporting.Manifest) -> None:
    """No table is forgotten, and none of those that are written was tried without a row."""
    expected = {name for name in metadata.tables if exporting.is_exported(name, private=manifest.private)}
    rows = {
        name.removeprefix("lines/").removesuffix(".jsonl"): each.rows for name, each in manifest.files.items()
    }
    assert {name for name in expected if not rows.get(name)} == set()
    assert manifest.files["Posts.xml"].rows > 10
    assert len(manifest.uploads) == 1


def test_what_is_not_exported_has_a_reason_and_is_there() -> None:
    columns = {
        f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns
    }
    named = exporting.LEFT_OUT | exporting.PRIVATE
    assert named.keys() <= columns | metadata.tables.keys()
    assert all(reason.strip() for reason in named.values())
    assert {f"{table}.{column}" for table, form in FORMS.items() for column in form.said} <= columns


def test_nothing_that_looks_like_a_secret_leaves_without_being_asked_for() -> None:
    suspicious = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if SECRET.search(column.name) and exporting.is_exported(table.name, column.name, private=False)
    }
    assert suspicious <= NO_SECRET, "name it in app/domain/exporting/plan.py"


class Silence:
    """Progress that nobody looks at."""

    def step(self, title: str, *, size: int) -> None:
        pass

    def advance(self, *, size: int, rows: int) -> None:
        pass


def test_the_dump_holds_what_visitors_see_and_others_can_read_it(
    forum: exporting.Forum, tmp_path: Path, now: datetime
) -> None:
    folder = tmp_path / "dump"
    with new_session(forum.engine) as db:
        db.execute(delete(PostLink))  # one that leads to itself, which no reader takes
        db.commit()
    exporting.export(forum, to=folder, private=True, now=now)
    dump = b"".join(path.read_bytes() for path in folder.glob("*.xml"))
    for hidden in (b"Cheap replacement batteries", b"For @ada", b"Not kind", b"Called us", ADDRESS.encode()):
        assert hidden not in dump
    engine = make_engine(f"sqlite:///{tmp_path / 'foreign.db'}")
    schema.migrate(engine)
    with new_session(engine) as db, new_session(forum.engine) as ours:
        report = importing.import_dump(
            db, folder=folder, source="theirs", now=now, progress=Silence(), helpers=0
        )
        left_out = {name: file.left_out for name, file in report.files.items() if file.left_out}
        assert left_out == {}
        for table in (Question, Answer):
            shown = select(table.body, table.score).where(col(table.removed_at).is_(None))
            assert sorted(db.execute(shown)) == sorted(ours.execute(shown))
        solved = select(func.count(col(Question.accepted_answer_id)))
        assert db.exec(solved).one() == ours.exec(solved).one() > 0
        ups = [db.exec(select(func.sum(table.up_count))).one() or 0 for table in (Question, Answer)]
        assert sum(ups) == ours.exec(select(func.count(col(Vote.id)))).one() > 0
    engine.dispose()


def test_what_is_not_as_it_was_written_changes_nothing(
    forum: exporting.Forum, tmp_path: Path, now: datetime
) -> None:
    folder = tmp_path / "export"
    exporting.export(forum, to=folder, private=True, now=now)
    engine = make_engine(f"sqlite:///{tmp_path / 'new.db'}")
    for harm in (_end_a_text, _end_a_line, _lose_a_file, _change_an_upload, _break_manifest, _be_newer):
        copy = tmp_path / harm.__name__
        shutil.copytree(folder, copy)
        harm(copy)
        with pytest.raises(exporting.NotWhole):
            exporting.bring_in(copy, engine, data_dir=tmp_path / "new")
        assert inspect(engine).get_table_names() == [], harm.__name__
    _refuses_what_is_occupied(forum, folder, now)
    engine.dispose()


def _refuses_what_is_occupied(forum: exporting.Forum, folder: Path, now: datetime) -> None:
    with pytest.raises(exporting.Occupied, match="--only-dump"):
        exporting.bring_in(folder, forum.engine, data_dir=forum.data_dir)
    with pytest.raises(FileExistsError):
        exporting.export(forum, to=folder, private=True, now=now)


def _end_a_text(folder: Path) -> None:
    (folder / "Posts.xml").write_bytes((folder / "Posts.xml").read_bytes()[:-20])


def _end_a_line(folder: Path) -> None:
    (folder / "lines" / "users.jsonl").write_bytes((folder / "lines" / "users.jsonl").read_bytes()[:-20])


def _lose_a_file(folder: Path) -> None:
    (folder / "lines" / "vote.jsonl").unlink()


def _change_an_upload(folder: Path) -> None:
    upload = next((folder / "uploads").rglob("*.*"))
    upload.write_bytes(upload.read_bytes() + b"x")


def _break_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_bytes((folder / MANIFEST).read_bytes()[1:])


def _be_newer(folder: Path) -> None:
    told = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**told, "revision": "ffff00000000"}))
