"""`peerdesk COMMAND`: one module for each command, each with `add(commands)` and `run(args, settings) -> int`."""

from __future__ import annotations

import argparse
import gc
import importlib
import logging
import os
import sys

from sqlalchemy.exc import OperationalError

from app import settings
from app.core import garbage, logs
from app.core.errors import DomainError
from app.core.secret import BadSecretKey

COMMANDS = {
    "serve": "serve",
    "worker": "worker",
    "demo": "demo",
    "demo-site": "demo_site",
    "import": "importing",
    "export": "exporting",
    "migrate": "migrate",
    "reindex": "reindex",
    "backup": "backup",
    "restore": "backup",
    "doctor": "doctor",
    "escalations": "escalations",
    "user": "user",
    "apikey": "apikey",
    "sbom": "sbom",
}
"""The module of each command. Only that of the command that is given is loaded: all of them take a second."""


def script() -> int:
    """Run as a program of its own: as `main`, but started faster, and what it writes only its owner may read."""
    gc.disable()
    os.umask(0o077)
    return main()


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 refused with a sentence, 2 wrong words, 130 interrupted."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:2] == ["import", "stackexchange"]:
        words = ["import", *words[2:]]  # the kind of a dump is seen in its folder
    args = _parser(words).parse_args(words)
    garbage.keep_what_is_loaded()
    try:
        config = settings.load()
        logs.set_up(config.log_level, config.log_format)
        return int(args.run(args, config))
    except (settings.WrongSetting, BadSecretKey, DomainError) as refusal:
        print(f"peerdesk: {refusal}", file=sys.stderr)
        return 1
    except OperationalError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        print(f"peerdesk: the database does not answer: {reason}", file=sys.stderr)
        logging.getLogger(__name__).debug("the database does not answer", exc_info=error)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser(words: list[str]) -> argparse.ArgumentParser:
    """Return the parser of the command that is given, or of all when none is: for the list of them."""
    parser = argparse.ArgumentParser(prog="peerdesk", description="A customer-support community.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    given = COMMANDS.get(words[0]) if words else None
    for module in (given,) if given else dict.fromkeys(COMMANDS.values()):
        importlib.import_module(f"app.cli.{module}").add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(script())
