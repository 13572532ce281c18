"""What holds for every request: quotas, bodies, CORS, problem documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from app.models import User
from tests.api.conftest import Client
from tests.factories.questions import make_question
from tests.support.clock import Clock

WORDS = {"body": "Which firmware version is it, please?"}
SHOP = "https://shop.example"


@pytest.fixture
def few(app: FastAPI) -> None:
    """Ten reads a minute for an address; one write for a member, two for an address."""
    app.state.settings = app.state.settings.model_copy(update={"api_reads_per_minute": 10})


@pytest.mark.usefixtures("few")
def test_reads_are_counted_by_address_and_told(
    api: Client, as_member: Callable[..., Client], asker: User
) -> None:
    first = api("GET", "/questions")
    assert first.headers["ratelimit-policy"] == '"address";q=10;w=60, "subnet";q=100;w=60'
    assert first.headers["ratelimit"].startswith('"address";r=9;t=60, "subnet";r=99;t=')
    for _ in range(9):
        assert api("GET", "/questions").status_code == 200
    refused = api("GET", "/questions")
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["ratelimit"].startswith('"address";r=0;')
    keyed = as_member(asker)("GET", "/me")
    assert keyed.status_code == 200
    assert '"key";r=49;' in keyed.headers["ratelimit"]


@pytest.mark.usefixtures("few")
def test_writes_are_counted_for_all_processes(
    as_member: Callable[..., Client], db: Session, asker: User, answerer: User, clock: Clock
) -> None:
    path = f"/questions/{make_question(db, author=asker).id}/comments"
    member = as_member(asker)
    first = member("POST", path, WORDS)
    assert first.status_code == 201
    assert '"user";r=0;t=60, "address";r=1;t=60' in first.headers["ratelimit"]
    refused = member("POST", path, WORDS)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert as_member(answerer)("PUT", f"/questions/{1}/follow").status_code == 429  # the third of the address
    clock.advance(seconds=60)
    assert member("POST", path, WORDS).status_code == 201


def test_reading_writes_nothing(
    api: Client, db: Session, asker: User, count_queries: Callable[[], Any]
) -> None:
    question = make_question(db, author=asker)
    with count_queries() as queries:
        for path in ("/questions", f"/questions/{question.id}", f"/questions/{question.id}/answers"):
            api("GET", path)
    assert not [
        query
        for query in queries.statements
        if query.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
    ]


def test_a_body_is_bounded_and_json(as_member: Callable[..., Client], asker: User) -> None:
    member = as_member(asker)
    assert member("POST", "/questions", content=b"x" * 1_000_001).status_code == 413
    plain = member("POST", "/questions", content=b"title=x", headers={"Content-Type": "text/plain"})
    assert plain.status_code == 415
    broken = member("POST", "/questions", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400
    for answer in (plain, broken):
        assert answer.headers["content-type"] == "application/problem+json"


def test_everything_wrong_is_pointed_to(as_member: Callable[..., Client], asker: User) -> None:
    body = {"title": "short", "body": 7, "tags": [], "unknown": 1}
    answer = as_member(asker)("POST", "/questions", body)
    problem = answer.json()
    assert answer.status_code == problem["status"] == 422
    assert {one["pointer"] for one in problem["errors"]} == {"#/title", "#/body", "#/tags", "#/unknown"}
    assert problem["instance"] == "/api/v1/questions"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["type"].endswith("/api/v1/docs#problem-invalid")


def test_faults_that_the_domain_finds_are_pointed_to_as_well(
    as_member: Callable[..., Client], asker: User
) -> None:
    body = {"title": " " * 12, "body": " " * 20, "tags": ["sound"], "environment": {"os/x": "10"}}
    errors = as_member(asker)("POST", "/questions", body).json()["errors"]
    assert [one["pointer"] for one in errors] == ["#/environment/os~1x"]
    body["environment"] = {}
    errors = as_member(asker)("POST", "/questions", body).json()["errors"]
    assert {one["pointer"] for one in errors} == {"#/title", "#/body"}


def test_control_characters_do_not_get_in(as_member: Callable[..., Client], asker: User) -> None:
    body = {
        "title": "No sound\x00 after the\x08 update",
        "body": "The speakers are\x00 silent.\r\nNow.",
        "tags": ["a"],
    }
    made = as_member(asker)("POST", "/questions", body).json()
    assert (made["title"], made["body"]) == ("No sound after the update", "The speakers are silent.\nNow.")


def test_unknown_addresses_and_methods_are_problems_too(api: Client) -> None:
    for path in ("/nothing", "/questions/", "/questions/x", "/questions/99999999999", "/tags/a%0Ab"):
        answer = api("GET", path)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
    wrong = api("PUT", "/questions")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, POST")


def test_a_page_of_a_site_on_the_keys_list_may_use_it(as_member: Callable[..., Client], asker: User) -> None:
    member = as_member(asker, origins=[SHOP])
    preflight = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    asked = member.browser.options("/api/v1/questions", headers=preflight)
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == SHOP
    assert "Authorization" in asked.headers["access-control-allow-headers"]
    answer = member("GET", "/me", headers={"Origin": SHOP})
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert "RateLimit" in answer.headers["access-control-expose-headers"]
    for one in (asked, answer):
        assert "access-control-allow-credentials" not in one.headers
        assert "Origin" in one.headers["vary"]


def test_a_page_of_any_other_site_may_not(
    as_member: Callable[..., Client], asker: User, answerer: User
) -> None:
    as_member(answerer, origins=[SHOP])
    member = as_member(asker, origins=["https://mine.example"])
    for origin in (SHOP, "https://evil.example", "null", "https://mine.example.evil.example"):
        refused = member("GET", "/me", headers={"Origin": origin})
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    asked = member.browser.options("/api/v1/me", headers=preflight)
    assert "access-control-allow-origin" not in asked.headers


def test_strangers_pages_read_only_where_the_operator_lets_them(api: Client, app: FastAPI) -> None:
    answer = api("GET", "/questions", headers={"Origin": SHOP})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    app.state.settings = app.state.settings.model_copy(update={"embed_origins": (SHOP,)})
    shared = api("GET", "/questions", headers={"Origin": SHOP})
    assert shared.headers["access-control-allow-origin"] == SHOP
