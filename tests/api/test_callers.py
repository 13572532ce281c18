"""Who may do what: keys and their scopes, sessions and their form tokens, and what nobody else may know of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from app.core.signing import hash_token
from app.models import ApiKey, Comment, Question, User, metadata
from tests.api.conftest import Client
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.escalations import open_case
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.factories.webhooks import make_endpoint
from tests.support.addresses import filled, make_forum
from tests.support.browser import ORIGIN, Browser
from tests.support.clock import Clock

WORDS = {"body": "Which firmware version is it, please?"}
ELSEWHERE = ("/webhooks", "/escalations")  # tests of their own try those
EDIT = {"body": "It shows error 49 since the update of May."}


def writes(question: int, answer: int, comment: int) -> Iterator[tuple[str, str, Any]]:
    """Every unsafe operation of the API."""
    asked = {"title": "No sound after the update", "body": "The speakers are silent now.", "tags": ["sound"]}
    yield "POST", "/questions", asked
    yield "PATCH", f"/questions/{question}", EDIT
    yield "DELETE", f"/questions/{question}", None
    yield "POST", f"/questions/{question}/answers", WORDS
    yield "PATCH", f"/answers/{answer}", EDIT
    yield "DELETE", f"/answers/{answer}", None
    yield "POST", f"/questions/{question}/comments", WORDS
    yield "POST", f"/answers/{answer}/comments", WORDS
    yield "DELETE", f"/comments/{comment}", None
    yield "PUT", f"/questions/{question}/vote", {"value": 1}
    yield "PUT", f"/answers/{answer}/vote", {"value": 1}
    yield "PUT", f"/questions/{question}/accepted-answer", {"answer_id": answer}
    yield "DELETE", f"/questions/{question}/accepted-answer", None
    yield "PUT", f"/questions/{question}/me-too", None
    yield "DELETE", f"/questions/{question}/me-too", None
    yield "PUT", f"/questions/{question}/follow", None
    yield "DELETE", f"/questions/{question}/follow", None


@pytest.fixture
def ids(db: Session, asker: User) -> tuple[int, int, int]:
    question = make_question(db, author=asker)
    answer = make_answer(db, question=question)
    return question.id, answer.id, make_comment(db, post=answer).id or 0


def test_the_table_of_writes_is_complete(app: FastAPI, ids: tuple[int, int, int]) -> None:
    described = [
        (method.upper(), re.sub(r"{.*?}", "N", path))
        for path, methods in app.state.api_document()["paths"].items()
        for method in methods
        if method != "get" and not path.startswith(ELSEWHERE)
    ]
    tried = [(method, re.sub(r"\d+", "N", path)) for method, path, _body in writes(*ids)]
    assert sorted(tried) == sorted(described)


def test_a_stranger_writes_nothing(api: Client, ids: tuple[int, int, int]) -> None:
    for method, path, body in writes(*ids):
        answer = api(method, path, body)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_that_may_read_writes_nothing_by_any_route(
    as_member: Callable[..., Client], app: FastAPI, db: Session, agent: User, clock: Clock
) -> None:
    """Not even with every scope but `write`, for somebody who may do everything on the pages."""
    agent.moderation_role, agent.support_role = "admin", "lead"
    forum = make_forum(db)
    places = {
        **forum.parameters(),
        "endpoint_id": str(make_endpoint(db).id),
        "escalation_id": str(open_case(db, question=forum.question, now=clock.now).id),
    }
    reader = as_member(agent, "read", "staff", "moderate", "webhooks", "admin")
    reader("GET", "/me")  # the use of the key is written down once a minute
    before = _everything(db)
    for path, methods in app.state.api_document()["paths"].items():
        for method in methods:
            if path == "/events":
                continue
            answer = reader(method.upper(), filled(path, places), {} if method != "get" else None)
            if method == "get":
                assert answer.status_code in (200, 422), (path, answer.text)
            else:
                assert answer.status_code == 403, (method, path)
                assert 'scope="write"' in answer.headers["www-authenticate"]
    assert _everything(db) == before


def test_a_key_that_may_write_only_reads_nothing(as_member: Callable[..., Client], asker: User) -> None:
    writer = as_member(asker, "write")
    assert writer("GET", "/questions").status_code == 403
    assert writer("GET", "/me").status_code == 403


@pytest.mark.parametrize("token", ["pd_wrong", "", "Zm9v", "pd_" + "0" * 36])
def test_a_wrong_key_is_refused_even_where_strangers_may_read(api: Client, token: str) -> None:
    for scheme in ("Bearer", "bearer", "Basic"):
        answer = api("GET", "/questions", headers={"Authorization": f"{scheme} {token}"})
        assert answer.status_code == 401
        assert "invalid_token" in answer.headers["www-authenticate"]


def test_a_key_ends_with_its_time_its_revocation_and_its_owner(
    as_member: Callable[..., Client], db: Session, asker: User, clock: Clock
) -> None:
    member = as_member(asker, expires_at=clock.now.replace(hour=12))
    assert member("GET", "/me").status_code == 200
    asker.suspended_until = clock.now.replace(hour=10)
    db.commit()
    assert member("GET", "/me").status_code == 401
    asker.suspended_until = None
    db.commit()
    assert member("GET", "/me").status_code == 200
    clock.advance(hours=3)
    assert member("GET", "/me").status_code == 401


def test_use_of_a_key_is_written_down_once_a_minute(
    as_member: Callable[..., Client], db: Session, asker: User, clock: Clock
) -> None:
    member = as_member(asker)
    key = db.exec(select(ApiKey).where(ApiKey.token_hash == hash_token(member.token))).one()
    member("GET", "/me")
    db.refresh(key)
    first = key.last_used_at
    assert first == clock.now
    clock.advance(seconds=30)
    member("GET", "/me")
    db.refresh(key)
    assert key.last_used_at == first


def test_me_tells_rights_and_scopes(as_member: Callable[..., Client], asker: User) -> None:
    me = as_member(asker)("GET", "/me").json()
    assert (me["handle"], me["api_key"]["scopes"], me["csrf_token"]) == ("asker", ["read", "write"], None)
    assert {one["key"]: one["is_held"] for one in me["privileges"]}["edit"] is False


def test_a_browser_session_reads_freely_and_writes_with_its_form_token_only(
    browser: Browser, db: Session, asker: User, answerer: User
) -> None:
    question = make_question(db, author=asker)
    path = f"/api/v1/questions/{question.id}/answers"
    own = browser.sign_in(answerer)
    token = own.get("/api/v1/me").json()["csrf_token"]
    assert own.post(path, json=WORDS).status_code == 403
    headers = {"X-CSRF-Token": token, "Origin": "https://elsewhere.example"}
    assert own.post(path, json=WORDS, headers=headers).status_code == 403
    assert (
        own.post(
            path, json=WORDS, headers={"X-CSRF-Token": token, "Sec-Fetch-Site": "cross-site"}
        ).status_code
        == 403
    )
    done = own.post(path, json=WORDS, headers={"X-CSRF-Token": token, "Origin": ORIGIN})
    assert done.status_code == 201, done.text
    assert done.json()["author"]["handle"] == "answerer"


def test_a_key_is_never_replaced_by_a_cookie(browser: Browser, db: Session, asker: User) -> None:
    browser.sign_in(asker)
    answer = browser.get("/api/v1/me", headers={"Authorization": "Bearer pd_wrong"})
    assert answer.status_code == 401


def test_what_is_removed_is_nobody_elses_business(
    api: Client, as_member: Callable[..., Client], db: Session, asker: User, agent: User, clock: Clock
) -> None:
    gone: dict[str, Any] = {"removed_at": clock.now, "removal": "hidden", "removed_by_id": agent.id}
    question = make_question(db, author=asker, **gone)
    answer = make_answer(db, question=question)
    shown = make_question(db)
    gone_answer = make_answer(db, question=shown, author=asker, **gone)
    gone_comment = make_comment(db, post=shown, author=asker, **gone)
    private = [
        *(f"/questions/{question.id}{rest}" for rest in ("", "/answers", "/comments", "/revisions")),
        *(f"/answers/{answer.id}{rest}" for rest in ("", "/comments", "/revisions")),
        *(f"/answers/{gone_answer.id}{rest}" for rest in ("", "/comments", "/revisions")),
    ]
    strangers = [api, as_member(agent, "read", "write"), as_member(_other(db))]
    for client in strangers:
        for path in private:
            assert client("GET", path).status_code == 404, path
            assert client("GET", path, params={"with_removed": "true"}).status_code == 404, path
        texts = [client("GET", path, params={"with_removed": "true"}).text for path in _lists(shown)]
        addresses = (f"/questions/{question.id}/", f'/posts/{gone_answer.id}"')
        assert not [text for text in texts if any(address in text for address in addresses)]
        assert not [
            row for row in client.rows(f"/questions/{shown.id}/comments") if row["id"] == gone_comment.id
        ]

    for client in (as_member(asker), as_member(agent, "read", "staff")):
        assert client("GET", private[0]).status_code == 404
        found = client("GET", private[0], params={"with_removed": "true"}).json()
        assert found["removed"]["how"] == "hidden"
        listed = client.rows(f"/questions/{shown.id}/answers", with_removed="true")
        assert [row["id"] for row in listed] == [gone_answer.id]


def test_nothing_is_done_to_what_the_caller_may_not_know_of(
    as_member: Callable[..., Client], db: Session, asker: User, clock: Clock, agent: User
) -> None:
    gone: dict[str, Any] = {"removed_at": clock.now, "removal": "hidden", "removed_by_id": agent.id}
    question = make_question(db, author=asker, **gone)
    answer = make_answer(db, question=question)
    comment = make_comment(db, post=answer)
    other = as_member(_other(db))
    for method, path, body in writes(question.id, answer.id, comment.id or 0):
        if path != "/questions":
            assert other(method, path, body, {"If-Match": '"r1.0"'}).status_code == 404, (method, path)
    assert [row.is_removed for row in db.exec(select(Comment))] == [False]


def test_ledgers_are_for_their_owners_and_staff(
    api: Client, as_member: Callable[..., Client], asker: User, answerer: User, agent: User
) -> None:
    path = "/users/asker/reputation"
    assert api("GET", path).status_code == 401
    assert as_member(answerer)("GET", path).status_code == 404
    assert as_member(agent, "read")("GET", path).status_code == 404
    assert as_member(agent, "read", "staff")("GET", path).status_code == 200
    assert as_member(asker)("GET", path).status_code == 200


def test_a_member_is_told_which_privilege_is_missing(
    as_member: Callable[..., Client], db: Session, ids: tuple[int, int, int]
) -> None:
    newcomer = _other(db, reputation=1)
    answer = as_member(newcomer)("PUT", f"/answers/{ids[1]}/vote", {"value": 1})
    assert answer.status_code == 403
    assert answer.json()["required_privilege"] == "vote_up"


def test_no_document_names_an_address_of_mail_or_a_reason(
    api: Client, db: Session, suspended: User, asker: User
) -> None:
    make_question(db, author=suspended)
    suspended.email = "secret@mail.example"
    db.commit()
    for path in ("/users/suspended", "/questions", "/search?q=printer"):
        text = api("GET", path).text
        assert "secret@mail.example" not in text
        assert "Advertising" not in text


def _lists(question: Question) -> list[str]:
    return ["/questions", "/questions?sort=votes", f"/questions/{question.id}/answers"]


def _everything(db: Session) -> dict[str, list[Any]]:
    return {
        table.name: sorted(map(str, db.execute(table.select()).all())) for table in metadata.sorted_tables
    }


def _other(db: Session, **facts: Any) -> User:
    return make_user(db, **facts)
