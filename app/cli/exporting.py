"""`peerdesk export FOLDER`: the whole community, for other programs and for another place."""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import version
from pathlib import Path

from app.cli.commands import Commands
from app.cli.described import described
from app.cli.progress import end_progress, progress
from app.core import schema
from app.core.clock import utc_now
from app.core.db import make_engine
from app.domain import exporting
from app.settings import Settings

_HELP = """\
Writes, while people use the forum: Users.xml, Posts.xml, Comments.xml, Votes.xml, PostHistory.xml,
PostLinks.xml, Tags.xml and Badges.xml, a Stack Exchange data dump of what every visitor can see;
lines/TABLE.jsonl with all that this form can't hold; uploads/; and peerdesk.json with checksums.

`peerdesk import FOLDER` brings it into an empty database, SQLite or PostgreSQL, with every id, and
exporting that gives the same files again. To move a community, take --private along:

  peerdesk export --private /srv/move
  PEERDESK_DATABASE_URL=postgresql+psycopg://... peerdesk import /srv/move
"""


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "export",
        help="write the whole community into a folder: for other programs, and to move it",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="to write; new, or empty")
    parser.add_argument(
        "--private",
        action="store_true",
        help="also addresses, hashes of passwords and keys, webhooks, and work that is not done yet",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but mistakes")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Export."""
    engine = make_engine(settings.database)
    forum = exporting.Forum(engine, settings.data_dir, described(settings), version("peerdesk"))
    try:
        if not schema.is_current(engine):
            print("peerdesk: the database is of another version: peerdesk migrate", file=sys.stderr)
            return 1
        manifest = exporting.export(
            forum,
            to=args.folder,
            private=args.private,
            now=utc_now(),
            progress=progress(is_quiet=args.quiet),
        )
    except FileExistsError:
        print(f"peerdesk: {args.folder} is there already; name a new folder.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"peerdesk: the export could not be written: {error}", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    if not args.quiet:
        end_progress()
        print(f"{args.folder}: {manifest.rows} rows, {len(manifest.uploads)} uploads.")
        print(_told(private=args.private))
    if manifest.damaged:
        print(
            f"peerdesk: left out, because their files are damaged: {', '.join(manifest.damaged)}",
            file=sys.stderr,
        )
        return 1
    return 0


def _told(*, private: bool) -> str:
    if private:
        return "Keep it in private: it holds addresses and hashes of passwords. The secret key is not in it."
    return (
        "The .xml files hold what every visitor can see. Keep lines/ in private: it holds what only "
        "staff and members themselves see, though no address, password or key."
    )
