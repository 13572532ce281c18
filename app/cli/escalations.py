"""`peerdesk escalations take-in`: bring old questions without an answer to staff, on purpose."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from sqlmodel import Session

from app.cli.commands import Commands
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.core.errors import DomainError, Invalid, NotFound
from app.domain import catalog, escalations
from app.models import Product
from app.settings import Settings


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("escalations", help="the staff queue: take in a backlog")
    acts = parser.add_subparsers(title="acts", required=True, metavar="ACT")
    take_in = acts.add_parser("take-in", help="bring questions of before the starting day into the queue")
    take_in.add_argument(
        "--product", metavar="SLUG", help="only those about this product and what is below it"
    )
    take_in.add_argument(
        "--before",
        metavar="DATE",
        help="asked before this day, such as 2026-01-31 (default: the starting day)",
    )
    take_in.add_argument("--dry-run", action="store_true", help="only say how many there are")
    take_in.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Take the backlog in, a batch at a time; interrupted, the same command goes on."""
    engine = make_engine(settings.database)
    try:
        with new_session(engine) as db:
            product, before = _product(db, args.product), _instant(args.before)
            count = escalations.preview_backlog(db, product=product, before=before)
            if args.dry_run:
                print(f"{count:,} questions would come into the queue.")
                return 0
            done = _take_in(db, product, before, count)
    finally:
        engine.dispose()
    print(f"{done:,} questions came into the queue.")
    return 0


def _take_in(db: Session, product: Product | None, before: datetime | None, count: int) -> int:
    done = 0
    while taken := escalations.take_in_backlog(db, product=product, before=before, now=utc_now()):
        done += taken
        if sys.stderr.isatty():
            print(f"\r{done:,} of {count:,}", end="", file=sys.stderr, flush=True)
    if done and sys.stderr.isatty():
        print(file=sys.stderr)
    return done


def _product(db: Session, slug: str | None) -> Product | None:
    if slug is None:
        return None
    try:
        return catalog.product_by_slug(db, slug)
    except NotFound as error:
        raise DomainError(f"There is no product with the address {slug!r}.") from error


def _instant(typed: str | None) -> datetime | None:
    if typed is None:
        return None
    try:
        found = datetime.fromisoformat(typed)
    except ValueError as error:
        raise Invalid("before", f"{typed!r} is not a day such as 2026-01-31.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
