from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.search.highlight import Finder, best_passage, marked
from app.domain.search.tokens import word

CHUNKS = (
    "0x80070057", "80070057", "wi-fi", "WiFi", "XPS-13-9310", "xps13", "PowerShell", "power", "v2.3.1", "2.3.1",
    "foo.exe", "fooexe", "C++", "c#", "x-ray", "isn't", "café", "cafe", "日本語", "eyed", "skies", "a",
)  # fmt: skip
ENDINGS = ("s", "es", "ed", "ing", "y", "ies", "ly", "ation", "ational", "izer", "biliti", "ement")
TAGS = re.compile(r"</?mark>")


def test_words_are_marked_in_every_form_the_index_knows() -> None:
    finder = Finder(["printing", "xps 13"])
    assert marked("Prints on the XPS-13 & XPS13", finder) == (
        "<mark>Prints</mark> on the <mark>XPS-13</mark> &amp; <mark>XPS13</mark>"
    )


@given(st.sampled_from(CHUNKS), st.text("aeiouyslbtdgnz", min_size=1, max_size=7))
def test_every_word_that_shares_a_form_is_found(chunk: str, letters: str) -> None:
    """Pieces without the beginning of a form are never cut into words: none of them may have it."""
    for written in (chunk, *(letters + end for end in ENDINGS)):
        finder = Finder([written])
        for other in (*CHUNKS, letters, *(letters + end for end in ENDINGS)):
            is_meant = any(form in finder.meant for form in word(other).tokens)
            assert bool(finder.spans(f"so {other} is")) == is_meant, (written, other)


def test_markup_in_the_text_stays_text() -> None:
    assert marked("<script>alert(1)</script>", Finder(["alert"])) == (
        "&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt;"
    )


def test_the_passage_with_most_different_words_is_chosen() -> None:
    texts = ["battery battery battery", "x " * 300 + "the battery of the charger " + "y " * 300]
    passage = best_passage(texts, Finder(["battery", "charger"]))
    assert passage.number == 1
    assert "<mark>battery</mark> of the <mark>charger</mark>" in passage.html
    assert passage.html.startswith("… ")
    assert passage.html.endswith(" …")


def test_a_text_without_the_words_shows_its_beginning() -> None:
    assert best_passage(["It does not start."], Finder(["battery"])).html == "It does not start."


def test_nothing_to_show_is_shown_as_nothing() -> None:
    assert best_passage([], Finder(["battery"])).html == ""


@settings(deadline=None)
@given(st.lists(st.text(max_size=400), max_size=4), st.lists(st.text(max_size=12), max_size=4))
def test_a_passage_holds_no_markup_but_marks(texts: list[str], wanted: list[str]) -> None:
    html = best_passage(texts, Finder(wanted)).html
    assert "<" not in TAGS.sub("", html)
    assert html.count("<mark>") == html.count("</mark>")
