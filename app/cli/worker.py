"""`peerdesk worker`: relay events, run jobs, send mail, feed the search index, do what is due by the clock."""

from __future__ import annotations

import argparse

from app.cli.commands import Commands
from app.core.db import make_engine
from app.settings import Settings
from app.worker.loop import run_until_stopped


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("worker", help="run the background worker (serve does it by itself)")
    parser.add_argument("--parent", type=int, default=0, metavar="PID", help="end when this process is gone")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Work until interrupted."""
    engine = make_engine(settings.database)
    run_until_stopped(engine, settings, parent=args.parent)
    return 0
