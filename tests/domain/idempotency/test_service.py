from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import Session, select

from app.core.errors import Conflict, Invalid
from app.domain import comments, idempotency
from app.domain.idempotency import Answered, Attempt
from app.models import Comment, StoredAnswer, User
from tests.factories.questions import make_question
from tests.support.clock import Clock


def test_an_answer_and_its_effect_are_written_together_or_not_at_all(
    db: Session, asker: User, clock: Clock
) -> None:
    question = make_question(db, author=asker)

    def act(*, fails: bool) -> Answered:
        made = comments.post(db, post=question, author=asker, body="Which firmware is it?", now=clock.now)
        if fails:
            raise Conflict("Something came between.")
        return Answered(201, f"comment {made.id}", {"Location": "/here"})

    attempt = Attempt(asker, "one", "of a comment")
    with pytest.raises(Conflict):
        idempotency.once(db, attempt=attempt, act=lambda: act(fails=True), now=clock.now)
    assert not db.exec(select(Comment)).all()
    assert not db.exec(select(StoredAnswer)).all()

    first = idempotency.once(db, attempt=attempt, act=lambda: act(fails=False), now=clock.now)
    again = idempotency.once(db, attempt=attempt, act=lambda: act(fails=False), now=clock.now)
    assert again == replace(first, is_replayed=True)
    assert len(db.exec(select(Comment)).all()) == 1


def test_a_key_stands_for_one_request_of_one_member(
    db: Session, asker: User, answerer: User, clock: Clock
) -> None:
    def tell(word: str) -> Answered:
        return Answered(201, word)

    first = Attempt(asker, "one", "a")
    idempotency.once(db, attempt=first, act=lambda: tell("first"), now=clock.now)
    with pytest.raises(Invalid):
        idempotency.once(db, attempt=Attempt(asker, "one", "b"), act=lambda: tell("second"), now=clock.now)
    theirs = idempotency.once(
        db, attempt=Attempt(answerer, "one", "b"), act=lambda: tell("theirs"), now=clock.now
    )
    assert theirs.body == "theirs"


def test_an_answer_is_kept_for_a_day(db: Session, asker: User, clock: Clock) -> None:
    attempt = Attempt(asker, "one", "a")
    idempotency.once(db, attempt=attempt, act=lambda: Answered(201, "first"), now=clock.now)
    late = clock.advance(hours=24)
    answer = idempotency.once(db, attempt=attempt, act=lambda: Answered(201, "second"), now=late)
    assert (answer.body, answer.is_replayed) == ("second", False)
    assert idempotency.forget_old(db, now=clock.advance(hours=23)) == 0
    assert idempotency.forget_old(db, now=clock.advance(hours=1)) == 1
