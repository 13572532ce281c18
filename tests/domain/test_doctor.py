"""The doctor finds each thing that is not as it must be, and mends what follows from rows."""

from __future__ import annotations

import dataclasses
import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from app.cli.__main__ import main
from app.core.backup import LAST_BACKUP
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.core.files import CheckedFile, FileStore
from app.core.secret import secret_key
from app.domain import accounts, attachments, doctor, outbox, search
from app.domain.doctor.counters import COUNTERS
from app.models import Answer, Attachment, Calendar, Job, OutboxEvent, OutgoingEmail, Question, User
from tests.factories.images import make_image
from tests.factories.users import make_user
from tests.support.community import settle
from tests.support.recount import disagreements


@pytest.fixture
def forum(tmp_path: Path, db: Session) -> doctor.Forum:
    """A community that nothing is wrong with, but that it has no index and nobody has worked yet."""
    settle(db)
    outbox.skip_unrelayed(db, now=utc_now())
    secret_key("", tmp_path)
    return doctor.Forum(tmp_path, search.SearchIndex(tmp_path / "search", engine="whoosh"))


def findings(db: Session, forum: doctor.Forum, check: str, now: datetime) -> list[doctor.Finding]:
    return dict(doctor.examine(db, forum, now=now))[check]


def test_a_sound_forum_is_well(db: Session, forum: doctor.Forum, now: datetime) -> None:
    found = dict(doctor.examine(db, forum, now=now))
    assert [name for name, each in found.items() if each] == ["search index"]


def test_every_wrong_counter_is_found_and_made_right(db: Session, forum: doctor.Forum, now: datetime) -> None:
    for counter in COUNTERS:
        sign, amount = ("-", 2) if counter.column == "peak_reputation" else ("+", 7)
        changed = f"{counter.column} = {counter.column} {sign} {amount}"
        db.execute(text(f"UPDATE {counter.table} SET {changed}"))
        db.commit()
        found = findings(db, forum, "counters", now)
        assert any(counter.name in each.message and each.mendable for each in found), counter.name
        assert disagreements(db) != [], counter.name

        assert doctor.mend(db, now=now) > 0

        assert disagreements(db) == [], counter.name
        assert findings(db, forum, "counters", now) == [], counter.name
        newest = db.exec(select(OutboxEvent.name).order_by(col(OutboxEvent.id).desc())).first()
        assert newest == "Mended"


def test_mending_a_sound_forum_changes_nothing(db: Session, forum: doctor.Forum, now: datetime) -> None:
    before = db.exec(select(OutboxEvent.id)).all()
    assert doctor.mend(db, now=now) == 0
    assert db.exec(select(OutboxEvent.id)).all() == before


def test_an_accepted_answer_that_is_removed_is_told(db: Session, forum: doctor.Forum, now: datetime) -> None:
    question = db.exec(select(Question).where(col(Question.accepted_answer_id).is_not(None))).first()
    assert question is not None
    answer = db.get_one(Answer, question.accepted_answer_id)
    answer.removed_at, answer.removal = now, "hidden"
    db.commit()
    (found,) = findings(db, forum, "accepted answers", now)
    assert str(question.id) in found.message
    assert not found.mendable


def test_what_waits_for_long_is_told(db: Session, forum: doctor.Forum, now: datetime) -> None:
    event = db.exec(select(OutboxEvent)).first()
    assert event is not None
    db.add(Job(event_id=event.id or 0, consumer="x.late", run_at=now - timedelta(hours=1)))
    db.add(Job(event_id=event.id or 0, consumer="x.buried", run_at=now, buried_at=now))
    for number, created_at in enumerate([now, now - timedelta(hours=1)]):
        db.add(
            OutgoingEmail(
                message_id=f"<{number}>",
                to_address="mara@example.org",
                template="reset",
                context={},
                created_at=created_at,
                try_at=created_at,
            )
        )
    db.commit()
    assert [each.message.split()[0] for each in findings(db, forum, "jobs", now)] == ["1", "a"]
    doctor.mend(db, now=now)
    assert [each.message.split()[0] for each in findings(db, forum, "jobs", now)] == ["a"]
    dug_up = db.exec(select(Job).where(Job.consumer == "x.buried")).one()
    assert (dug_up.buried_at, dug_up.attempts, dug_up.run_at) == (None, 0, now)
    (mail,) = findings(db, forum, "mail", now)
    assert mail.message.startswith("1 e-mail waits")


