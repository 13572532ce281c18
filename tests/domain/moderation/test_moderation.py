"""Flags and decisions on them, and the lists of what staff have to look at."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from app.domain import answers, comments, moderation, questions
from app.models import AuditEntry, Comment, Flag, Question, User
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.flags import make_flag
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.recount import disagreements


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker)


def test_a_member_flags_a_post_once(db: Session, question: Question, answerer: User, now: datetime) -> None:
    moderation.flag(db, subject=question, by=answerer, reason="spam", now=now)
    with pytest.raises(moderation.AlreadyFlagged):
        moderation.flag(db, subject=question, by=answerer, reason="rude", now=now)
    assert moderation.how_many_flagged(db) == 1


def test_a_comment_is_flagged_apart_from_its_post(
    db: Session, question: Question, answerer: User, now: datetime
) -> None:
    comment = make_comment(db, post=question)
    moderation.flag(db, subject=question, by=answerer, reason="spam", now=now)
    moderation.flag(db, subject=comment, by=answerer, reason="rude", now=now)
    assert moderation.how_many_flagged(db) == 2


def test_flagging_needs_the_privilege_and_somebody_elses_post(
    db: Session, question: Question, asker: User, now: datetime
) -> None:
    newcomer = make_user(db, reputation=14)
    for member in (newcomer, asker):
        with pytest.raises(NotAllowed):
            moderation.flag(db, subject=question, by=member, reason="spam", now=now)


def test_a_flag_says_what_is_wrong(db: Session, question: Question, answerer: User, now: datetime) -> None:
    for reason, field in (("", "reason"), ("unknown", "reason"), ("other", "note")):
        with pytest.raises(Invalid) as refusal:
            moderation.flag(db, subject=question, by=answerer, reason=reason, now=now)
        assert refusal.value.field == field


def test_flags_have_a_daily_limit(db: Session, question: Question, answerer: User, now: datetime) -> None:
    for _ in range(moderation.FLAGS_A_DAY):
        make_flag(db, post=make_question(db), author=answerer, created_at=now)
    with pytest.raises(TooMany) as refusal:
        moderation.flag(db, subject=question, by=answerer, reason="spam", now=now + timedelta(hours=1))
    assert refusal.value.retry_after == 23 * 3600
    moderation.flag(db, subject=question, by=answerer, reason="spam", now=now + timedelta(days=1))


def test_a_decision_covers_every_flag_on_the_post_and_is_logged(
    db: Session, question: Question, moderator: User, now: datetime
) -> None:
    first, _second = make_flag(db, post=question), make_flag(db, post=question, reason="rude")
    elsewhere = make_flag(db, post=make_question(db))
    moderation.decide(db, flag=first, by=moderator, helpful=True, act="none", now=now)
    assert [flag.decision for flag in db.exec(select(Flag).order_by(Flag.id))] == ["helpful", "helpful", ""]  # type: ignore[arg-type]
    assert db.exec(select(AuditEntry.action)).all() == ["flag.helpful", "flag.helpful"]
    assert elsewhere.decided_by_id is None
    with pytest.raises(Conflict):
        moderation.decide(db, flag=first, by=moderator, helpful=False, act="none", now=now)


def test_a_decision_hides_the_post_in_the_same_go(
    db: Session, question: Question, moderator: User, now: datetime
) -> None:
    answer = make_answer(db, question=question)
    flag = make_flag(db, post=answer)
    moderation.decide(db, flag=flag, by=moderator, helpful=True, act="spam", reason="Advertising.", now=now)
    db.expire_all()
    assert (answer.removal, answer.removed_by_id) == ("spam", moderator.id)
    assert disagreements(db) == []


def test_without_a_reason_nothing_is_hidden_and_nothing_decided(
    db: Session, question: Question, moderator: User, now: datetime
) -> None:
    flag = make_flag(db, post=question)
    with pytest.raises(Invalid):
        moderation.decide(db, flag=flag, by=moderator, helpful=True, act="hide", now=now)
    db.expire_all()
    assert not question.is_removed
    assert flag.decision == ""


def test_a_flagged_comment_is_hidden(
    db: Session, question: Question, answerer: User, moderator: User, now: datetime
) -> None:
    comment = make_comment(db, post=question)
    flag = moderation.flag(db, subject=comment, by=answerer, reason="rude", now=now)
    moderation.decide(db, flag=flag, by=moderator, helpful=True, act="hide", reason="Rude.", now=now)
    assert db.get_one(Comment, comment.id, populate_existing=True).removal == "hidden"


def test_a_comment_is_hidden_for_a_reason_and_never_as_spam(
    db: Session, question: Question, answerer: User, moderator: User, now: datetime
) -> None:
    comment = make_comment(db, post=question)
    flag = moderation.flag(db, subject=comment, by=answerer, reason="rude", now=now)
    for act, reason, field in (("hide", " ", "reason"), ("spam", "Rude.", "act")):
        with pytest.raises(Invalid) as refusal:
            moderation.decide(db, flag=flag, by=moderator, helpful=True, act=act, reason=reason, now=now)
        assert refusal.value.field == field
    assert not db.get_one(Comment, comment.id, populate_existing=True).is_removed


def test_a_declined_flag_hides_nothing(
    db: Session, question: Question, moderator: User, now: datetime
) -> None:
    flag = make_flag(db, post=question)
    with pytest.raises(Invalid):
        moderation.decide(db, flag=flag, by=moderator, helpful=False, act="hide", reason="No.", now=now)
    moderation.decide(db, flag=flag, by=moderator, helpful=False, act="none", now=now)
    db.expire_all()
    assert flag.decision == "declined"
    assert not question.is_removed


def test_a_post_that_is_gone_can_still_be_decided_on(
    db: Session, question: Question, asker: User, moderator: User, now: datetime
) -> None:
    flag = make_flag(db, post=question)
    questions.remove(db, question=question, by=asker, now=now)
    moderation.decide(db, flag=flag, by=moderator, helpful=True, act="hide", reason="Rude.", now=now)
    db.expire_all()
    assert flag.decision == "helpful"
    assert question.removal == "deleted"


def test_only_moderators_decide_and_read_flags(
    db: Session, question: Question, agent: User, answerer: User, now: datetime
) -> None:
    flag = make_flag(db, post=question)
    for member in (agent, answerer):
        with pytest.raises(NotAllowed):
            moderation.decide(db, flag=flag, by=member, helpful=True, act="none", now=now)
        with pytest.raises(NotFound):
            moderation.flagged(db, viewer=member)


def test_the_list_shows_each_post_once_with_its_flags(
    db: Session, question: Question, answerer: User, moderator: User, now: datetime
) -> None:
    comment = make_comment(db, post=question)
    make_flag(db, post=question)
    moderation.flag(db, subject=comment, by=answerer, reason="rude", now=now)
    make_flag(db, post=question, reason="off_topic")
    found = moderation.flagged(db, viewer=moderator).rows
    assert [(row.kind, len(row.flags), row.question.id) for row in found] == [
        ("question", 2, question.id),
        ("comment", 1, question.id),
    ]


def test_what_was_removed_is_listed_for_staff(
    db: Session, question: Question, asker: User, agent: User, moderator: User, now: datetime
) -> None:
    answer = make_answer(db, question=question)
    comment = make_comment(db, post=question)
    answers.remove(db, answer=answer, by=moderator, reason="Rude.", now=now)
    comments.remove(db, comment=comment, by=moderator, now=now)
    for kind, subject in (("answers", answer), ("comments", comment)):
        (row,) = moderation.removed(db, viewer=agent, kind=kind).rows  # type: ignore[arg-type]
        assert (row.subject.id, row.remover) == (subject.id, moderator)
        assert row.reason == ("Rude." if kind == "answers" else "")
    since, later = now, now + timedelta(seconds=1)
    assert [moderation.how_many_removed(db, since=at) for at in (since, later)] == [2, 0]
    assert moderation.removed(db, viewer=agent, kind="questions").rows == []
    with pytest.raises(NotFound):
        moderation.removed(db, viewer=asker, kind="questions")


def test_an_asker_is_silent_a_week_after_an_answer(
    db: Session, question: Question, agent: User, now: datetime
) -> None:
    best = make_answer(db, question=question, wilson=0.5)
    make_answer(db, question=question, wilson=0.1)
    early, late = now + timedelta(days=6), now + timedelta(days=7)
    assert moderation.silent(db, viewer=agent, now=early).rows == []
    assert [row.id for row in moderation.silent(db, viewer=agent, now=late).rows] == [question.id]
    assert moderation.best_answers(db, question_ids=[question.id], now=late) == {question.id: best}
    assert moderation.how_many_silent(db, now=late) == 1


def test_who_decided_closed_or_answered_alone_is_not_silent(
    db: Session, asker: User, agent: User, now: datetime
) -> None:
    solved, closed, own_only = (make_question(db, author=asker) for _ in range(3))
    answers.accept(db, answer=make_answer(db, question=solved), by=asker, now=now)
    make_answer(db, question=closed)
    questions.close(db, question=closed, by=agent, reason="outdated", now=now)
    make_answer(db, question=own_only, author=asker)
    assert moderation.silent(db, viewer=agent, now=now + timedelta(days=8)).rows == []


def test_the_list_of_silent_askers_is_for_staff(db: Session, asker: User, now: datetime) -> None:
    for viewer in (asker, None):
        with pytest.raises(NotFound):
            moderation.silent(db, viewer=viewer, now=now)
