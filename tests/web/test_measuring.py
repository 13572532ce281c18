"""What operators see: counts and latency by route, what waits, readiness, and log lines that name their request."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel import Session

from app.core import logs, schema
from app.core.db import make_engine
from app.core.measures import BOUNDS, Measures, forget
from app.settings import Settings
from app.web.health import CHECKS
from tests.factories.questions import make_question
from tests.support.browser import Browser
from tests.support.clock import Clock
from tests.support.community import settle

TOKEN = "a-token-of-16-chars"
SENT = {"Authorization": f"Bearer {TOKEN}"}
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)+)\})? (-?[0-9.e+]+)')


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"metrics_token": TOKEN})


def samples(text: str) -> dict[str, float]:
    """Read what Prometheus would read; every line must be one that it takes."""
    found = {}
    for line in text.splitlines():
        if not line.startswith(("# HELP peerdesk_", "# TYPE peerdesk_")):
            match = SAMPLE.fullmatch(line)
            assert match, line
            found[line.rpartition(" ")[0]] = float(match[3])
    return found


def test_requests_are_counted_by_route_and_never_by_address(client: Browser, db: Session) -> None:
    question = make_question(db)
    for path in (
        f"/questions/{question.id}",
        f"/questions/{question.id}/x",
        "/questions/999/x",
        "/no/such",
        "/no2/",
        "/tags/",
    ):
        client.get(path, follow_redirects=False)
    client.request("BREW", "/")
    found = samples(client.get("/metrics", headers=SENT).text)
    thread = 'route="/questions/{question_id:int}/{words}"'
    assert found[f'peerdesk_requests_total{{{thread},method="GET",status="4xx"}}'] == 1
    assert found['peerdesk_requests_total{route="/",method="OTHER",status="4xx"}'] == 1
    assert found['peerdesk_requests_total{route="(none)",method="GET",status="3xx"}'] == 1
    assert found[f"peerdesk_request_seconds_count{{{thread}}}"] == 2
    assert found[f'peerdesk_request_seconds_bucket{{{thread},le="+Inf"}}'] == 2
    told = " ".join(found)
    assert "such" not in told
    assert "no2" not in told
    assert "999" not in told


def test_groups_of_routes_and_kept_pages_keep_their_places_apart(client: Browser) -> None:
    for path in ("/tags", "/tags", "/desk/tags", "/api/v1/tags", "/api/v1/tags"):
        client.get(path)
    found = samples(client.get("/metrics", headers=SENT).text)
    assert found['peerdesk_requests_total{route="/tags",method="GET",status="2xx"}'] == 2
    assert found['peerdesk_requests_total{route="/api/v1/tags",method="GET",status="2xx"}'] == 2
    assert found['peerdesk_requests_total{route="/desk/tags",method="GET",status="4xx"}'] == 1


def test_it_tells_what_waits_and_how_the_queue_stands(
    client: Browser, db: Session, clock: Clock, drain: Callable[[Session], None]
) -> None:
    clock.now += timedelta(days=400)  # behind all that the community did
    settle(db)
    found = samples(client.get("/metrics", headers=SENT).text)
    assert found["peerdesk_database_up"] == 1
    assert found['peerdesk_queue_waiting{queue="outbox"}'] > 10
    assert found['peerdesk_queue_waiting{queue="index"}'] > 10
    assert found['peerdesk_queue_oldest_seconds{queue="outbox"}'] > 0
    assert found['peerdesk_cases{state="queued"}'] >= 1
    assert found["peerdesk_clocks_breached"] == 0


def test_there_is_nothing_for_who_lacks_the_token(client: Browser, app: FastAPI, settings: Settings) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        answer = client.get("/metrics", headers=headers)
        assert answer.status_code == 401
        assert "peerdesk_" not in answer.text
    app.state.settings = settings.model_copy(update={"metrics_token": ""})
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_processes_add_up_and_one_that_ended_still_counts(tmp_path: Path) -> None:
    one, other, ended = (Measures(tmp_path / "measures") for _ in range(3))
    for measures, seconds in ((one, 0.004), (other, 0.02), (ended, 99.0)):
        measures.count(("/", "GET", "2xx"), seconds)
        measures.write()
    other.count(("/api/v1/events", "GET", "2xx"), None)
    assert one.totals().answered[("/", "GET", "2xx")] == 3
    counts = one.totals().between["/"]
    assert (counts[0], counts[2], counts[len(BOUNDS)], sum(counts)) == (1, 1, 1, 3)
    assert "/api/v1/events" not in other.totals().between
    forget(tmp_path / "measures")
    assert one.totals().answered[("/", "GET", "2xx")] == 1


def test_readiness_tells_what_each_check_found(
    client: Browser, app: FastAPI, tmp_path: Path, settings: Settings
) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {"status": "ready", "checks": dict.fromkeys(CHECKS, "ok")},
    )
    app.state.bind = engine = make_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    old = client.get("/readyz")
    assert (old.status_code, old.headers["Retry-After"]) == (503, "5")
    assert "peerdesk migrate" in old.json()["checks"]["schema"]
    assert old.json()["checks"]["database"] == "ok"
    schema.migrate(engine)
    assert client.get("/readyz").status_code == 200
    engine.dispose()
    app.state.bind = gone = make_engine(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    away = client.get("/readyz")
    assert (away.status_code, away.json()["checks"]["database"]) == (503, "it does not answer")
    assert samples(client.get("/metrics", headers=SENT).text)["peerdesk_database_up"] == 0
    gone.dispose()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Callable[[logging.Formatter], list[str]]:
    """Collects log lines as a formatter writes them."""

    def collect(formatter: logging.Formatter) -> list[str]:
        lines: list[str] = []
        handler = logging.Handler(logging.INFO)
        monkeypatch.setattr(handler, "emit", lambda record: lines.append(formatter.format(record)))
        for name in ("peerdesk.request", "app.web.errors"):
            logger = logging.getLogger(name)
            for attribute, value in (("handlers", [handler]), ("disabled", False), ("level", logging.INFO)):
                monkeypatch.setattr(logger, attribute, value)
            logger.manager._clear_cache()  # type: ignore[attr-defined]
        return lines

    return collect


def test_every_line_of_a_request_and_its_answer_have_its_id(
    app: FastAPI, client: Browser, written: Callable[[logging.Formatter], list[str]]
) -> None:
    @app.get("/breaks")
    def breaks() -> None:
        raise ZeroDivisionError

    lines = written(logs.AsJson())
    given = "from-the-proxy-0815"
    answer = client.get("/breaks", headers={"X-Request-ID": given})
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] == given
    assert given in answer.text
    failed, asked = (json.loads(line) for line in lines)
    assert failed["request_id"] == asked["request_id"] == given
    assert "ZeroDivisionError" in failed["exception"]
    assert (asked["method"], asked["path"], asked["route"], asked["status"]) == (
        "GET",
        "/breaks",
        "/breaks",
        500,
    )
    assert asked["time"].endswith("+00:00")
    assert logs.request_id.get() == ""


def test_a_line_for_people_ends_with_the_id(
    client: Browser, written: Callable[[logging.Formatter], list[str]]
) -> None:
    lines = written(logs.AsText())
    answer = client.get("/healthz")
    assert lines[-1].endswith(f"id={answer.headers['X-Request-Id']}")
    assert "GET /healthz 200" in lines[-1]


def test_a_json_line_is_one_line_whatever_is_logged() -> None:
    try:
        int("two\nlines")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, 'a "b"\n%s', ("c\u2028",), sys.exc_info())
    line = logs.AsJson().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == 'a "b"\nc\u2028'
