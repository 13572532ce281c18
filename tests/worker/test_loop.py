"""The worker's rounds, when something is not as it should be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, col, select

from app.domain import mail, questions, search
from app.domain.search import SearchIndex
from app.models import OutboxEvent, OutgoingEmail
from app.settings import Settings
from tests.factories.users import make_user


def test_a_task_that_the_disk_refuses_stops_no_other_and_is_done_when_the_disk_is_well(
    db: Session, settings: Settings, now: datetime, drain: Callable[[Session], None]
) -> None:
    settings.index_dir.write_text("where the folder should be")
    texts = {"title": "The mixer hums", "body": "It hums since I moved it here.", "tags": "mixers"}
    question = questions.ask(db, author=make_user(db), **texts, product_id=None, environment={}, now=now)
    mail.queue(db, template="goodbye", context={"name": "Mara"}, to="mara@example.org", now=now)
    drain(db)
    assert not db.exec(select(OutboxEvent).where(col(OutboxEvent.relayed_at).is_(None))).all()
    assert db.exec(select(OutgoingEmail.attempts)).one() == 1

    settings.index_dir.unlink()
    drain(db)
    found = search.search(db, SearchIndex(settings.index_dir), text="mixer", now=now).page.rows
    assert [row.question.id for row in found] == [question.id]
