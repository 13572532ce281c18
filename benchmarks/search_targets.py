"""The targets of search, measured on a forum's own index: speed by kind of request, and hostile queries.

    PYTHONPATH=. python benchmarks/search_targets.py DATABASE INDEX_FOLDER [--engine whoosh] [--queries 300] [--rebuild]

DATABASE is an SQLite file, INDEX_FOLDER one generation of its index (search/gen-…). Queries are made of its own
titles; similar and related questions are asked for with titles and bodies. With --rebuild another process builds a
new index beside it all the while. Times are processor milliseconds of one request, opening the index included,
in a process that has answered some requests before.
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, select

from app.core import garbage, markdown
from app.core.db import make_engine, new_session
from app.domain.search import language
from app.domain.search.backend import SearchBackend, SearchReader
from app.domain.search.documents import SearchQuery
from app.domain.search.engines import backend_named
from app.domain.search.tokens import STOP_WORDS, fold
from app.models import Question

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COMMON = (
    "the windows error app not work phone file use get can new update screen need help data device set one"
)
HOSTILE = (
    COMMON,
    f'"{COMMON[:90]}" -"work app" -error',
    " ".join(letter for letter in "abcdefghijklmnopqrstuvwxyz"),
    "0 1 2 3 4 5 6 7 8 9 10 11",
    "a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p",
    "error* *error* er~2 [a TO z] (((",
    "is:solved is:answered has:code score:>0 created:>2001-01-01 error windows",
    "-error -windows -app -phone",
    "x" * 300,
    '"error" "windows" "update"',
)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("database", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--engine", default="whoosh")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--rebuild", action="store_true")
    args = parser.parse_args()
    backend = backend_named(args.engine)
    gc.disable()
    garbage.keep_what_is_loaded()  # as in every process that serves
    with new_session(make_engine(f"sqlite:///{args.database}")) as db, ExitStack() as stack:
        samples = _samples(db, args.queries)
        if args.rebuild:
            stack.enter_context(_rebuilding(args.database, args.engine))
        with backend.reader(args.index) as reader:
            print(f"{reader.stats()}{', while another index is built' if args.rebuild else ''}")
        for name, request in _requests().items():
            for sample in samples[:20]:
                _timed(backend, args.index, request, sample)
            times = sorted(_timed(backend, args.index, request, sample) for sample in samples)
            middle, late = times[len(times) // 2], times[int(len(times) * 0.99)]
            print(f"{name:40}{middle:8.1f} / {late:.1f}", flush=True)
        worst = {text: _hostile(backend, args.index, text) for text in HOSTILE}
        slowest = max(worst, key=lambda text: worst[text])
        print(f"{'the worst hostile query':40}{worst[slowest]:8.1f}  {slowest[:60]!r}")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 0


Request = Callable[[SearchReader, "Sample"], object]


class Sample:
    """A question's title and text, and some words of the title."""

    def __init__(self, title: str, body: str, chance: random.Random) -> None:
        self.title = title
        self.body = body
        telling = [word for word in title.split() if word.isalnum() and len(word) > 2]
        telling = [word for word in telling if fold(word) not in STOP_WORDS] or ["error"]
        self.words = chance.sample(telling, min(3, len(telling)))


def _samples(db: Session, count: int) -> list[Sample]:
    chance = random.Random(5)
    last = db.exec(select(func.max(Question.id))).one() or 0
    found: list[Sample] = []
    while len(found) < count:
        first = select(Question.title, Question.body_html).where(Question.id >= chance.randint(1, last))
        row = db.exec(first.order_by(Question.id).limit(1)).first()  # type: ignore[arg-type]
        if row is not None:
            found.append(Sample(row[0], markdown.plain_text(row[1]), chance))
    return found


def _requests() -> dict[str, Request]:
    def query(sample: Sample, count: int, *marks: str) -> SearchQuery:
        return SearchQuery(words=tuple(sample.words[:count]), marks=marks, limit=20)

    return {
        "open the index only": lambda _reader, _sample: None,
        "1 word": lambda reader, sample: reader.search(query(sample, 1)),
        "2 words": lambda reader, sample: reader.search(query(sample, 2)),
        "3 words": lambda reader, sample: reader.search(query(sample, 3)),
        "2 words with a filter": lambda reader, sample: reader.search(query(sample, 2, "s:solved")),
        "3 words with a filter": lambda reader, sample: reader.search(query(sample, 3, "s:solved")),
        "3 words with all facets": lambda reader, sample: reader.search(query(sample, 3), facets_at=NOW),
        "whole title": lambda reader, sample: reader.search(
            SearchQuery(words=tuple(sample.title.split()[:12]), limit=20)
        ),
        "while typing: a word and three letters": lambda reader, sample: reader.suggest(
            f"{sample.words[0]} {sample.words[-1][:3]}", limit=8
        ),
        "while asking: similar to a title": lambda reader, sample: reader.related(
            title=sample.title, body="", limit=20
        ),
        "related questions, title and body": lambda reader, sample: reader.related(
            title=sample.title, body=sample.body, limit=11
        ),
        "did you mean": lambda reader, sample: reader.did_you_mean([sample.words[0][:-1] + "q"]),
    }


def _timed(backend: SearchBackend, folder: Path, request: Request, sample: Sample) -> float:
    started = time.process_time()
    with backend.reader(folder) as reader:
        request(reader, sample)
    return 1000 * (time.process_time() - started)


def _hostile(backend: SearchBackend, folder: Path, text: str) -> float:
    started = time.process_time()
    query = language.parse(text, now=NOW, environment=frozenset()).query
    with backend.reader(folder) as reader:
        reader.search(query, facets_at=NOW)
        reader.did_you_mean(query.words)
    return 1000 * (time.process_time() - started)


@contextmanager
def _rebuilding(database: Path, engine: str) -> Iterator[None]:
    """Build another index of the same database, in a process of its own, until the block ends."""
    code = (
        "import sys; from pathlib import Path; from app.core.db import make_engine; "
        "from app.domain.search import SearchIndex, rebuild; "
        "rebuild(make_engine(sys.argv[1]), SearchIndex(Path(sys.argv[2]), engine=sys.argv[3]))"
    )
    with tempfile.TemporaryDirectory(prefix="peerdesk-rebuild-") as folder:
        builder = subprocess.Popen([sys.executable, "-c", code, f"sqlite:///{database}", folder, engine])
        try:
            yield
        finally:
            if builder.poll() is not None:
                print("the other index was finished before the end")
            builder.kill()
            builder.wait()


if __name__ == "__main__":
    sys.exit(main())
