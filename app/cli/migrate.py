"""`peerdesk migrate`: bring the database up to date, or check that it is."""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from app.cli.commands import Commands
from app.core import schema
from app.core.db import make_engine
from app.settings import Settings


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("migrate", help="bring the database up to date")
    parser.add_argument(
        "--to", default="head", metavar="REVISION", help="up or down to this one (default: newest)"
    )
    parser.add_argument(
        "--check", action="store_true", help="only check that migrations and code agree, on an empty database"
    )
    parser.add_argument(
        "--lock-timeout",
        type=float,
        default=schema.LOCK_TIMEOUT.total_seconds(),
        metavar="SECONDS",
        help="how long to wait for each lock on PostgreSQL before giving up (default: 5)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Migrate, or check for drift."""
    if args.check:
        return _check()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database)
    try:
        schema.migrate(engine, to=args.to, lock_timeout=timedelta(seconds=args.lock_timeout))
        print(f"The database is at {schema.present_revision(engine) or 'its beginning'}.")
    finally:
        engine.dispose()
    return 0


def _check() -> int:
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'check.db'}")
        schema.migrate(engine)
        difference = schema.drift(engine)
        engine.dispose()
    if difference:
        print(f"The tables in the code differ from the migrations: {difference}", file=sys.stderr)
        return 1
    print("Migrations and code agree.")
    return 0
