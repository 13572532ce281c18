"""`peerdesk worker`: relay events, run jobs, send mail, feed the search index, do what is due by the clock."""

from __future__ import annotations

import argparse

from app import settings as configuration
from app.cli.commands import Commands
from app.core import garbage, logs
from app.core.db import make_engine
from app.settings import Settings
from app.worker.loop import run_until_stopped


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("worker", help="run the background worker (serve does it by itself)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:  # noqa: ARG001
    """Work until interrupted."""
    run_until_stopped(make_engine(settings.database), settings)
    return 0


def work_beside() -> None:
    """Work as a child process of `serve`, for the settings of the environment, until stopped or `serve` is gone."""
    garbage.keep_what_is_loaded()
    settings = configuration.load()
    logs.set_up(settings.log_level, settings.log_format)
    run_until_stopped(make_engine(settings.database), settings)
