"""Let every statement of every service function fail once, and see whether anything is changed by a failure.

    PYTHONPATH=. python benchmarks/nth_statement.py [TESTS…]

Runs the tests (those of the domain, of pages and of the worker, unless others are named) on SQLite with a plugin
(tests/support/failing.py): before the first call of each service function goes through, it is made with its first
statement failing, then with the second, and so on; after each failure the rows of all tables must be what they were.
Prints what was tried, the functions that no test called, and those that go on after a failure (whoever runs the
work of others must). Exits 1 when a failure changed anything.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.failing import REPORT

TESTS = (
    "tests/domain",
    "tests/worker",
    "tests/web",
    "tests/cli/test_user.py",
    "tests/api/test_integrators.py",
)


def main() -> int:
    """Run the tests, and say what was found."""
    with tempfile.TemporaryDirectory(prefix="peerdesk-nth-") as folder:
        report = Path(folder) / "report.json"
        quiet = ["-q", "-n0", "-k", "sqlite", "-W", "ignore", "-p", "no:cacheprovider", "-m", "not slow"]
        command = [sys.executable, "-m", "pytest", "-p", "tests.support.failing", *quiet]
        ran = subprocess.run(
            [*command, *(sys.argv[1:] or TESTS)],
            env={**os.environ, REPORT: str(report)},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        found = json.loads(report.read_text())
    print(ran.stdout.splitlines()[-1])
    tried = found["statements"]
    print(f"{len(tried)} service functions, {sum(tried.values())} statements failed one by one")
    print(f"{found['front doors'] - len(found['not called'])} of {found['front doors']} that features offer")
    for name in ("not called", "survived", "faults"):
        print(f"{name}: {len(found[name])}", *found[name], sep="\n  ")
    return int(bool(found["faults"]))


if __name__ == "__main__":
    sys.exit(main())
