"""`peerdesk demo`: fill an empty database with the sample community, and tell how to sign in to it."""

from __future__ import annotations

import argparse
import sys
import time

from sqlalchemy import Engine

from app.cli.commands import Commands
from app.core import schema
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.core.errors import Conflict
from app.domain import demo
from app.settings import Settings
from app.worker.consumers import consumers_of


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("demo", help="load a sample community into an empty database")
    parser.add_argument(
        "--if-empty",
        action="store_true",
        help="where there is a community already, leave it alone and go on without an error",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Load the sample community unless there is a community already."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database)
    try:
        schema.migrate(engine)
        return _load(engine, settings, if_empty=args.if_empty)
    finally:
        engine.dispose()


def _load(engine: Engine, settings: Settings, *, if_empty: bool) -> int:
    with new_session(engine) as db:
        if demo.is_empty(db):
            print("Loading the sample community ...", flush=True)
            started = time.monotonic()
            summary = demo.load(
                db, now=utc_now(), password=demo.SAMPLE_PASSWORD, consumers=consumers_of("escalations")
            )
            print(f"{summary.sentence()} It took {time.monotonic() - started:.0f} seconds.")
        elif if_empty:
            print("There is a community in this database already: nothing was loaded.")
        else:
            raise Conflict(
                "There is a community in this database already, and the sample goes into an empty one only. "
                "Choose another folder with PEERDESK_DATA_DIR, or another database."
            )
        sign_ins = demo.sample_sign_ins(db)
    if sign_ins:
        print(_table(sign_ins))
        print(
            f'The password of them all is "{demo.SAMPLE_PASSWORD}". They are samples: never open this to the internet.'
        )
    if "base_url" in settings.model_fields_set:
        print(f"The address is {settings.base_url}")
    sys.stdout.flush()
    return 0


def _table(sign_ins: list[demo.SignIn]) -> str:
    width = max(len(row.email) for row in sign_ins)
    lines = [f"  {row.email:<{width}}  {row.role}" for row in sign_ins]
    return "\n".join(["Sample sign-ins:", *lines])
