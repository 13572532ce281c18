"""Calls of the worker, of commands, and of what runs others' work."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import delete, text
from sqlmodel import col, select

from app.domain import (
    comments,
    doctor,
    idempotency,
    mail,
    notifications,
    outbox,
    webhooks,
)
from app.domain.doctor import service as mending
from app.domain.importing import progress
from app.domain.importing import service as moving
from app.domain.importing.taking import emails
from app.domain.importing.taking.run import Run
from app.domain.importing.taking.scratch import Scratch
from app.domain.notifications import reminders
from app.domain.search import vectors
from app.models import AnswerReminder, Job, OutboxEvent, OutgoingEmail, Question, User, WebhookDelivery
from app.worker.consumers import BY_NAME, CONSUMERS
from tests.factories.webhooks import make_endpoint
from tests.support.calls.posts import answered, asked
from tests.support.calls.scene import Calls, Scene


def _relay(s: Scene) -> object:
    asked(s)
    return outbox.relay(s.db, consumers=CONSUMERS, now=s.now)


def _job(s: Scene, *, buried_at: datetime | None = None) -> int:
    """Return a job of a new event, which no other call has given one."""
    asked(s)
    event = s.db.exec(select(OutboxEvent.id).order_by(col(OutboxEvent.id).desc())).first()
    job = Job(event_id=event or 0, consumer=next(iter(BY_NAME)), run_at=s.now, buried_at=buried_at)
    s.db.add(job)
    s.db.commit()
    return job.id or 0


def _run_next(s: Scene) -> object:
    _job(s)
    outbox.skip_unrelayed(s.db, now=s.now)
    return outbox.run_next(s.db, consumers=BY_NAME, now=s.now)


def _try_again(s: Scene) -> None:
    outbox.try_again(s.db, job_id=_job(s, buried_at=s.now), by=s.admin(), now=s.now)


def _try_all_again(s: Scene) -> object:
    _job(s, buried_at=s.now)
    return outbox.try_all_again(s.db, now=s.now)


def _skip(s: Scene) -> object:
    asked(s)
    return outbox.skip_unrelayed(s.db, now=s.now)


def _letter(s: Scene) -> int:
    """Return an e-mail that waits."""
    mail.queue(s.db, template="goodbye", context={"name": "Mara"}, to="mara@example.org", now=s.now)
    s.db.commit()
    return max(s.db.exec(select(OutgoingEmail.id)), key=lambda number: number or 0) or 0


def _forget_mail(s: Scene) -> object:
    mail.mark_sent(s.db, email_id=_letter(s), now=s.now)
    return mail.forget_old(s.db, now=s.later)


def _bring_back_mail(s: Scene) -> object:
    _letter(s)
    return mail.bring_back(s.db, now=s.now - timedelta(days=9))


def _claim_mail(s: Scene) -> object:
    _letter(s)
    return mail.claim(s.db, now=s.later)


def _delivery(s: Scene) -> tuple[WebhookDelivery, User]:
    admin = s.admin()
    endpoint = make_endpoint(s.db, owner=admin)
    return webhooks.send_test(s.db, endpoint_id=endpoint.id or 0, by=admin, now=s.now), admin


def _claim_deliveries(s: Scene) -> object:
    _delivery(s)
    return webhooks.claim(s.db, at_most=5, flying={}, failing=False, now=s.now)


def _bring_back_deliveries(s: Scene) -> object:
    _delivery(s)
    return webhooks.bring_back(s.db, now=s.now - timedelta(days=9))


def _finished(s: Scene) -> tuple[WebhookDelivery, User]:
    row, admin = _delivery(s)
    webhooks.finish(s.db, delivery_id=row.id or 0, attempt=webhooks.Attempt(20, status=204), now=s.now)
    return row, admin


def _replay(s: Scene) -> object:
    row, admin = _finished(s)
    said = {"endpoint_id": row.endpoint_id, "delivery_id": row.id or 0}
    return webhooks.replay(s.db, by=admin, now=s.now, **said)


def _replay_range(s: Scene) -> object:
    row, admin = _finished(s)
    wanted = webhooks.SendAgain(s.now - timedelta(hours=1), s.later, only_failed=False)
    return webhooks.replay_range(s.db, endpoint_id=row.endpoint_id, wanted=wanted, by=admin, now=s.now)


def _forget_deliveries(s: Scene) -> object:
    _delivery(s)
    return webhooks.forget_old(s.db, now=s.later)


def _notified(s: Scene) -> tuple[User, int]:
    """Return somebody who was told of an answer, and the question. Nothing else is done."""
    for table in (Job, AnswerReminder):
        s.db.execute(delete(table))
    outbox.skip_unrelayed(s.db, now=s.now)
    answer = answered(s)
    question = s.db.get_one(Question, answer.question_id)
    while outbox.relay(s.db, consumers=CONSUMERS, now=s.now):
        pass
    while outbox.run_next(s.db, consumers=BY_NAME, now=s.now):
        pass
    return s.db.get_one(User, question.author_id), question.id


def _read_thread(s: Scene) -> None:
    member, number = _notified(s)
    notifications.mark_thread_read(s.db, member=member, question_id=number, now=s.now)


def _read_all(s: Scene) -> None:
    notifications.mark_all_read(s.db, member=_notified(s)[0], now=s.now)


def _remind(s: Scene) -> object:
    _notified(s)
    return notifications.remind(s.db, now=s.later)


def _once(s: Scene) -> object:
    member, question = s.member(), asked(s)

    def act() -> idempotency.Answered:
        comments.post(s.db, post=question, author=member, body="Which firmware is it?", now=s.now)
        return idempotency.Answered(201, "made")

    attempt = idempotency.Attempt(member, "one", "of a comment")
    return idempotency.once(s.db, attempt=attempt, act=act, now=s.now)


def _forget_answers(s: Scene) -> object:
    _once(s)
    return idempotency.forget_old(s.db, now=s.later)


def _miscounted(s: Scene) -> None:
    """Make counters, a rank and a score wrong, and let the doctor mend them."""
    answer = answered(s)
    question = s.db.get_one(Question, answer.question_id)
    question.answer_count, question.hot, answer.wilson = 7, 1.0, 0.5
    s.db.add_all([question, answer])
    s.db.execute(text("DROP INDEX ix_comment_removed"))
    s.db.commit()
    doctor.mend(s.db, now=s.now)


def _run(s: Scene) -> Run:
    """Return the run of an import that has begun."""
    source = f"old forum of {s.member().handle}"
    product = moving.begin(s.db, source=source, dump=1, product_slug=None, now=s.now)
    scratch = Scratch()
    scratch.close()  # no service looks into it
    return Run(source, s.now, scratch, product)


def _take_batch(s: Scene) -> None:
    run = _run(s)
    progress.take_batch(
        s.db, run=run, step="users", first=0, count=1, take=lambda: run.count("Users.xml", "taken")
    )


def _set_batch(s: Scene) -> None:
    run, member = _run(s), s.member(email=None, email_key=None, password_hash=None)
    run.users.keep(s.db, {"7": member.id or 0})
    s.db.commit()
    batch = [("7", f"{member.handle}@example.net")]
    emails.set_batch(s.db, run=run, batch=batch, report=emails.AddressReport())


def _vectors(s: Scene) -> None:
    read = [vectors.Read(asked(s).id, 1, "text")]
    vectors.store(s.db, model="m", read=read, vectors=[np.ones(4) / 2], gone=[0])


CALLS: Calls = {
    outbox.relay: _relay,
    outbox.run_next: _run_next,
    outbox.try_again: _try_again,
    outbox.try_all_again: _try_all_again,
    outbox.skip_unrelayed: _skip,
    outbox.bring_back: lambda s: outbox.bring_back(s.db, now=s.now - timedelta(days=9)),
    mail.claim: _claim_mail,
    mail.mark_sent: lambda s: mail.mark_sent(s.db, email_id=_letter(s), now=s.now),
    mail.postpone: lambda s: mail.postpone(s.db, email_id=_letter(s), error="busy", now=s.now),
    mail.give_up: lambda s: mail.give_up(s.db, email_id=_letter(s), error="no such box", now=s.now),
    mail.forget_old: _forget_mail,
    mail.bring_back: _bring_back_mail,
    webhooks.claim: _claim_deliveries,
    webhooks.finish: _finished,
    webhooks.replay: _replay,
    webhooks.replay_range: _replay_range,
    webhooks.forget_old: _forget_deliveries,
    webhooks.bring_back: _bring_back_deliveries,
    notifications.mark_thread_read: _read_thread,
    notifications.mark_all_read: _read_all,
    notifications.choose: lambda s: notifications.choose(s.db, member=s.member(), by_email=["answer"]),
    reminders._remind_some: _remind,
    idempotency.once: _once,
    idempotency.forget_old: _forget_answers,
    mending._make_index: _miscounted,
    mending._mend_row: _miscounted,
    mending._rank: _miscounted,
    mending._tell: _miscounted,
    moving.begin: _run,
    progress.take_batch: _take_batch,
    progress.end_step: lambda s: progress.end_step(s.db, run=_run(s), step="users"),
    emails.set_batch: _set_batch,
    vectors.store: _vectors,
}
