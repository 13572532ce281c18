"""Take uploads, note which post shows them, and forget those that none does."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import delete, text
from sqlmodel import Session, col

from app.core import images, log_files, markdown
from app.core.db import atomic
from app.core.errors import Invalid
from app.core.files import CheckedFile, FileStore
from app.core.i18n import gettext as _
from app.domain import reputation
from app.domain.attachments.queries import check_limits, is_being_written, own, strays, unused
from app.models import Attachment, PostAttachment, User

UNUSED_FOR = timedelta(days=2)
"""How long an upload may wait for the post it is for."""

STRAY_AFTER = timedelta(days=1)
"""A file is written before its row is committed: one this old waits for none."""

_LOG_EXTENSIONS = (".log", ".txt")
_NOT_IN_NAMES = re.compile(r"[^\w .,()+@#&'-]+")
_LOCK = 7_202_631  # any number that no other advisory lock uses


def upload(
    db: Session, *, files: FileStore, author: User, data: bytes, filename: str, max_bytes: int, now: datetime
) -> Attachment:
    """Take an image (PNG, JPEG, WebP, GIF) or a log file (.log, .txt); the same one again is the same upload.

    Raises Invalid for other files, NotAllowed for members who may not write, TooMany when the day's
    uploads are used up.
    """
    reputation.require_active(author, now=now)
    check_limits(db, author=author, size=0, now=now)
    if not data:
        raise Invalid("file", _("Choose a file first."))
    # Outside the transaction: decoding takes long, and on SQLite everybody else would wait.
    if filename.lower().endswith(_LOG_EXTENSIONS):
        checked = log_files.process(data)
    else:
        checked = images.process(data, max_bytes=max_bytes)
    return _keep(db, files=files, author=author, file=checked, name=_clean_name(filename), now=now)


def markdown_of(attachment: Attachment) -> str:
    """Return what shows the upload in a post. The size in an image's address keeps pages from jumping."""
    address = f"/uploads/{attachment.sha256}.{attachment.extension}"
    name = re.sub(r"([\\\[\]])", r"\\\1", attachment.name)
    if attachment.width is None:
        return f"[{name}]({address})"
    return f"![{name}]({address}#{attachment.width}x{attachment.height})"


@atomic
def note_shown(db: Session, *, post_id: int, html: str) -> None:
    """Note the uploads that a post shows. It never forgets one: an older revision may show it still."""
    for sha256 in sorted(markdown.upload_hashes(html)):
        if db.get(PostAttachment, (post_id, sha256)) is None:
            db.add(PostAttachment(post_id=post_id, sha256=sha256))
    db.flush()


@atomic
def purge_unused(db: Session, *, files: FileStore, now: datetime) -> int:
    """Delete uploads that nothing shows and nobody is writing about; return how many files went."""
    _lock(db)
    gone = 0
    for sha256, extension in unused(db, before=now - UNUSED_FOR):
        if is_being_written(db, sha256):
            continue
        db.execute(delete(Attachment).where(col(Attachment.sha256) == sha256))
        files.remove(sha256, extension)
        gone += 1
    return gone


@atomic
def remove_strays(db: Session, *, files: FileStore, now: datetime) -> int:
    """Delete files that no row names, left by what was cut off; return how many."""
    _lock(db)
    gone = strays(db, files=files, before=now - STRAY_AFTER)
    for sha256, extension in gone:
        files.remove(sha256, extension)
    return len(gone)


@atomic
def _keep(
    db: Session, *, files: FileStore, author: User, file: CheckedFile, name: str, now: datetime
) -> Attachment:
    _lock(db)
    attachment = own(db, author=author, sha256=file.sha256)
    if attachment is None:
        check_limits(db, author=author, size=len(file.content), now=now)
        attachment = Attachment(
            author_id=author.id or 0,
            sha256=file.sha256,
            extension=file.extension,
            name=name,
            content_type=file.content_type,
            size=len(file.content),
            width=file.width,
            height=file.height,
            created_at=now,
        )
    attachment.created_at = now  # it waits for its post anew
    db.add(attachment)
    db.flush()
    # Before the commit: a row never stands for a file that is not on disk.
    files.write(file)
    return attachment


def _lock(db: Session) -> None:
    """Keep uploads and the purge apart: it must not take away a file that is being uploaded once more.

    SQLite has one writer at a time anyway.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _clean_name(filename: str) -> str:
    base = re.split(r"[/\\]", unicodedata.normalize("NFC", filename))[-1]
    return " ".join(_NOT_IN_NAMES.sub(" ", base).split())[-120:].strip() or "file"
