"""The machine's clock is set forward and back: nothing is lost or shut, and what proves something proves no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from app.core.errors import NotFound, TooMany
from app.domain import answers, escalations, mail, questions, throttles, votes, webhooks
from app.domain.accounts.service import tokens
from app.domain.throttles import Attempt, Limit
from app.models import OutgoingEmail, User, WebhookDelivery
from tests.factories.escalations import clock_of, open_case
from tests.factories.users import make_user
from tests.factories.webhooks import make_endpoint
from tests.support import recount
from tests.support.browser import Browser
from tests.support.clock import Clock

Drain = Callable[[Session], None]
MINUTE, HOUR, DAY, YEAR = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=365)
BODY = "Take the cartridge out, shake it, and put it back. Then print a page."


@pytest.mark.parametrize("jump", [DAY, -HOUR, -DAY], ids=str)
def test_people_go_on_when_the_clock_jumps_and_when_it_jumps_back(
    client: Browser, db: Session, asker: User, answerer: User, clock: Clock, drain: Drain, jump: timedelta
) -> None:
    client.sign_in(asker)
    asked: list[int] = []
    for change in (timedelta(0), jump, -jump):
        clock.now += change
        question = questions.ask(
            db,
            author=asker,
            title=f"Printer prints {len(asked)} blank pages",
            body=BODY,
            tags="printing",
            product_id=None,
            environment={},
            now=clock.now,
        )
        answer = answers.post(db, question=question, author=answerer, body=f"Yes. {BODY}", now=clock.now)
        votes.cast(db, post=answer, by=asker, value=1, now=clock.now)
        asked.append(question.id)
        drain(db)
        page = client.get(f"/questions/{question.id}", follow_redirects=True).text
        assert "asker" in page
        assert "Yes. Take the cartridge" in page
    listed = client.get("/api/v1/questions").json()["data"]
    assert sorted(row["id"] for row in listed) == asked
    assert all(row["answer_count"] == 1 for row in listed)
    assert not recount.disagreements(db)
    assert not [email.id for email in db.exec(select(OutgoingEmail)) if email.sent_at is None]


def test_what_a_wrong_clock_put_off_is_done_once_it_is_right(
    db: Session, clock: Clock, admin: User, drain: Drain
) -> None:
    right, clock.now = clock.now, clock.now + YEAR
    endpoint = make_endpoint(db, owner=admin)
    webhooks.send_test(db, endpoint_id=endpoint.id or 0, by=admin, now=clock.now)
    mail.queue(db, template="account_deleted", to="ann@example.org", context={"name": "Ann"}, now=clock.now)
    db.commit()
    assert webhooks.claim(db, at_most=5, flying={}, failing=False, now=clock.now)  # by a worker that died
    assert mail.claim(db, now=clock.now) is not None
    clock.now = right
    drain(db)
    db.expire_all()
    assert db.exec(select(OutgoingEmail.sent_at)).one() == right
    assert db.exec(select(WebhookDelivery.tries)).one() == 2


def test_who_tried_too_often_is_not_kept_out_for_as_long_as_the_clock_was_ahead(
    db: Session, clock: Clock
) -> None:
    attempts = [Attempt("sign-in", "ann", Limit(2, HOUR))]
    for _time in range(2):
        throttles.take(db, attempts=attempts, now=clock.now + DAY)
    for _time in range(2):
        throttles.take(db, attempts=attempts, now=clock.now)
    with pytest.raises(TooMany) as refusal:
        throttles.take(db, attempts=attempts, now=clock.now - MINUTE)  # a machine beside, a little behind
    assert refusal.value.retry_after <= 61 * 60


def test_a_link_from_a_later_time_is_dead(db: Session, clock: Clock) -> None:
    member = make_user(db)
    ahead = clock.now + HOUR
    token = tokens.mint(db, user=member, purpose="reset", email="ann@example.org", now=ahead)
    with pytest.raises(NotFound):
        tokens.redeem(db, token=token, purposes=["reset"], now=clock.now)
    assert tokens.redeem(db, token=token, purposes=["reset"], now=ahead - MINUTE)[1].id == member.id


def test_the_words_of_staff_count_though_the_case_was_opened_later_by_the_clock(
    db: Session, clock: Clock, agent: User
) -> None:
    case = open_case(db, owner=agent, now=clock.now)
    before = clock.now - HOUR
    escalations.reply(db, escalation=case, body=BODY, by=agent, seen=0, then="wait", now=before)
    assert (case.state, clock_of(db, case, "first_response").state) == ("waiting_customer", "satisfied")
    escalations.resolve(db, escalation=case, by=agent, now=before + MINUTE)
    resolution = clock_of(db, case, "resolution")
    assert (case.state, resolution.state) == ("resolved", "satisfied")
    assert case.resolved_at is not None
    assert case.resolved_at >= case.opened_at