@pytest.mark.parametrize(
    ("content", "mode", "told"),
    [
        ("k" * 64, 0o600, ""),
        ("k" * 64, 0o644, "may read"),
        ("cut", 0o600, "is damaged"),
        (None, 0o600, "missing"),
    ],
)
def test_a_secret_key_that_is_lost_damaged_or_open_to_others_is_told(
    db: Session, forum: doctor.Forum, now: datetime, content: str | None, mode: int, told: str
) -> None:
    path = forum.data_dir / "secret_key"
    path.unlink()
    assert findings(db, forum, "secret key", now) == []  # as before the first start
    browser = accounts.Browser("192.0.2.1")
    accounts.open_session(db, user=make_user(db), browser=browser, way="password", now=now)
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    found = findings(db, forum, "secret key", now)
    assert [told in each.message for each in found] == ([True] if told else [])
    assert path.exists() == (content is not None)  # looking makes none
    assert findings(db, dataclasses.replace(forum, secret_key="s" * 64), "secret key", now) == []


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_database_that_others_may_read_is_told(db: Session, forum: doctor.Forum, now: datetime) -> None:
    file = Path(db.get_bind().engine.url.database or "")
    folder_mode = file.parent.stat().st_mode
    file.chmod(0o644)
    try:
        file.parent.chmod(0o700)
        assert findings(db, forum, "database", now) == []  # nobody else gets into its folder
        file.parent.chmod(0o755)
        (found,) = findings(db, forum, "database", now)
    finally:
        file.parent.chmod(folder_mode)
    assert "others on this machine may read" in found.message


def test_an_upload_without_its_file_is_told(db: Session, forum: doctor.Forum, now: datetime) -> None:
    author = db.exec(select(User)).first()
    assert author is not None
    db.add(
        Attachment(
            author_id=author.id or 0,
            sha256="a" * 64,
            extension="png",
            name="lamp.png",
            content_type="image/png",
            size=1,
            created_at=now,
        )
    )
    db.commit()
    (found,) = findings(db, forum, "uploads", now)
    assert "a" * 64 in found.message


def test_a_wrong_rank_is_found_and_made_right(db: Session, forum: doctor.Forum, now: datetime) -> None:
    db.execute(text("UPDATE question SET hot = hot + 1"))
    db.execute(text("UPDATE answer SET wilson = 0.5"))
    db.commit()
    assert [each.mendable for each in findings(db, forum, "ranks", now)] == [True, True]
    assert doctor.mend(db, now=now) > 0
    assert findings(db, forum, "ranks", now) == []


def test_uploads_that_lost_bytes_and_files_of_nothing_are_told(
    db: Session, forum: doctor.Forum, now: datetime
) -> None:
    author = db.exec(select(User)).first()
    assert author is not None
    files = FileStore(forum.data_dir / "uploads")
    kept = attachments.upload(
        db, files=files, author=author, data=make_image(), filename="a.png", max_bytes=10**6, now=now
    )
    stray, fresh = (CheckedFile(content, "txt") for content in (b"cut off", b"being written"))
    os.utime(files.write(stray), (0, 0))
    os.utime(files.write(fresh), (now.timestamp(), now.timestamp()))
    (told,) = findings(db, forum, "uploads", now)
    assert (told.message, told.mendable) == ("1 file belongs to no upload", True)
    assert attachments.remove_strays(db, files=files, now=now) == 1
    assert {sha256 for sha256, _ in files.names()} == {kept.sha256, fresh.sha256}
    assert findings(db, forum, "uploads", now) == []
    path = files.path(kept.sha256, kept.extension)
    path.write_bytes(path.read_bytes()[::-1])
    assert findings(db, forum, "uploads", now) == []
    (told,) = findings(db, dataclasses.replace(forum, is_deep=True), "uploads", now)
    assert kept.sha256 in told.message
    path.write_bytes(b"cut")
    (told,) = findings(db, forum, "uploads", now)
    assert kept.sha256 in told.message
    assert not told.mendable


