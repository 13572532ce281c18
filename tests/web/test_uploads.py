from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import Session

from app.domain import answers, comments
from app.models import User
from tests.factories.images import make_image
from tests.factories.questions import make_question
from tests.support.browser import Browser

SCRIPT = {"X-Fragment": "1"}


def test_a_member_uploads_an_image_and_everybody_sees_it(client: Browser, asker: User) -> None:
    client.sign_in(asker)
    sent = client.post_form(
        "/uploads", files={"file": ("shot.png", make_image(), "image/png")}, headers=SCRIPT
    )
    assert sent.status_code == 201
    assert sent.json()["markdown"] == f"![shot.png]({sent.json()['url']}#40x30)"
    shown = client.sign_in(None).get(sent.json()["url"])
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["cache-control"] == "private, max-age=600"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert "set-cookie" not in shown.headers


def test_without_scripts_a_page_shows_what_to_paste(client: Browser, asker: User) -> None:
    client.sign_in(asker)
    assert 'enctype="multipart/form-data"' in client.get("/uploads").text
    sent = client.post_form("/uploads", files={"file": ("shot.png", make_image(), "image/png")})
    assert sent.status_code == 201
    assert "![shot.png](/uploads/" in sent.text


def test_a_log_file_is_downloaded_never_shown(client: Browser, asker: User) -> None:
    client.sign_in(asker)
    html = b"<script>alert(1)</script>"
    sent = client.post_form("/uploads", files={"file": ("boot.log", html, "text/html")}, headers=SCRIPT)
    shown = client.get(sent.json()["url"])
    assert shown.content == html
    assert shown.headers["content-type"] == "text/plain; charset=utf-8"
    assert shown.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize("headers", [{}, SCRIPT])
def test_a_refused_file_is_told_in_a_sentence(client: Browser, asker: User, headers: dict[str, str]) -> None:
    client.sign_in(asker)
    sent = client.post_form(
        "/uploads", files={"file": ("x.svg", b"<svg onload=alert(1)/>", "image/png")}, headers=headers
    )
    assert sent.status_code == 422
    assert "no image we can show" in sent.text


@pytest.mark.parametrize("data", [None, {"file": "a text, no file"}])
def test_a_form_without_a_file_is_refused(client: Browser, asker: User, data: dict[str, str] | None) -> None:
    client.sign_in(asker)
    assert client.post_form("/uploads", data).status_code == 422


def test_a_stranger_cannot_upload(client: Browser) -> None:
    sent = client.post_form(
        "/uploads", files={"file": ("shot.png", make_image(), "image/png")}, headers=SCRIPT
    )
    assert sent.status_code == 401
    assert client.get("/uploads").headers["location"].startswith("/signin")


def test_a_suspended_member_cannot_upload(client: Browser, suspended: User) -> None:
    client.sign_in(suspended)
    sent = client.post_form(
        "/uploads", files={"file": ("shot.png", make_image(), "image/png")}, headers=SCRIPT
    )
    assert sent.status_code == 403


def test_a_file_above_the_limit_is_refused(client: Browser, asker: User) -> None:
    client.sign_in(asker)
    large = make_image() + b"\x00" * 8_000_000
    assert client.post_form("/uploads", files={"file": ("x.png", large, "image/png")}).status_code == 422
    larger = make_image() + b"\x00" * 9_000_000
    assert client.post_form("/uploads", files={"file": ("x.png", larger, "image/png")}).status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/uploads/" + "0" * 64 + ".png",
        "/uploads/" + "0" * 64 + ".svg",
        "/uploads/" + "0" * 63 + ".png",
        "/uploads/../secret_key",
        "/uploads/..%2f..%2fsecret_key",
        "/uploads/%2e%2e/%2e%2e/etc/passwd",
        "/uploads/" + "0" * 64 + ".png%00.html",
        "/uploads/" + "0" * 64 + ".png/../../secret_key",
        "/uploads/" + "A" * 64 + ".png",
    ],
)
def test_there_is_nothing_else_to_be_had(client: Browser, path: str) -> None:
    assert client.get(path).status_code in {400, 404}


def test_what_only_hidden_posts_show_is_gone_with_them(
    client: Browser,
    db: Session,
    asker: User,
    answerer: User,
    moderator: User,
    now: datetime,
    drain: Callable[[Session], None],
) -> None:
    markdown, url = _upload(client.sign_in(answerer))
    question = make_question(db, author=asker)
    answer = answers.post(
        db, question=question, author=answerer, body=f"See the picture of the fuse: {markdown}", now=now
    )
    drain(db)
    assert client.sign_in(None).get(url).status_code == 200
    answers.remove(db, answer=answer, by=moderator, reason="private data", now=now)
    for viewer in (None, asker):
        assert client.sign_in(viewer).get(url).status_code == 404
    for viewer in (answerer, moderator):
        assert client.sign_in(viewer).get(url).status_code == 200


def test_a_second_post_that_shows_it_keeps_an_upload(
    client: Browser,
    db: Session,
    asker: User,
    answerer: User,
    agent: User,
    moderator: User,
    now: datetime,
    drain: Callable[[Session], None],
) -> None:
    markdown, url = _upload(client.sign_in(asker))
    question = make_question(db, author=asker)
    body = f"The lamp that matters is this one: {markdown}"
    first, second = (
        answers.post(db, question=question, author=by, body=body, now=now) for by in (answerer, agent)
    )
    drain(db)
    answers.remove(db, answer=first, by=moderator, reason="twice", now=now)
    assert client.sign_in(None).get(url).status_code == 200
    answers.remove(db, answer=second, by=moderator, reason="twice", now=now)
    assert client.get(url).status_code == 404


def test_the_picture_of_a_hidden_comment_is_hidden(
    client: Browser,
    db: Session,
    asker: User,
    agent: User,
    moderator: User,
    now: datetime,
    drain: Callable[[Session], None],
) -> None:
    markdown, url = _upload(client.sign_in(agent))
    question = make_question(db, author=asker)
    comment = comments.post(db, post=question, author=agent, body=f"Like this one? {markdown}", now=now)
    drain(db)
    assert client.sign_in(None).get(url).status_code == 200
    comments.remove(db, comment=comment, by=moderator, reason="private data", now=now)
    assert client.sign_in(None).get(url).status_code == 404


def _upload(browser: Browser) -> tuple[str, str]:
    sent = browser.post_form(
        "/uploads", files={"file": ("lamp.png", make_image(), "image/png")}, headers=SCRIPT
    )
    return sent.json()["markdown"], sent.json()["url"]
