"""Attack cases 1, 2, 5 and 31: nothing that members or dumps bring gets through."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core import markdown
from app.core.markdown.sanitiser import sanitise_own
from tests.support.allowlist import offences, reserialised

VECTORS: list[str] = json.loads(Path(__file__).with_name("xss_vectors.json").read_text())
PRODUCERS: dict[str, Callable[[str], str]] = {
    "render": markdown.render,
    "sanitise_html": markdown.sanitise_html,
    "sanitise_html of rendered": lambda text: markdown.sanitise_html(markdown.render(text)),
    "render of reversed": lambda text: markdown.render(markdown.html_to_markdown(text)),
}

FRAGMENTS = """<p> </p> <table> <td> <pre> </pre> <a href='/x'> </a> <h1> <h4> </h1> <svg> <math> <style> </style> <!-- -->
<li> <ul> <ol start=3> <img/src='https://a.example/i.png'alt='x"y'> ` * _ [ ]( | >""".split()
pieces = st.sampled_from(
    [*VECTORS, *FRAGMENTS, "\n", "\n\n", "    ", "```\n", "\n> ", "\n- ", "| a |\n|-|\n"]
)
documents = st.one_of(
    st.lists(pieces, max_size=8).map("".join),
    st.text(max_size=200),
    st.text(alphabet="<>\"'&/=`*_[]()!#@|~-+.:;x1 \n\t\\\x00\x0c", max_size=120),
)


def test_the_corpus_is_large() -> None:
    assert len(set(VECTORS)) >= 300


@pytest.mark.parametrize("producer", PRODUCERS)
def test_no_vector_leaves_anything_off_the_allow_list(producer: str) -> None:
    found = {vector: offences(PRODUCERS[producer](vector)) for vector in VECTORS}
    assert {vector: offence for vector, offence in found.items() if offence} == {}


@pytest.mark.parametrize("producer", PRODUCERS)
def test_no_vector_changes_its_nature_when_a_browser_parses_and_writes_it(producer: str) -> None:
    found = {vector: offences(reserialised(PRODUCERS[producer](vector))) for vector in VECTORS}
    assert {vector: offence for vector, offence in found.items() if offence} == {}


def test_the_whole_corpus_in_one_post_is_harmless() -> None:
    post = "\n\n".join(VECTORS)
    assert offences(markdown.render(post)) == []
    assert offences(markdown.sanitise_html(post)) == []


@given(documents)
def test_any_text_renders_to_the_allow_list_only(text: str) -> None:
    assert offences(markdown.render(text)) == []


@given(documents)
def test_any_foreign_html_is_cut_to_the_allow_list(text: str) -> None:
    assert offences(reserialised(markdown.sanitise_html(text))) == []


@example("<ul><li><table><li>")
@given(documents)
def test_sanitising_twice_is_sanitising_once(text: str) -> None:
    once = markdown.sanitise_html(text)
    assert markdown.sanitise_html(once) == once


@given(documents)
def test_what_was_rendered_passes_the_sanitiser_unchanged(text: str) -> None:
    html = markdown.render(text)
    assert sanitise_own(html) == html


@given(documents)
@settings(max_examples=60)
def test_reversed_html_renders_to_the_allow_list_only(text: str) -> None:
    assert offences(markdown.render(markdown.html_to_markdown(text))) == []


@given(documents)
def test_no_control_character_survives(text: str) -> None:
    unwanted = {*map(chr, range(32)), "\x7f", "\ufffe", "\uffff"} - {"\n", "\t"}
    produced = (
        markdown.render(text) + markdown.sanitise_html(text) + markdown.plain_text(markdown.render(text))
    )
    assert unwanted.isdisjoint(produced)


@given(documents)
def test_rendered_text_can_be_stored_and_sent(text: str) -> None:
    markdown.render(text).encode()
    markdown.html_to_markdown(text).encode()


@pytest.mark.parametrize(
    "attribute",
    [
        "id=csrf",
        "name=cookie",
        "class=button",
        "style=color:red",
        "hx-get=/x",
        "data-hx-post=/x",
        "data-behaviour=x",
    ],
)
def test_our_own_hooks_cannot_be_written_by_others(attribute: str) -> None:
    for html in (f"<p {attribute}>x</p>", f"<a href='/' {attribute}>x</a>", f"<pre {attribute}>x</pre>"):
        assert attribute.partition("=")[0] not in markdown.sanitise_html(html)
        assert offences(markdown.render(html)) == []


def test_own_classes_are_not_taken_from_foreign_html() -> None:
    assert "class" not in markdown.sanitise_html(
        "<pre class=highlight><code><span class=k>x</span></code></pre>"
    )


@pytest.mark.parametrize("nested", ["> ", "- ", "1. ", "[", "![", "<blockquote>", "<ul><li>", "<b>", "*a "])
def test_deep_nesting_does_not_overflow(nested: str) -> None:
    deep = nested * (30_000 // len(nested))
    assert offences(markdown.render(deep)) == []
    markdown.html_to_markdown(deep)
    markdown.sanitise_html(deep)


@pytest.mark.parametrize("filler", ["\n", "a", "/", " \n", "=", ":", "<", "'", '"', "\\", "${", "/*"])
@pytest.mark.parametrize("language", ["c", "csharp", "ini", "diff", "html", "bash", "php", "perl"])
def test_code_that_a_lexer_is_slow_on_keeps_its_text(language: str, filler: str) -> None:
    code = (filler * 5000)[:4990] + "end"
    html = markdown.render(f"```{language}\n{code}\n```")
    assert markdown.plain_text(html).endswith("end")
