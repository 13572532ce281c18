"""Does the time of an answer tell whether an address has an account? Sign-in, sign-up and asking for a reset.

Known and unknown addresses take turns, each from a network of its own, on a fresh SQLite database, with
everything an answer waits for: limits, argon2id, the transaction. Two-sided Mann-Whitney test: p below 0.01
says that the two can be told apart. A person runs it; no test of the suite measures time.

    python -m benchmarks.timing [--n 200]
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from sqlmodel import Session

from app.core import schema
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.core.errors import Invalid
from app.core.passwords import hash_password
from app.domain import accounts

PASSWORD = "violet kettle 9"
ALPHA = 0.01
Act = Callable[[Session, str, accounts.Browser], None]


def main() -> None:
    """Measure the three doors and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--n", type=int, default=200, help="known, and as many unknown addresses, at each door"
    )
    n = parser.parse_args().n
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'timing.db'}")
        schema.migrate(engine)
        with new_session(engine) as db:
            _fill(db, n)
            for name, act in (("sign in", _sign_in), ("sign up", _sign_up), ("reset", _reset)):
                known, unknown = _measure(db, act, n)
                p = mann_whitney(known, unknown)
                print(
                    f"{name:8} known {median(known) * 1000:7.2f} ms  unknown {median(unknown) * 1000:7.2f} ms  "
                    f"p = {p:.3f}  {'apart' if p < ALPHA else 'alike'}"
                )
        engine.dispose()


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


def _measure(db: Session, act: Act, n: int) -> tuple[list[float], list[float]]:
    times: dict[str, list[float]] = {"member": [], "nobody": []}
    for number in range(n):
        pair = ("member", "nobody") if number % 2 else ("nobody", "member")
        for place, who in enumerate(pair):
            browser = accounts.Browser(f"10.{place}.{number % 250}.7")
            began = time.perf_counter()
            act(db, f"{who}{number}@example.org", browser)
            times[who].append(time.perf_counter() - began)
    return times["member"], times["nobody"]


def _sign_in(db: Session, email: str, browser: accounts.Browser) -> None:
    try:
        accounts.sign_in(db, email=email, password="a wrong guess", browser=browser, now=utc_now())
    except accounts.WrongCredentials:
        return
    raise AssertionError("signed in with a wrong password")


def _sign_up(db: Session, email: str, browser: accounts.Browser) -> None:
    name = f"Guest {email.partition('@')[0]}"
    try:
        accounts.sign_up(
            db,
            email=email,
            display_name=name,
            password="rain on tin roofs",
            browser=browser,
            now=utc_now(),
        )
    except Invalid as error:
        raise AssertionError(error.errors) from error


def _reset(db: Session, email: str, browser: accounts.Browser) -> None:
    accounts.ask_for_reset(db, email=email, browser=browser, now=utc_now())


if __name__ == "__main__":
    main()
