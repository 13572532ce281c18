"""Suggested edits: who suggests, who decides, and what becomes of the post."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.domain import notifications, questions, reputation, suggestions
from app.models import Answer, AuditEntry, Question, ReputationEntry, Revision, SuggestedEdit, User
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.suggestions import make_suggestion
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.support.recount import disagreements

Drain = Callable[[Session], None]
BETTER = "It shows error 49 since the update to version 1.2."


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker, tags=[make_tag(db, name="printing", question_count=1)])


@pytest.fixture
def editor(db: Session) -> User:
    """A member who may edit any post, and so decide."""
    return make_user(db, handle="editor", reputation=1_000)


@pytest.fixture
def helper(db: Session) -> User:
    """A member who may only suggest."""
    return make_user(db, handle="helper", reputation=20)


@pytest.fixture
def suggested(db: Session, question: Question, helper: User) -> SuggestedEdit:
    return make_suggestion(db, post=question, author=helper, body=BETTER)


def suggest(db: Session, question: Question, by: User, now: datetime, **changed: str) -> SuggestedEdit:
    return suggestions.suggest_for_question(
        db,
        question=question,
        by=by,
        base=question.revision,
        title=question.title,
        tags="printing",
        environment={},
        now=now,
        **{"body": BETTER, "summary": "Added the version", **changed},
    )


def test_a_suggestion_changes_nothing_until_it_is_approved(
    db: Session, question: Question, helper: User, now: datetime
) -> None:
    suggest(db, question, helper, now)
    db.refresh(question)
    assert question.revision == 1
    assert suggestions.how_many_wait(db) == 1


def test_a_suggestion_says_what_it_changed(
    db: Session, question: Question, helper: User, now: datetime
) -> None:
    with pytest.raises(Invalid) as refusal:
        suggest(db, question, helper, now, summary=" ")
    assert refusal.value.field == "summary"


def test_one_suggestion_waits_a_post(
    db: Session, question: Question, suggested: SuggestedEdit, answerer: User, now: datetime
) -> None:
    assert suggested.id
    with pytest.raises(suggestions.AlreadySuggested):
        suggest(db, question, answerer, now)


def test_a_member_has_only_so_many_suggestions_waiting(db: Session, helper: User, now: datetime) -> None:
    for _ in range(10):
        make_suggestion(db, post=make_question(db), author=helper)
    with pytest.raises(Conflict):
        suggest(db, make_question(db), helper, now)


def test_who_may_edit_does_not_suggest(
    db: Session, question: Question, asker: User, editor: User, now: datetime
) -> None:
    for member in (asker, editor):
        with pytest.raises(NotAllowed):
            suggest(db, question, member, now)


def test_a_suggestion_against_an_older_text_is_refused(
    db: Session, question: Question, helper: User, asker: User, now: datetime
) -> None:
    with pytest.raises(questions.EditConflict):
        suggestions.suggest_for_question(
            db,
            question=question,
            by=helper,
            base=7,
            title=question.title,
            body=BETTER,
            tags="printing",
            environment={},
            summary="Added the version",
            now=now,
        )


def test_an_approved_edit_is_its_authors_revision_and_brings_points_once(
    db: Session, question: Question, suggested: SuggestedEdit, helper: User, editor: User, now: datetime
) -> None:
    suggestions.approve(db, suggestion=suggested, by=editor, now=now)
    db.expire_all()
    assert question.body == BETTER
    newest = db.exec(select(Revision).where(Revision.post_id == question.id, Revision.number == 2)).one()
    assert (newest.editor_id, newest.summary) == (helper.id, "Added the version")
    assert helper.reputation == 20 + reputation.POINTS["edit_approved"]
    with pytest.raises(suggestions.AlreadyDecided):
        suggestions.approve(db, suggestion=suggested, by=editor, now=now)
    assert disagreements(db) == []


def test_an_edit_of_an_answer_is_approved_alike(
    db: Session, question: Question, helper: User, asker: User, moderator: User, now: datetime
) -> None:
    answer = make_answer(db, question=question)
    suggestion = suggestions.suggest_for_answer(
        db, answer=answer, by=helper, base=1, body=BETTER, summary="Named the version", now=now
    )
    suggestions.approve(db, suggestion=suggestion, by=moderator, now=now)
    assert db.get_one(Answer, answer.id, populate_existing=True).body == BETTER
    assert db.exec(select(AuditEntry.action)).all() == ["edit.approved"]


def test_the_author_of_the_post_decides_too(
    db: Session, question: Question, suggested: SuggestedEdit, asker: User, now: datetime
) -> None:
    suggestions.reject(db, suggestion=suggested, by=asker, reason="It was error 49.", now=now)
    db.expire_all()
    assert (suggested.decision, suggested.reason) == ("rejected", "It was error 49.")
    assert question.revision == 1


def test_a_rejection_says_why_and_staff_find_it_in_their_log(
    db: Session, suggested: SuggestedEdit, moderator: User, now: datetime
) -> None:
    for reason in (" ", "x" * 501):
        with pytest.raises(Invalid):
            suggestions.reject(db, suggestion=suggested, by=moderator, reason=reason, now=now)
    suggestions.reject(db, suggestion=suggested, by=moderator, reason="Changes the meaning.", now=now)
    entry = db.exec(select(AuditEntry)).one()
    assert (entry.action, entry.reason) == ("edit.rejected", "Changes the meaning.")


def test_nobody_decides_on_their_own_or_without_the_privilege(
    db: Session, suggested: SuggestedEdit, helper: User, answerer: User, now: datetime
) -> None:
    helper.reputation = 2_000
    db.add(helper)
    db.commit()
    for member in (helper, answerer):
        with pytest.raises(NotAllowed):
            suggestions.approve(db, suggestion=suggested, by=member, now=now)


def test_an_edit_made_against_an_older_text_is_never_published(
    db: Session, question: Question, suggested: SuggestedEdit, asker: User, editor: User, now: datetime
) -> None:
    _edit(db, question, asker, now)
    decided = suggestions.approve(db, suggestion=suggested, by=editor, now=now)
    assert decided.decision == "outdated"
    db.expire_all()
    assert question.body == "It shows error 50 since the update."


def test_a_suggestion_is_outdated_once_its_post_changed(
    db: Session, question: Question, suggested: SuggestedEdit, asker: User, now: datetime, drain: Drain
) -> None:
    _edit(db, question, asker, now)
    drain(db)
    assert suggested.decision == "outdated"
    suggest(db, db.get_one(Question, question.id), _helper_of(db, suggested), now)


def test_a_suggestion_is_outdated_once_its_post_is_gone(
    db: Session, question: Question, suggested: SuggestedEdit, moderator: User, now: datetime, drain: Drain
) -> None:
    questions.remove(db, question=question, by=moderator, reason="Advertising.", now=now)
    drain(db)
    assert suggested.decision == "outdated"


def test_a_suggestion_is_taken_back_by_its_author_only(
    db: Session, suggested: SuggestedEdit, helper: User, asker: User
) -> None:
    with pytest.raises(NotAllowed):
        suggestions.withdraw(db, suggestion=suggested, by=asker)
    suggestions.withdraw(db, suggestion=suggested, by=helper)
    assert suggestions.how_many_wait(db) == 0


def test_a_review_shows_the_differences_to_those_concerned(
    db: Session, suggested: SuggestedEdit, helper: User, asker: User, editor: User, answerer: User
) -> None:
    for member in (helper, asker, editor):
        review = suggestions.review(db, viewer=member, suggestion_id=suggested.id or 0)
        assert [row.kind for row in review.rows] == ["changed"]
    for outsider in (answerer, None):
        with pytest.raises(NotFound):
            suggestions.review(db, viewer=outsider, suggestion_id=suggested.id or 0)


def test_a_review_of_a_removed_post_is_for_staff(
    db: Session, question: Question, suggested: SuggestedEdit, editor: User, moderator: User, now: datetime
) -> None:
    questions.remove(db, question=question, by=moderator, reason="Advertising.", now=now)
    with pytest.raises(NotFound):
        suggestions.review(db, viewer=editor, suggestion_id=suggested.id or 0)
    assert suggestions.review(db, viewer=moderator, suggestion_id=suggested.id or 0).rows != []
    assert suggestions.waiting(db, viewer=editor).rows == []


def test_the_list_of_what_waits_is_for_those_who_decide(
    db: Session, suggested: SuggestedEdit, editor: User, helper: User
) -> None:
    assert [row.suggestion.id for row in suggestions.waiting(db, viewer=editor).rows] == [suggested.id]
    with pytest.raises(NotFound):
        suggestions.waiting(db, viewer=helper)


def test_both_sides_hear_of_a_suggestion(
    db: Session, question: Question, helper: User, asker: User, now: datetime, drain: Drain
) -> None:
    suggestion = suggest(db, question, helper, now)
    drain(db)
    assert [row.href for row in notifications.inbox(db, member=asker).rows] == [
        f"/posts/{question.id}/suggestion"
    ]
    suggestions.approve(db, suggestion=suggestion, by=asker, now=now + timedelta(hours=1))
    drain(db)
    assert [row.text for row in notifications.inbox(db, member=helper).rows] == ["Asker approved your edit"]


def test_who_suggested_hears_of_a_rejection_and_of_an_edit_that_came_first(
    db: Session, question: Question, helper: User, asker: User, now: datetime, drain: Drain
) -> None:
    rejected = suggest(db, question, helper, now)
    suggestions.reject(db, suggestion=rejected, by=asker, reason="It was error 49.", now=now)
    drain(db)
    suggest(db, question, helper, now + timedelta(hours=1))
    _edit(db, question, asker, now + timedelta(hours=2))
    drain(db)
    assert [row.text for row in notifications.inbox(db, member=helper).rows] == [
        "Your suggested edit was closed: the post changed first",
        "Asker rejected your edit",
    ]


def test_points_of_an_approved_edit_go_with_the_post(
    db: Session, question: Question, suggested: SuggestedEdit, helper: User, moderator: User, now: datetime
) -> None:
    suggestions.approve(db, suggestion=suggested, by=moderator, now=now)
    questions.remove(db, question=question, by=moderator, reason="Advertising.", now=now)
    db.expire_all()
    assert helper.reputation == 20
    assert db.exec(select(ReputationEntry).where(ReputationEntry.kind == "edit_approved")).one().points > 0
    assert disagreements(db) == []


def _edit(db: Session, question: Question, by: User, now: datetime) -> None:
    questions.edit(
        db,
        question=question,
        by=by,
        base=1,
        title=question.title,
        body="It shows error 50 since the update.",
        tags="printing",
        product_id=None,
        environment={},
        summary="",
        now=now,
    )


def _helper_of(db: Session, suggestion: SuggestedEdit) -> User:
    return db.get_one(User, suggestion.author_id)
