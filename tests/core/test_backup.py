"""Backups: everything comes back, in either kind of database, or the place stays empty."""

from __future__ import annotations

import json
import random
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect
from sqlmodel import Session, func, select

from app.core import backup, schema
from app.core.db import make_engine, new_session
from app.core.files import CheckedFile, FileStore
from app.domain import answers, attachments, outbox
from app.models import OutboxEvent, Question, User
from tests.factories.images import make_image
from tests.factories.users import make_user
from tests.support.community import settle
from tests.support.databases import Server
from tests.support.recount import disagreements

BODY = "Take the cartridge out, shake it, put it back, and print a test page."


@dataclass
class Place:
    """A forum with a community in it."""

    forum: backup.Forum
    db: Session


@pytest.fixture
def place(real_engine: Engine, tmp_path: Path, now: datetime) -> Iterator[Place]:
    folder = tmp_path / "forum"
    with new_session(real_engine) as db:
        settle(db)
        author = db.exec(select(User).order_by(User.handle)).first()
        assert author is not None
        attachments.upload(
            db,
            files=FileStore(folder / "uploads"),
            author=author,
            data=make_image(),
            filename="lamp.png",
            max_bytes=1_000_000,
            now=now,
        )
        forum = backup.Forum(real_engine, folder, "the key of this forum", "PEERDESK_X=1\n", "1.0")
        yield Place(forum, db)


@pytest.fixture
def copy(place: Place, tmp_path: Path, now: datetime) -> Path:
    file = tmp_path / "copy.zip"
    backup.back_up(place.forum, to=file, now=now)
    return file


def lines_of(file: Path) -> dict[str, list[object]]:
    """Return all rows in a backup, without what belongs to the server they were on."""
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.startswith("database/")]
        rows = {name: [json.loads(line) for line in archive.read(name).splitlines()] for name in names}
    for event in rows["database/outbox_event.jsonl"]:
        event["xid"] = 0
    return rows


def test_everything_comes_back(copy: Path, server: Server, tmp_path: Path, now: datetime) -> None:
    _comes_back(copy, make_engine(server.empty()), tmp_path, now)


def test_everything_comes_back_in_sqlite(copy: Path, tmp_path: Path, now: datetime) -> None:
    _comes_back(copy, make_engine(f"sqlite:///{tmp_path / 'new.db'}"), tmp_path, now)


def test_a_backup_of_sqlite_comes_back_in_this_kind(server: Server, tmp_path: Path, now: datetime) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'old.db'}")
    schema.migrate(engine)
    with new_session(engine) as db:
        settle(db)
    copy = tmp_path / "copy.zip"
    backup.back_up(backup.Forum(engine, tmp_path, "key", "", "1.0"), to=copy, now=now)
    engine.dispose()
    _comes_back(copy, make_engine(server.empty()), tmp_path, now)


def _comes_back(copy: Path, engine: Engine, tmp_path: Path, now: datetime) -> None:
    folder = tmp_path / "new"
    backup.restore(copy, engine, data_dir=folder, keep_secret_key=True)
    again = tmp_path / "again.zip"
    backup.back_up(backup.Forum(engine, folder, "key", "", "1.0"), to=again, now=now)
    assert lines_of(again) == lines_of(copy)
    with new_session(engine) as db:
        assert disagreements(db) == []
        _goes_on(db, now)
    engine.dispose()


def _goes_on(db: Session, now: datetime) -> None:
    """New rows get new ids, and the feed shows them behind what came back."""
    end = outbox.end_of_feed(db)
    highest = db.exec(select(func.max(OutboxEvent.id))).one() or 0
    question = db.exec(select(Question).where(Question.closed_at.is_(None))).first()  # type: ignore[union-attr]
    assert question is not None
    answers.post(db, question=question, author=make_user(db, handle="new"), body=BODY, now=now)
    (event,) = outbox.feed(db, after=end)
    assert event.id > highest


