"""Tantivy behind the same interface, for communities that Whoosh has become slow for (`pip install peerdesk[tantivy]`).

It gets the same terms from the same tokenizer; only looking them up and scoring is its own. The index
is opened anew for each request and each batch: a long-lived object keeps files of merged segments.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import tantivy
from tantivy import FieldType, Occur, PreTokenizedString, Query, Token

from app.domain.search import spelling
from app.domain.search.backend import BrokenIndex
from app.domain.search.documents import Bounds, Document, Hit, ResultPage, SearchQuery, Stats, marks_of
from app.domain.search.plan import Alternative, Clause, Plan, likeness, plan
from app.domain.search.terms import environment_marks, text_terms, title_terms, vocabulary
from app.domain.search.tokens import STOP_WORDS, fold, word, words

SCHEMA_VERSION = 1
HEAP = 60_000_000
ENOUGH = 5
SHORT_QUERY = 4
MAX_COMPLETIONS = 50
MOST = 30
NUMBERS = ("score", "answers", "created", "activity")
FACETS = {"product": "p:", "status": "s:", "tag": "t:", "staff": "h:staff"}
AGES = {"day": 1, "week": 7, "month": 31, "year": 366}
SORTS = {"votes": "score", "newest": "created", "activity": "activity"}


class TantivyBackend:
    """A search library in Rust: some hundred times faster, one more wheel to install."""

    name = "tantivy"
    schema = SCHEMA_VERSION

    def create(self, folder: Path) -> None:
        tantivy.Index(_schema(), path=str(folder))

    @contextmanager
    def reader(self, folder: Path) -> Iterator[TantivyReader]:
        try:
            reader = TantivyReader(tantivy.Index.open(str(folder)))
        except ValueError as error:
            raise BrokenIndex(str(folder)) from error
        yield reader

    def writer(self, folder: Path) -> TantivyWriter:
        return TantivyWriter(folder)

    def tidy(self, folder: Path) -> bool:  # noqa: ARG002 (tantivy merges by itself)
        return False

    def build(self, folder: Path, documents: Iterable[Document]) -> None:
        writer = tantivy.Index.open(str(folder)).writer(HEAP, 1)
        for document in documents:
            writer.add_document(_row(document))
        writer.commit()
        writer.wait_merging_threads()


class TantivyWriter:
    """A SearchWriter: changes are collected and written within one commit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows: dict[int, tantivy.Document] = {}
        self._gone: set[int] = set()

    def index(self, batch: Iterable[Document]) -> None:
        for document in batch:
            self._gone.add(document.question_id)
            self._rows[document.question_id] = _row(document)

    def delete(self, question_ids: Iterable[int]) -> None:
        for question_id in question_ids:
            self._gone.add(question_id)
            self._rows.pop(question_id, None)

    def publish(self) -> None:
        if not self._gone:
            return
        index = tantivy.Index.open(str(self._folder))
        writer = index.writer(HEAP, 1)
        writer.delete_documents_by_query(Query.term_set_query(index.schema, "qid", sorted(self._gone)))
        for row in self._rows.values():
            writer.add_document(row)
        writer.commit()
        writer.wait_merging_threads()
        self.cancel()

    def cancel(self) -> None:
        self._rows.clear()
        self._gone.clear()


