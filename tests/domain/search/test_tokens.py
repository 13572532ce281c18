from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.search.documents import SearchQuery
from app.domain.search.plan import Plan, plan
from app.domain.search.stemming import stem
from app.domain.search.tokens import MAX_TOKEN, Word, fold, model_names, word, words


def tokens(text: str) -> set[str]:
    found = words(text)
    return {token for one in found for token in one.tokens} | set(model_names(found))


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("0x80070057", "80070057"),
        ("80070057", "0x80070057"),
        ("XPS-13-9310", "xps139310"),
        ("XPS-13-9310", "9310"),
        ("XPS 13 9310", "xps139310"),
        ("XPS 13", "xps13"),
        ("BIOS A12", "a12"),
        ("v2.3.1", "2.3.1"),
        ("KB5006670", "kb5006670"),
        ("KB5006670", "5006670"),
        ("foo.exe", "foo.exe"),
        ("foo.exe", "foo"),
        ("ERR_CONNECTION_REFUSED", "errconnectionrefus"),
        ("ERR_CONNECTION_REFUSED", "connect"),
        ("NullPointerException", "pointer"),
        ("C++", "c++"),
        ("C#", "c#"),
        ("R&D", "rd"),
        ("Windows 7", "7"),
        ("Windows 7", "windows"),
        ("wi-fi", "wifi"),
        ("can't", "cant"),
        ("über", "uber"),
        ("l'écran", "ecran"),
        ("Straße", "strass"),
        ("日本語のテスト", "日本"),
        ("日本語のテスト", "スト"),
        ("\uff46\uff55\uff4c\uff4c\uff11\uff12", "full12"),
    ],
)
def test_a_chunk_is_found_by_its_forms(written: str, token: str) -> None:
    assert token in tokens(written)


def test_words_of_other_scripts_stay_whole() -> None:
    assert tokens("не включается") == {"не", "включается"}


def test_protected_words_are_not_stemmed() -> None:
    assert tokens("windows bios") == {"windows", "bios"}


def test_variants_of_a_model_name_mean_the_same() -> None:
    assert all(
        "xps139310" in tokens(name) for name in ("XPS-13-9310", "xps13-9310", "XPS_13_9310", "xps 13 9310")
    )


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_can_be_cut(text: str) -> None:
    for one in words(text):
        assert one.tokens
        assert all(0 < len(token) <= 2 * MAX_TOKEN for token in one.tokens)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_cutting_the_same_chunk_gives_the_same_word() -> None:
    assert word("Wi-Fi") == Word(("wifi",), ("wi", "fi"), "wi-fi")


def test_the_stemmer_gives_the_stems_of_porters_paper() -> None:
    published = (
        "caresses caress ponies poni ties ti cats cat feed feed agreed agre plastered plaster motoring motor "
        "sing sing conflated conflat troubled troubl sized size hopping hop falling fall hissing hiss fizzed fizz "
        "failing fail filing file happy happi relational relat conditional condit triplicate triplic "
        "electrical electr hopeful hope goodness good revival reviv adjustable adjust replacement replac "
        "adoption adopt activate activ probate probat rate rate cease ceas controlling control rolling roll"
    ).split()
    words_and_stems = zip(published[::2], published[1::2], strict=True)
    assert [(each, stem(each)) for each, _ in words_and_stems] == list(
        zip(published[::2], published[1::2], strict=True)
    )


class Knowing:
    """A lexicon of a few terms."""

    def __init__(self, *known: str) -> None:
        self._known = known

    def frequency(self, term: str) -> int:
        return int(term in self._known)

    def beginning_with(self, prefix: str, limit: int) -> list[str]:
        return [term for term in self._known if term.startswith(prefix)][:limit]


def planned(text: str, *known: str, **more: dict[str, tuple[str, ...]]) -> Plan:
    return plan(SearchQuery(words=tuple(text.split()), **more), Knowing(*known))  # type: ignore[arg-type]


def test_parts_count_a_tenth_of_the_whole() -> None:
    (clause,) = planned("xps-13", "xps13").clauses
    assert [(one.terms, one.weight) for one in clause] == [(("xps13",), 1.0), (("xps", "13"), 0.1)]


def test_neighbours_are_joined_when_the_index_knows_the_joined_form() -> None:
    first, second = planned("xps 13", "xps", "13", "xps13").clauses
    assert (("xps13",), 1.0) in first
    assert (("xps13",), 0.0) in second
    assert all(len(clause) == 1 for clause in planned("xps 13", "xps", "13").clauses)


def test_a_language_is_not_joined_to_another_one_by_the_word_behind_it() -> None:
    assert all(len(clause) == 1 for clause in planned("C# crash", "c#", "crash", "c").clauses)


def test_an_unknown_code_is_looked_up_by_its_beginning() -> None:
    (clause,) = planned("80070", "80070057", "80070005", "9").clauses
    assert {one.terms for one in clause} >= {("80070057",), ("80070005",)}


def test_umlauts_can_be_written_out() -> None:
    (clause,) = planned("fuer", "fur").clauses
    assert ("fur",) in {one.terms for one in clause}


def test_synonyms_count_as_the_word() -> None:
    (clause,) = planned("wlan", "wlan", "wifi", synonyms={"wlan": ("wifi",)}).clauses
    assert ("wifi",) in {one.terms for one in clause}


def test_words_that_say_nothing_are_left_out_unless_there_are_no_others() -> None:
    assert len(planned("how to fix the printer").clauses) == 2
    assert len(planned("who are you").clauses) == 3
