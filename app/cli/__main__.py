"""`peerdesk COMMAND`: one module for each command, each with `add(commands)` and `run(args, settings) -> int`."""

from __future__ import annotations

import argparse
import logging
import sys

from sqlalchemy.exc import OperationalError

from app import settings
from app.cli import (
    apikey,
    backup,
    demo,
    demo_site,
    doctor,
    escalations,
    exporting,
    importing,
    migrate,
    reindex,
    serve,
    user,
    worker,
)
from app.core import logs
from app.core.errors import DomainError

COMMANDS = (
    serve,
    worker,
    demo,
    demo_site,
    importing,
    exporting,
    migrate,
    reindex,
    backup,
    doctor,
    escalations,
    user,
    apikey,
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 refused with a sentence, 2 wrong words, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="peerdesk", description="A customer-support community.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    words = sys.argv[1:] if arguments is None else arguments
    if words[:2] == ["import", "stackexchange"]:
        words = ["import", *words[2:]]  # the kind of a dump is seen in its folder
    args = parser.parse_args(words)
    try:
        config = settings.load()
        logs.set_up(config.log_level, config.log_format)
        return int(args.run(args, config))
    except (settings.WrongSetting, DomainError) as refusal:
        print(f"peerdesk: {refusal}", file=sys.stderr)
        return 1
    except OperationalError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        print(f"peerdesk: the database does not answer: {reason}", file=sys.stderr)
        logging.getLogger(__name__).debug("the database does not answer", exc_info=error)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