class TantivyReader:
    """A SearchReader on the newest commit."""

    def __init__(self, index: tantivy.Index) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()

    def search(self, query: SearchQuery, *, facets_at: datetime | None = None) -> ResultPage:
        planned = plan(query, self)
        filters = self._filters(query, planned)
        clauses = [self._clause(clause) for clause in planned.clauses]
        every = _all([*((Occur.Must, clause) for clause in clauses), *filters])
        total, is_partial = self._count(every), False
        chosen = every
        if len(clauses) + len(planned.required) > 1 and total < ENOUGH:
            some = _all([(Occur.Must, _any(clauses)), *filters]) if clauses else every
            count = self._count(some)
            if count > total:
                total, is_partial, chosen = count, True, some
        hits = self._hits(chosen, query, clauses if is_partial else [], has_words=query.has_text)
        in_title = self._in_title(hits, planned) if planned.phrases else None
        found = tuple(Hit(number, score, in_title is None or number in in_title) for number, score in hits)
        counts = self._facets(chosen, facets_at) if facets_at else {}
        return ResultPage(hits=found, total=total, is_partial=is_partial, facets=counts)

    def related(
        self, *, title: str, body: str, limit: int, hidden_ids: frozenset[int] = frozenset()
    ) -> list[Hit]:
        terms = likeness(title, body, frequency=self.frequency, count=self._searcher.num_docs)
        if not terms:
            return []
        liked = _any([self._clause((Alternative((term,), weight),)) for term, weight in terms.items()])
        query = SearchQuery(hidden_ids=hidden_ids, limit=limit)
        found = _all([(Occur.Must, liked), *self._filters(query, Plan((), (), (), ()))])
        whole = sum(weight * self._idf(term) for term, weight in terms.items()) or 1.0
        return [Hit(number, score / whole) for number, score in self._hits(found, query, [], has_words=True)]

    def suggest(self, text: str, *, limit: int, hidden_ids: frozenset[int] = frozenset()) -> list[Hit]:
        typed = words(text)
        completed = self._completions(typed[-1].plain) if typed else []
        if not completed:
            return []
        parts = [(Occur.Must, _any([self._term("title", form) for form in completed]))]
        parts += [
            (Occur.Must, _any([self._term("title", form) for form in one.same or one.parts]))
            for one in typed[:-1]
            if one.plain not in STOP_WORDS
        ]
        query = SearchQuery(hidden_ids=hidden_ids, limit=limit)
        found = _all([*parts, *self._filters(query, Plan((), (), (), ()))])
        return [Hit(number, score) for number, score in self._hits(found, query, [], has_words=True)]

    def did_you_mean(
        self, words: Sequence[str], *, hidden_ids: frozenset[int] = frozenset()
    ) -> list[str] | None:
        return spelling.corrected(self, words, hidden_ids)

    def ids(self) -> Iterator[int]:
        count = self._searcher.num_docs
        if count:
            yield from self._ids(self._searcher.search(Query.all_query(), limit=count, count=False).hits)

    def holding(self, terms: Sequence[str], *, limit: int) -> set[int]:
        having = _any([self._term("text", term) for term in terms])
        return set(self._ids(self._searcher.search(having, limit=limit, count=False).hits))

    def stats(self) -> Stats:
        return Stats("tantivy", self._searcher.num_docs, 0, self._searcher.num_segments)

    def frequency(self, term: str) -> int:
        """Return in how many threads a term stands (Lexicon)."""
        return self._searcher.doc_freq("text", term)

    def beginning_with(self, prefix: str, limit: int) -> list[str]:
        """Return terms that begin so (Lexicon)."""
        found = self._searcher.terms_with_prefix("text", prefix, limit=limit * 8)
        return [term for term, _count in sorted(found, key=lambda one: (-one[1], one[0]))[:limit]]

    def occurrences(self, plain: str) -> int:
        """Return in how many threads a word stands (Vocabulary)."""
        return max((self._count(self._term("text", form)) for form in word(plain).same), default=0)

    def beginning_with_letter(self, letter: str) -> Iterator[str]:
        """Return the words of titles and tags with a first letter (Vocabulary)."""
        return (term for term, _count in self._searcher.terms_with_prefix("word", letter))

    def live_frequency(self, word: str, hidden_ids: frozenset[int]) -> int:
        """Return in how many present titles and tags a word stands (Vocabulary)."""
        hidden = self._filters(SearchQuery(hidden_ids=hidden_ids), Plan((), (), (), ()))
        return self._count(_all([(Occur.Must, self._term("word", word)), *hidden]))

    def _clause(self, clause: Clause) -> Query:
        alternatives = []
        for one in clause:
            terms = [(Occur.Must, self._in_text_and_title(term)) for term in one.terms]
            wanted = _all(terms) if len(terms) > 1 else terms[0][1]
            alternatives.append(
                Query.boost_query(wanted, one.weight) if one.weight else Query.const_score_query(wanted, 0.0)
            )
        return _any(alternatives)

    def _in_text_and_title(self, term: str) -> Query:
        # The text holds the title's words, too: a thread has a term when its text has it.
        return Query.boolean_query(
            [(Occur.Must, self._term("text", term)), (Occur.Should, self._term("title", term))]
        )

    def _term(self, field: str, term: str) -> Query:
        return Query.term_query(self._schema, field, term, "freq" if field in ("text", "title") else "basic")

    def _filters(self, query: SearchQuery, planned: Plan) -> list[tuple[Occur, Query]]:
        filters = [(Occur.Must, self._clause(clause)) for clause in planned.required]
        filters += [
            (Occur.Must, Query.const_score_query(self._term("mark", mark), 0.0)) for mark in query.marks
        ]
        filters += [(Occur.MustNot, self._clause(clause)) for clause in planned.without]
        filters += [(Occur.MustNot, self._term("mark", mark)) for mark in query.without_marks]
        for name, bounds in (("score", query.score), ("answers", query.answers), ("created", query.created)):
            if bounds != Bounds():
                filters.append((Occur.Must, Query.const_score_query(self._range(name, bounds), 0.0)))
        if query.only_ids is not None:
            only = Query.term_set_query(self._schema, "qid", sorted(query.only_ids))
            filters.append((Occur.Must, Query.const_score_query(only, 0.0)))
        if query.hidden_ids:
            hidden = Query.term_set_query(self._schema, "qid", sorted(query.hidden_ids))
            filters.append((Occur.MustNot, hidden))
        return filters

    def _range(self, name: str, bounds: Bounds) -> Query:
        low = None if bounds.low is None else math.ceil(bounds.low)
        high = None if bounds.high is None else math.floor(bounds.high)
        return Query.range_query(self._schema, name, FieldType.Integer, low, high)

    def _hits(
        self, found: Query, query: SearchQuery, counted: list[Query], *, has_words: bool
    ) -> list[tuple[int, float]]:
        sort = SORTS.get(query.sort) or (None if has_words else "created")
        if sort:
            result = self._searcher.search(
                found, limit=query.limit, offset=query.offset, count=False, order_by_field=sort
            )
            return [(number, 0.0) for number in self._ids(result.hits)]
        if counted and len(counted) <= SHORT_QUERY:
            more = [(Occur.Should, Query.const_score_query(clause, 1000.0)) for clause in counted]
            found = Query.boolean_query([(Occur.Must, found), *more])
        result = self._searcher.search(found, limit=query.limit, offset=query.offset, count=False)
        return list(zip(self._ids(result.hits), (float(score) for score, _at in result.hits), strict=True))

    def _ids(self, hits: Sequence[Any]) -> list[int]:
        values = self._searcher.fast_field_values("qid", [at for _key, at in hits]) if hits else []
        return [int(value or 0) for value in values]

    def _in_title(self, hits: list[tuple[int, float]], planned: Plan) -> set[int]:
        rows = [
            Query.phrase_query(self._schema, "title", [forms[0] for forms in phrase])
            if len(phrase) > 1
            else self._term("title", phrase[0][0])
            for phrase in planned.phrases
        ]
        among = Query.term_set_query(self._schema, "qid", [number for number, _score in hits])
        found = _all([*((Occur.Must, row) for row in rows), (Occur.Must, among)])
        return set(self._ids(self._searcher.search(found, limit=max(len(hits), 1)).hits))

    def _count(self, query: Query) -> int:
        return self._searcher.search(query, limit=1, count=True).count or 0  # type: ignore[attr-defined]

    def _facets(self, found: Query, now: datetime) -> Mapping[str, Mapping[str, int]]:
        wanted = {name: {"terms": {"field": f"f_{name}", "size": MOST}} for name in FACETS}
        made = self._searcher.aggregate(found, wanted)
        counts = {
            name: {str(one["key"]): int(one["doc_count"]) for one in made[name]["buckets"]} for name in FACETS
        }
        counts["age"] = self._ages(found, int(now.timestamp()))
        return counts

    def _ages(self, found: Query, now: int) -> dict[str, int]:
        counts = {
            name: self._count(
                _all(
                    [
                        (Occur.Must, found),
                        (Occur.Must, self._range("created", Bounds(now - days * 86_400, None))),
                    ]
                )
            )
            for name, days in AGES.items()
        }
        return {name: count for name, count in counts.items() if count}

    def _completions(self, beginning: str) -> list[str]:
        whole = [form for one in words(beginning) for form in one.same]
        if len(beginning) < 2:
            return whole
        found = self._searcher.terms_with_prefix("word", fold(beginning), limit=MAX_COMPLETIONS)
        return list(
            dict.fromkeys([*whole, *(form for term, _ in found for one in words(term) for form in one.same)])
        )

    def _idf(self, term: str) -> float:
        count, frequency = self._searcher.num_docs, self.frequency(term)
        return math.log(1 + max(count - frequency, 0) + 0.5) - math.log(frequency + 0.5)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("qid", indexed=True, fast=True)
    for name in NUMBERS:
        builder.add_integer_field(name, indexed=True, fast=True)
    builder.add_text_field("title", tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
    for name in ("word", "mark"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(f"f_{name}", tokenizer_name="raw", index_option="basic", fast=True)
    return builder.build()


def _row(document: Document) -> tantivy.Document:
    row = tantivy.Document()
    row.add_unsigned("qid", document.question_id)
    row.add_integer("score", document.score)
    row.add_integer("answers", document.answer_count)
    row.add_integer("created", int(document.created_at.timestamp()))
    row.add_integer("activity", int(document.activity_at.timestamp()))
    at = [
        (position, term) for term, positions in title_terms(document.title).items() for position in positions
    ]
    tokens = [Token(term, position, 0, 0) for position, term in sorted(at)]
    row.add_pre_tokenized_text("title", PreTokenizedString(document.title, tokens))
    row.add_text("text", " ".join(Counter(text_terms(document)).elements()))
    for term in vocabulary(document):
        row.add_text("word", term)
    marks = marks_of(document)
    for mark in dict.fromkeys([*marks, *environment_marks(document)]):
        row.add_text("mark", mark)
    for name, kind in FACETS.items():
        for mark in marks:
            if mark.startswith(kind):
                row.add_text(f"f_{name}", mark.removeprefix(kind) or "yes")
    return row


def _all(parts: Sequence[tuple[Occur, Query]]) -> Query:
    if not any(occur == Occur.Must for occur, _query in parts):
        parts = [(Occur.Must, Query.all_query()), *parts]
    return Query.boolean_query(list(parts))


def _any(queries: Sequence[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])
