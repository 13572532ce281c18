"""Schemathesis, with all its checks, over every operation of the API's description.

Here a few examples of each, to be quick: made-up requests on SQLite, rows of requests that follow one
another on PostgreSQL. `make fuzz` does everything on both, with another seed each time: before a release, and
after a change of the description.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from app.core.db import new_session
from app.main import create_app
from app.models import Question, User
from app.settings import Settings
from tests.factories.answers import make_answer
from tests.factories.api_keys import make_api_key
from tests.factories.comments import make_comment
from tests.factories.escalations import open_case
from tests.factories.products import make_environment_field, make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.factories.users import make_user
from tests.factories.webhooks import make_endpoint
from tests.support import background
from tests.support.clock import MONDAY_MORNING
from tests.support.served import served
from tests.support.source import ROOT

SEED = os.environ.get("FUZZ_SEED", "1")
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "2")
PHASES = {"sqlite": "fuzzing", "postgresql": "examples,stateful"}
ROLES = {"sqlite": "admin", "postgresql": "member"}
ENDLESS = "/events"


@pytest.mark.slow
def test_no_request_gets_an_answer_that_is_not_described(
    real_engine: Engine, tmp_path: Path, settings: Settings
) -> None:
    kind = real_engine.dialect.name
    role = os.environ.get("FUZZ_ROLE", ROLES[kind])
    unlimited = settings.model_copy(
        update={"api_reads_per_minute": 0, "allowed_hosts": ("127.0.0.1",), "page_cache_mb": 0}
    )
    with new_session(real_engine) as db:
        token = _fill(db, role)
        background.drain(db, unlimited, now=MONDAY_MORNING)
    forum = create_app(unlimited, engine=real_engine)
    with served(forum) as address:
        run = subprocess.run(
            [
                *(
                    Path(sys.executable).with_name("schemathesis"),
                    "--config-file",
                    ROOT / "schemathesis.toml",
                ),
                *("run", f"{address}/api/v1/openapi.json"),
                *("--origin", address, "--header", f"Authorization: Bearer {token}"),
                *("--exclude-path", ENDLESS, "--seed", SEED, "--max-examples", EXAMPLES),
                *("--phases", os.environ.get("FUZZ_PHASES", PHASES[kind])),
                *("--continue-on-failure", "--warnings", "off"),
            ],
            cwd=tmp_path,
            env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=1_800,
            check=False,
        )
    print(run.stdout[-2_000:])
    assert run.returncode == 0, run.stdout + run.stderr


def _fill(db: Session, role: str) -> str:
    product = make_product(db, slug="x1")
    make_environment_field(db, product=product)
    for number in range(3):
        tag = make_tag(db, name=f"tag{number}", question_count=1)
        answer = make_answer(db, question=make_question(db, tags=[tag], product_id=product.id))
        make_comment(db, post=answer)
    caller = _caller(db, role)
    own = make_question(db, author=caller)
    make_answer(db, question=own)
    make_answer(db, question=own, author=caller)
    for question in db.exec(select(Question)).all()[:2]:
        open_case(db, question=question)
    make_endpoint(db)
    staff = ("staff", "moderate", "webhooks", "admin") if role == "admin" else ()
    return make_api_key(db, owner=caller, scopes=("read", "write", *staff))


def _caller(db: Session, role: str) -> User:
    if role == "admin":
        return make_user(db, handle="caller", support_role="lead", moderation_role="admin")
    return make_user(db, handle="caller", reputation=5_000)
