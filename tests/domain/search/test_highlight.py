from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.search.highlight import Finder, best_passage, marked

TAGS = re.compile(r"</?mark>")


def test_words_are_marked_in_every_form_the_index_knows() -> None:
    finder = Finder(["printing", "xps 13"])
    assert marked("Prints on the XPS-13 & XPS13", finder) == (
        "<mark>Prints</mark> on the <mark>XPS-13</mark> &amp; <mark>XPS13</mark>"
    )


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
