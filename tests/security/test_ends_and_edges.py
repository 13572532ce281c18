"""Attack cases 15, 16, 19, 26 and 42: what counts tell, what outlives its end, and ways around a check."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from app.domain import accounts, pace, questions
from app.models import Answer, Question, User
from app.settings import Settings
from app.web.csrf import FIELD
from app.web.deps import SESSION_COOKIE
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.answers import make_answer
from tests.factories.api_keys import make_api_key
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import ORIGIN, Browser
from tests.support.queries import Queries

SQLITE = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
TALLIES = ["/", "/questions", "/questions?status=unanswered", "/tags", "/users", "/users/asker", "/sitemap.xml",
           "/feeds/questions", "/api/v1/questions", "/api/v1/tags", "/api/v1/users/asker", "/users?sort=reputation"]  # fmt: skip


def ask(db: Session, author: User, now: datetime, title: str, tags: str = "") -> Question:
    return questions.ask(
        db, author=author, title=title, body="It stopped working after the update.", tags=tags,
        product_id=None, environment={}, now=now,
    )  # fmt: skip


def test_case_15_no_total_list_or_count_tells_of_what_is_hidden(
    client: Browser, db: Session, asker: User, moderator: User, now: datetime
) -> None:
    ask(db, asker, now, "It shows an error since the update", "update")
    before = {path: _shown(client, path) for path in TALLIES}
    hidden = ask(db, asker, now, "Something that nobody may know of", "update")
    assert {path: _shown(client, path) for path in TALLIES} != before
    questions.remove(db, question=hidden, by=moderator, reason="Private", now=now)
    after = {path: _shown(client, path) for path in TALLIES}
    assert {path for path in TALLIES if after[path] != before[path]} == set()


def test_case_15_a_tag_that_only_hidden_questions_have_is_like_none(
    client: Browser, db: Session, asker: User, moderator: User, now: datetime
) -> None:
    ask(db, asker, now, "It shows an error since the update", "update")
    hidden = ask(db, asker, now, "Something that nobody may know of", "secret-device update")
    paths = [*(f"{place}/secret-device" for place in ("/tags", "/feeds/tags", "/api/v1/tags")),
             "/api/v1/questions?tag=secret-device", "/embed/questions?tag=secret-device"]  # fmt: skip
    assert [client.get(path).status_code for path in paths] == [200] * 5
    assert "secret-device" in client.get("/api/v1/tags/update").text
    questions.remove(db, question=hidden, by=moderator, reason="Private", now=now)
    for path in paths:
        found, none = client.get(path), client.get(path.replace("secret-device", "no-such-thing"))
        assert found.status_code == none.status_code, path
        assert found.text.replace("secret-device", "no-such-thing") == none.text or found.status_code == 404
    assert client.sign_in(asker).post_form("/tags/secret-device/follow").status_code == 404
    assert "secret-device" not in client.get("/api/v1/tags/update").text


@SQLITE
def test_case_15_a_hidden_post_takes_as_many_statements_as_none(
    client: Browser,
    db: Session,
    asker: User,
    moderator: User,
    now: datetime,
    count_queries: Callable[[], AbstractContextManager[Queries]],
) -> None:
    hidden = ask(db, asker, now, "Something that nobody may know of", "update")
    questions.remove(db, question=hidden, by=moderator, reason="Private", now=now)
    db.expunge_all()
    for place in ("/questions", "/posts", "/feeds/questions", "/api/v1/questions"):
        counts = []
        for number in (hidden.id, 99_999_999):
            with count_queries() as queries:
                assert client.get(f"{place}/{number}").status_code == 404
            counts.append(sum("outbox" not in one for one in queries.statements))
        assert counts[0] == counts[1], place


@SQLITE
def test_case_15_nothing_private_can_be_sorted_by(client: Browser, db: Session, asker: User) -> None:
    make_question(db, author=asker)
    for path in ("/questions", "/users", "/tags", "/api/v1/questions", "/search?q=printer"):
        for column in ("email", "password_hash", "removed_at", "users.email", "id;--", "last_seen_at"):
            sign = "&" if "?" in path else "?"
            answer = client.get(f"{path}{sign}sort={column}", follow_redirects=True)
            assert answer.status_code in {200, 404, 422}, (path, column)
            if answer.status_code == 200:
                assert _names(answer.text) == _names(client.get(path, follow_redirects=True).text), (
                    path,
                    column,
                )


@SQLITE
@pytest.mark.parametrize("edge", ["hidden", "spam", "closed", "locked", "its author left"])
def test_case_16_no_state_of_a_thread_lets_others_change_it(
    client: Browser, db: Session, asker: User, answerer: User, moderator: User, now: datetime, edge: str
) -> None:
    stranger = make_user(db, handle="other", reputation=200)
    author = make_account(db, handle="ann") if edge == "its author left" else asker
    question = make_question(db, author=author)
    answer = make_answer(db, question=question, author=answerer)
    _bring_to(edge, db, question, author, moderator, now)
    client.sign_in(stranger)
    tried = {
        f"/answers/{answer.id}/accept": {},
        f"/answers/{answer.id}/edit": {"body": "Overwritten by somebody else.", "base": "1"},
        f"/questions/{question.id}/edit": {
            "title": "Overwritten by somebody else",
            "body": "x" * 40,
            "tags": "wifi",
            "base": "1",
        },
        f"/questions/{question.id}/close": {"reason": "unclear"},
        f"/questions/{question.id}/reopen": {},
        f"/questions/{question.id}/unlock": {},
        f"/posts/{question.id}/delete": {"reason": "mine"},
        f"/posts/{question.id}/restore": {},
        f"/posts/{answer.id}/delete": {"reason": "mine"},
        f"/posts/{answer.id}/hide": {"reason": "mine"},
    }
    db.refresh(question)
    db.refresh(answer)
    facts = question.model_dump(), answer.model_dump()
    statuses = {path: client.post_form(path, fields).status_code for path, fields in tried.items()}
    db.refresh(question)
    db.refresh(answer)
    assert (question.model_dump(), answer.model_dump()) == facts, statuses
    if edge in {"hidden", "spam"}:
        assert set(statuses.values()) <= {403, 404}, statuses


@SQLITE
def test_case_16_who_takes_the_handle_of_somebody_who_left_takes_nothing_else(
    client: Browser, db: Session, answerer: User, now: datetime
) -> None:
    ann = make_account(db, handle="ann")
    question = make_question(db, author=ann)
    answer = make_answer(db, question=question, author=answerer)
    accounts.delete_account(db, by=ann, password=PASSWORD, is_meant=True, now=now)
    second = make_user(db, handle="ann")
    client.sign_in(second).post_form(f"/answers/{answer.id}/accept")
    client.post_form(f"/posts/{question.id}/delete", {"reason": "mine"})
    db.refresh(question)
    assert (question.accepted_answer_id, question.removed_at) == (None, None)


def test_case_19_what_a_session_was_given_ends_with_it(client: Browser, db: Session) -> None:
    ann = make_account(db, handle="ann")
    question = make_question(db, author=ann)
    client.sign_in(ann)
    session, token = client.cookies[SESSION_COOKIE], client.csrf_token()
    page = client.get("/settings")
    assert client.post_form("/signout").status_code == 303
    client.set_cookie(SESSION_COOKIE, session)  # kept by a thief
    kept = {"If-None-Match": page.headers.get("etag", "*")}
    assert client.get("/settings", headers=kept).headers["location"].startswith("/signin")
    assert client.get("/api/v1/me").status_code == 401
    sent = {FIELD: token, "body": "Sent with what was left over of a session."}
    answer = client.post(f"/questions/{question.id}/answers", data=sent, headers={"Origin": ORIGIN})
    assert answer.status_code in {303, 401, 403}
    written = client.post(
        f"/api/v1/questions/{question.id}/answers",
        json={"body": sent["body"]},
        headers={"Origin": ORIGIN, "X-CSRF-Token": token},
    )
    assert written.status_code in {401, 403}
    assert db.exec(select(Answer)).first() is None


def test_case_19_a_key_loses_what_its_owner_loses_at_once(
    client: Browser, db: Session, admin: User, now: datetime
) -> None:
    agent = make_user(db, handle="agent", support_role="agent")
    key = {"Authorization": f"Bearer {make_api_key(db, owner=agent, scopes=('read', 'write', 'staff'))}"}
    assert client.get("/api/v1/escalations", headers=key).status_code == 200
    accounts.set_roles(db, by=admin, member=agent, support_role="", moderation_role="", reason="", now=now)
    assert client.get("/api/v1/escalations", headers=key).status_code in {403, 404}
    until = now + timedelta(days=3)
    accounts.suspend(db, by=admin, member=agent, until=until, reason="Advertising", now=now)
    question = make_question(db)
    body = {"body": "Sent with the key of somebody who is suspended."}
    refused = client.post(f"/api/v1/questions/{question.id}/answers", json=body, headers=key)
    assert refused.status_code in {401, 403}


@SQLITE
@pytest.mark.parametrize(
    "origin",
    ["https://evilshop.example", "https://shop.example.evil.example", "https://shop.example:8443",
     "http://shop.example", "https://shop.example@evil.example", "https://sub.shop.example", "null"],
)  # fmt: skip
def test_case_26_only_the_whole_name_of_a_site_counts(
    app: FastAPI, client: Browser, db: Session, settings: Settings, asker: User, origin: str
) -> None:
    app.state.settings = settings.model_copy(update={"embed_origins": ("https://shop.example",)})
    question = make_question(db, author=asker)
    key = {"Authorization": f"Bearer {make_api_key(db, owner=asker, origins=['https://shop.example'])}"}
    with_key = client.get("/api/v1/me", headers={"Origin": origin, **key})
    assert with_key.headers.get("access-control-allow-origin") not in {origin, "*"}
    public = client.get("/api/v1/questions", headers={"Origin": origin})
    assert public.headers.get("access-control-allow-origin") != origin
    ancestors = client.get("/embed/questions").headers["content-security-policy"]
    assert "frame-ancestors https://shop.example" in ancestors
    client.sign_in(asker)
    sent = {FIELD: client.csrf_token(), "body": "Posted from a page of somebody else's."}
    path = f"/questions/{question.id}/answers"
    for foreign in (origin, f"{ORIGIN}.evil.example", f"http://evil{ORIGIN.removeprefix('http://')}"):
        assert client.post(path, data=sent, headers={"Origin": foreign}).status_code == 403


@SQLITE
@pytest.mark.parametrize(
    "host", ["testserver.evil.example", "eviltestserver", "testserver@evil.example", "x.testserver"]
)
def test_case_26_only_the_whole_name_of_the_forum_counts(client: Browser, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400


@SQLITE
def test_case_42_no_spelling_of_an_address_starts_a_count_anew(client: Browser, db: Session) -> None:
    make_account(db, handle="ann")
    spellings = [
        "ann@example.org",
        "ANN@example.org",
        " ann@example.org ",
        "Ann@EXAMPLE.org",
        "ann@Example.Org",
    ]
    statuses = [
        client.post_form("/signin", {"email": spellings[n % 5], "password": "wrong"}).status_code
        for n in range(11)
    ]
    assert statuses == [422] * 10 + [429]


@SQLITE
@pytest.mark.parametrize(
    "path", ["/SIGNIN", "/signin/", "//signin", "/./signin", "/%73ignin/", "/signin;x", "/sign%69n%00"]
)
def test_case_42_no_spelling_of_a_path_leads_past_a_limit(client: Browser, db: Session, path: str) -> None:
    make_account(db, handle="ann")
    for _number in range(10):
        client.post_form("/signin", {"email": "ann@example.org", "password": "wrong"})
    right = {"email": "ann@example.org", "password": PASSWORD}
    assert client.post_form(path, right, follow_redirects=True).status_code in {400, 404, 405, 429}
    assert SESSION_COOKIE not in client.cookies


def test_case_42_pages_and_the_api_share_a_days_questions(
    client: Browser, db: Session, now: datetime
) -> None:
    newcomer = make_user(db, reputation=1)
    most = pace.LIMITS["question"].newcomer
    for number in range(most):
        ask(db, newcomer, now, f"It shows error {number} since the update", "update")
    key = {"Authorization": f"Bearer {make_api_key(db, owner=newcomer)}"}
    wanted = {
        "title": "It shows one error more",
        "body": "It stopped working after the update.",
        "tags": ["update"],
    }
    assert client.post("/api/v1/questions", json=wanted, headers=key).status_code == 429
    form = {**wanted, "tags": "update", "product": "none"}
    assert client.sign_in(newcomer).post_form("/ask", form).status_code == 429
    assert len(db.exec(select(Question)).all()) == most


def _bring_to(
    edge: str, db: Session, question: Question, author: User, moderator: User, now: datetime
) -> None:
    acts: dict[str, Callable[[], object]] = {
        "hidden": lambda: questions.remove(db, question=question, by=moderator, reason="Private", now=now),
        "spam": lambda: questions.remove(
            db, question=question, by=moderator, reason="Spam", as_spam=True, now=now
        ),
        "closed": lambda: questions.close(db, question=question, by=moderator, reason="unclear", now=now),
        "locked": lambda: questions.lock(db, question=question, by=moderator, reason="Heated", now=now),
        "its author left": lambda: accounts.delete_account(
            db, by=author, password=PASSWORD, is_meant=True, now=now
        ),
    }
    acts[edge]()
    db.commit()


def _shown(client: Browser, path: str) -> str:
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200, path
    return answer.text


def _names(page: str) -> list[str]:
    return re.findall(r'href="/(?:questions|users|tags)/([^"/?]+)', page)
