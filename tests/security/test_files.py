"""Attack cases 6, 35, 44 and 46: what is uploaded, and what can be had from the disk."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from app.models import Attachment, User
from app.settings import Settings
from tests.factories.images import make_image
from tests.support.browser import Browser

SCRIPT = {"X-Fragment": "1"}
TRAVERSALS = [
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/secret_key",
    "....//....//secret_key",
    "..%5c..%5csecret_key",
    "%252e%252e%252fsecret_key",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "css/../../../../settings.py",
    "css/..%2f..%2f..%2f..%2fsettings.py",
    "app.css%00.png",
    "",
    ".",
    "css/",
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("x.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("x.html", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("x.png", b"<html><script>alert(1)</script>"),
        ("x.xml", b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"),
        ("x.pdf", b"%PDF-1.7"),
        ("x.swf", b"CWS\x06"),
        ("x.gif", b"GIF89a=1;alert(1)//"),
        ("x.log", b"MZ\x90\x00\x03"),
        ("x", b"#!/bin/sh"),
    ],
)
def test_case_6_nothing_that_runs_is_taken(
    client: Browser, db: Session, settings: Settings, asker: User, name: str, content: bytes
) -> None:
    client.sign_in(asker)
    for claimed in ("image/png", "text/html", "image/svg+xml"):
        sent = client.post_form("/uploads", files={"file": (name, content, claimed)}, headers=SCRIPT)
        assert sent.status_code == 422
    assert db.exec(select(Attachment)).all() == []
    assert not settings.uploads_dir.exists() or not any(settings.uploads_dir.rglob("*.*"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_case_6_a_script_behind_an_image_does_not_come_back(client: Browser, asker: User, kind: str) -> None:
    client.sign_in(asker)
    polyglot = make_image(kind) + b"/*<script>alert(1)</script>*/"
    sent = client.post_form("/uploads", files={"file": ("x.html", polyglot, "text/html")}, headers=SCRIPT)
    shown = client.get(sent.json()["url"])
    assert shown.headers["content-type"] in {"image/jpeg", "image/png", "image/webp"}
    assert b"script" not in shown.content


def test_case_35_a_bomb_is_refused(client: Browser, asker: User) -> None:
    client.sign_in(asker)
    image = bytearray(make_image("PNG"))
    image[16:24] = (50_000).to_bytes(4, "big") * 2
    sent = client.post_form(
        "/uploads", files={"file": ("bomb.png", bytes(image), "image/png")}, headers=SCRIPT
    )
    assert sent.status_code == 422


@pytest.mark.parametrize("path", TRAVERSALS)
def test_case_44_no_path_leads_out_of_a_folder(client: Browser, settings: Settings, path: str) -> None:
    for folder in ("/static/x/", "/uploads/"):
        answer = client.get(folder + path)
        assert answer.status_code in {303, 307, 400, 404}, folder
        assert settings.secret_key not in answer.text


@pytest.mark.parametrize(
    "filename", ["../../../../tmp/evil.png", "..\\..\\evil.png", "/etc/evil.png", "a\x00.png", "." * 300]
)
def test_case_44_no_name_of_an_upload_says_where_it_goes(
    client: Browser, db: Session, settings: Settings, asker: User, filename: str
) -> None:
    client.sign_in(asker)
    client.post_form("/uploads", files={"file": (filename, make_image(), "image/png")}, headers=SCRIPT)
    kept = [path for path in settings.data_dir.rglob("*") if path.is_file() and "secret" not in path.name]
    assert all(path.is_relative_to(settings.uploads_dir) for path in kept)
    assert all("evil" not in path.name for path in kept)
    assert all("/" not in row.name and "\\" not in row.name for row in db.exec(select(Attachment)))


@pytest.mark.parametrize(
    "path",
    [
        "/data/peerdesk.db",
        "/peerdesk.db",
        "/secret_key",
        "/mail/",
        "/search/MAIN.toc",
        "/.env",
        "/backup.zip",
        "/.git/config",
    ],
)
def test_case_46_nothing_of_the_data_folder_can_be_had(client: Browser, path: str) -> None:
    assert client.get(path).status_code == 404
