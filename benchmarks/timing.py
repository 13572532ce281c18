"""Does the time of an answer tell whether an address has an account? Sign-in, sign-up and asking for a reset.

Known and unknown addresses take turns, each from a network of its own, on a fresh SQLite database: forms sent to
the application, in process, and timed until they are answered. Two-sided Mann-Whitney test: p below 0.01 says
that the two can be told apart. A person runs it; no test of the suite measures time.

    python -m benchmarks.timing [--n 200]
"""

from __future__ import annotations

import argparse
import math
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from sqlmodel import Session
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core import schema
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.core.passwords import hash_password
from app.domain import accounts
from app.main import create_app
from app.settings import Settings

PASSWORD = "violet kettle 9"
ALPHA = 0.01
SITE = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Door:
    """A form in which somebody names an address, and the status of its answer."""

    path: str
    status: int
    fields: Mapping[str, str]


DOORS = (
    Door("/signin", 422, {"password": "a wrong guess"}),
    Door("/signup", 303, {"display_name": "A guest", "password": "rain on tin roofs"}),
    Door("/reset", 303, {}),
)


class FromManyNetworks:
    """Serves an application to clients whose address is set before each request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.address = "10.9.9.9"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "client": (self.address, 50_000)}, receive, send)


def main() -> None:
    """Measure the three doors and print what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--n", type=int, default=200, help="known, and as many unknown addresses, at each door"
    )
    n = parser.parse_args().n
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder))  # type: ignore[call-arg]
        engine = make_engine(settings.database)
        schema.migrate(engine)
        with new_session(engine) as db:
            _fill(db, n)
        engine.dispose()
        served = FromManyNetworks(create_app(settings))
        with TestClient(served, base_url=SITE, follow_redirects=False) as client:
            for door in DOORS:
                known, unknown = _measure(client, served, door, n)
                p = mann_whitney(known, unknown)
                print(
                    f"{door.path:8} known {median(known) * 1000:7.2f} ms  unknown {median(unknown) * 1000:7.2f} ms  "
                    f"p = {p:.3f}  {'apart' if p < ALPHA else 'alike'}"
                )


def mann_whitney(one: list[float], other: list[float]) -> float:
    """Return the two-sided p of the two samples' being from one distribution (normal approximation)."""
    ranks = np.argsort(np.argsort(np.array(one + other))) + 1
    n, m = len(one), len(other)
    u = float(ranks[:n].sum()) - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))


def _fill(db: Session, n: int) -> None:
    kept = hash_password(PASSWORD)
    for number in range(n):
        email = f"member{number}@example.org"
        accounts.create(db, email=email, handle=f"member{number}", password_hash=kept, now=utc_now())


def _measure(
    client: TestClient, served: FromManyNetworks, door: Door, n: int
) -> tuple[list[float], list[float]]:
    times: dict[str, list[float]] = {"member": [], "nobody": []}
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(door.path).text)
    if found is None:
        raise RuntimeError(f"{door.path} has no form")
    for number in range(n):
        pair = ("member", "nobody") if number % 2 else ("nobody", "member")
        for place, who in enumerate(pair):
            served.address = f"10.{place}.{number % 250}.7"
            form = {"csrf": found[1], "email": f"{who}{number}@example.org", **door.fields}
            began = time.perf_counter()
            answer = client.post(door.path, data=form, headers={"Origin": SITE})
            times[who].append(time.perf_counter() - began)
            if answer.status_code != door.status:
                raise RuntimeError(f"{door.path}: {answer.status_code} {answer.text[:500]}")
    return times["member"], times["nobody"]


if __name__ == "__main__":
    main()
