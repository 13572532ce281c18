"""What every engine promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.search.backend import SearchBackend
from app.domain.search.documents import Bounds, Document, SearchQuery
from app.domain.search.engines import ENGINES, backend_named
from tests.factories.documents import JANUARY, make_document

DOCUMENTS = (
    make_document(
        1,
        "XPS 13 9310 battery stops at 80 %",
        "Since BIOS A12 my XPS-13-9310 shows 0x80070057 and stops charging.",
        tags=("battery", "bios"),
        products=("xps-13", "laptops", "dell"),
        author="Mara",
        status="solved",
        answer_count=2,
        score=7,
        environment={"os": "Windows 11 Pro", "error_code": "0x80070057"},
        staff_answered=True,
    ),
    make_document(
        2,
        "Wi-Fi drops after sleep",
        "The wifi is gone until I restart. `iwconfig` shows nothing.",
        tags=("wifi",),
        products=("xps-15", "laptops", "dell"),
        author="Jonas",
        status="answered",
        answer_count=1,
        score=2,
        has_code=True,
    ),
    make_document(
        3,
        "Printer prints blank pages",
        "C++ program prints fine, Word does not. Windows 7.",
        tags=("printing",),
        author="Mara",
        score=-1,
        created_at=JANUARY + timedelta(days=40),
        activity_at=JANUARY + timedelta(days=41),
    ),
    make_document(
        4, "Drucker druckt für Gäste nicht", "Der Drucker ist über WLAN verbunden.", tags=("printing",)
    ),
    make_document(5, "日本語のキーボードが使えない", "設定画面が開きません", tags=("keyboard",)),
    make_document(
        6,
        "Blue screen after driver update",
        "The screen turns blue. Then the driver is gone.",
        is_closed=True,
    ),
)


@pytest.fixture(params=sorted(ENGINES))
def backend(request: pytest.FixtureRequest) -> SearchBackend:
    return backend_named(request.param)


@pytest.fixture
def folder(backend: SearchBackend, tmp_path: Path) -> Path:
    backend.create(tmp_path)
    writer = backend.writer(tmp_path)
    writer.index(DOCUMENTS)
    writer.publish()
    return tmp_path


def ids(backend: SearchBackend, folder: Path, *words: str, **wanted: Any) -> list[int]:
    with backend.reader(folder) as reader:
        return [hit.question_id for hit in reader.search(SearchQuery(words=words, **wanted)).hits]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (("0x80070057",), 1), (("80070057",), 1), (("80070",), 1), (("xps13",), 1), (("xps", "13", "9310"), 1),
        (("XPS-13-9310",), 1), (("bios", "a12"), 1), (("wifi", "sleep"), 2), (("wi-fi", "sleeping"), 2),
        (("c++",), 3), (("windows", "7"), 3), (("fuer", "gaste"), 4), (("GÄSTE",), 4), (("キーボード",), 5),
        (("iwconfig",), 2), (("word",), 3),
    ],
)  # fmt: skip
def test_what_people_type_is_found(
    backend: SearchBackend, folder: Path, words: tuple[str, ...], first: int
) -> None:
    assert ids(backend, folder, *words)[0] == first


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"marks": ("t:printing",)}, {3, 4}),
        ({"marks": ("p:laptops",)}, {1, 2}),
        ({"marks": ("p:laptops",), "without_marks": ("s:solved",)}, {2}),
        ({"marks": ("u:mara",)}, {1, 3}),
        ({"marks": ("s:unanswered",)}, {3, 4, 5, 6}),
        ({"marks": ("x:closed",)}, {6}),
        ({"marks": ("h:code",)}, {2}),
        ({"marks": ("h:staff",)}, {1}),
        ({"marks": ("e:os=windows", "e:os=11")}, {1}),
        ({"marks": ("e:error=0x80070057",)}, {1}),
        ({"score": Bounds(3, None)}, {1}),
        ({"score": Bounds(None, -1)}, {3}),
        ({"answers": Bounds(1, 2)}, {1, 2}),
        ({"created": Bounds((JANUARY + timedelta(days=1)).timestamp(), None)}, {3}),
        ({"words": ("driver",), "without_words": ("blue",)}, set()),
        ({"without_words": ("drucker",), "marks": ("t:printing",)}, {3}),
        ({"hidden_ids": frozenset({3}), "marks": ("t:printing",)}, {4}),
        ({"marks": ("t:nothing",)}, set()),
    ],
)
def test_filters_keep_what_they_say(
    backend: SearchBackend, folder: Path, wanted: dict[str, Any], expected: set[int]
) -> None:
    filters = {name: value for name, value in wanted.items() if name != "words"}
    assert set(ids(backend, folder, *wanted.get("words", ()), **filters)) == expected


def test_results_can_be_sorted_and_paged(backend: SearchBackend, folder: Path) -> None:
    everything = {"without_marks": ("t:nothing",)}
    assert ids(backend, folder, sort="votes", **everything)[0] == 1
    assert ids(backend, folder, sort="newest", **everything)[0] == 3
    assert ids(backend, folder, sort="activity", **everything)[0] == 3
    whole = ids(backend, folder, sort="votes", **everything)
    assert ids(backend, folder, sort="votes", offset=2, limit=2, **everything) == whole[2:4]


def test_some_of_the_words_do_when_hardly_a_thread_has_all(backend: SearchBackend, folder: Path) -> None:
    with backend.reader(folder) as reader:
        page = reader.search(SearchQuery(words=("battery", "carpet")))
        assert page.is_partial
        assert [hit.question_id for hit in page.hits] == [1]
        assert not reader.search(SearchQuery(words=("carpet", "flying"))).hits


def test_a_phrase_in_a_title_is_known_to_be_there(backend: SearchBackend, folder: Path) -> None:
    with backend.reader(folder) as reader:
        (hit,) = reader.search(SearchQuery(phrases=("blue screen",))).hits
        assert (hit.question_id, hit.has_phrases) == (6, True)
        (unsure,) = reader.search(SearchQuery(phrases=("screen blue",))).hits
        assert (unsure.question_id, unsure.has_phrases) == (6, False)


def test_everything_found_is_counted(backend: SearchBackend, folder: Path) -> None:
    with backend.reader(folder) as reader:
        query = SearchQuery(without_marks=("t:nothing",), limit=1, hidden_ids=frozenset({4}))
        page = reader.search(query, facets_at=JANUARY + timedelta(days=45))
    assert page.total == 5
    assert page.facets["product"] == {"laptops": 2, "dell": 2, "xps-13": 1, "xps-15": 1}
    assert page.facets["status"] == {"unanswered": 3, "solved": 1, "answered": 1}
    assert page.facets["tag"]["printing"] == 1
    assert page.facets["staff"] == {"yes": 1}
    assert page.facets["age"] == {"week": 1, "month": 1, "year": 5}


def test_the_threads_that_hold_a_term_are_told(backend: SearchBackend, folder: Path) -> None:
    with backend.reader(folder) as reader:
        assert reader.holding(["screen", "wifi"], limit=10) == {2, 6}
        assert len(reader.holding(["screen", "wifi"], limit=1)) == 1
        assert reader.holding(["carpet"], limit=10) == set()


def test_only_the_threads_asked_for_show_and_count(backend: SearchBackend, folder: Path) -> None:
    with backend.reader(folder) as reader:
        query = SearchQuery(words=("screen",), only_ids=frozenset({2, 6}), hidden_ids=frozenset({2}))
        page = reader.search(query, facets_at=JANUARY)
        assert [hit.question_id for hit in page.hits] == [6]
        assert page.facets["status"] == {"unanswered": 1}
        assert not reader.search(SearchQuery(words=("screen",), only_ids=frozenset())).hits


def test_a_document_is_replaced_and_taken_out(backend: SearchBackend, folder: Path) -> None:
    writer = backend.writer(folder)
    writer.index([make_document(2, "Bluetooth drops after sleep")])
    writer.delete([1])
    writer.publish()
    assert ids(backend, folder, "wifi") == []
    assert ids(backend, folder, "bluetooth") == [2]
    assert ids(backend, folder, "battery") == []
    with backend.reader(folder) as reader:
        assert sorted(reader.ids()) == [2, 3, 4, 5, 6]
        assert reader.stats().documents == 5


def test_the_last_word_on_a_thread_wins_within_a_batch(backend: SearchBackend, folder: Path) -> None:
    writer = backend.writer(folder)
    writer.index(
        [make_document(7, "First carpet"), make_document(7, "Second carpet"), make_document(8, "Gone")]
    )
    writer.delete([8])
    writer.publish()
    assert ids(backend, folder, "carpet") == [7]
    assert ids(backend, folder, "first") == []
    assert ids(backend, folder, "gone", marks=("s:unanswered",)) in ([], [6])


def test_nothing_shows_before_it_is_published(backend: SearchBackend, folder: Path) -> None:
    writer = backend.writer(folder)
    writer.index([make_document(9, "Unpublished zebra")])
    assert ids(backend, folder, "zebra") == []
    writer.cancel()
    writer.publish()
    assert ids(backend, folder, "zebra") == []


def test_an_opened_index_stays_as_it_was(backend: SearchBackend, folder: Path) -> None:
    with backend.reader(folder) as before:
        for number in range(10, 22):
            writer = backend.writer(folder)
            writer.index([make_document(number, f"Zebra {number}")])
            writer.delete([number - 5])
            writer.publish()
        assert sorted(before.ids()) == [1, 2, 3, 4, 5, 6]
        assert [hit.question_id for hit in before.search(SearchQuery(words=("battery",))).hits] == [1]
    assert len(ids(backend, folder, "zebra", limit=100)) == 5


def test_related_threads_share_telling_words(backend: SearchBackend, folder: Path) -> None:
    with backend.reader(folder) as reader:
        hits = reader.related(
            title="Battery of the XPS 13 will not charge", body="It stops at 80 %.", limit=3
        )
        assert hits[0].question_id == 1
        assert not reader.related(title="", body="", limit=3)
        hidden = reader.related(title="Battery", body="", limit=3, hidden_ids=frozenset({1}))
        assert 1 not in {hit.question_id for hit in hidden}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("printer pri", [3]), ("wi-fi dr", [2]), ("batt", [1]), ("blue scr", [6]), ("zz", []), ("", [])],
)
def test_titles_complete_what_is_typed(
    backend: SearchBackend, folder: Path, typed: str, expected: list[int]
) -> None:
    with backend.reader(folder) as reader:
        assert [hit.question_id for hit in reader.suggest(typed, limit=5)] == expected


def test_slips_are_mended_by_words_of_present_titles(backend: SearchBackend, folder: Path) -> None:
    writer = backend.writer(folder)
    writer.index(
        [
            make_document(7, "Another battery is dead"),
            make_document(8, "Secret zanzibar"),
            make_document(9, "More zanzibar"),
        ]
    )
    writer.publish()
    with backend.reader(folder) as reader:
        assert reader.did_you_mean(["batery", "stops"]) == ["battery", "stops"]
        assert reader.did_you_mean(["battery"]) is None
        assert reader.did_you_mean(["zanzibra"]) == ["zanzibar"]
        assert reader.did_you_mean(["zanzibra"], hidden_ids=frozenset({8})) is None
    writer.delete([8])
    writer.publish()
    with backend.reader(folder) as reader:
        assert reader.did_you_mean(["zanzibra"]) is None


def test_an_index_is_built_from_a_stream(backend: SearchBackend, tmp_path: Path) -> None:
    def stream() -> Iterator[Document]:
        for number in range(1, 301):
            yield make_document(number, f"Question number {number}", "All of them are alike.")

    backend.create(tmp_path)
    backend.build(tmp_path, stream())
    with backend.reader(tmp_path) as reader:
        assert sorted(reader.ids()) == list(range(1, 301))


def test_tidying_changes_no_result(backend: SearchBackend, folder: Path) -> None:
    for number in range(10, 25):
        writer = backend.writer(folder)
        writer.index([make_document(number, f"Zebra {number}")])
        writer.publish()
    before = ids(backend, folder, "zebra", limit=100)
    while backend.tidy(folder):
        pass
    assert ids(backend, folder, "zebra", limit=100) == before


def test_text_that_engines_stumble_over_is_taken(backend: SearchBackend, folder: Path) -> None:
    odd = ("\x00", "a" * 100_000, "\ufffe \U0001f600", "-" * 5_000, "", "\u0301" * 300, "9" * 70_000)
    writer = backend.writer(folder)
    writer.index([make_document(100 + number, text, text) for number, text in enumerate(odd)])
    writer.publish()
    assert len(ids(backend, folder, without_marks=("t:nothing",), limit=100)) == len(DOCUMENTS) + len(odd)


def test_years_outside_ours_are_taken(backend: SearchBackend, folder: Path) -> None:
    writer = backend.writer(folder)
    old, late = datetime(1901, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
    writer.index(
        [
            make_document(50, "Old", created_at=old),
            make_document(51, "Late", activity_at=late, score=-(10**6)),
        ]
    )
    writer.publish()
    assert ids(backend, folder, created=Bounds(None, 0.0)) == [50]
    assert ids(backend, folder, score=Bounds(None, -10)) == [51]
