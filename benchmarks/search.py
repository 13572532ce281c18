"""Quality and speed of search, ours beside others, in one run.

    PYTHONPATH=. python benchmarks/search.py [PATH ...] [--generator SCRIPT --pool FILE --sizes 2000,20000,200000]
        [--engines ours,ours-tantivy,whoosh,fts5,tantivy,postgresql] [--queries 300] [--keep FOLDER]

A PATH is one of
  a folder with corpus.jsonl and queries.jsonl   quality: documents {id, title, body, answers}, queries {qid,
                                                 text or title and body, relevant: [ids]}
  a Stack Exchange dump (a folder with Posts.xml)  speed: titles are turned into queries of 1 to 3 words
  an SQLite database of Peerdesk                 the same, of its own questions
With --generator, forums of these sizes are generated, too: `SCRIPT --pool FILE --questions N --out FOLDER`.
With --keep what was generated and built stays there, and is not made again by the next run.

PostgreSQL is started for the purpose, from this machine's binaries. Times are processor milliseconds (for
PostgreSQL those of its own process, too), so that other work on the machine matters little: compare ratios.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import iterparse

from search_engines import DEEP, WORD, Fts5, Ours, Postgres, Tantivy, WhooshAsItComes

from app.core.db import make_engine
from app.domain.search.documents import Document
from app.domain.search.snapshots import all_documents
from app.domain.search.tokens import STOP_WORDS, fold
from tests.support import postgres

ENGINES = ("ours", "ours-tantivy", "whoosh", "fts5", "tantivy", "postgresql")
SHOWN = 10
SHAPES: dict[str, tuple[int, bool, str]] = {
    "1 word": (1, True, ""),
    "2 words": (2, True, ""),
    "3 words": (3, True, ""),
    "2 words, solved": (2, True, "solved"),
    "3 words, solved": (3, True, "solved"),
    "3 words, any": (3, False, ""),
    "whole title, any": (12, False, ""),
}
"""Kinds of queries: how many words, whether all of them must be there, with which status."""
MEASURES = ("MAP", "MRR", "P@1", "P@5", "R@10", "R@100", "nDCG@10")
_TAG = re.compile(r"<[^>]*>")


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", type=Path, nargs="*", metavar="PATH")
    parser.add_argument("--generator", type=Path, metavar="SCRIPT")
    parser.add_argument("--pool", type=Path, metavar="FILE")
    parser.add_argument("--sizes", default="2000,20000,200000")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    args = parser.parse_args()
    wanted = args.engines.split(",")
    with ExitStack() as stack:
        folder = args.keep or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="peerdesk-search-"))
        )
        paths = [*args.paths]
        if args.generator:
            paths += [_generated(args, folder, int(size)) for size in args.sizes.split(",")]
        for number, path in enumerate(paths):
            place = folder / f"{path.resolve().parent.name}-{path.name}"
            makers = _makers(wanted, place, stack, f"compared_{number}")
            if (path / "queries.jsonl").exists():
                _quality(path, place, makers)
            else:
                _speed(path, place, makers, args.queries)


def _generated(args: argparse.Namespace, folder: Path, size: int) -> Path:
    out: Path = folder / f"generated-{size}"
    if not (out / "Posts.xml").exists():
        command = [sys.executable, args.generator, "--questions", str(size), "--out", out, "--no-history"]
        subprocess.run([*command, "--pool", args.pool], check=True, stdout=subprocess.DEVNULL)
    return out


def _makers(
    wanted: Sequence[str], place: Path, stack: ExitStack, database: str
) -> dict[str, Callable[[], Any]]:
    """Return what makes the engines, each in a folder of its own."""

    def server() -> Postgres:
        programs = postgres.binaries()
        if programs is None:
            raise SystemExit("There is no PostgreSQL on this machine.")
        cluster = postgres.start(programs)
        stack.callback(cluster.stop)
        return Postgres(cluster.create(database))

    makers: dict[str, Callable[[], Any]] = {
        "ours": lambda: Ours(place / "ours", "whoosh"),
        "ours-tantivy": lambda: Ours(place / "ours-tantivy", "tantivy"),
        "whoosh": lambda: WhooshAsItComes(place / "whoosh"),
        "fts5": lambda: Fts5(place / "fts5"),
        "tantivy": lambda: Tantivy(place / "tantivy"),
        "postgresql": server,
    }
    for name in wanted:
        (place / name).mkdir(parents=True, exist_ok=True)
    return {name: makers[name] for name in wanted}


def _ready(make: Callable[[], Any], folder: Path, documents: Callable[[], Sequence[Document]]) -> Any:
    """Return an engine that is built and opened, with the seconds that building took in `seconds`."""
    built = folder / "BUILT"
    if not built.exists():
        shutil.rmtree(folder)
        folder.mkdir()
        wanted = documents()
        engine = make()
        started = engine.clock()
        engine.build(wanted)
        engine.seconds = engine.clock() - started
        if not isinstance(engine, Postgres):  # its server is gone after the run
            built.write_text(str(engine.seconds), encoding="ascii")
    else:
        engine = make()
        engine.seconds = float(built.read_text(encoding="ascii"))
    engine.open()
    return engine


def _quality(path: Path, place: Path, makers: dict[str, Callable[[], Any]]) -> None:
    rows = [json.loads(line) for line in (path / "corpus.jsonl").open(encoding="utf-8")]
    queries = [json.loads(line) for line in (path / "queries.jsonl").open(encoding="utf-8")]
    names = [str(row["id"]) for row in rows]
    now = datetime(2020, 1, 1, tzinfo=UTC)
    documents = [
        Document(
            question_id=number,
            title=row["title"],
            texts=(row.get("body", ""), *row.get("answers", [])),
            created_at=now,
            activity_at=now,
        )
        for number, row in enumerate(rows)
    ]
    print(f"\n{path.name}: {len(documents)} documents, {len(queries)} queries")
    print(f"{'':34}" + "".join(f"{measure:>9}" for measure in MEASURES))
    for name, make in makers.items():
        engine = _ready(make, place / name, lambda: documents)
        for way, search in _ways(engine).items():
            runs = {str(one["qid"]): [names[number] for number in search(one)] for one in queries}
            measured = _measured(queries, runs)
            print(f"{engine.name + way:34}" + "".join(f"{100 * one:9.1f}" for one in measured), flush=True)


def _ways(engine: Any) -> dict[str, Callable[[Any], list[int]]]:
    """Return the ways of searching with a judged query."""

    def search(one: Any) -> list[int]:
        found: list[int] = engine.search(one.get("text") or one["title"], limit=DEEP, every=False)
        return found

    def similar(one: Any) -> list[int]:
        found: list[int] = engine.similar(one.get("text") or one["title"], one.get("body", ""), limit=DEEP)
        return found

    return {"": search, ", similar": similar} if isinstance(engine, Ours) else {"": search}


def _measured(queries: Sequence[Any], runs: dict[str, list[str]]) -> list[float]:
    """Return the means of MEASURES over all judged queries."""
    judged = [one for one in queries if one["relevant"]]
    totals = [0.0] * len(MEASURES)
    for one in judged:
        relevant = {str(number) for number in one["relevant"]}
        ranked = [name for name in dict.fromkeys(runs[str(one["qid"])]) if name != str(one["qid"])]
        places = [at for at, name in enumerate(ranked[:DEEP], 1) if name in relevant]
        ideal = sum(1 / math.log2(at + 1) for at in range(1, min(len(relevant), 10) + 1))
        figures = (
            sum(number / at for number, at in enumerate(places, 1)) / len(relevant),
            1 / places[0] if places else 0.0,
            float(bool(places) and places[0] == 1),
            sum(at <= 5 for at in places) / 5,
            sum(at <= 10 for at in places) / len(relevant),
            sum(at <= 100 for at in places) / len(relevant),
            sum(1 / math.log2(at + 1) for at in places if at <= 10) / ideal,
        )
        totals = [total + figure for total, figure in zip(totals, figures, strict=True)]
    return [total / len(judged) for total in totals]


def _speed(path: Path, place: Path, makers: dict[str, Callable[[], Any]], count: int) -> None:
    kept: list[Document] = []

    def documents() -> Sequence[Document]:
        if not kept:
            kept.extend(_documents(path))
        return kept

    queries = _queries(place / "titles.json", documents, count)
    print(f"\n{path.name}: processor ms, p50 / p99 of {count} queries each")
    print(f"{'':22}{'build s':>9}" + "".join(f"{shape:>20}" for shape in SHAPES), flush=True)
    for name, make in makers.items():
        engine = _ready(make, place / name, documents)
        line = f"{engine.name:22}{engine.seconds:9.1f}"
        for shape, (_words, every, status) in SHAPES.items():
            times = sorted(_time(engine, text, every, status) for text in queries[shape] if text)
            middle, late = times[len(times) // 2], times[math.floor(len(times) * 0.99)]
            line += f"{f'{middle:.1f} / {late:.1f}':>20}"
        print(line, flush=True)


def _queries(path: Path, documents: Callable[[], Sequence[Document]], count: int) -> dict[str, list[str]]:
    """Return the queries of each shape; the titles they are made of are kept beside what is built."""
    if not path.exists():
        chosen = random.Random(7).choices([one.title for one in documents()], k=10_000)
        path.write_text(json.dumps(chosen), encoding="utf-8")
    titles = json.loads(path.read_text(encoding="utf-8"))
    chance = random.Random(7)
    return {
        shape: [_words_of(chance, chance.choice(titles), words) for _ in range(count)]
        for shape, (words, _every, _status) in SHAPES.items()
    }


def _time(engine: Any, text: str, every: bool, status: str) -> float:  # noqa: FBT001
    started = engine.clock()
    engine.search(text, limit=SHOWN, every=every, status=status)
    return 1000 * float(engine.clock() - started)


def _words_of(chance: random.Random, title: str, count: int) -> str:
    words = [word for word in WORD.findall(title) if fold(word) not in STOP_WORDS and len(word) > 2]
    at = sorted(chance.sample(range(len(words)), min(count, len(words))))
    return " ".join(words[number] for number in at)


def _documents(path: Path) -> Iterator[Document]:
    if path.is_file():
        yield from all_documents(make_engine(f"sqlite:///{path}"))
        return
    questions: dict[str, dict[str, Any]] = {}
    texts: dict[str, list[str]] = {}
    for _event, row in iterparse(path / "Posts.xml"):
        if row.tag == "row" and row.attrib["PostTypeId"] in ("1", "2"):
            thread = row.attrib["Id"] if row.attrib["PostTypeId"] == "1" else row.attrib["ParentId"]
            texts.setdefault(thread, []).append(unescape(_TAG.sub(" ", row.attrib["Body"])))
            if row.attrib["PostTypeId"] == "1":
                wanted = ("Title", "Tags", "Score", "AnswerCount", "AcceptedAnswerId", "CreationDate")
                questions[thread] = {name: row.attrib.get(name, "") for name in wanted}
        row.clear()
    for number, facts in questions.items():
        created = datetime.fromisoformat(facts["CreationDate"]).replace(tzinfo=UTC)
        answers = int(facts["AnswerCount"] or 0)
        yield Document(
            question_id=int(number),
            title=facts["Title"],
            texts=tuple(texts[number]),
            tags=tuple(re.findall(r"[^<>|]+", facts["Tags"])),
            status="solved" if facts["AcceptedAnswerId"] else "answered" if answers else "unanswered",
            answer_count=answers,
            score=int(facts["Score"]),
            created_at=created,
            activity_at=created,
        )


if __name__ == "__main__":
    sys.exit(main())  # type: ignore[func-returns-value]