def test_a_database_that_is_away_is_told_by_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PEERDESK_DATA_DIR", str(tmp_path / "no" / "such"))
    assert main(["doctor", "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding["check"] == "database"


@pytest.mark.parametrize(
    ("revision", "told"),
    [(None, "no forum in the database"), ("0003", "peerdesk migrate"), ("9999", "a newer version")],
)
def test_a_database_of_another_version_is_told(
    revision: str | None,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PEERDESK_DATA_DIR", str(tmp_path))
    if revision is not None:
        engine = make_engine(f"sqlite:///{tmp_path / 'peerdesk.db'}")
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
        engine.dispose()
    assert main(["doctor", "--fix"]) == 1
    assert told in capsys.readouterr().out


def test_an_index_that_twins_make_impossible_is_told_and_all_else_is_mended(
    db: Session, forum: doctor.Forum, now: datetime
) -> None:
    db.execute(text("DROP INDEX ix_calendar_default"))
    db.execute(text("DROP INDEX ix_job_due"))
    for name in "first", "second":
        db.add(Calendar(name=name, is_default=True, created_at=now))
    db.commit()
    doctor.mend(db, now=now)
    (told,) = findings(db, forum, "indexes", now)
    assert "ix_calendar_default" in told.message
    assert not told.mendable
    db.execute(text("UPDATE calendar SET is_default = false WHERE name IN ('first', 'second')"))
    db.commit()
    doctor.mend(db, now=now)
    assert findings(db, forum, "indexes", now) == []


@pytest.mark.parametrize(("hours_ago", "told"), [(None, "no backup"), (30, "last backup is of"), (2, "")])
def test_the_age_of_the_backup(
    db: Session, forum: doctor.Forum, now: datetime, hours_ago: int | None, told: str
) -> None:
    if hours_ago is not None:
        made_at = now - timedelta(hours=hours_ago)
        (forum.data_dir / LAST_BACKUP).write_text(json.dumps({"made_at": made_at.isoformat()}))
    asked = dataclasses.replace(forum, backup_within=timedelta(hours=24))
    messages = [each.message for each in findings(db, asked, "backup", now)]
    assert (told in messages[0]) if told else messages == []
    assert findings(db, forum, "backup", now) == []
    (forum.data_dir / LAST_BACKUP).write_text("{")
    (found,) = findings(db, asked, "backup", now)
    assert "damaged" in found.message


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PEERDESK_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir(
        mode=0o700
    )  # as the program makes it, which takes other people's rights away first
    assert main(["migrate"]) == 0
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'peerdesk.db'}")
    with new_session(engine) as db:
        settle(db)
        outbox.skip_unrelayed(db, now=utc_now())
        db.execute(text("UPDATE question SET score = score + 1"))
        db.execute(text("DROP INDEX ix_escalation_due"))
        db.commit()
    engine.dispose()
    secret_key("", tmp_path / "data")
    return tmp_path / "data"


def test_the_command_finds_mends_and_tells_by_its_exit_code(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert "question.score is wrong" in printed
    assert "there is no search index" in printed
    assert "lacks 1 of its indexes: ix_escalation_due  (--fix mends it)" in printed
    assert main(["doctor", "--fix"]) == 0
    assert capsys.readouterr().out == "All is well.\n"
    assert main(["doctor", "--json", "--backup-within", "24"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding["check"] == "backup"
