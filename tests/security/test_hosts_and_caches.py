"""Attack cases 17, 23, 38, 39 and 40: what headers claim changes nothing, and shared caches get nothing private."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from app.models import User
from app.settings import Settings
from app.web.deps import SESSION_COOKIE
from tests.factories.accounts import make_account
from tests.factories.questions import make_question
from tests.support.addresses import Forum, filled
from tests.support.browser import Browser
from tests.support.clock import Clock
from tests.support.mailbox import Mailbox, text_of
from tests.support.routes import RouteFacts

CLAIMS = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Port": "4444",
    "X-Host": "evil.example",
    "X-Original-URL": "/inbox",
    "X-Rewrite-URL": "/inbox",
    "Forwarded": "host=evil.example;proto=gopher",
}
PUBLIC = ["/", "/questions", "/products", "/tags", "/users", "/help", "/search?q=printer", "/signin"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "testserver.evil.example",
        "evil.example:80",
        "testserver@evil.example",
        "",
        "[::1",
        "testserver, evil.example",
        "evil.example@testserver",
        "testserver/evil.example",
        "testserver?evil.example",
        "testserver#@evil.example",
        "testserver:evil",
        "testserver evil.example",
    ],
)
def test_case_17_an_unknown_host_is_refused(client: Browser, host: str) -> None:
    refused = client.get("/", headers={"Host": host})
    assert refused.status_code == 400
    assert "evil" not in refused.text


def test_case_17_links_in_mail_use_the_configured_address(
    client: Browser, db: Session, settings: Settings, clock: Clock
) -> None:
    make_account(db, handle="ann")
    client.post_form("/reset", {"email": "ann@example.org"}, headers=CLAIMS)
    (message,) = Mailbox(db, settings).fetch(now=clock.now)
    links = re.findall(r"https?://[^\s>]+", text_of(message))
    assert links
    assert all(link.startswith(f"{settings.base_url}/") for link in links)
    assert "evil" not in message.as_string()


@pytest.mark.parametrize("path", PUBLIC)
def test_cases_17_and_38_no_header_finds_its_way_into_a_page(client: Browser, path: str) -> None:
    plain, poisoned = client.get(path), client.get(path, headers=CLAIMS)
    assert poisoned.status_code == plain.status_code
    assert "evil" not in poisoned.text
    assert "evil" not in str(poisoned.headers)


def test_case_38_redirects_stay_on_this_host(client: Browser, forum: Forum) -> None:
    for path in (f"/questions/{forum.question.id}", f"/posts/{forum.answer.id}", "/inbox", "/settings"):
        location = client.get(path, headers=CLAIMS).headers["location"]
        assert location.startswith("/")
        assert not location.startswith("//")


def test_case_38_pages_are_never_kept_by_shared_caches_with_anything_private(
    client: Browser, forum: Forum, readable: list[RouteFacts]
) -> None:
    for viewer in (None, forum.author):
        client.sign_in(viewer)
        for route in readable:
            answer = client.get(filled(route.path, forum.parameters()))
            kept = answer.headers.get("cache-control", "")
            if "set-cookie" in answer.headers or (
                viewer and "text/html" in answer.headers.get("content-type", "")
            ):
                assert "public" not in kept, str(route)
            if "public" in kept:
                assert "csrf" not in answer.text, str(route)


def test_case_38_what_a_moderator_reads_is_kept_for_nobody(
    client: Browser, db: Session, moderator: User, asker: User
) -> None:
    """Whatever way the session comes in: some proxies send a line for each cookie."""
    hidden = make_question(
        db, author=asker, removed_at=client.forum.state.now(), removal="hidden", removed_by_id=moderator.id
    )
    session = f"{SESSION_COOKIE}={client.sign_in(moderator).cookies[SESSION_COOKIE]}"
    client.cookies.clear()
    for number, lines in enumerate(([session], ["a=b", session], [session, "a=b"], [f"a=b; {session}"])):
        path = f"/api/v1/questions/{hidden.id}?with_removed=true&attempt={number}"
        read = client.get(path, headers=[("Cookie", line) for line in lines])
        assert read.json()["title"] == hidden.title
        assert client.get(path).status_code == 404


def test_case_38_packed_bytes_are_sent_as_packed_only(client: Browser, forum: Forum) -> None:
    for path in ("/", "/questions", "/api/v1/questions", f"/api/v1/questions/{forum.question.id}"):
        for encoding in ("gzip", "gzip", "identity", "identity"):
            answer = client.get(path, headers={"Accept-Encoding": encoding})
            assert answer.headers.get("content-encoding", "identity") in ("identity", encoding), path
            assert answer.text.startswith(("<!doctype", "{"))


@pytest.mark.parametrize(
    "referer",
    ["http://[::1", "http://testserver]/search?q=a", "http://testserver/search?q=" + "&a=b" * 40, "\x7f"],
)
def test_no_referer_fails_a_page(client: Browser, forum: Forum, referer: str) -> None:
    path = f"/questions/{forum.question.id}"
    shown = client.get(path, headers={"Referer": referer}, follow_redirects=True)
    assert shown.status_code == 200


def test_case_38_a_flash_is_for_one_browser(client: Browser, forum: Forum) -> None:
    client.sign_in(forum.author)
    client.post_form(f"/questions/{forum.question.id}/follow")
    assert "no-cache" in client.get("/questions").headers["cache-control"]


def test_case_39_no_page_can_be_framed(client: Browser, forum: Forum, readable: list[RouteFacts]) -> None:
    client.sign_in(forum.author)
    for route in readable:
        headers = client.get(filled(route.path, forum.parameters())).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], str(route)
        assert headers["x-content-type-options"] == "nosniff", str(route)


@pytest.mark.parametrize("status", [400, 404, 413])
def test_errors_carry_the_same_headers(client: Browser, asker: User, status: int) -> None:
    answer = {
        400: lambda: client.get("/", headers={"Host": "evil.example"}),
        404: lambda: client.get("/no-such-page"),
        413: lambda: client.post("/preview", content=b"x" * 10_000_000),
    }[status]()
    assert answer.status_code == status
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_case_40_no_origin_is_ever_allowed_by_name(client: Browser, forum: Forum, origin: str) -> None:
    client.sign_in(forum.author)
    for path in (*PUBLIC, "/settings"):
        headers = client.get(path, headers={"Origin": origin}).headers
        assert "access-control-allow-origin" not in headers
        assert "access-control-allow-credentials" not in headers


def test_case_23_a_claimed_address_moves_no_limit(client: Browser, db: Session) -> None:
    make_account(db, handle="ann")
    statuses = [
        client.post_form(
            "/signin",
            {"email": "ann@example.org", "password": "wrong"},
            headers={"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"},
        ).status_code
        for number in range(11)
    ]
    assert statuses == [422] * 10 + [429]


def test_case_23_a_named_proxy_is_believed_up_to_itself(
    app: FastAPI, client: Browser, settings: Settings, db: Session
) -> None:
    app.state.settings = settings.model_copy(update={"trusted_proxies": ("testclient", "10.0.0.0/8")})
    make_account(db, handle="ann")
    statuses = [
        client.post_form(
            "/signin",
            {"email": "ann@example.org", "password": "wrong"},
            headers={"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.7"},
        ).status_code
        for number in range(11)
    ]
    assert statuses[-1] == 429
