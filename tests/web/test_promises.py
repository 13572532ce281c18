"""What the public reads about questions that wait for the company."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from app.models import AnswerPromise, Question, User
from app.settings import Settings
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.support.browser import Browser

HOUR = timedelta(hours=1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Keep no pages: promises are changed behind their backs here."""
    return settings.model_copy(update={"page_cache_mb": 0})


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    product, tag = make_product(db, slug="kestrel"), make_tag(db, name="wifi", question_count=1)
    return make_question(db, author=asker, product_id=product.id, tags=[tag])


def promise(db: Session, question: Question, now: datetime, **facts: object) -> None:
    row = db.get(AnswerPromise, question.id) or AnswerPromise(question_id=question.id, changed_at=now)
    for name, value in facts.items():
        setattr(row, name, value)
    db.add(row)
    db.commit()


def seen(client: Browser, question: Question) -> str:
    return client.get(f"/questions/{question.id}/printer-prints-blank-pages").text


def test_a_promise_names_the_instant_for_everybody(
    client: Browser, db: Session, question: Question, asker: User, now: datetime
) -> None:
    promise(db, question, now, state="open", due_at=now + 29 * HOUR)
    for viewer in (None, asker):
        client.sign_in(viewer)
        page = seen(client, question)
        assert "Someone from the company will look at this by" in page
        assert 'datetime="2026-03-03T14:00:00Z"' in page
        assert "Tue 3 Mar, 14:00 UTC" in page


def test_a_missed_promise_is_said_plainly(
    client: Browser, db: Session, question: Question, now: datetime
) -> None:
    promise(db, question, now, state="open", due_at=now - HOUR)
    page = seen(client, question)
    assert "This takes longer than promised" in page
    assert "Mon 2 Mar, 08:00 UTC" in page


def test_a_paused_promise_says_whom_it_waits_for_and_a_kept_one_is_gone(
    client: Browser, db: Session, question: Question, asker: User, now: datetime
) -> None:
    promise(db, question, now, state="paused", due_at=None)
    assert "Paused: waiting for the asker" in seen(client, question)
    client.sign_in(asker)
    assert "Paused: waiting for your reply" in seen(client, question)
    promise(db, question, now, state="met")
    assert 'class="promise' not in seen(client, question)


@pytest.mark.parametrize(
    "address", ["/questions", "/questions?sort=unanswered", "/products/kestrel", "/tags/wifi"]
)
def test_lists_say_it_shortly(
    client: Browser, db: Session, question: Question, asker: User, now: datetime, address: str
) -> None:
    client.sign_in(asker)
    for due_at, words in ((now + HOUR, "Mon 2 Mar, 10:00 UTC"), (now - HOUR, "staff are late")):
        promise(db, question, now, state="open", due_at=due_at)
        assert words in client.get(address).text
    promise(db, question, now, state="paused", due_at=None)
    assert "waits for the asker" in client.get(address).text
    assert "waits for the asker" in client.get("/users/asker?tab=questions").text
