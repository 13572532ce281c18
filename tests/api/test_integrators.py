"""What integrators are given: the reference, examples that run, a description that generators understand."""

from __future__ import annotations

import html
import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.core.db import new_session
from app.core.resources import resource
from app.main import create_app
from app.models import Answer, Question
from app.settings import Settings
from tests.factories.api_keys import make_api_key
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support import background
from tests.support.browser import Browser
from tests.support.clock import MONDAY_MORNING
from tests.support.served import served
from tests.support.source import ROOT

CAST = {"asker": "", "helper": "", "lead": "lead"}
KINDS = ("curl", "python", "javascript")
PLACE = "https://support.example.com"
SAMPLE_KEY = "pd_0123456789abcdefghijklmnopqrstuvwxyzA"


@pytest.fixture
def forum(real_engine: Engine, settings: Settings) -> FastAPI:
    local = settings.model_copy(update={"allowed_hosts": ("127.0.0.1",)})
    return create_app(local, engine=real_engine)


@pytest.fixture
def real_db(real_engine: Engine) -> Iterator[Session]:
    with new_session(real_engine) as db:
        yield db


def run(kind: str, address: str, token: str, folder: Path) -> str:
    """Run an example as it stands on the help page, but for the address and the key; return what it prints."""
    text = (resource("templates") / f"help/_api_{kind}.txt").read_text()
    assert PLACE in text
    file = folder / {"curl": "example.sh", "python": "example.py", "javascript": "example.mjs"}[kind]
    file.write_text(text.replace(PLACE, address).replace(SAMPLE_KEY, token))
    program = {"curl": shutil.which("bash"), "python": sys.executable, "javascript": shutil.which("node")}[
        kind
    ]
    needed = {"curl": "curl", "python": sys.executable, "javascript": "node"}[kind]
    if program is None or shutil.which(needed) is None:
        pytest.skip(f"no {needed} on this machine")
    done = subprocess.run([program, file], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_examples_run_as_they_stand(
    forum: FastAPI, real_db: Session, settings: Settings, tmp_path: Path
) -> None:
    question = make_question(real_db, title="There is no sound at all", body="Silence since the update.")
    token = make_api_key(real_db, owner=make_user(real_db, handle="caller"))
    background.drain(real_db, settings, now=MONDAY_MORNING)
    with served(forum) as address:
        printed = run("curl", address, token, tmp_path)
        assert "There is no sound at all" in printed
        assert '"title":"No sound after the update to 1.4"' in printed
        assert f"{question.id} There is no sound at all" in run("python", address, token, tmp_path)
        real_db.rollback()
        answer = real_db.exec(select(Answer)).one()
        assert (answer.revision, answer.body) == (2, "Reset the mixer to its defaults, then restart it.")
        real_db.rollback()
        assert run("javascript", address, token, tmp_path) == ""  # nothing is solved yet


def test_the_examples_stand_on_the_help_page_and_in_the_documentation(client: Browser) -> None:
    page = client.get("/help/api").text
    documentation = (ROOT / "docs" / "api.md").read_text()
    for kind in KINDS:
        text = (resource("templates") / f"help/_api_{kind}.txt").read_text()
        assert text in html.unescape(page)
        assert text.strip() in documentation


def test_the_reference_names_every_operation_document_and_refusal(client: Browser, app: FastAPI) -> None:
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text.partition("<main")[2]
    document = app.state.api_document()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in page.text
            assert f'id="{operation["operationId"]}"' in page.text
            assert operation["description"].strip(), operation["operationId"]
    for name in document["components"]["schemas"]:
        assert f'id="document-{name}"' in page.text
    assert 'id="problem-stale"' in page.text
    assert "Agents; a key needs the scopes write and staff." in page.text


def test_the_list_of_operations_has_not_changed_unnoticed(app: FastAPI) -> None:
    snapshot = Path(__file__).with_name("operations.txt")
    paths = app.state.api_document()["paths"]
    present = "".join(
        f"{method.upper()} {path} {operation['operationId']}\n"
        for path, methods in sorted(paths.items())
        for method, operation in sorted(methods.items())
    )
    if not snapshot.exists():
        snapshot.write_text(present)
    assert snapshot.read_text() == present, (
        f"Clients rely on what is there. If it is only more than before, delete {snapshot.name}, run this test "
        "once, and commit the new list."
    )


@pytest.mark.slow
def test_a_generated_client_asks_answers_votes_accepts_and_finds(
    forum: FastAPI,
    real_db: Session,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = [make_user(real_db, handle=name, support_role=role) for name, role in CAST.items()]
    keys = [make_api_key(real_db, owner=one, scopes=("read", "write", "staff")) for one in people]
    client = generated(forum, tmp_path, monkeypatch)
    with served(forum) as address, ExitStack() as stack:
        made = client("client").AuthenticatedClient
        theirs, other, staff = (
            stack.enter_context(made(base_url=f"{address}/api/v1", token=key)) for key in keys
        )
        models = client("models")
        question = models.NewQuestion(
            title="No sound after the update", body="The speakers are silent since then.", tags=["sound"]
        )
        asked = client("api.questions.ask_question").sync(client=theirs, body=question)
        answer = client("api.answers.post_answer").sync(
            asked.id, client=other, body=models.NewAnswer(body="Reset the mixer, then restart it.")
        )
        voted = client("api.votes.vote_on_answer").sync(
            answer.id, client=theirs, body=models.NewVote.from_dict({"value": 1})
        )
        assert voted.score == 1
        work_on(client, staff, asked.id)
        solved = client("api.answers.accept_answer").sync(
            asked.id, client=theirs, body=models.AcceptedAnswer(answer_id=answer.id)
        )
        assert solved.accepted_answer_id == answer.id
        background.drain(real_db, settings, now=MONDAY_MORNING)
        found = client("api.search.search_questions").sync(client=theirs, q="speakers is:solved")
        assert [row.question.id for row in found.data] == [asked.id]
        refused = client("api.questions.get_question").sync(10**9, client=theirs)
        assert (refused.status, refused.title) == (404, "Not found")
    real_db.rollback()
    assert real_db.exec(select(Question.accepted_answer_id)).one() == answer.id


def work_on(client: Any, staff: Any, question_id: int) -> None:
    """Bring a question to staff and put it aside, by the generated client."""
    models = client("models")

    def case(act: str) -> Any:
        return client(f"api.escalations.{act}_escalation").sync

    opened = case("open")(client=staff, body=models.NewEscalation(question_id=question_id))
    assert case("claim")(opened.id, client=staff).owner.handle == "lead"
    until = datetime.now(UTC) + timedelta(hours=1)
    slept = case("snooze")(opened.id, client=staff, body=models.Snooze(until=until))
    assert slept.snoozed_until == until
    listing = client("api.escalations.list_escalations").sync
    normal = models.ListEscalationsPriorityItem.NORMAL
    mine = listing(client=staff, view=models.ListEscalationsView.MINE, priority=[normal])
    assert [row.id for row in mine.data] == [opened.id]
    assert client("api.escalations.get_support_report").sync(client=staff).endings.opened == 1


def generated(forum: FastAPI, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Generate a client from the description as it is, and return what imports its modules."""
    description = folder / "openapi.json"
    description.write_text(json.dumps(forum.state.api_document()))
    made = subprocess.run(
        [
            *(Path(sys.executable).with_name("openapi-python-client"), "generate", "--path", description),
            *("--meta", "none", "--output-path", folder / "peerdesk_client", "--fail-on-warning"),
        ],
        cwd=folder,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    monkeypatch.syspath_prepend(folder)
    return lambda name: importlib.import_module(f"peerdesk_client.{name}")
