"""The default engine beside Whoosh itself: the same scores, and none of its known faults."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
import whoosh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import query as whoosh_query
from whoosh import scoring as whoosh_scoring
from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter
from whoosh.filedb import structfile
from whoosh.filedb.filestore import RamStorage
from whoosh.reading import SegmentReader

from app.domain.search.documents import Bounds, SearchQuery
from app.domain.search.engines.whoosh import codec, prepared, scoring, segments, zero_copy
from app.domain.search.engines.whoosh.engine import WhooshBackend
from app.domain.search.engines.whoosh.reader import Terms, WhooshReader
from app.domain.search.engines.whoosh.scoring import Bm25
from app.domain.search.engines.whoosh.segments import PublicSegment, View
from app.domain.search.engines.whoosh.storage import open_index
from app.domain.search.engines.whoosh.views import opened
from app.domain.search.engines.whoosh.writer import SMALL_SEGMENTS, TIDY_SEGMENTS, MergedReader
from app.domain.search.plan import plan
from tests.factories.documents import JANUARY, make_document

VOCABULARY = [f"{first}{vowel}{last}" for first in "bdfkz" for vowel in "aou" for last in "gmpx"]
backend = WhooshBackend()


def some_text(chance: random.Random, length: int) -> str:
    return " ".join(chance.choices(VOCABULARY, weights=[60 - at for at in range(60)], k=length))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of several segments, with replaced and deleted documents."""
    path = tmp_path_factory.mktemp("index")
    chance = random.Random(1)
    backend.create(path)
    for start in (0, 400, 700, 900):
        writer = backend.writer(path)
        writer.index(
            make_document(number, some_text(chance, 6), some_text(chance, chance.randint(1, 200)))
            for number in range(start, start + 400)
        )
        writer.delete(range(start, start + 400, 37))
        writer.publish()
    return path


@pytest.mark.parametrize("words", [("bap",), ("bag", "kop"), ("zux", "bam", "dop", "fam")])
def test_scores_are_those_of_whoosh(folder: Path, words: tuple[str, ...]) -> None:
    with opened(folder) as view, open_index(folder).searcher(weighting=whoosh_scoring.BM25F) as searcher:
        terms = [whoosh_query.Term(field, word) for word in words for field in ("title", "text")]
        expected = {
            hit.docnum: hit.score
            for hit in searcher.search(whoosh_query.Or(terms), limit=None, optimize=False)
        }
        query = SearchQuery(words=words)
        found = scoring.find(view, query, plan(query, Terms(view, frozenset())))
        offsets = [0]
        for segment in view.segments:
            offsets.append(offsets[-1] + segment.count)
        ours = {
            int(doc) + offset: float(score)
            for one, offset in zip(found, offsets, strict=False)
            for doc, score in zip(one.docs, one.scores, strict=True)
        }
    assert len(expected) > 100
    assert ours == pytest.approx(expected, rel=1e-4)


def test_posting_lists_of_several_blocks_are_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codec, "BLOCK", 4)
    backend.create(tmp_path)
    backend.build(tmp_path, (make_document(number, "No sound", "sound " * number) for number in range(1, 31)))
    with opened(tmp_path) as view:
        (segment,) = view.segments
        docs, weights = segment.postings("text", "sound")
    assert docs.tolist() == list(range(30))
    assert weights.tolist() == list(range(2, 32))  # the title counts, too
    with open_index(tmp_path).searcher() as searcher:
        assert len(searcher.search(whoosh_query.Term("text", "sound"), limit=None)) == 30


def test_there_are_several_segments_with_deletions(folder: Path) -> None:
    with backend.reader(folder) as reader:
        stats = reader.stats()
        assert stats.segments > 1
        assert stats.deleted > 0
        assert stats.documents == len(set(reader.ids())) == len(list(reader.ids()))


def test_frequent_terms_only_add_to_what_rare_ones_propose(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(9)
    for _ in range(20):
        title, body = some_text(chance, 6), some_text(chance, 60)
        with backend.reader(folder) as reader:
            expected = reader.related(title=title, body=body, limit=10)
            with monkeypatch.context() as few:
                few.setattr(scoring, "MANY", 0)
                few.setattr(scoring, "PROPOSED", 2_000)
                found = reader.related(title=title, body=body, limit=10)
            assert [hit.question_id for hit in found] == [hit.question_id for hit in expected]
            assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected])


def test_idf_counts_all_segments(folder: Path) -> None:
    with opened(folder) as view, open_index(folder).searcher() as searcher:
        assert Bm25(view).idf("text", "bap") == pytest.approx(searcher.idf("text", "bap"))


def test_segments_are_read_without_copying() -> None:
    assert whoosh.__version__ == zero_copy.CHECKED_VERSION, (
        "check zero_copy.py, codec.py and segments.py anew"
    )
    assert structfile.BytesIO is zero_copy.open_buffer


