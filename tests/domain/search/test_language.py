from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.search.documents import OPEN, Bounds, SearchQuery
from app.domain.search.language import MAX_FILTERS, MAX_LENGTH, MAX_WORDS, Parsed, parse, quoted

NOW = datetime(2026, 3, 15, tzinfo=UTC)


def understood(text: str) -> SearchQuery:
    parsed = parse(text, now=NOW)
    assert not parsed.explanations
    return parsed.query


def explained(text: str) -> Parsed:
    parsed = parse(text, now=NOW)
    assert parsed.explanations
    return parsed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wifi drops", {"words": ("wifi", "drops")}),
        ('"blue screen" stop', {"phrases": ("blue screen",), "words": ("stop",)}),
        ("wifi -driver", {"words": ("wifi",), "without_words": ("driver",)}),
        ('-"blue screen"', {"without_phrases": ("blue screen",)}),
        ("tag:wifi", {"marks": ("t:wifi",)}),
        ("[wifi]", {"marks": ("t:wifi",)}),
        ("-tag:wifi", {"without_marks": ("t:wifi",)}),
        ("product:XPS-13", {"marks": ("p:xps-13",)}),
        ("user:@Mara", {"marks": ("u:mara",)}),
        ("is:solved", {"marks": ("s:solved",)}),
        ("is:unsolved", {"without_marks": ("s:solved",)}),
        ("is:unanswered", {"marks": ("s:unanswered",)}),
        ("is:answered", {"marks": ("s:answered",)}),
        ("is:answer", {"without_marks": ("s:unanswered",)}),
        ("is:question", {}),
        ("-is:closed", {"without_marks": ("s:closed",)}),
        ("has:code", {"marks": ("h:code",)}),
        ("score:>3", {"score": Bounds(4, None)}),
        ("score:>=3", {"score": Bounds(3, None)}),
        ("score:<0", {"score": Bounds(None, -1)}),
        ("score:2..5", {"score": Bounds(2, 5)}),
        ("score:..5", {"score": Bounds(None, 5)}),
        ("answers:0", {"answers": Bounds(0, 0)}),
        ('os:"Windows 11"', {"marks": ("e:os=windows", "e:os=11")}),
        ("error:0x80070057", {"marks": ("e:error=0x80070057",)}),
        ("sort:votes", {"sort": "votes"}),
        ('a 15" screen', {"words": ("a", "15", "screen")}),
        ("http://example.com/path", {"words": ("http", "example.com", "path")}),
        (r"C:\Windows", {"words": ("C", "Windows")}),
        ("", {}),
    ],
)
def test_an_operator_is_understood(text: str, expected: dict[str, object]) -> None:
    assert understood(text) == SearchQuery(**expected)  # type: ignore[arg-type]


def at(*day: int) -> float:
    return datetime(*day, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("value", "bounds"),
    [
        ("2026", Bounds(at(2026, 1, 1), at(2027, 1, 1) - 1)),
        ("2026-03", Bounds(at(2026, 3, 1), at(2026, 4, 1) - 1)),
        ("2026-12", Bounds(at(2026, 12, 1), at(2027, 1, 1) - 1)),
        ("2026-02-14", Bounds(at(2026, 2, 14), at(2026, 2, 15) - 1)),
        ("2026-01..2026-03", Bounds(at(2026, 1, 1), at(2026, 4, 1) - 1)),
        ("2026-01..", Bounds(at(2026, 1, 1), None)),
        (">2026-02-14", Bounds(at(2026, 2, 15), None)),
        ("<2026", Bounds(None, at(2026, 1, 1) - 1)),
        ("7d", Bounds(at(2026, 3, 8), None)),
    ],
)
def test_days_are_understood(value: str, bounds: Bounds) -> None:
    assert understood(f"created:{value}").created == bounds


@pytest.mark.parametrize(
    "text",
    [
        "score:many", "score:", "score:..", "-score:3", "answers:some", "created:yesterday", "created:2026-13",
        "created:..", "created:9999-12-31..9999999", "is:happy", "has:wings", "sort:sideways", "tag:", 'tag:""', 'os:"-"',
        "colour:red",
    ],
)  # fmt: skip
def test_a_wrong_operator_explains_itself_and_filters_nothing(text: str) -> None:
    query = explained(text).query
    assert not query.marks
    assert query.created == query.score == query.answers == OPEN
    assert query.sort == "relevance"


def test_an_unknown_operator_is_searched_for_as_words() -> None:
    assert explained("colour:red").query.words == ("colour", "red")


@pytest.mark.parametrize("text", ["docker OR compose", "NOT docker", "doc*", "*ker"])
def test_what_other_engines_take_for_operators_is_explained(text: str) -> None:
    assert len(explained(text).explanations) == 1


def test_what_is_too_long_is_cut_with_an_explanation() -> None:
    assert len(explained("word " * 200).text) <= MAX_LENGTH
    assert len(explained("a b c d e f g h i j k l m n").query.words) == MAX_WORDS
    assert len(explained(" ".join(f"tag:t{number}" for number in range(20))).query.marks) == MAX_FILTERS


def test_a_filter_can_be_taken_off() -> None:
    parsed = parse('wifi tag:driver os:"windows 11" drops', now=NOW)
    assert parsed.filters == ("tag:driver", 'os:"windows 11"')
    assert parsed.without('os:"windows 11"') == "wifi tag:driver drops"


def test_the_choice_on_the_page_beats_the_typed_sort() -> None:
    assert parse("wifi sort:votes", now=NOW, sort="newest").query.sort == "newest"
    assert parse("wifi sort:votes", now=NOW, sort="nonsense").query.sort == "votes"


def test_names_of_the_catalog_are_operators() -> None:
    assert parse("firmware_build:7", now=NOW, environment=frozenset({"firmware_build"})).query.marks


def test_values_with_spaces_are_quoted() -> None:
    assert quoted("windows 11") == '"windows 11"'
    assert quoted("linux") == "linux"


hostile = st.one_of(
    st.text(max_size=400),
    st.lists(
        st.sampled_from(
            ["(", ")", '"', "*", "~9", "-", "tag:", "[", "]", "score:>", "created:", "..", "is:", "AND", "OR", "\x00", "9" * 40, "a" * 500, "é", "日本", "\ud7ff", ":", "^2", "os:"]
        ),
        max_size=60,
    ).map("".join),
)  # fmt: skip


@settings(deadline=None)
@given(hostile)
def test_anything_that_is_typed_is_understood_within_bounds(text: str) -> None:
    parsed = parse(text, now=NOW)
    query = parsed.query
    assert len(parsed.text) <= MAX_LENGTH
    assert len(query.words) <= MAX_WORDS
    assert len(query.marks) <= MAX_FILTERS
    assert all(parsed.without(written) != parsed.text for written in parsed.filters)
