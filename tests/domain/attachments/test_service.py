from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, func, select

from app.core.errors import Invalid, NotAllowed, TooMany
from app.core.files import FileStore
from app.domain import answers, attachments, drafts, questions
from app.models import Attachment, PostAttachment, User
from app.settings import Settings
from tests.factories.attachments import make_attachment
from tests.factories.images import make_image
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.background import drain

LATER = timedelta(days=2, seconds=1)


@pytest.fixture
def files(settings: Settings) -> FileStore:
    return FileStore(settings.uploads_dir)


def uploaded(db: Session, files: FileStore, author: User, now: datetime, **other: Any) -> Attachment:
    given: dict[str, Any] = {"data": make_image(), "filename": "shot.png", "max_bytes": 1_000_000, **other}
    return attachments.upload(db, files=files, author=author, now=now, **given)


def how_many(db: Session) -> int:
    return db.exec(select(func.count()).select_from(Attachment)).one()


def test_an_image_is_kept_as_a_row_and_a_file(
    db: Session, files: FileStore, asker: User, now: datetime
) -> None:
    kept = uploaded(db, files, asker, now)
    content = files.read(kept.sha256, "png")
    assert content is not None
    assert (kept.width, kept.height, kept.size, kept.name) == (40, 30, len(content), "shot.png")
    assert attachments.markdown_of(kept) == f"![shot.png](/uploads/{kept.sha256}.png#40x30)"


def test_a_log_is_kept_as_text_and_shown_as_a_link(
    db: Session, files: FileStore, asker: User, now: datetime
) -> None:
    kept = uploaded(db, files, asker, now, data=b"error 49", filename="C:\\logs\\boot [1].LOG")
    assert files.read(kept.sha256, "txt") == b"error 49"
    assert attachments.markdown_of(kept) == f"[boot 1 .LOG](/uploads/{kept.sha256}.txt)"


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("", "file"),
        ("\x00\n", "file"),
        ("x" * 300, "x" * 120),
        ("</a>\"'.png", "a '.png"),
    ],
)
def test_names_are_harmless(
    db: Session, files: FileStore, asker: User, now: datetime, filename: str, name: str
) -> None:
    assert uploaded(db, files, asker, now, filename=filename).name == name


def test_the_same_image_again_is_the_same_upload(
    db: Session, files: FileStore, asker: User, now: datetime
) -> None:
    first, again = (uploaded(db, files, asker, now) for _ in range(2))
    assert first.id == again.id
    assert how_many(db) == 1


def test_two_members_may_upload_the_same_image(
    db: Session, files: FileStore, asker: User, answerer: User, now: datetime
) -> None:
    assert uploaded(db, files, asker, now).sha256 == uploaded(db, files, answerer, now).sha256
    assert how_many(db) == 2


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"%PDF-"])
def test_other_files_are_refused(
    db: Session, files: FileStore, asker: User, now: datetime, data: bytes
) -> None:
    with pytest.raises(Invalid):
        uploaded(db, files, asker, now, data=data)
    assert how_many(db) == 0


def test_who_may_not_write_may_not_upload(
    db: Session, files: FileStore, suspended: User, now: datetime
) -> None:
    for member in (suspended, make_user(db, email_verified_at=None)):
        with pytest.raises(NotAllowed):
            uploaded(db, files, member, now)


def test_a_newcomer_uploads_ten_files_in_a_day(db: Session, files: FileStore, now: datetime) -> None:
    newcomer = make_user(db, reputation=1)
    for _ in range(9):
        make_attachment(db, author=newcomer, created_at=now)
    uploaded(db, files, newcomer, now)
    with pytest.raises(TooMany) as refusal:
        uploaded(db, files, newcomer, now, data=make_image(color="blue"))
    assert refusal.value.retry_after == 24 * 3600
    uploaded(db, files, newcomer, now + timedelta(days=1), data=make_image(color="blue"))


def test_a_day_has_a_limit_of_bytes_too(db: Session, files: FileStore, now: datetime) -> None:
    newcomer = make_user(db, reputation=1)
    make_attachment(db, author=newcomer, size=20_000_000, created_at=now)
    with pytest.raises(TooMany):
        uploaded(db, files, newcomer, now)


def test_what_nothing_shows_is_purged_after_two_days(
    db: Session, files: FileStore, asker: User, now: datetime
) -> None:
    sha256 = uploaded(db, files, asker, now).sha256
    assert attachments.purge_unused(db, files=files, now=now + attachments.UNUSED_FOR) == 0
    assert attachments.purge_unused(db, files=files, now=now + LATER) == 1
    assert files.read(sha256, "png") is None
    assert how_many(db) == 0


def test_uploading_again_starts_the_two_days_anew(
    db: Session, files: FileStore, asker: User, answerer: User, now: datetime
) -> None:
    uploaded(db, files, asker, now)
    uploaded(db, files, answerer, now + timedelta(days=1))
    assert attachments.purge_unused(db, files=files, now=now + LATER) == 0


def test_what_a_question_shows_stays_even_after_an_edit_took_it_out(
    db: Session, settings: Settings, files: FileStore, asker: User, now: datetime
) -> None:
    shown = uploaded(db, files, asker, now)
    question = questions.ask(
        db,
        author=asker,
        title="Printer prints blank pages",
        body=f"It looks like this:\n\n{attachments.markdown_of(shown)}",
        tags="printer",
        product_id=None,
        environment={},
        now=now,
    )
    drain(db, settings, now=now)
    assert db.get(PostAttachment, (question.id, shown.sha256)) is not None
    questions.edit(
        db,
        question=question,
        by=asker,
        base=1,
        title=question.title,
        body="It prints blank pages only, without the picture.",
        tags="printer",
        product_id=None,
        environment={},
        summary="",
        now=now,
    )
    drain(db, settings, now=now + LATER)
    assert attachments.purge_unused(db, files=files, now=now + LATER) == 0
    assert files.read(shown.sha256, "png") is not None


def test_what_an_answer_shows_stays(
    db: Session, settings: Settings, files: FileStore, answerer: User, now: datetime
) -> None:
    shown = uploaded(db, files, answerer, now)
    question = make_question(db)
    answers.post(
        db, question=question, author=answerer, body=f"Press this: {attachments.markdown_of(shown)}", now=now
    )
    drain(db, settings, now=now)
    assert attachments.purge_unused(db, files=files, now=now + LATER) == 0


def test_what_a_draft_names_waits_for_it(db: Session, files: FileStore, asker: User, now: datetime) -> None:
    kept = uploaded(db, files, asker, now)
    drafts.keep(db, author=asker, key="ask", fields={"body": attachments.markdown_of(kept)}, now=now)
    assert attachments.purge_unused(db, files=files, now=now + LATER) == 0
    drafts.discard(db, author=asker, key="ask")
    assert attachments.purge_unused(db, files=files, now=now + LATER) == 1


def test_the_worker_purges_by_itself(
    db: Session, settings: Settings, files: FileStore, asker: User, now: datetime
) -> None:
    uploaded(db, files, asker, now)
    drain(db, settings, now=now + LATER)
    assert how_many(db) == 0
