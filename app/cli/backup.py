"""`peerdesk backup` and `peerdesk restore`: the whole forum in one file, and back."""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine

from app.cli.commands import Commands
from app.cli.described import described
from app.cli.progress import end_progress, progress
from app.core import backup
from app.core.clock import utc_now
from app.core.db import make_engine
from app.core.secret import secret_key
from app.settings import Settings


def add(commands: Commands) -> None:
    """Add the commands to the parser."""
    maker = commands.add_parser(
        "backup", help="write database, uploads and settings into one file, while in use"
    )
    maker.add_argument("file", nargs="?", type=Path, help="to write (default: peerdesk-DATE-TIME.zip here)")
    maker.add_argument("--check", action="store_true", help="read FILE instead and compare every checksum")
    maker.add_argument("--quiet", action="store_true", help="print nothing but mistakes")
    maker.set_defaults(run=run)
    bringer = commands.add_parser("restore", help="bring a backup into an empty database and data folder")
    bringer.add_argument("file", type=Path)
    bringer.add_argument("--quiet", action="store_true", help="print nothing but mistakes")
    bringer.set_defaults(run=run_restore)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Make a backup, or check one."""
    if args.check:
        return _check(args)
    now = utc_now()
    to: Path = args.file or Path(f"peerdesk-{now:%Y%m%d-%H%M%S}.zip")
    engine = make_engine(settings.database)
    try:
        forum = backup.Forum(
            engine=engine,
            data_dir=settings.data_dir,
            secret_key=secret_key(settings.secret_key, settings.data_dir),
            settings=described(settings),
            version=version("peerdesk"),
        )
        made = backup.back_up(forum, to=to, now=now, progress=progress(is_quiet=args.quiet))
    except FileExistsError:
        print(f"peerdesk: {to} is there already; name another file.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"peerdesk: the backup could not be written: {error}", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    if not args.quiet:
        end_progress()
        manifest = made.manifest
        print(f"{to}: {manifest.rows} rows of {len(manifest.tables)} tables, {manifest.uploads} uploads.")
        print("Keep it in private: it holds everything, and the key that signs sessions.")
    if made.damaged:
        print(
            f"peerdesk: {to} is whole but for {len(made.damaged)} uploads whose files are damaged, "
            f"so look for them in an older backup: {', '.join(made.damaged)}",
            file=sys.stderr,
        )
        return 1
    return 0


def run_restore(args: argparse.Namespace, settings: Settings) -> int:
    """Bring a backup back."""
    engine = _empty_file(settings)
    try:
        manifest = backup.restore(
            args.file,
            engine,
            data_dir=settings.data_dir,
            keep_secret_key=not settings.secret_key,
            progress=progress(is_quiet=args.quiet),
        )
    except (backup.Damaged, backup.NotEmpty) as error:
        end_progress()
        print(f"peerdesk: {error}", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    if not args.quiet:
        end_progress()
        print(f"{manifest.rows} rows and {manifest.uploads} uploads of {manifest.made_at[:16]} are back.")
        print("The search index is built when the worker runs; or at once by: peerdesk reindex")
    return 0


def _check(args: argparse.Namespace) -> int:
    if args.file is None:
        print("peerdesk: name the backup to check.", file=sys.stderr)
        return 2
    try:
        manifest = backup.check(args.file)
    except backup.Damaged as error:
        print(f"peerdesk: {error}", file=sys.stderr)
        return 1
    if not args.quiet:
        print(f"Whole: {manifest.rows} rows and {manifest.uploads} uploads of {manifest.made_at[:16]}.")
    return 0


def _empty_file(settings: Settings) -> Engine:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return make_engine(settings.database)
