"""Quality and speed of search, ours beside others, in one run.

    python benchmarks/search.py PATH [--queries 300] [--postgresql URL] [--engines ours,whoosh,fts5,tantivy,postgresql]

PATH is one of
  a folder with corpus.jsonl and queries.jsonl   quality: documents {id, title, body, answers}, queries {qid,
                                                 text or title and body, relevant: [ids]}
  a Stack Exchange dump (a folder with Posts.xml)  speed: titles are turned into queries of 1 to 3 words
  an SQLite database of Peerdesk                 the same, of its own questions

Times are processor milliseconds (wall for PostgreSQL, which works in another process): compare ratios.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any, Protocol
from xml.etree.ElementTree import iterparse

import psycopg
import tantivy
from whoosh import fields, index, qparser
from whoosh.analysis import StemmingAnalyzer

from app.core.db import make_engine
from app.domain.search.documents import Document, SearchQuery
from app.domain.search.engines import backend_named
from app.domain.search.snapshots import all_documents
from app.domain.search.tokens import STOP_WORDS, chunks, fold

DEEP = 1000
SHOWN = 10
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")


class Engine(Protocol):
    """What is compared."""

    name: str

    def build(self, documents: Sequence[Document]) -> None: ...
    def search(self, text: str, *, limit: int, every: bool, status: str = "") -> list[int]: ...


class Ours:
    """Peerdesk's search, as it is configured by default (or with another engine)."""

    clock = time.process_time

    def __init__(self, folder: Path, engine: str) -> None:
        self.name = f"peerdesk/{engine}"
        self._backend = backend_named(engine)
        self._folder = folder

    def build(self, documents: Sequence[Document]) -> None:
        self._backend.create(self._folder)
        self._backend.build(self._folder, documents)

    def search(self, text: str, *, limit: int, every: bool, status: str = "") -> list[int]:  # noqa: ARG002
        # All of the words first, then some of them: that is for the engine to decide.
        words = tuple(chunks(text))[:60]
        marks = (f"s:{status}",) if status else ()
        with self._backend.reader(self._folder) as reader:
            page = reader.search(SearchQuery(words=words, limit=limit, marks=marks))
            hits = list(page.hits)
            if limit == DEEP and not page.is_partial:
                hits += reader.related(title=text, body="", limit=limit)
            return list(dict.fromkeys(hit.question_id for hit in hits))

    def similar(self, title: str, body: str, *, limit: int) -> list[int]:
        with self._backend.reader(self._folder) as reader:
            return [hit.question_id for hit in reader.related(title=title, body=body, limit=limit)]


class WhooshAsItComes:
    """Whoosh with its own analyzer, parser and search."""

    clock = time.process_time
    name = "whoosh as it comes"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, documents: Sequence[Document]) -> None:
        text = StemmingAnalyzer()
        schema = fields.Schema(
            id=fields.ID(stored=True), title=fields.TEXT(text), text=fields.TEXT(text), status=fields.ID()
        )
        writer = index.create_in(self._folder, schema).writer(limitmb=256)
        for one in documents:
            writer.add_document(
                id=str(one.question_id),
                title=one.title,
                text="\n".join((one.title, *one.texts)),
                status=one.status,
            )
        writer.commit()
        self._searcher = index.open_dir(self._folder).searcher()
        group = qparser.OrGroup
        self._any = qparser.MultifieldParser(["title", "text"], schema, group=group)
        self._all = qparser.MultifieldParser(["title", "text"], schema)

    def search(self, text: str, *, limit: int, every: bool, status: str = "") -> list[int]:
        parser = self._all if every else self._any
        parsed = parser.parse(" ".join(_WORD.findall(text)))
        only = fields_query("status", status) if status else None
        return [int(hit["id"]) for hit in self._searcher.search(parsed, limit=limit, filter=only)]