def test_a_mapped_file_reads_like_a_file() -> None:
    file = zero_copy.MappedFile(memoryview(b"one\ntwo\nthree"))
    assert file.read(2) == b"on"
    assert file.readline() == b"e\n"
    assert file.tell() == 4
    file.seek(-5, 2)
    assert file.read() == b"three"
    assert file.read() == b""
    file.seek(0)
    file.seek(4, 1)
    assert file.readline(2) == b"tw"


def test_many_small_commits_leave_few_segments(tmp_path: Path) -> None:
    backend.create(tmp_path)
    for number in range(60):
        writer = backend.writer(tmp_path)
        writer.index([make_document(number, "Alike")])
        writer.publish()
    with backend.reader(tmp_path) as reader:
        assert reader.stats().segments <= SMALL_SEGMENTS
        assert len(list(reader.ids())) == 60


def test_tidying_merges_what_small_commits_left(tmp_path: Path) -> None:
    backend.create(tmp_path)
    for start in range(0, 400 * TIDY_SEGMENTS, 400):
        backend.build(tmp_path, (make_document(start + number, "Alike") for number in range(150)))
    assert backend.tidy(tmp_path)
    assert not backend.tidy(tmp_path)
    with backend.reader(tmp_path) as reader:
        assert reader.stats().segments == 1


def test_what_is_merged_is_what_whoosh_would_merge(folder: Path) -> None:
    index = open_index(folder)
    assert any(segment.deleted_count() for segment in index._segments())
    for segment in index._segments():
        whole, merged = (kind(index.storage, index.schema, segment) for kind in (SegmentReader, MergedReader))
        expected = [(*rest, payload or b"") for *rest, payload in whole.iter_postings()]
        assert [(*rest, payload or b"") for *rest, payload in merged.iter_postings()] == expected


# The faults of Whoosh that were proven, each with what keeps us from it.


def test_deleted_and_old_versions_never_come_back_after_merges(tmp_path: Path) -> None:
    # Searcher.refresh() shows them; we open a new reader for each request.
    backend.create(tmp_path)
    for round_ in range(30):
        writer = backend.writer(tmp_path)
        writer.index(make_document(number, f"Version {round_}") for number in (1, 2, 3))
        writer.delete([2])
        writer.publish()
        with backend.reader(tmp_path) as reader:
            assert sorted(reader.ids()) == [1, 3]
            assert reader.search(SearchQuery(words=(str(round_),))).total == 2


