from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.slugs import MAX_LENGTH, slug


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Battery stops at 80 %!", "battery-stops-at-80"),
        ("  Größe & Maße: ﬁle ", "grosse-masse-file"),
        ("Łódź, Tromsø, İstanbul", "lodz-tromso-istanbul"),
        ("Ошибка 0x80070057 (йод)", "ошибка-0x80070057-йод"),
        ("がまん", "がまん"),
        ("???", "untitled"),
        ("", "untitled"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\u202eb", "a-b"),
    ],
)
def test_a_title_becomes_readable(title: str, expected: str) -> None:
    assert slug(title) == expected


@given(st.text(max_size=300))
def test_any_title_makes_a_safe_part_of_an_address(title: str) -> None:
    made = slug(title)
    assert 0 < len(made) <= MAX_LENGTH
    assert not set("/\\?#%&<>\"' .:@\n\r\t") & set(made)
    made.encode()
    assert slug(made) == made


def test_a_long_title_is_cut_between_words() -> None:
    assert slug("word " * 40) == "-".join(["word"] * 16)
