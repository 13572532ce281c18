"""The lists of the desk: what waits, what was removed, silent askers, the log, jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from app.domain import audit, questions
from app.models import Answer, AuditEntry, Job, OutboxEvent, Question, User
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.flags import make_flag
from tests.factories.questions import make_question
from tests.factories.suggestions import make_suggestion
from tests.support.browser import Browser
from tests.support.clock import Clock


def test_the_overview_counts_what_waits(client: Browser, db: Session, moderator: User) -> None:
    question = make_question(db, title="Fan runs at full speed")
    make_flag(db, post=question)
    make_suggestion(db, post=question)
    page = client.sign_in(moderator).get("/desk").text
    assert "Fan runs at full speed" in page
    assert page.count('<span class="figure num">1</span>') == 2


def test_suggested_edits_lead_to_their_review(client: Browser, db: Session, agent: User) -> None:
    suggestion = make_suggestion(db, post=make_question(db), summary="Named the printer")
    page = client.sign_in(agent).get("/desk/edits").text
    assert "Named the printer" in page
    assert f"/suggestions/{suggestion.id}" in page


def test_a_removed_post_is_listed_and_restored(
    client: Browser, db: Session, now: datetime, moderator: User
) -> None:
    question = make_question(db, title="Buy cheap toner")
    questions.remove(db, question=question, by=moderator, reason="Advertising.", as_spam=True, now=now)
    page = client.sign_in(moderator).get("/desk/removed").text
    assert "Buy cheap toner" in page
    assert "removed as spam" in page
    assert "Advertising." in page
    assert client.post_form(f"/posts/{question.id}/restore").status_code == 303
    assert "Buy cheap toner" not in client.get("/desk/removed").text


def test_removed_answers_and_comments_have_their_lists(
    client: Browser, db: Session, now: datetime, moderator: User
) -> None:
    question = make_question(db)
    gone: dict[str, Any] = {"removed_at": now, "removal": "hidden", "removed_by_id": moderator.id}
    make_answer(
        db, question=question, body="An answer that was rude.", body_html="<p>Rude answer.</p>", **gone
    )
    make_comment(db, post=question, body="A comment that was rude.", body_html="<p>Rude comment.</p>", **gone)
    client.sign_in(moderator)
    assert '<span class="figure num">2</span>' in client.get("/desk").text
    assert "Rude answer." in client.get("/desk/removed?kind=answers").text
    assert "Rude comment." in client.get("/desk/removed?kind=comments").text
    assert client.get("/desk/removed?kind=users").status_code == 404


def test_staff_accept_for_a_silent_asker(
    client: Browser, db: Session, clock: Clock, agent: User, asker: User
) -> None:
    answer = make_answer(db, question=make_question(db, author=asker, title="Fan runs at full speed"))
    client.sign_in(agent)
    assert "Fan runs at full speed" not in client.get("/desk/silent").text
    clock.advance(days=7)
    assert f'action="/answers/{answer.id}/accept"' in client.get("/desk/silent").text
    assert client.post_form(f"/answers/{answer.id}/accept").status_code == 303
    question = db.get_one(Question, answer.question_id)
    assert (question.accepted_answer_id, question.accepted_by_id) == (answer.id, agent.id)
    assert db.get_one(Answer, answer.id).id
    assert "Fan runs at full speed" not in client.get("/desk/silent").text


def test_the_log_writes_values_as_people_read_them(
    client: Browser, db: Session, now: datetime, admin: User, asker: User
) -> None:
    values = {
        "until": "2026-11-30T23:17:48.252004+00:00",
        "tags": ["wifi", "bios"],
        "may": False,
        "links": [],
    }
    audit.record(db, by=admin, action="user.tried", subject=asker, after=values, now=now)
    db.commit()
    page = client.sign_in(admin).get("/desk/log").text
    assert "until: 30 Nov 2026, 23:17 UTC" in page
    assert "tags: wifi, bios" in page
    assert "may: no" in page
    assert "links: none" in page


def test_the_log_is_narrowed_down(
    client: Browser, db: Session, now: datetime, moderator: User, agent: User
) -> None:
    first, second = make_question(db, title="Buy cheap toner"), make_question(db, title="Locked one")
    questions.remove(db, question=first, by=agent, reason="Advertising.", now=now)
    questions.lock(db, question=second, by=moderator, reason="Heated.", now=now)
    client.sign_in(agent)
    everything = client.get("/desk/log").text
    assert "Buy cheap toner" in everything
    assert "Locked one" in everything
    for query in ("action=question.lock", "actor=moderator", f"kind=question&subject={second.id}"):
        page = client.get(f"/desk/log?{query}").text
        assert "Locked one" in page, query
        assert "Buy cheap toner" not in page, query
    assert "Nothing is logged" in client.get("/desk/log?actor=nobody").text


def test_a_job_that_was_given_up_is_tried_again(
    client: Browser, db: Session, now: datetime, admin: User
) -> None:
    event = OutboxEvent(name="VoteCast", payload={}, created_at=now, relayed_at=now)
    db.add(event)
    db.flush()
    job = Job(
        event_id=event.id or 0,
        consumer="notifications.tell_of_answer",
        run_at=now,
        attempts=8,
        last_error="ValueError: <odd>",
        buried_at=now,
    )
    db.add(job)
    db.commit()
    assert "ValueError: &lt;odd&gt;" in client.sign_in(admin).get("/desk/jobs").text
    assert client.post_form(f"/desk/jobs/{job.id}/retry").status_code == 303
    revived = db.exec(select(Job).where(Job.id == job.id)).one()
    assert (revived.buried_at, revived.attempts) == (None, 0)
    assert client.post_form(f"/desk/jobs/{job.id}/retry").status_code == 404
    assert db.exec(select(AuditEntry.action, AuditEntry.actor_label)).all() == [("job.retry", admin.handle)]
