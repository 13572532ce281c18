"""The list of questions, one question, and what can be done to it, as stranger, member and staff."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from sqlmodel import Session

from app.core.slugs import slug
from app.domain import questions
from app.models import Question, User
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.support.browser import Browser


@pytest.fixture
def question(db: Session, asker: User) -> Question:
    return make_question(db, author=asker, tags=[make_tag(db, name="printing")])


def full(question: Question) -> str:
    return f"/questions/{question.id}/{slug(question.title)}"


def edited(question: Question, **fields: str) -> dict[str, str]:
    unchanged = {
        "title": question.title,
        "body": "It shows error 49 since the update.",
        "tags": "printing",
        "base": str(question.revision),
    }
    return {**unchanged, **fields}


@pytest.mark.parametrize("sort", [*questions.SORTS, "unknown"])
def test_every_list_shows_questions_to_strangers(client: Browser, question: Question, sort: str) -> None:
    answer = client.get(f"/questions?sort={sort}")
    assert answer.status_code == 200
    assert question.title in answer.text


def test_a_removed_question_is_in_no_list_and_nowhere_for_strangers(
    client: Browser, db: Session, question: Question, asker: User, moderator: User, now: datetime
) -> None:
    questions.remove(db, question=question, by=moderator, reason="Advertising.", now=now)
    stranger, other = None, make_user(db)
    for viewer in (stranger, other):
        client.sign_in(viewer)
        assert client.get(full(question)).status_code == 404
        assert question.title not in client.get("/questions").text
    for viewer in (asker, moderator):
        client.sign_in(viewer)
        assert client.get(full(question)).status_code == 200
        assert question.title not in client.get("/questions").text


def test_short_and_old_addresses_lead_to_the_present_one(client: Browser, question: Question) -> None:
    for path in (f"/questions/{question.id}", f"/questions/{question.id}/an-older-title"):
        answer = client.get(path)
        assert answer.status_code == 301
        assert answer.headers["location"] == full(question)


@pytest.mark.parametrize(
    "path", ["/questions/0", "/questions/99999999999999999999", "/questions/-1", "/questions/x"]
)
def test_what_no_question_can_have_as_a_number_is_not_found(client: Browser, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_stranger_sees_no_forms_and_gets_no_cookie(client: Browser, question: Question) -> None:
    answer = client.get(full(question))
    assert answer.status_code == 200
    assert 'name="csrf"' not in re.sub(
        r'<form[^>]*action="/theme".*?</form>', "", answer.text, flags=re.DOTALL
    )
    assert "set-cookie" not in answer.headers


def test_visitors_of_a_duplicate_are_led_to_the_original_and_members_see_the_notice(
    client: Browser, db: Session, question: Question, asker: User, moderator: User, now: datetime
) -> None:
    original = make_question(db, title="Printer prints nothing but blank pages")
    questions.close(db, question=question, by=moderator, reason="duplicate", original=original, now=now)
    answer = client.get(full(question))
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/questions/{original.id}"
    assert original.title in client.sign_in(asker).get(full(question)).text


def test_the_author_edits_and_the_old_address_still_works(
    client: Browser, db: Session, question: Question, asker: User
) -> None:
    before = full(question)
    client.sign_in(asker)
    sent = edited(question, title="Printer prints blank pages after update 7", summary="named the update")
    assert client.post_form(f"/questions/{question.id}/edit", sent).status_code == 303
    db.refresh(question)
    assert question.title == "Printer prints blank pages after update 7"
    assert question.revision == 2
    assert client.get(before).headers["location"] == full(question)


def test_an_edit_of_an_older_revision_is_held_back_with_what_is_new(
    client: Browser, db: Session, question: Question, asker: User, moderator: User
) -> None:
    mine = edited(question, body="My own text, typed for an hour.")
    theirs = edited(question, body="The text of somebody faster.")
    client.sign_in(moderator).post_form(f"/questions/{question.id}/edit", theirs)
    refused = client.sign_in(asker).post_form(f"/questions/{question.id}/edit", mine)
    assert refused.status_code == 409
    assert "My own text, typed for an hour." in refused.text
    assert "The text of somebody faster." in refused.text
    assert client.post_form(f"/questions/{question.id}/edit", {**mine, "base": "2"}).status_code == 303
    db.refresh(question)
    assert question.body == "My own text, typed for an hour."


def test_a_member_without_the_privilege_suggests_and_changes_nothing(
    client: Browser, db: Session, question: Question, answerer: User
) -> None:
    client.sign_in(answerer)
    sent = edited(question, body="It shows error 49 since update 7.", summary="named the update")
    assert client.post_form(f"/questions/{question.id}/edit", sent).status_code == 303
    db.refresh(question)
    assert question.revision == 1


def test_a_refused_edit_keeps_what_was_typed(client: Browser, question: Question, asker: User) -> None:
    client.sign_in(asker)
    refused = client.post_form(
        f"/questions/{question.id}/edit", edited(question, title="Too short", body="brief")
    )
    assert refused.status_code == 422
    assert "Too short" in refused.text
    assert "brief" in refused.text


def test_unknown_fields_are_refused(client: Browser, db: Session, question: Question, asker: User) -> None:
    client.sign_in(asker)
    sent = edited(question, score="1000", accepted_answer_id="1")
    assert client.post_form(f"/questions/{question.id}/edit", sent).status_code == 422
    db.refresh(question)
    assert question.score == 0


def test_strangers_are_sent_to_sign_in_for_everything_that_changes(
    client: Browser, question: Question
) -> None:
    for path in ("edit", "close", "reopen", "lock", "unlock", "answers", "me-too", "follow"):
        answer = client.post_form(f"/questions/{question.id}/{path}", {})
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/signin"), path


def test_a_moderator_closes_reopens_locks_and_unlocks(
    client: Browser, db: Session, question: Question, moderator: User
) -> None:
    client.sign_in(moderator)
    for step, is_closed, is_locked in (
        ("close", True, False),
        ("reopen", False, False),
        ("lock", False, True),
        ("unlock", False, False),
    ):
        fields = {"reason": "unclear"} if step == "close" else {}
        assert client.post_form(f"/questions/{question.id}/{step}", fields).status_code == 303
        db.refresh(question)
        assert (question.is_closed, question.is_locked) == (is_closed, is_locked), step


def test_a_member_can_neither_close_nor_lock(
    client: Browser, db: Session, question: Question, answerer: User
) -> None:
    client.sign_in(answerer)
    assert client.post_form(f"/questions/{question.id}/close", {"reason": "unclear"}).status_code == 403
    assert client.post_form(f"/questions/{question.id}/lock").status_code == 403
    db.refresh(question)
    assert not question.is_closed
    assert not question.is_locked


@pytest.mark.parametrize(
    "typed", ["{id}", "#{id}", "https://forum.example/questions/{id}/any-title", "/questions/{id}"]
)
def test_the_original_of_a_duplicate_is_named_by_number_or_address(
    client: Browser, db: Session, question: Question, moderator: User, typed: str
) -> None:
    original = make_question(db)
    client.sign_in(moderator)
    fields = {"reason": "duplicate", "original": typed.format(id=original.id)}
    assert client.post_form(f"/questions/{question.id}/close", fields).status_code == 303
    db.refresh(question)
    assert question.duplicate_of_id == original.id


@pytest.mark.parametrize("typed", ["", "99999999", "no number", "/questions/99999999/x"])
def test_a_duplicate_without_an_original_is_refused_in_words(
    client: Browser, db: Session, question: Question, moderator: User, typed: str
) -> None:
    client.sign_in(moderator)
    fields = {"reason": "duplicate", "original": typed}
    assert client.post_form(f"/questions/{question.id}/close", fields).status_code == 422
    db.refresh(question)
    assert not question.is_closed


def test_views_are_counted_in_batches(client: Browser, db: Session, question: Question) -> None:
    for _visit in range(3):
        client.get(full(question))
    client.forum.state.views.flush(client.forum.state.bind)
    db.refresh(question)
    assert question.view_count == 3


def test_answers_are_ordered_as_asked(client: Browser, db: Session, question: Question) -> None:
    best = make_answer(db, question=question, up_count=9, wilson=0.7)
    newest = make_answer(db, question=question)
    best_first = client.get(full(question)).text
    newest_first = client.get(f"{full(question)}?answers=newest").text
    assert best_first.index(f'id="answer-{best.id}"') < best_first.index(f'id="answer-{newest.id}"')
    assert newest_first.index(f'id="answer-{newest.id}"') < newest_first.index(f'id="answer-{best.id}"')
