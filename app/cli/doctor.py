"""`peerdesk doctor`: is everything as it must be? For people, and for monitoring by its exit code."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app.cli.commands import Commands
from app.core import schema
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.core.files import FileStore
from app.domain import attachments, doctor, search
from app.settings import Settings


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "doctor",
        help="compare counters, index, files, jobs and mail with what they must be; exit code 1: not well",
        epilog="Exit code: 0 all is well (with --fix: now), 1 something is not well, 2 wrong words.",
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="make counters, ranks and indexes right, try jobs again, and delete files that belong to nothing",
    )
    parser.add_argument(
        "--backup-within", type=float, metavar="HOURS", help="also: is the last backup that young?"
    )
    parser.add_argument("--deep", action="store_true", help="also: compare the bytes of every upload")
    parser.add_argument("--json", action="store_true", help="print findings for programs")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Examine, mend if asked, and examine what is left."""
    engine = make_engine(settings.database)
    index = search.SearchIndex(settings.index_dir, engine=settings.search_engine)
    within = None if args.backup_within is None else timedelta(hours=args.backup_within)
    forum = doctor.Forum(settings.data_dir, index, within, is_deep=args.deep, secret_key=settings.secret_key)
    try:
        if not schema.is_current(engine):
            return _say([doctor.Finding("schema", _of_another_version(engine))], args)
        with new_session(engine) as db:
            now = utc_now()
            findings = [each for _, found in doctor.examine(db, forum, now=now) for each in found]
            if args.fix and any(each.mendable for each in findings):
                doctor.mend(db, now=now)
                attachments.remove_strays(db, files=FileStore(settings.uploads_dir), now=now)
                if any(each.mendable and each.check == "search index" for each in findings):
                    search.rebuild(engine, index)
                db.expire_all()
                findings = [each for _, found in doctor.examine(db, forum, now=now) for each in found]
    except DBAPIError as error:
        return _say([doctor.Finding("database", f"it can't be read: {_first_line(error)}")], args)
    finally:
        engine.dispose()
    return _say(findings, args)


def _of_another_version(engine: Engine) -> str:
    present = schema.present_revision(engine)
    if present is None:
        return (
            "there is no forum in the database: does PEERDESK_DATABASE_URL or PEERDESK_DATA_DIR name another place? "
            "If it is lost, restore the last backup"
        )
    if schema.knows(present):
        return "the database is of an older version: peerdesk migrate"
    return "the database is of a newer version of Peerdesk: install that one"


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().partition("\n")[0]


def _say(findings: list[doctor.Finding], args: argparse.Namespace) -> int:
    if args.json:
        print(json.dumps([asdict(each) for each in findings], indent=1))
    else:
        for each in findings:
            print(f"{each.check}: {each.message}{'  (--fix mends it)' if each.mendable else ''}")
        if not findings:
            print("All is well.")
    return 1 if findings else 0
