"""Who hears of what, and who does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from app.domain import answers, comments, follows, notifications, outbox, questions
from app.models import Notification, OutgoingEmail, Question, User
from app.settings import Settings
from app.worker.consumers import BY_NAME, CONSUMERS
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.support.mailbox import Mailbox, text_of

BODY = "Reseat the cable, then start it again."
Drain = Callable[[Session], None]


def heard(db: Session, member: User) -> list[str]:
    rows = db.exec(
        select(Notification.kind).where(Notification.user_id == member.id).order_by(col(Notification.id))
    )
    return list(rows)


def ask(db: Session, author: User, now: datetime, body: str = BODY) -> Question:
    return questions.ask(
        db,
        author=author,
        title="It shows error 49 since the update",
        body=body,
        tags="printing",
        product_id=None,
        environment={},
        now=now,
    )


@pytest.fixture
def question(db: Session, asker: User, now: datetime) -> Question:
    return ask(db, asker, now)


def test_the_asker_hears_of_an_answer_and_its_author_does_not(
    db: Session, question: Question, asker: User, answerer: User, now: datetime, drain: Drain
) -> None:
    answers.post(db, question=question, author=answerer, body=BODY, now=now)
    drain(db)
    assert heard(db, asker) == ["answer"]
    assert heard(db, answerer) == []


def test_handling_an_event_twice_tells_once(
    db: Session, question: Question, asker: User, answerer: User, now: datetime, drain: Drain
) -> None:
    answer = answers.post(db, question=question, author=answerer, body=BODY, now=now)
    drain(db)
    told = db.exec(select(Notification).where(Notification.user_id == asker.id)).one()
    event = answers.AnswerPosted(by_id=answerer.id, question_id=question.id, answer_id=answer.id)
    recorded = outbox.Recorded(id=told.event_id, event=event, at=now, position=outbox.START)
    notifications.tell_of_answer(db, recorded, now=now)
    db.commit()
    assert heard(db, asker) == ["answer"]


def test_what_is_removed_before_the_worker_comes_is_not_told(
    db: Session, question: Question, asker: User, answerer: User, now: datetime, drain: Drain
) -> None:
    answer = answers.post(db, question=question, author=answerer, body=BODY, now=now)
    answers.remove(db, answer=answer, by=answerer, now=now)
    drain(db)
    assert heard(db, asker) == []


def test_what_is_removed_later_disappears_from_the_inbox(
    db: Session, question: Question, asker: User, answerer: User, now: datetime, drain: Drain
) -> None:
    answer = answers.post(db, question=question, author=answerer, body=BODY, now=now)
    drain(db)
    assert notifications.unread_count(db, asker) == 1
    answers.remove(db, answer=answer, by=answerer, now=now)
    assert notifications.unread_count(db, asker) == 0
    assert notifications.inbox(db, member=asker).rows == []


def test_followers_of_a_tag_product_or_member_hear_of_a_question(
    db: Session, asker: User, now: datetime, drain: Drain
) -> None:
    by_tag, by_product, by_member, other = (make_user(db) for _ in range(4))
    brand = make_product(db)
    model = make_product(db, parent=brand)
    follows.follow(db, by=by_tag, subject=make_tag(db, name="printing"), now=now)
    follows.follow(db, by=by_product, subject=brand, now=now)
    follows.follow(db, by=by_member, subject=asker, now=now)
    questions.ask(
        db,
        author=asker,
        title="It shows error 49 since the update",
        body=BODY,
        tags="printing",
        product_id=model.id,
        environment={},
        now=now,
    )
    drain(db)
    assert [heard(db, member) for member in (by_tag, by_product, by_member)] == [["question"]] * 3
    assert heard(db, other) == []


def test_a_mention_is_told_once_and_not_as_an_answer_too(
    db: Session, question: Question, asker: User, answerer: User, now: datetime, drain: Drain
) -> None:
    answers.post(db, question=question, author=answerer, body=f"@{asker.handle} reseat the cable.", now=now)
    drain(db)
    assert heard(db, asker) == ["mention"]


def test_the_author_of_a_post_hears_of_comments_and_of_acceptance(
    db: Session, question: Question, asker: User, answerer: User, now: datetime, drain: Drain
) -> None:
    answer = answers.post(db, question=question, author=answerer, body=BODY, now=now)
    comments.post(db, post=answer, author=asker, body="Which cable do you mean?", now=now)
    answers.accept(db, answer=answer, by=asker, now=now)
    drain(db)
    assert heard(db, answerer) == ["comment", "accepted"]


def test_an_asker_hears_that_the_question_is_a_duplicate(
    db: Session, question: Question, asker: User, moderator: User, now: datetime, drain: Drain
) -> None:
    original = make_question(db)
    questions.close(db, question=question, by=moderator, reason="duplicate", original=original, now=now)
    drain(db)
    assert heard(db, asker) == ["duplicate"]


def test_an_author_hears_that_staff_hid_the_post(
    db: Session, question: Question, asker: User, moderator: User, now: datetime, drain: Drain
) -> None:
    questions.remove(db, question=question, by=moderator, reason="Advertising.", now=now)
    drain(db)
    assert [row.text for row in notifications.inbox(db, member=asker).rows] == ["Moderator hid your post"]


def test_mail_goes_out_once_until_the_thread_was_read(
    db: Session, question: Question, asker: User, answerer: User, now: datetime, drain: Drain
) -> None:
    for number in range(2):
        answers.post(db, question=question, author=answerer, body=f"{BODY} {number}", now=now)
    drain(db)
    assert heard(db, asker) == ["answer", "answer"]
    assert len(db.exec(select(OutgoingEmail)).all()) == 1


def test_mail_is_not_sent_about_what_was_read_or_removed_meanwhile(
    db: Session, question: Question, asker: User, answerer: User, settings: Settings, now: datetime
) -> None:
    mailbox = Mailbox(db, settings)
    notification = _told(db, question, asker, answerer, now)
    notifications.mark_thread_read(db, member=asker, question_id=question.id, now=now)
    assert notification.id
    assert mailbox.fetch(now=now) == []


def test_mail_says_what_happened_and_how_to_end_it(
    db: Session, question: Question, asker: User, answerer: User, settings: Settings, now: datetime
) -> None:
    _told(db, question, asker, answerer, now)
    (message,) = Mailbox(db, settings).fetch(now=now)
    assert message["To"] == asker.email
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"{settings.base_url}/unsubscribe/" in message["List-Unsubscribe"]
    assert "Reseat the cable" in text_of(message)


def test_a_member_chooses_what_is_mailed(
    db: Session, question: Question, asker: User, answerer: User, now: datetime
) -> None:
    notifications.choose(db, member=asker, by_email=())
    _told(db, question, asker, answerer, now)
    assert heard(db, asker) == ["answer"]
    assert db.exec(select(OutgoingEmail)).all() == []


def _told(db: Session, question: Question, asker: User, answerer: User, now: datetime) -> Notification:
    """Let an answer be posted and told of, without sending mail."""
    answers.post(db, question=question, author=answerer, body=BODY, now=now)
    outbox.relay(db, consumers=CONSUMERS, now=now)
    while outbox.run_next(db, consumers=BY_NAME, now=now):
        pass
    return db.exec(select(Notification).where(Notification.user_id == asker.id)).one()
