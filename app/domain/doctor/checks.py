"""What is looked at, one function each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from app.core.backup import LAST_BACKUP
from app.core.files import FileStore, is_private
from app.core.secret import NEW_KEY, SECRET_KEY, BadSecretKey, secret_key
from app.domain import attachments, search
from app.domain.doctor.counters import COUNTERS, SHOWN, wrong_rows
from app.domain.doctor.indexes import has_twins, missing_indexes
from app.domain.doctor.ranks import wrong_answers, wrong_questions
from app.models import Attachment, Job, LoginSession, OutboxEvent, OutgoingEmail, Question, WebhookDelivery

STUCK_AFTER = timedelta(minutes=10)
"""The worker does in seconds what waits; what waits longer waits for a worker that does not run."""

INDEXED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be; `mendable` by `peerdesk doctor --fix`."""

    check: str
    message: str
    mendable: bool = False


@dataclass(frozen=True)
class Forum:
    """Where to look. `backup_within` is how old the last backup may be; None: not looked at.

    With `is_deep` every upload is read and compared with its checksum. `secret_key` is the configured one, if any.
    """

    data_dir: Path
    index: search.SearchIndex
    backup_within: timedelta | None = None
    is_deep: bool = False
    secret_key: str = ""


def examine(db: Session, forum: Forum, *, now: datetime) -> Iterator[tuple[str, list[Finding]]]:
    """Yield each check's name with what it found; looks only."""
    for name, check in CHECKS.items():
        yield name, [Finding(name, message, mendable) for message, mendable in check(db, forum, now)]


def _counters(db: Session, _forum: Forum, _now: datetime) -> Iterator[tuple[str, bool]]:
    for counter in COUNTERS:
        ids = wrong_rows(db, counter)
        if ids:
            yield f"{counter.name} is wrong in {_some(ids)}", True


def _ranks(db: Session, _forum: Forum, _now: datetime) -> Iterator[tuple[str, bool]]:
    for column, ids in {
        "question.hot": wrong_questions(db),
        "answer.wilson": wrong_answers(db),
    }.items():
        if ids:
            yield f"{column}, which lists are sorted by, is wrong in {_some(ids)}", True


def _indexes(db: Session, _forum: Forum, _now: datetime) -> Iterator[tuple[str, bool]]:
    names = []
    for index in missing_indexes(db):
        if has_twins(db, index):
            yield (
                f"the database lacks {index.name}, and rows got in that it keeps out: change those first",
                False,
            )
        else:
            names.append(str(index.name))
    if names:
        yield f"the database lacks {len(names)} of its indexes: {', '.join(names)}", True


def _accepted(db: Session, _forum: Forum, _now: datetime) -> Iterator[tuple[str, bool]]:
    statement = text(
        "SELECT q.id FROM question q LEFT JOIN answer a ON a.id = q.accepted_answer_id "
        "WHERE q.accepted_answer_id IS NOT NULL AND (a.id IS NULL OR a.question_id <> q.id "
        "OR a.removed_at IS NOT NULL OR a.author_id <> COALESCE(q.accepted_author_id, 0)) ORDER BY q.id"
    )
    ids = [int(row[0]) for row in db.execute(statement)]
    if ids:
        yield f"the accepted answer is removed, of another question or author in {_some(ids)}", False


def _database(db: Session, _forum: Forum, _now: datetime) -> Iterator[tuple[str, bool]]:
    if db.get_bind().dialect.name == "sqlite":
        for (line,) in db.execute(text("PRAGMA quick_check(5)")):
            if line != "ok":
                yield f"the database file is damaged: {line}; restore the last backup", False
        broken = db.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            yield f"{len(broken)} rows point to rows that are not there, first in {broken[0][0]}", False
        path = Path(
            db.execute(text("SELECT file FROM pragma_database_list WHERE name = 'main'")).scalar_one()
        )
        if not is_private(path) and not is_private(path.parent):
            yield f"others on this machine may read {path}: chmod 600 {path}*", False


def _index(db: Session, forum: Forum, now: datetime) -> Iterator[tuple[str, bool]]:
    try:
        missing, surplus = search.differences(db, forum.index)
    except search.IndexMissing:
        if db.exec(select(Question.id).limit(1)).first() is not None:
            yield "there is no search index that can be read", True
        return
    recent = now - INDEXED_AFTER
    asked = set(db.exec(select(Question.id).where(col(Question.created_at) > recent)).all())
    removed = set(db.exec(select(Question.id).where(col(Question.removed_at) > recent)).all())
    missing, surplus = missing - asked, surplus - removed
    if missing:
        yield f"the search index lacks {_some(sorted(missing))}", True
    if surplus:
        yield f"the search index has {_some(sorted(surplus))} too many", True