class Fts5:
    """SQLite's full-text search, in memory of its own."""

    clock = time.process_time
    name = "sqlite fts5"

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "fts.db")

    def build(self, documents: Sequence[Document]) -> None:
        self._db.execute(
            "CREATE VIRTUAL TABLE f USING fts5(title, text, status UNINDEXED, tokenize='porter unicode61')"
        )
        rows = ((one.question_id, one.title, "\n".join(one.texts), one.status) for one in documents)
        self._db.executemany("INSERT INTO f(rowid, title, text, status) VALUES (?, ?, ?, ?)", rows)
        self._db.commit()

    def search(self, text: str, *, limit: int, every: bool, status: str = "") -> list[int]:
        terms = (" " if every else " OR ").join(f'"{word}"' for word in _WORD.findall(text))
        if not terms:
            return []
        only = "AND status = ?" if status else ""
        rows = self._db.execute(
            f"SELECT rowid FROM f WHERE f MATCH ? {only} ORDER BY bm25(f, 10.0, 1.0) LIMIT {limit}",
            (terms, *([status] if status else [])),
        )
        return [row[0] for row in rows]


class Tantivy:
    """Tantivy with its own English analyzer."""

    clock = time.process_time
    name = "tantivy en_stem"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, documents: Sequence[Document]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("id", stored=True)
        builder.add_text_field("title", tokenizer_name="en_stem")
        builder.add_text_field("text", tokenizer_name="en_stem")
        builder.add_text_field("status", tokenizer_name="raw")
        self._index = tantivy.Index(builder.build(), path=str(self._folder))
        writer = self._index.writer(100_000_000, 1)
        for one in documents:
            text = "\n".join((one.title, *one.texts))
            writer.add_document(
                tantivy.Document(id=one.question_id, title=one.title, text=text, status=one.status)
            )
        writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, text: str, *, limit: int, every: bool, status: str = "") -> list[int]:
        words = " ".join(_WORD.findall(text.lower()))
        query = self._index.parse_query(words, ["title", "text"], conjunction_by_default=every)
        if status:
            only = tantivy.Query.term_query(self._index.schema, "status", status)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)])
        found = self._searcher.search(query, limit=limit).hits
        return [self._searcher.doc(at)["id"][0] for _score, at in found]


class Postgres:
    """PostgreSQL's full-text search with a GIN index, in a schema of its own that is dropped afterwards."""

    clock = time.perf_counter
    name = "postgresql gin"

    def __init__(self, url: str) -> None:
        self._db = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self._db.execute("CREATE TEMP TABLE f (id bigint PRIMARY KEY, status text, v tsvector)")

    def build(self, documents: Sequence[Document]) -> None:
        with self._db.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO f VALUES (%s, %s, setweight(to_tsvector('english', %s), 'A')"
                " || setweight(to_tsvector('english', %s), 'D'))",
                [
                    (one.question_id, one.status, one.title, "\n".join(one.texts)[:400_000])
                    for one in documents
                ],
            )
        self._db.execute("CREATE INDEX ON f USING gin (v)")
        self._db.execute("ANALYZE f")

    def search(self, text: str, *, limit: int, every: bool, status: str = "") -> list[int]:
        terms = (" & " if every else " | ").join(_WORD.findall(text))
        only = "AND status = %s" if status else ""
        rows = self._db.execute(
            f"SELECT id FROM f, to_tsquery('english', %s) q WHERE v @@ q {only}"
            f" ORDER BY ts_rank(v, q) DESC LIMIT {limit}",
            (terms, *([status] if status else [])),
        )
        return [row[0] for row in rows]


def fields_query(name: str, value: str) -> Any:
    """Return Whoosh's query for one exact value."""
    return qparser.query.Term(name, value)


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--postgresql", default="", metavar="URL")
    parser.add_argument("--engines", default="ours,whoosh,fts5,tantivy,postgresql")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="peerdesk-search-"))
    try:
        engines = _engines(args.engines.split(","), folder, args.postgresql)
        if (args.path / "queries.jsonl").exists():
            _quality(args.path, engines)
        else:
            _speed(list(_documents(args.path)), engines, args.queries)
    finally:
        shutil.rmtree(folder)


