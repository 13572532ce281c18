"""`peerdesk sbom`: what this installation is made of, for programs that compare it with known holes.

It lists what is installed here and not what was locked, for that is what an attacker would meet.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from app.cli.commands import Commands
from app.core import clock
from app.settings import Settings

OURSELVES = "peerdesk"
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[([\w,. -]+)\])?")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w.-]+)['"]""")
_LICENSE = "License :: "


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("sbom", help="list the libraries that are installed (CycloneDX)")
    parser.add_argument("file", nargs="?", type=Path, help="write to this file instead of the terminal")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, _settings: Settings) -> int:
    """Write the list."""
    written = json.dumps(document(), indent=2) + "\n"
    if args.file is None:
        print(written, end="")
    else:
        args.file.write_text(written)
    return 0


def document() -> dict[str, object]:
    """Return the list of materials of this installation, after CycloneDX 1.6."""
    us = distribution(OURSELVES)
    found = dict(_reached(us, extras=set(us.metadata.get_all("Provides-Extra", []))))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": clock.utc_now().isoformat(timespec="seconds"),
            "component": {"type": "application", **_facts(us)},
        },
        "components": [{"type": "library", **_facts(each)} for _name, each in sorted(found.items())],
    }


def _reached(parent: Distribution, *, extras: set[str]) -> Iterator[tuple[str, Distribution]]:
    """Yield what is installed of that which `parent` asks for, and of that which those ask for."""
    waiting, seen = [(parent, extras)], {(_name(parent), frozenset(extras))}
    while waiting:
        asking, wanted = waiting.pop()
        for line in asking.requires or []:
            needed, _, condition = line.partition(";")
            extra = _EXTRA.search(condition)
            named = _REQUIREMENT.match(needed.strip())
            if named is None or (extra is not None and extra[1] not in wanted):
                continue
            try:
                found = distribution(named[1])
            except PackageNotFoundError:  # for another system or an extra that is not installed
                continue
            yield _name(found), found
            more = {word.strip() for word in (named[2] or "").split(",")} - {""}
            if (_name(found), frozenset(more)) not in seen:
                seen.add((_name(found), frozenset(more)))
                waiting.append((found, more))


def _facts(package: Distribution) -> dict[str, object]:
    name = _name(package)
    address = f"pkg:pypi/{name}@{package.version}"
    return {
        "bom-ref": address,
        "name": name,
        "version": package.version,
        "purl": address,
        "licenses": _licenses(package),
    }


def _licenses(package: Distribution) -> list[dict[str, object]]:
    said = package.metadata
    if expressions := said.get_all("License-Expression", []):
        return [{"expression": expressions[0]}]
    classified = [
        line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith(_LICENSE)
    ]
    names = classified or [line.partition("\n")[0] for line in said.get_all("License", [])]
    return [{"license": {"name": name}} for name in names if name]


def _name(package: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", package.name).lower()