def test_one_bad_document_does_not_lose_the_batch(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    # An exception within add_document kills Whoosh's writer; rows are made before it is opened.
    backend.create(tmp_path)
    writer = backend.writer(tmp_path)
    bad = make_document(2, "Bad", environment={"os": None})
    writer.index([make_document(1, "Good"), bad, make_document(3, "Good")])
    writer.publish()
    with backend.reader(tmp_path) as reader:
        assert sorted(reader.ids()) == [1, 3]
    assert "question 2" in caplog.text


def test_a_filter_is_never_ignored(folder: Path) -> None:
    # TimeLimitCollector ignores filters; ours are masks, and time is bounded by what a query may hold.
    with backend.reader(folder) as reader:
        assert reader.search(SearchQuery(words=("bag",), marks=("t:nothing",))).total == 0


def test_a_range_that_is_open_below_does_not_match_everything(folder: Path) -> None:
    # Whoosh's unsigned NUMERIC does; ours are columns of signed numbers.
    with backend.reader(folder) as reader:
        assert reader.search(SearchQuery(score=Bounds(None, -1))).total == 0
        assert reader.search(SearchQuery(score=Bounds(None, 0))).total == reader.stats().documents


def test_a_failed_commit_gives_the_lock_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # On a full disk Whoosh keeps its lock until the writer is collected.
    backend.create(tmp_path)

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    writer = backend.writer(tmp_path)
    writer.index([make_document(1, "Lost at first")])
    with monkeypatch.context() as patch:
        patch.setattr("whoosh.writing.SegmentWriter._commit_toc", full)
        with pytest.raises(OSError, match="No space left"):
            writer.publish()
    writer.publish()
    with backend.reader(tmp_path) as reader:
        assert list(reader.ids()) == [1]


def test_opening_survives_commits_meanwhile(tmp_path: Path) -> None:
    # A table of contents may be gone between listing and opening; we look once more.
    backend.create(tmp_path)
    stopping, wrong = threading.Event(), []

    def search() -> None:
        while not stopping.is_set():
            with backend.reader(tmp_path) as reader:
                ids = list(reader.ids())
                if len(ids) != len(set(ids)):
                    wrong.append(ids)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(25):
        writer = backend.writer(tmp_path)
        writer.index([make_document(number % 5, f"Version {number}")])
        writer.publish()
    stopping.set()
    for thread in threads:
        thread.join()
    assert not wrong


@given(st.lists(st.text(max_size=30), max_size=12), st.lists(st.text(max_size=30), max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_words_get_an_answer(folder: Path, words: list[str], phrases: list[str]) -> None:
    with backend.reader(folder) as reader:
        page = reader.search(
            SearchQuery(words=tuple(words), phrases=tuple(phrases), without_words=tuple(words[:1]))
        )
        assert len(page.hits) <= 20
        reader.suggest(" ".join(words), limit=5)
        reader.did_you_mean(words)
        reader.related(title=" ".join(words), body=" ".join(phrases), limit=5)


def test_public_methods_give_the_same_when_the_version_is_another(folder: Path) -> None:
    query = SearchQuery(words=("bag", "kop"), created=Bounds(0, None), score=Bounds(0, 0))
    with opened(folder) as view:
        fast = WhooshReader(view).search(query)
        numbers = [segment.numbers("qid").tolist() for segment in view.segments]
        positions = set(view.segments[0].positions("title", "bag"))
    for kept in (segments._postings, segments._arrays):
        kept.clear()
    reader = open_index(folder).reader()
    slow_view = View(reader, folder, kind=PublicSegment)
    slow = WhooshReader(slow_view).search(query)
    assert [segment.numbers("qid").tolist() for segment in slow_view.segments] == numbers
    assert slow.total == fast.total > 0
    assert set(slow_view.segments[0].positions("title", "bag")) <= positions
    reader.close()
    for kept in (segments._postings, segments._arrays):
        kept.clear()


def test_an_unknown_version_writes_what_whoosh_itself_would() -> None:
    assert type(codec.chosen_codec(is_checked=False)).__name__ == "W3Codec"


def test_short_lists_are_written_as_whoosh_would_write_them(folder: Path) -> None:
    chance = random.Random(5)
    postings = [
        (field, f"{vowel}{number}".encode(), document, chance.choice([1.0, 1.0, 2.0, 0.1, 300.0]), payload)
        for field, payload in (("key", None), ("text", b"here"))
        for vowel in "aou"
        for number in range(100, 200)
        for document in sorted(
            chance.sample(range(100_000), min(int(chance.paretovariate(1)), 3 * codec.SHORT))
        )
    ]
    packed, schema = codec.PackedCodec(), open_index(folder).schema

    def written_by(writers: W3Codec) -> dict[str, bytes]:
        storage = RamStorage()
        writer = writers.field_writer(storage, packed.new_segment(storage, "MAIN"))
        writer.add_postings(schema, None, iter(postings))
        writer.close()
        return {name.rpartition(".")[2]: bytes(data) for name, data in storage.files.items()}

    class Plain(codec.PackedCodec):
        def field_writer(self, storage: RamStorage, segment: object) -> W3FieldWriter:
            return W3FieldWriter(self, storage, segment)

    assert written_by(packed) == written_by(Plain())


def test_facets_and_vocabulary_lie_ready_beside_each_segment(folder: Path) -> None:
    with opened(folder) as view:
        big = [one for one in view.segments if one.count >= prepared.BIG_ENOUGH]
        assert len(big) > 1
        for segment in big:
            ready = prepared.load(prepared.path_of(folder, segment.id))
            assert ready is not None
            assert ready.words == segment._lexicon("word") != ()
            for kind in segments.FACETED:
                gathered = segment._read_facet(kind)
                assert ready.facets[kind].values == gathered.values
                assert ready.facets[kind].starts.tolist() == gathered.starts.tolist()
                assert ready.facets[kind].terms.tolist() == gathered.terms.tolist()


@pytest.mark.parametrize("damage", [b"", b"\0" * 300, b"\x93NUMPY\x01\0v\0{'descr': '<i4'"])
def test_a_damaged_helper_file_costs_time_and_nothing_else(tmp_path: Path, damage: bytes) -> None:
    backend.create(tmp_path)
    backend.build(tmp_path, [make_document(number, "Printer", tags=("wifi",)) for number in range(100)])
    (ready,) = tmp_path.glob("*.ready")
    ready.write_bytes(damage)
    for kept in (segments._facets, segments._words):
        kept.clear()
    with backend.reader(tmp_path) as reader:
        page = reader.search(SearchQuery(words=("printer",)), facets_at=JANUARY)
        assert page.facets["tag"] == {"wifi": 100}
        assert reader.did_you_mean(["printre"]) == ["printer"]


def test_helper_files_go_with_their_segments(tmp_path: Path) -> None:
    backend.create(tmp_path)
    for start in range(0, (TIDY_SEGMENTS + 2) * 100, 100):
        backend.build(tmp_path, [make_document(number, "Printer") for number in range(start, start + 100)])
    assert len(list(tmp_path.glob("*.ready"))) == TIDY_SEGMENTS + 2
    assert backend.tidy(tmp_path)
    with opened(tmp_path) as view:
        alive = {prepared.path_of(tmp_path, one.id) for one in view.segments}
    assert set(tmp_path.glob("*.ready")) == alive
