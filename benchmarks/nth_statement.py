"""Let every statement of every service function fail once, and its commit, and see whether a failure changes anything.

    PYTHONPATH=. python benchmarks/nth_statement.py [--postgresql]

The calls are those of tests/support/calls, and what is looked at after each failure is in tests/support/failing.py;
tests/reliability/test_statements.py does the same with some of the statements. Prints what was tried, and the
functions that go on after a failure (whoever runs the work of others must). Exits 1 when a failure changed anything.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import warnings
from pathlib import Path

from app.core.db import make_engine, new_session
from tests.support import databases, failing
from tests.support.calls import CALLS, Scene


def main() -> int:
    """Make all calls, and say what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--postgresql", action="store_true")
    args = parser.parse_args()
    logging.disable()
    warnings.filterwarnings("ignore", "Identity map already had an identity")
    failures, goes_on, faults = 0, list[str](), list[str]()
    kind = "postgresql" if args.postgresql else "sqlite"
    with (
        tempfile.TemporaryDirectory(prefix="peerdesk-nth-") as folder,
        databases.server(kind, Path(folder)) as server,
    ):
        engine = make_engine(server.migrated())
        for name, service in failing.services().items():
            if service not in CALLS:
                continue
            with new_session(engine) as db:
                scene = Scene(db, Path(folder))
                tried = failing.try_out(engine, service, CALLS[service], scene, every=True)
            failures += tried.failures
            faults += [f"{name}: {fault}" for fault in tried.faults]
            goes_on += [name] if tried.goes_on else []
        engine.dispose()
    print(f"{len(CALLS)} service functions, {failures} failures one by one")
    print(f"go on after a failure: {', '.join(goes_on) or 'none'}")
    print(f"faults: {len(faults)}", *faults, sep="\n  ")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
