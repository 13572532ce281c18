"""`peerdesk import`: move a community in, from a Stack Exchange data dump or from an export of ours."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from app.cli.commands import Commands
from app.core import schema
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.domain import exporting, importing
from app.settings import Settings

_HELP = (
    "Brings in a Stack Exchange data dump, or what `peerdesk export` wrote. A dump is taken in beside what "
    "is there, with ids of its own; stopped, the same command goes on. An export goes into an empty "
    "database and gives the same community again."
)


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    dump = commands.add_parser(
        "import",
        help="move a community in from elsewhere",
        usage="peerdesk import [stackexchange] FOLDER [options]",
        description=_HELP,
    )
    dump.add_argument("folder", type=Path, metavar="FOLDER", help="with Posts.xml, Users.xml and so on")
    dump.add_argument("--name", metavar="SOURCE", help="what to call it (default: the folder's name)")
    dump.add_argument("--product", metavar="SLUG", help="put the questions under this product")
    dump.add_argument(
        "--emails",
        type=Path,
        metavar="FILE.csv",
        help="columns UserId and Email: owners can claim their accounts",
    )
    dump.add_argument(
        "--only-dump",
        action="store_true",
        help="take an export of ours for any dump: its public posts, beside what is there already",
    )
    dump.add_argument("--report", type=Path, metavar="FILE.json", help="write the report for programs, too")
    dump.add_argument("--quiet", action="store_true", help="show no progress")
    dump.set_defaults(run=run)


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Import, or go on with an import that was stopped; print the report."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if exporting.is_export(args.folder) and not args.only_dump:
        return _bring_in(args, settings)
    engine = make_engine(settings.database)
    progress = _Screen(is_quiet=args.quiet)
    try:
        schema.migrate(engine)
        with new_session(engine) as db:
            report = importing.import_dump(
                db,
                folder=args.folder,
                source=args.name or args.folder.resolve().name,
                product_slug=args.product,
                emails=args.emails,
                helpers=min(2, os.cpu_count() or 1),
                progress=progress,
                now=utc_now(),
            )
    except KeyboardInterrupt:
        progress.end()
        print("Stopped. Run the same command to go on where it was.", file=sys.stderr)
        raise
    finally:
        engine.dispose()
    progress.end()
    if not report.is_new:
        print("This dump was imported to its end before: there was nothing new to take. Its report:")
    print(report.as_text())
    _write_report(report, args)
    return 0


def _write_report(report: importing.Report, args: argparse.Namespace) -> None:
    if args.report:
        args.report.write_text(
            json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )


def _bring_in(args: argparse.Namespace, settings: Settings) -> int:
    if args.product or args.emails:
        print(
            "peerdesk: this is an export of Peerdesk, whose questions have their products and whose members "
            "their addresses. --product and --emails go with --only-dump.",
            file=sys.stderr,
        )
        return 2
    engine = make_engine(settings.database)
    progress = _Screen(is_quiet=args.quiet)
    try:
        manifest = exporting.bring_in(
            args.folder,
            engine,
            data_dir=settings.data_dir,
            progress=lambda table, rows: progress.whole(f"Bringing {table}", rows=rows),
        )
    finally:
        engine.dispose()
    progress.end()
    report = importing.Report(
        args.name or args.folder.resolve().name,
        {
            name.removesuffix(".xml"): importing.FileReport(read=facts.rows, taken=facts.rows)
            for name, facts in manifest.files.items()
            if name.endswith(".xml")
        },
    )
    print(report.as_text())
    _write_report(report, args)
    print(
        f"\nAll {manifest.rows} rows and {len(manifest.uploads)} uploads of {manifest.made_at[:16]} are here."
    )
    if not manifest.private:
        print("Addresses and passwords are not in it: members have to be given new ones to sign in.")
    print("The search index is built when the worker runs; or at once by: peerdesk reindex")
    return 0


class _Screen:
    """Progress for people: one line that changes on a terminal, a line for each step elsewhere."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._is_terminal = sys.stderr.isatty()
        self._title = ""
        self._size = self._done = self._rows = 0
        self._started = self._shown = 0.0

    def step(self, title: str, *, size: int) -> None:
        """Begin a step."""
        self.end()
        self._title, self._size, self._done, self._rows = title, size, 0, 0
        self._started = time.monotonic()
        self._shown = 0.0
        if self._is_terminal:
            self._show()

    def advance(self, *, size: int, rows: int) -> None:
        """Go on; the line is drawn ten times a second at most."""
        self._done += size
        self._rows += rows
        if self._is_terminal and time.monotonic() - self._shown > 0.1:
            self._show()

    def whole(self, title: str, *, rows: int) -> None:
        """Tell a step that is done, on the same line as the one before where there is a terminal."""
        if self._is_terminal and not self._is_quiet:
            print(f"\r\x1b[K{title}: {rows:,} rows", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """End the line of the present step."""
        if not self._title and self._is_terminal and not self._is_quiet:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        if self._title and not self._is_quiet:
            self._done = self._size
            start = "\r\x1b[K" if self._is_terminal else ""
            print(f"{start}{self._line()}", file=sys.stderr, flush=True)
        self._title = ""

    def _show(self) -> None:
        self._shown = time.monotonic()
        if not self._is_quiet:
            print(f"\r\x1b[K{self._line()}", end="", file=sys.stderr, flush=True)

    def _line(self) -> str:
        seconds = time.monotonic() - self._started
        percent = f"{min(100, 100 * self._done // self._size):>4}%" if self._size else " " * 5
        if not self._rows:
            return f"{self._title:<24}{percent}  {seconds:.1f} s"
        return f"{self._title:<24}{percent}  {self._rows:,} rows, {self._rows / max(seconds, 0.001):,.0f} a second"
