from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import log_files
from app.core.errors import Invalid


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"error 0x80070057\r\nat start\r\n", "error 0x80070057\nat start\n"),
        ("\ufeffGröße".encode(), "Größe"),
        ("\ufeffGröße".encode("utf-16-le"), "Größe"),
        ("\ufeffGröße".encode("utf-16-be"), "Größe"),
        ("Größe".encode("cp1252"), "Größe"),
        (b"\x1b[31mred\x07", "[31mred"),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_a_log_is_kept_as_plain_text(data: bytes, text: str) -> None:
    file = log_files.process(data)
    assert file.content.decode() == text
    assert (file.extension, file.content_type, file.width) == ("txt", "text/plain; charset=utf-8", None)


@pytest.mark.parametrize(
    "data",
    [b"", b"  \n", b"MZ\x00\x01", b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04\x00\xff", b"\xff\xfe\x00"],
)
def test_whatever_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match="no text file"):
        log_files.process(data)


def test_a_long_log_is_refused() -> None:
    with pytest.raises(Invalid, match="at most 1000 kB"):
        log_files.process(b"x" * 1_000_001)


@given(st.binary(max_size=300))
def test_any_bytes_become_clean_text_or_are_refused(data: bytes) -> None:
    try:
        text = log_files.process(data).content.decode()
    except Invalid:
        return
    assert not {*map(chr, range(32)), "\x7f"} - {"\n", "\t"} & set(text)
