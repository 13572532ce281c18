from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core import markdown
from app.domain.importing.source.texts import comment_html

# What sentences of comments are made of, with every sign that means something in Markdown somewhere.
PARTS = (
    "a B9 1 1. 2) é _ __ * ** ` @ @ann-b # #tag // http:// https://x.example/a_b?c=1&d=2 & &amp &amp; &c=; = [ ] ( ) ](x) "
    "[x]: ~ ~~ { | - --- + : :) \" ' < > . ... … \u00d7 $ % %41 \\ ! 日本 https://youtu.be/dQw4w9WgXcQ"
).split(" ")
comments = st.lists(st.sampled_from([*PARTS, " ", "  ", "\n", "\u200b", "\u00a0"]), max_size=9).map("".join)


@given(comments)
@example("@ann see https://x.example/?a=1&b=2 #tag")
@example("[Solved] it was {a|b} ~ 3 & more")
def test_a_comment_is_the_same_as_without_the_short_cut(text: str) -> None:
    assert comment_html(text) == markdown.render(text)


@pytest.mark.parametrize("text", ["a" * 30_000, "a_" * 15_000 + "*", ",a" * 15_000 + "*", "~" * 30_000])
def test_long_comments_are_the_same_too(text: str) -> None:
    assert comment_html(text) == markdown.render(text)