def _files(db: Session, forum: Forum, now: datetime) -> Iterator[tuple[str, bool]]:
    files = FileStore(forum.data_dir / "uploads")
    present = {sha256: files.size(sha256, extension) for sha256, extension in files.names()}
    known = dict(db.execute(select(Attachment.sha256, Attachment.size)).all())
    cut = [sha256 for sha256, size in known.items() if present.get(sha256) not in (size, None)]
    if cut:
        number = _counted(len(cut), "upload is not as long as it was", "uploads are not as long as they were")
        yield f"{number}: {', '.join(sorted(cut)[:SHOWN])}; look into a backup", False
    if forum.is_deep and (changed := _changed(files, known.keys() - set(cut))):
        number = _counted(len(changed), "upload does", "uploads do")
        yield (
            f"{number} not have the bytes that were kept: {', '.join(changed[:SHOWN])}; look into a backup",
            False,
        )
    if surplus := attachments.strays(db, files=files, before=now - attachments.STRAY_AFTER):
        yield _counted(len(surplus), "file belongs to no upload", "files belong to no upload"), True
    if lost := known.keys() - present.keys():
        number = _counted(len(lost), "upload has no file", "uploads have no file")
        yield f"{number}: {', '.join(sorted(lost)[:SHOWN])}; look into a backup", False


def _changed(files: FileStore, known: set[str]) -> list[str]:
    return sorted(
        sha256
        for sha256, extension in files.names()
        if sha256 in known and files.is_damaged(sha256, extension)
    )


def _secret(db: Session, forum: Forum, _now: datetime) -> Iterator[tuple[str, bool]]:
    if forum.secret_key:
        return
    path = forum.data_dir / SECRET_KEY
    if not path.exists():
        if db.exec(select(LoginSession.user_id).limit(1)).first() is not None:  # else nothing was ever signed
            told = f"{path} is missing: bring it back from a backup, or the next start makes a new one"
            yield f"{told}, {NEW_KEY}", False
        return
    try:
        secret_key("", forum.data_dir)
    except BadSecretKey as error:
        yield str(error), False
    except OSError as error:
        yield f"{path} can't be read: {error.strerror}", False
    if not is_private(path):
        yield f"others on this machine may read {path}: chmod 600", False


def _jobs(db: Session, _forum: Forum, now: datetime) -> Iterator[tuple[str, bool]]:
    buried = db.exec(select(func.count()).select_from(Job).where(col(Job.buried_at).is_not(None))).one()
    if buried:
        told = _counted(buried, "job was given up", "jobs were given up")
        yield f"{told}: /desk/jobs says why, and --fix lets them be tried again", True
    unrelayed = select(func.min(OutboxEvent.created_at)).where(col(OutboxEvent.relayed_at).is_(None))
    waiting = select(func.min(Job.run_at)).where(col(Job.done_at).is_(None), col(Job.buried_at).is_(None))
    oldest_of: dict[str, datetime | None] = {
        "an event": db.exec(unrelayed).one(),
        "a job": db.exec(waiting).one(),
    }
    for what, oldest in oldest_of.items():
        if oldest is not None and oldest < now - STUCK_AFTER:
            yield f"{what} has been waiting since {oldest:%d %b %Y, %H:%M} UTC: does the worker run?", False


def _mail(db: Session, _forum: Forum, now: datetime) -> Iterator[tuple[str, bool]]:
    waiting = (col(OutgoingEmail.sent_at).is_(None), col(OutgoingEmail.failed_at).is_(None))
    late = db.exec(
        select(func.count(), func.min(OutgoingEmail.created_at)).where(
            *waiting, col(OutgoingEmail.created_at) < now - STUCK_AFTER
        )
    ).one()
    if late[0]:
        told = _counted(late[0], "e-mail waits", "e-mails wait")
        yield f"{told}, the oldest since {late[1]:%d %b %Y, %H:%M} UTC: see PEERDESK_SMTP_URL", False


def _webhooks(db: Session, _forum: Forum, now: datetime) -> Iterator[tuple[str, bool]]:
    late = col(WebhookDelivery.due_at) < now - STUCK_AFTER
    waiting = select(func.count()).where(col(WebhookDelivery.state) == "waiting", late)
    if number := db.exec(waiting).one():
        told = _counted(number, "webhook delivery has", "webhook deliveries have")
        yield f"{told} been due for long: does the worker run?", False


def _backup(_db: Session, forum: Forum, now: datetime) -> Iterator[tuple[str, bool]]:
    if forum.backup_within is None:
        return
    told = forum.data_dir / LAST_BACKUP
    if not told.exists():
        yield "there has been no backup yet: peerdesk backup", False
        return
    try:
        made_at = datetime.fromisoformat(json.loads(told.read_text())["made_at"])
    except (ValueError, KeyError, TypeError):
        yield f"{told} is damaged, so nobody knows how old the last backup is: peerdesk backup", False
        return
    if made_at < now - forum.backup_within:
        yield f"the last backup is of {made_at:%d %b %Y, %H:%M} UTC", False


def _some(ids: list[int]) -> str:
    shown = ", ".join(str(number) for number in ids[:SHOWN])
    return f"{_counted(len(ids), 'row', 'rows')}: {shown}{' …' if len(ids) > SHOWN else ''}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


CHECKS: dict[str, Callable[[Session, Forum, datetime], Iterator[tuple[str, bool]]]] = {
    "database": _database,
    "indexes": _indexes,
    "counters": _counters,
    "ranks": _ranks,
    "accepted answers": _accepted,
    "search index": _index,
    "uploads": _files,
    "secret key": _secret,
    "jobs": _jobs,
    "mail": _mail,
    "webhooks": _webhooks,
    "backup": _backup,
}
"""The names under which findings are told, in the order in which they are looked for."""
