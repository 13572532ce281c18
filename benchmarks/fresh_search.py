"""How soon a new question is found and a deleted one gone, while posts arrive and perhaps a rebuild goes on.

    PYTHONPATH=. python benchmarks/fresh_search.py DATA_DIR [--rate 20] [--seconds 20] [--engine whoosh]

DATA_DIR is the data folder of a forum on SQLite; it is written to, so give a copy. Serves it with its worker,
posts through the API at a rate, deletes each fifth, and looks into the index until each is found or gone.
With an --engine other than that of the index, the worker builds the new one in the background meanwhile.
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import time
from pathlib import Path

from app.core.db import make_engine
from app.domain.search import IndexMissing, SearchIndex
from app.domain.search.documents import SearchQuery
from tests.support.machines import Client, Machine, free_port, make_staff, serving, wait_until_followed

CLIENTS = 12
DELETED_AFTER_SECONDS = 2.5
SETTLE_SECONDS = 30


class Watch:
    """Notes when each post was acknowledged, and when the index showed it so."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self._waiting: dict[tuple[str, bool], float] = {}
        self._lock = threading.Lock()
        self.taken: dict[bool, list[float]] = {True: [], False: []}
        self.searches: list[float] = []

    def expect(self, word: str, *, there: bool) -> None:
        """Remember that a word must be found, or no longer be."""
        with self._lock:
            self._waiting[word, there] = time.monotonic()
            self._waiting.pop((word, not there), None)  # deleted before it was found: never to be found

    def look(self) -> int:
        """Search for what is expected; return how much still is."""
        with self._lock:
            waiting = dict(self._waiting)
        try:
            with self._index.opened() as opened:
                for (word, there), since in waiting.items():
                    started = time.thread_time()
                    total = opened.reader.search(SearchQuery(words=(word,))).total
                    self.searches.append(time.thread_time() - started)
                    if bool(total) == there:
                        self.taken[there].append(time.monotonic() - since)
                        with self._lock:
                            self._waiting.pop((word, there), None)
        except IndexMissing:
            return len(waiting)
        return len(self._waiting)


def main() -> int:
    """Post, look, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--engine", default="whoosh")
    args = parser.parse_args()
    index = SearchIndex(args.data / "search", engine=args.engine)
    engine = make_engine(f"sqlite:///{args.data}/peerdesk.db")
    token = make_staff(engine)
    watch, stopping = Watch(index), threading.Event()
    machine = Machine(args.data.resolve(), "", free_port(), (("PEERDESK_SEARCH_ENGINE", args.engine),))
    with serving([machine]):
        with Client(machine.port, token) as client:  # the worker starts, too: until it has done something
            client.call("POST", "/api/v1/questions", question("zebra"), expected=201)
        wait_until_followed(machine, engine)
        pace = Pace(args.rate)
        clients = [
            threading.Thread(target=post, args=(machine.port, token, watch, stopping, pace))
            for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        until = time.monotonic() + args.seconds
        while time.monotonic() < until:
            watch.look()
            time.sleep(0.05)
        rebuilding = index.directory.progress()
        stopping.set()
        for client in clients:
            client.join()
        print(f"{pace.count} posts in {args.seconds:.0f} s: {pace.count / args.seconds:.1f} a second")
        until = time.monotonic() + SETTLE_SECONDS
        while watch.look() and time.monotonic() < until:
            time.sleep(0.05)
        report(watch, rebuilding)
    return 0


class Pace:
    """Tells when the next post is due, so that all clients together keep a rate."""

    def __init__(self, rate: float) -> None:
        self._between = 1 / rate
        self._next = time.monotonic()
        self._lock = threading.Lock()
        self.count = 0

    def wait(self) -> int:
        """Wait for the next turn, and return its number."""
        with self._lock:
            self.count += 1
            number = self.count
            self._next = max(self._next + self._between, time.monotonic() - 1)
            due = self._next
        time.sleep(max(0.0, due - time.monotonic()))
        return number


def post(port: int, token: str, watch: Watch, stopping: threading.Event, pace: Pace) -> None:
    """Ask at a steady pace, and delete each fifth a while later, when it was found."""
    doomed: list[tuple[float, int, str]] = []
    with Client(port, token) as client:
        while not stopping.is_set():
            turn = pace.wait()
            word = "zebra" + "".join(random.choices("bcdfghjklmnpqrtvwxz", k=15))  # one term, of letters only
            number = client.call("POST", "/api/v1/questions", question(word), expected=201)["id"]
            watch.expect(word, there=True)
            if turn % 5 == 0:
                doomed.append((time.monotonic() + DELETED_AFTER_SECONDS, number, word))
            while doomed and doomed[0][0] <= time.monotonic():
                _, number, word = doomed.pop(0)
                client.call("DELETE", f"/api/v1/questions/{number}?reason=Nonsense", expected=204)
                watch.expect(word, there=False)


def question(word: str) -> dict[str, object]:
    """Return what is asked."""
    return {
        "title": f"Stripes of {word} are missing",
        "body": "It happens every time I switch it on.",
        "tags": ["printing"],
    }


def report(watch: Watch, rebuilding: tuple[int, int] | None) -> None:
    """Print how long it took."""
    left = watch.look()
    for there, name in ((True, "found after"), (False, "gone after")):
        taken = sorted(watch.taken[there])
        if taken:
            middle, late = taken[len(taken) // 2], taken[int(len(taken) * 0.99)]
            print(f"{name}: {len(taken)}, p50 {middle:.2f} s, p99 {late:.2f} s, worst {taken[-1]:.2f} s")
    searches = sorted(watch.searches)
    print(f"{len(searches)} searches, p50 {1000 * searches[len(searches) // 2]:.1f} ms of processor time")
    print(f"still not so: {left}; rebuild at the end of posting: {rebuilding or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
