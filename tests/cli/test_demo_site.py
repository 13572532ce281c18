"""The sample product site: `make run` serves it beside the forum, on an origin of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from app.cli import demo_site
from app.cli.__main__ import main

FORUM = "http://127.0.0.1:8000"
PATIENCE = 60  # seconds, for a busy machine


@pytest.fixture
def origin() -> Iterator[str]:
    with demo_site.make_server(
        "127.0.0.1", 0, **demo_site.sample_page(FORUM, product="a b", name="<Quill>")
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield demo_site.origin_at("127.0.0.1", server.server_address[1])
        server.shutdown()


def test_it_is_one_page_under_a_strict_policy(origin: str) -> None:
    with urllib.request.urlopen(origin) as answer:
        page, policy = answer.read().decode(), answer.headers["Content-Security-Policy"]
    assert f'<script src="{FORUM}/embed/peerdesk.js" defer>' in page
    assert "&lt;Quill&gt;: help" in page
    assert f"{FORUM}/ask?product=a%20b" in page
    assert policy.startswith(f"default-src 'none'; script-src {FORUM};")
    assert "unsafe" not in policy
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{origin}/../../etc/passwd")


def test_its_address_is_what_a_browser_on_this_machine_writes() -> None:
    assert demo_site.origin_at("0.0.0.0", 8001) == "http://127.0.0.1:8001"
    assert demo_site.origin_at("127.0.0.1", 8001) == "http://127.0.0.1:8001"


def test_serve_has_it_only_when_asked_and_then_lets_it_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    assert "for trying out: also serve a product site" in " ".join(capsys.readouterr().out.split())
    with socket.socket() as forum, socket.socket() as site:
        forum.bind(("127.0.0.1", 0))
        port = forum.getsockname()[1]
        site.bind(("127.0.0.1", port + 1))  # both are free
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--no-worker", "--demo-site"]
    environment = {**os.environ, "PEERDESK_DATA_DIR": str(tmp_path), "PEERDESK_LOG_LEVEL": "warning"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        try:
            said = _until(process.stdout, "product site")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=PATIENCE)
    assert re.search(rf"Peerdesk is at http://127.0.0.1:{port}\n", said)
    assert said.endswith(f"A product site that embeds it is at http://127.0.0.1:{port + 1}\n")


def _until(output: IO[str], words: str) -> str:
    """Return what is said up to the line with these words."""
    said = ""
    for line in output:
        said += line
        if words in line:
            break
    return said