def _engines(wanted: Sequence[str], folder: Path, postgresql: str) -> list[Any]:
    def place(name: str) -> Path:
        (folder / name).mkdir()
        return folder / name

    makers: dict[str, Callable[[], Any]] = {
        "ours": lambda: Ours(place("ours"), "whoosh"),
        "ours-tantivy": lambda: Ours(place("ours-tantivy"), "tantivy"),
        "whoosh": lambda: WhooshAsItComes(place("whoosh")),
        "fts5": lambda: Fts5(place("fts5")),
        "tantivy": lambda: Tantivy(place("tantivy")),
        "postgresql": lambda: Postgres(postgresql),
    }
    return [makers[name]() for name in wanted if name != "postgresql" or postgresql]


def _quality(path: Path, engines: Sequence[Any]) -> None:
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
    print(f"{path.name}: {len(documents)} documents, {len(queries)} queries")
    print(f"{'':32}{'MAP':>8}{'MRR':>8}{'P@1':>8}{'R@10':>8}")
    for engine in engines:
        engine.build(documents)
        ways: dict[str, Callable[[Any], list[int]]] = {
            "": lambda one, engine=engine: engine.search(
                one.get("text") or one["title"], limit=DEEP, every=False
            )
        }
        if isinstance(engine, Ours):
            ways[", similar"] = lambda one, engine=engine: engine.similar(
                one.get("text") or one["title"], one.get("body", ""), limit=DEEP
            )
        for way, search in ways.items():
            runs = {str(one["qid"]): [names[number] for number in search(one)] for one in queries}
            print(
                f"{engine.name + way:32}" + "".join(f"{figure:8.1f}" for figure in _measures(queries, runs))
            )


def _measures(queries: Sequence[Any], runs: dict[str, list[str]]) -> list[float]:
    totals = [0.0, 0.0, 0.0, 0.0]
    judged = [one for one in queries if one["relevant"]]
    for one in judged:
        relevant = {str(number) for number in one["relevant"]}
        ranked = [name for name in runs[str(one["qid"])] if name != str(one["qid"])]
        places = [at for at, name in enumerate(ranked, 1) if name in relevant]
        totals[0] += sum(number / at for number, at in enumerate(places, 1)) / len(relevant)
        totals[1] += 1 / places[0] if places and places[0] <= DEEP else 0
        totals[2] += bool(places and places[0] == 1)
        totals[3] += sum(at <= SHOWN for at in places) / len(relevant)
    return [100 * total / len(judged) for total in totals]


def _speed(documents: Sequence[Document], engines: Sequence[Any], count: int) -> None:
    chance = random.Random(7)
    titles = [one.title for one in documents]
    shapes: dict[str, tuple[int, bool, str]] = {
        "1 word": (1, True, ""),
        "2 words": (2, True, ""),
        "3 words": (3, True, ""),
        "2 words, solved": (2, True, "solved"),
        "3 words, solved": (3, True, "solved"),
        "3 words, any": (3, False, ""),
        "whole title, any": (12, False, ""),
    }
    queries = {
        shape: [_words_of(chance, chance.choice(titles), words) for _ in range(count)]
        for shape, (words, _every, _status) in shapes.items()
    }
    print(f"{len(documents)} questions; processor ms p50 / p99 of {count} queries each")
    print(f"{'':22}{'build s':>9}" + "".join(f"{shape:>20}" for shape in shapes))
    for engine in engines:
        started = engine.clock()
        engine.build(documents)
        line = f"{engine.name:22}{engine.clock() - started:9.1f}"
        for shape, (_words, every, status) in shapes.items():
            times = [_time(engine, text, every, status) for text in queries[shape] if text]
            times.sort()
            middle, late = times[len(times) // 2], times[math.floor(len(times) * 0.99)]
            line += f"{f'{middle:.1f} / {late:.1f}':>20}"
        print(line, flush=True)


def _time(engine: Any, text: str, every: bool, status: str) -> float:  # noqa: FBT001
    started = engine.clock()
    engine.search(text, limit=SHOWN, every=every, status=status)
    return 1000 * float(engine.clock() - started)


def _words_of(chance: random.Random, title: str, count: int) -> str:
    words = [word for word in _WORD.findall(title) if fold(word) not in STOP_WORDS and len(word) > 2]
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
