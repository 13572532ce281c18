"""`peerdesk apikey`: make, list and revoke keys of the API."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlmodel import Session

from app.cli.commands import Commands
from app.core import schema
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.core.errors import Conflict, NotFound
from app.domain import accounts, apikeys
from app.models import ApiKey
from app.settings import Settings


def add(commands: Commands) -> None:
    """Add the command and its own commands to the parser."""
    parser = commands.add_parser("apikey", help="make and revoke keys of the API")
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    create = verbs.add_parser("create", help="make a key that acts for a member, and print it once")
    create.add_argument("handle", help="the member for whom it acts")
    create.add_argument("--name", required=True, help="what it is for")
    create.add_argument(
        "--scope",
        action="append",
        choices=apikeys.SCOPES,
        default=[],
        help="may be given several times (default: read)",
    )
    create.add_argument(
        "--origin",
        action="append",
        default=[],
        help="a site whose pages may use it, as in https://www.example.com; may be given several times",
    )
    create.add_argument(
        "--days", type=int, default=0, help="how long it works (default: until it is revoked)"
    )
    create.set_defaults(run=run_create)

    listing = verbs.add_parser("list", help="list all keys")
    listing.set_defaults(run=run_list)

    revoke = verbs.add_parser("revoke", help="end a key at once")
    revoke.add_argument("id", type=int, help="its number in the list")
    revoke.set_defaults(run=run_revoke)


def run_create(args: argparse.Namespace, settings: Settings) -> int:
    """Make a key; on the last line nothing but the key, for scripts."""
    now = utc_now()
    with _database(settings) as db:
        owner = accounts.by_handle(db, args.handle.removeprefix("@"))
        if owner is None or owner.deleted_at is not None:
            raise NotFound(f"There is no member {args.handle}.")
        made = apikeys.create(
            db,
            owner=owner,
            name=args.name,
            scopes=args.scope or ["read"],
            origins=args.origin,
            expires_at=now + timedelta(days=args.days) if args.days else None,
            now=now,
        )
        print(f"A key for {owner.handle} ({', '.join(made.key.scopes)}). It is shown this once:")
        print(made.token)
    return 0


def run_list(_args: argparse.Namespace, settings: Settings) -> int:
    """List all keys."""
    with _database(settings) as db:
        for key in apikeys.all_keys(db):
            print(_line(key))
    return 0


def run_revoke(args: argparse.Namespace, settings: Settings) -> int:
    """End a key."""
    with _database(settings) as db:
        try:
            key = apikeys.revoke(db, key_id=args.id, by=None, now=utc_now())
        except NotFound as error:
            raise NotFound(f"There is no key {args.id}; see `peerdesk apikey list`.") from error
        print(f"{key.hint}… ({key.name}) works no more.")
    return 0


def _line(key: ApiKey) -> str:
    used = f"{key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never"
    ends = f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "never"
    scopes = ",".join(key.scopes)
    return (
        f"{key.id:<5} {key.hint}… {key.user.handle:20} {scopes:24} used {used:10} ends {ends:10} {key.name}"
    )


@contextmanager
def _database(settings: Settings) -> Iterator[Session]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database)
    try:
        if not schema.is_current(engine):
            raise Conflict("The database is not up to date. Run `peerdesk migrate` first.")
        with new_session(engine) as db:
            yield db
    finally:
        engine.dispose()