def test_uploads_and_the_key_come_back(place: Place, copy: Path, server: Server, tmp_path: Path) -> None:
    engine = make_engine(server.empty())
    backup.restore(copy, engine, data_dir=tmp_path / "new", keep_secret_key=True)
    old, new = FileStore(place.forum.data_dir / "uploads"), FileStore(tmp_path / "new" / "uploads")
    ((sha256, extension),) = old.names()
    assert new.read(sha256, extension) == old.read(sha256, extension)
    key = tmp_path / "new" / "secret_key"
    assert key.read_text() == "the key of this forum"
    assert key.stat().st_mode & 0o777 == 0o600
    engine.dispose()


def test_a_damaged_upload_is_left_out_and_named_and_all_else_comes_back(
    place: Place, server: Server, tmp_path: Path, now: datetime
) -> None:
    files = FileStore(place.forum.data_dir / "uploads")
    ((sha256, extension),) = files.names()
    files.path(sha256, extension).write_bytes(b"cut")
    made = backup.back_up(place.forum, to=tmp_path / "copy.zip", now=now)
    assert made.damaged == (f"{sha256}.{extension}",)
    engine = make_engine(server.empty())
    backup.restore(tmp_path / "copy.zip", engine, data_dir=tmp_path / "new", keep_secret_key=True)
    engine.dispose()


def test_ids_that_were_deleted_are_not_given_again(
    place: Place, server: Server, tmp_path: Path, now: datetime
) -> None:
    highest = place.db.exec(select(func.max(OutboxEvent.id))).one() or 0
    place.db.delete(place.db.get_one(OutboxEvent, highest))
    place.db.commit()
    copy = tmp_path / "copy.zip"
    backup.back_up(place.forum, to=copy, now=now)
    engine = make_engine(server.empty())
    backup.restore(copy, engine, data_dir=tmp_path / "new", keep_secret_key=False)
    with new_session(engine) as db:
        _goes_on(db, now)
        assert (db.exec(select(func.max(OutboxEvent.id))).one() or 0) > highest
    engine.dispose()


def test_it_holds_one_instant_while_people_write(place: Place, tmp_path: Path, now: datetime) -> None:
    writing, stop = threading.Event(), threading.Event()

    def write() -> None:
        with new_session(place.forum.engine) as db:
            question = db.exec(select(Question).where(Question.closed_at.is_(None))).first()  # type: ignore[union-attr]
            assert question is not None
            number = 0
            while not stop.is_set():
                number += 1
                author = make_user(db, handle=f"writer-{number}")
                answers.post(db, question=question, author=author, body=f"{BODY} {number}", now=now)
                writing.set()

    thread = threading.Thread(target=write)
    thread.start()
    writing.wait(timeout=30)
    copies = [tmp_path / f"copy-{number}.zip" for number in range(3)]
    for file in copies:
        backup.back_up(place.forum, to=file, now=now)
    stop.set()
    thread.join()
    for number, file in enumerate(copies):
        engine = make_engine(f"sqlite:///{tmp_path / f'{number}.db'}")
        backup.restore(file, engine, data_dir=tmp_path / f"new-{number}", keep_secret_key=False)
        with new_session(engine) as db:
            assert disagreements(db) == []
        engine.dispose()


