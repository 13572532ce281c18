from __future__ import annotations

import pytest

from app.models import User
from tests.factories.images import make_image
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
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
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
