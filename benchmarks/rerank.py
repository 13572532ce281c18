"""What re-ranking by meaning gains and costs, with the code that the forum runs.

    PYTHONPATH=. python benchmarks/rerank.py FOLDER [FOLDER ...]

A FOLDER holds corpus.jsonl and queries.jsonl, as in benchmarks/search.py. Three kinds of queries are compared
without and with the model: the judged ones as searches, their titles as on the ask form while the title is typed,
and two to four words of a title, which shall find that title. Times are processor milliseconds. Needs the extra
`semantic`.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from search import MEASURES, _measured
from sqlmodel import Session, create_engine

from app.domain.search import reranking, vectors
from app.domain.search.documents import Document, Hit, SearchQuery
from app.domain.search.embedding import Embedder, embedder_named
from app.domain.search.engines import backend_named
from app.domain.search.tokens import STOP_WORDS, chunks, fold
from app.models import QuestionVector

DEEP = 1000
Ranked = Callable[[str], Sequence[Hit]]


def main(folders: Sequence[str]) -> None:
    """Compare."""
    embedder = embedder_named("minilm")
    assert embedder is not None
    for folder in map(Path, folders):
        rows = [json.loads(line) for line in (folder / "corpus.jsonl").open(encoding="utf-8")]
        judged = [json.loads(line) for line in (folder / "queries.jsonl").open(encoding="utf-8")]
        with tempfile.TemporaryDirectory(prefix="peerdesk-rerank-") as place:
            _compare(folder.name, rows, judged, embedder, Path(place))


def _compare(name: str, rows: list[Any], judged: list[Any], embedder: Embedder, place: Path) -> None:
    backend = backend_named("whoosh")
    backend.create(place)
    backend.build(place, [_document(number, row) for number, row in enumerate(rows)])
    engine = create_engine("sqlite://")
    QuestionVector.__table__.create(engine)
    with Session(engine) as db, backend.reader(place) as reader:
        spent = _make_vectors(db, rows, embedder)
        print(f"\n{name}: {len(rows)} threads, {spent:.1f} ms each for their vectors")
        print(f"{'':44}" + "".join(f"{one:>9}" for one in MEASURES) + f"{'p50 / p99 ms':>16}")

        def query(text: str) -> SearchQuery:
            return SearchQuery(words=tuple(chunks(text))[:12], limit=DEEP)

        def plain(text: str) -> Sequence[Hit]:
            return reader.search(query(text)).hits

        def meant(text: str) -> Sequence[Hit]:
            asked = query(text)
            if not reranking.is_for(asked):
                return reader.search(asked).hits
            return reranking.search(db, embedder, reader, asked, facets_at=None).hits

        def alike(text: str) -> Sequence[Hit]:
            return reader.related(title=text, body="", limit=DEEP)

        def alike_meant(text: str) -> Sequence[Hit]:
            hits = alike(text)
            if not reranking.is_in_words(text.split()):
                return hits
            return reranking.by_meaning(db, embedder, hits, text=text)

        names = [str(row["id"]) for row in rows]
        asked = [{**one, "text": one.get("text") or one["title"]} for one in judged if one["relevant"]]
        for label, queries, ways in (
            ("search", asked, (plain, meant)),
            ("similar, by the title", asked, (alike, alike_meant)),
            *((f"{count} words of a title", _known(rows, count), (plain, meant)) for count in (2, 3, 4)),
        ):
            for way, suffix in zip(ways, ("", ", re-ranked"), strict=True):
                _print(f"{label}{suffix} ({len(queries)})", queries, way, names)


def _make_vectors(db: Session, rows: Sequence[Any], embedder: Embedder) -> float:
    began = time.process_time()
    texts = [vectors.text_of(row["title"], row.get("body", "")) for row in rows]
    for at in range(0, len(texts), 100):
        read = [vectors.Read(number, 1, text) for number, text in enumerate(texts[at : at + 100], at)]
        made = embedder.vectors([one.text for one in read])
        vectors.store(db, model=embedder.name, read=read, vectors=made, gone=())
    return 1000 * (time.process_time() - began) / len(rows)


def _print(label: str, queries: Sequence[Any], way: Ranked, names: Sequence[str]) -> None:
    runs, times = {}, []
    for one in queries:
        began = time.process_time()
        hits = way(one["text"])
        times.append(1000 * (time.process_time() - began))
        runs[str(one["qid"])] = [names[hit.question_id] for hit in hits]
    times.sort()
    figures = "".join(f"{100 * one:9.1f}" for one in _measured(queries, runs))
    spent = f"{times[len(times) // 2]:.1f} / {times[len(times) * 99 // 100]:.1f}"
    print(f"{label:44}{figures}{spent:>16}", flush=True)


def _known(rows: Sequence[Any], count: int) -> list[Any]:
    """Return queries of some words of a title; what has that title is what is looked for."""
    chance = random.Random(7)
    found = []
    while len(found) < 300:
        title = chance.choice(rows)["title"]
        words = [word for word in re.findall(r"\w+", title) if fold(word) not in STOP_WORDS and len(word) > 2]
        if len(words) >= count:
            at = sorted(chance.sample(range(len(words)), count))
            relevant = [str(row["id"]) for row in rows if row["title"] == title]
            text = " ".join(words[number] for number in at)
            found.append({"qid": f"known{len(found)}", "text": text, "relevant": relevant})
    return found


def _document(number: int, row: Any) -> Document:
    texts = (row.get("body", ""), *row.get("answers", []))
    then = datetime(2020, 1, 1, tzinfo=UTC)
    return Document(question_id=number, title=row["title"], texts=texts, created_at=then, activity_at=then)


if __name__ == "__main__":
    main(sys.argv[1:])
