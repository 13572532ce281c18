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

from crash_search import Client, Machine, free_port, serving

from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.domain import apikeys
from app.domain.search import IndexMissing, SearchIndex
from app.domain.search.documents import SearchQuery
from tests.factories.users import make_user

CLIENTS = 4
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
    with new_session(make_engine(f"sqlite:///{args.data}/peerdesk.db")) as db:
        agent = make_user(db, handle=f"poster{random.randrange(10**6)}", support_role="agent")
        db.commit()
        token = apikeys.create(
            db, owner=agent, name="fresh", scopes=("read", "write", "staff"), now=utc_now()
        ).token
        db.commit()
    index = SearchIndex(args.data / "search", engine=args.engine)
    watch, stopping = Watch(index), threading.Event()
    machine = Machine(args.data.resolve(), "", free_port(), (("PEERDESK_SEARCH_ENGINE", args.engine),))
    with serving([machine]):
        rest = CLIENTS / args.rate
        clients = [
            threading.Thread(target=post, args=(machine.port, token, watch, stopping, rest))
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
        until = time.monotonic() + SETTLE_SECONDS
        while watch.look() and time.monotonic() < until:
            time.sleep(0.05)
        report(watch, rebuilding)
    return 0


def post(port: int, token: str, watch: Watch, stopping: threading.Event, rest: float) -> None:
    """Ask at a steady pace, and delete each fifth."""
    client, count = Client(port, token), 0
    while not stopping.is_set():
        started = time.monotonic()
        word = f"zebra{random.getrandbits(60):x}"
        body = {
            "title": f"Stripes of {word} are missing",
            "body": "It happens every time I switch it on.",
            "tags": ["printing"],
        }
        number = client.call("POST", "/api/v1/questions", body, expected=201)["id"]
        watch.expect(word, there=True)
        count += 1
        if count % 5 == 0:
            time.sleep(2.5)  # so that it was found before
            client.call("DELETE", f"/api/v1/questions/{number}", expected=204)
            watch.expect(word, there=False)
        stopping.wait(max(0.0, rest - (time.monotonic() - started)))


def report(watch: Watch, rebuilding: tuple[int, int] | None) -> None:
    """Print how long it took."""
    left = watch.look()
    for there, name in ((True, "found after"), (False, "gone after")):
        taken = sorted(watch.taken[there])
        if taken:
            print(f"{name}: {len(taken)} posts, p50 {taken[len(taken) // 2]:.2f} s, worst {taken[-1]:.2f} s")
    searches = sorted(watch.searches)
    print(f"{len(searches)} searches, p50 {1000 * searches[len(searches) // 2]:.1f} ms of processor time")
    print(f"still not so: {left}; rebuild at the end of posting: {rebuilding or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
