"""`peerdesk reindex`: build the search index anew beside the present one, or check it against the database."""

from __future__ import annotations

import argparse
import os
import sys

from app.cli.commands import Commands
from app.core.db import make_engine, new_session
from app.domain import search
from app.domain.search import SearchIndex
from app.settings import Settings

GENTLY = 10


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("reindex", help="build the search index anew; searches go on meanwhile")
    parser.add_argument("--check", action="store_true", help="only compare the index with the database")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.add_argument(
        "--gently", action="store_true", help="show progress to staff only, and let everything else go first"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Build the index, or check it."""
    index = SearchIndex(settings.index_dir, engine=settings.search_engine)
    engine = make_engine(settings.database)
    if args.gently:
        os.nice(GENTLY)
    try:
        if args.check:
            with new_session(engine) as db:
                return _check(*search.differences(db, index))
        count = search.rebuild(engine, index, progress=None if args.quiet or args.gently else _show)
    except search.IndexMissing:
        print("There is no search index yet: run peerdesk reindex.", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    if not (args.quiet or args.gently):
        print(f"\n{count} questions are in the index.")
    return 0


def _check(missing: set[int], surplus: set[int]) -> int:
    if not missing and not surplus:
        print("The index has exactly the visible questions.")
        return 0
    print(f"{len(missing)} questions are missing, {len(surplus)} too many.", file=sys.stderr)
    print(f"missing: {sorted(missing)[:20]}  too many: {sorted(surplus)[:20]}", file=sys.stderr)
    return 1


def _show(done: int, total: int) -> None:
    print(f"\r{done} of {total} questions", end="", file=sys.stderr, flush=True)
