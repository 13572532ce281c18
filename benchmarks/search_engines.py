"""The engines that benchmarks/search.py compares: ours, and others as they come.

Each builds into a folder of its own, can be opened again without building, and has a clock that counts the
processor time of everything that works for it.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import psycopg
import tantivy
from whoosh import fields, index, qparser, query
from whoosh.analysis import StemmingAnalyzer

from app.domain.search.documents import Document, SearchQuery
from app.domain.search.engines import backend_named
from app.domain.search.tokens import chunks

DEEP = 1000
WORD = re.compile(r"\w+")


class Engine(Protocol):
    """What is compared."""

    name: str
    clock: Callable[[], float]

    def build(self, documents: Sequence[Document]) -> None: ...
    def open(self) -> None: ...
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

    def open(self) -> None:
        """Do nothing: each search opens the index, and its times include that."""

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

    def open(self) -> None:
        opened = index.open_dir(self._folder)
        self._searcher = opened.searcher()
        group = qparser.OrGroup
        self._any = qparser.MultifieldParser(["title", "text"], opened.schema, group=group)
        self._all = qparser.MultifieldParser(["title", "text"], opened.schema)

    def search(self, text: str, *, limit: int, every: bool, status: str = "") -> list[int]:
        parser = self._all if every else self._any
        parsed = parser.parse(" ".join(WORD.findall(text)))
        only = query.Term("status", status) if status else None
        return [int(hit["id"]) for hit in self._searcher.search(parsed, limit=limit, filter=only)]


class Fts5:
    """SQLite's full-text search, in memory of its own."""

    clock = time.process_time
    name = "sqlite fts5"

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "fts.db")

    def open(self) -> None:
        """Do nothing: the connection is open."""

    def build(self, documents: Sequence[Document]) -> None:
        self._db.execute(
            "CREATE VIRTUAL TABLE f USING fts5(title, text, status UNINDEXED, tokenize='porter unicode61')"
        )
        rows = ((one.question_id, one.title, "\n".join(one.texts), one.status) for one in documents)
        self._db.executemany("INSERT INTO f(rowid, title, text, status) VALUES (?, ?, ?, ?)", rows)
        self._db.commit()

    def search(self, text: str, *, limit: int, every: bool, status: str = "") -> list[int]:
        terms = (" " if every else " OR ").join(f'"{word}"' for word in WORD.findall(text))
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
        writer = self._open().writer(100_000_000, 1)
        for one in documents:
            text = "\n".join((one.title, *one.texts))
            writer.add_document(
                tantivy.Document(id=one.question_id, title=one.title, text=text, status=one.status)
            )
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        self._index = self._open()
        self._index.reload()
        self._searcher = self._index.searcher()

    def _open(self) -> Any:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("id", stored=True)
        builder.add_text_field("title", tokenizer_name="en_stem")
        builder.add_text_field("text", tokenizer_name="en_stem")
        builder.add_text_field("status", tokenizer_name="raw")
        return tantivy.Index(builder.build(), path=str(self._folder))

    def search(self, text: str, *, limit: int, every: bool, status: str = "") -> list[int]:
        words = " ".join(WORD.findall(text.lower()))
        query = self._index.parse_query(words, ["title", "text"], conjunction_by_default=every)
        if status:
            only = tantivy.Query.term_query(self._index.schema, "status", status)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)])
        found = self._searcher.search(query, limit=limit).hits
        return [self._searcher.doc(at)["id"][0] for _score, at in found]


class Postgres:
    """PostgreSQL's full-text search with a GIN index, in a table of its own."""

    name = "postgresql gin"

    def __init__(self, url: str) -> None:
        self._db = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self._db.execute("SET max_parallel_workers_per_gather = 0")
        self._db.execute("SET max_parallel_maintenance_workers = 0")
        self._server = Path(f"/proc/{self._db.info.backend_pid}/schedstat")

    def clock(self) -> float:
        """Return our processor time and that of the server's process that works for us."""
        return time.process_time() + int(self._server.read_text().split()[0]) / 1e9

    def build(self, documents: Sequence[Document]) -> None:
        self._db.execute("CREATE TABLE f (id bigint PRIMARY KEY, status text, v tsvector)")
        with self._db.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO f VALUES (%s, %s, setweight(to_tsvector('english', %s), 'A')"
                " || setweight(to_tsvector('english', %s), 'D'))",
                (
                    (one.question_id, one.status, one.title, "\n".join(one.texts)[:400_000])
                    for one in documents
                ),
            )
        self._db.execute("CREATE INDEX ON f USING gin (v)")
        self._db.execute("VACUUM ANALYZE f")

    def open(self) -> None:
        """Do nothing: the connection is open."""

    def search(self, text: str, *, limit: int, every: bool, status: str = "") -> list[int]:
        terms = (" & " if every else " | ").join(WORD.findall(text))
        only = "AND status = %s" if status else ""
        rows = self._db.execute(
            f"SELECT id FROM f, to_tsquery('english', %s) q WHERE v @@ q {only}"
            f" ORDER BY ts_rank(v, q) DESC LIMIT {limit}",
            (terms, *([status] if status else [])),
        )
        return [row[0] for row in rows]