@pytest.mark.parametrize(
    "harm", ["a row changed", "a row missing", "an upload changed", "cut off", "no backup", "no key"]
)
def test_a_damaged_backup_leaves_the_place_empty(
    copy: Path, server: Server, tmp_path: Path, harm: str
) -> None:
    _harm(copy, harm)
    with pytest.raises(backup.Damaged):
        backup.check(copy)
    engine = make_engine(server.empty())
    with pytest.raises(backup.Damaged):
        backup.restore(copy, engine, data_dir=tmp_path / "new", keep_secret_key=True)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    assert not [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    engine.dispose()


def test_whatever_bit_is_turned_it_is_told_and_nothing_else_happens(copy: Path) -> None:
    whole, chance = copy.read_bytes(), random.Random(6)
    found = 0
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        copy.write_bytes(damaged)
        try:
            backup.check(copy)
        except backup.Damaged:
            found += 1
    assert found > 100  # the others are dates and rights that the zip keeps of its members, and are not used


def test_what_is_damaged_or_from_a_newer_version_is_refused_before_anything_is_written(
    copy: Path, tmp_path: Path
) -> None:
    newer, damaged = tmp_path / "newer.zip", bytearray(copy.read_bytes())
    newer.write_bytes(damaged)
    _harm(newer, "a newer version's")
    with zipfile.ZipFile(copy) as archive:
        users = archive.getinfo("database/users.jsonl")
    damaged[users.header_offset + 30 + len(users.filename) + users.compress_size // 2] ^= 0xFF
    copy.write_bytes(damaged)
    engine = make_engine(f"sqlite:///{tmp_path / 'new.db'}")
    for file, told in ((copy, "rows of users can't be read|are not those"), (newer, "newer version")):
        with pytest.raises(backup.Damaged, match=told):
            backup.restore(file, engine, data_dir=tmp_path / "new", keep_secret_key=True)
    assert not inspect(engine).get_table_names()
    assert not (tmp_path / "new").exists()
    engine.dispose()


def _harm(file: Path, harm: str) -> None:
    if harm in ("cut off", "no backup"):
        file.write_bytes(file.read_bytes()[:-400] if harm == "cut off" else b"hello")
        return
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    users = "database/users.jsonl"
    if harm == "a row changed":
        members[users] = members[users].replace(b'"moderation_role":""', b'"moderation_role":"admin"', 1)
    elif harm == "a row missing":
        members[users] = b"".join(members[users].splitlines(keepends=True)[1:])
    elif harm == "no key":
        del members["secret_key"]
    elif harm == "a newer version's":
        manifest = json.loads(members["manifest.json"])
        members["manifest.json"] = json.dumps(manifest | {"revision": "9999"}).encode()
    else:
        (upload,) = [name for name in members if name.startswith("uploads/")]
        members[upload] += b"x"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_it_never_goes_where_something_is(place: Place, copy: Path, server: Server, tmp_path: Path) -> None:
    with pytest.raises(backup.NotEmpty, match="tables"):
        backup.restore(copy, place.forum.engine, data_dir=tmp_path / "new", keep_secret_key=True)
    engine = make_engine(server.empty())
    other = tmp_path / "other"
    kept = FileStore(other / "uploads").write(CheckedFile(b"a text of another forum", "txt"))
    with pytest.raises(backup.NotEmpty, match="uploads"):
        backup.restore(copy, engine, data_dir=other, keep_secret_key=True)
    kept.unlink()
    (other / "secret_key").write_text("the key of another forum")
    with pytest.raises(backup.NotEmpty, match="secret_key"):
        backup.restore(copy, engine, data_dir=other, keep_secret_key=True)
    assert inspect(engine).get_table_names() == []
    assert place.db.exec(select(func.count()).select_from(Question)).one() > 0
    engine.dispose()


def test_what_a_restore_left_behind_when_it_was_killed_is_no_hindrance(
    place: Place, copy: Path, server: Server, tmp_path: Path, now: datetime
) -> None:
    engine, folder = make_engine(server.empty()), tmp_path / "new"
    schema.migrate(engine)
    ((sha256, extension),) = FileStore(place.forum.data_dir / "uploads").names()
    cut = FileStore(folder / "uploads").path(sha256, extension)
    cut.parent.mkdir(parents=True)
    cut.write_bytes(b"the beginn")
    (folder / "secret_key").touch(mode=0o600)
    _comes_back(copy, engine, tmp_path, now)
    assert not FileStore(folder / "uploads").is_damaged(sha256, extension)
    assert (folder / "secret_key").read_text() == "the key of this forum"


def test_it_is_for_its_owner_only_and_overwrites_nothing(place: Place, copy: Path, now: datetime) -> None:
    assert copy.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        backup.back_up(place.forum, to=copy, now=now)
    told = json.loads((place.forum.data_dir / backup.LAST_BACKUP).read_text())
    assert told["made_at"] == now.isoformat()


def test_one_that_fails_leaves_no_file(place: Place, tmp_path: Path, now: datetime) -> None:
    def stop(_table: str, _rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup.back_up(place.forum, to=tmp_path / "copy.zip", now=now, progress=stop)
    assert not list(tmp_path.glob("*.zip*"))
    assert not list(tmp_path.glob(".*"))
