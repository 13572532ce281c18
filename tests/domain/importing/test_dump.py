from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.importing.source import dump
from tests.support import dumps

LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<posts><row Id="1" Body="&c;" /></posts>"""
OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE posts [<!ENTITY secret SYSTEM "file:///etc/passwd">]><posts><row Id="1" Body="&secret;" /></posts>"""
INCLUDED = '<xi:include href="file:///etc/passwd" parse="text" />'


def unheard(_size: int) -> None:
    pass


def checked(tmp_path: Path, text: str | bytes) -> dump.Checked:
    path = tmp_path / "Posts.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return dump.check("Posts", path, on_bytes=unheard)


def all_rows(file: dump.Checked, *, size: int) -> list[dict[str, str]]:
    return [row for piece in dump.pieces(file, size=size) for row in dump.rows(piece)]


def test_a_folder_without_posts_is_no_dump(tmp_path: Path) -> None:
    dumps.write(tmp_path, Users=[])
    with pytest.raises(dump.DumpError, match=r"Posts\.xml missing"):
        dump.open_dump(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(dump.DumpError, match="There is no folder"):
        dump.open_dump(tmp_path / "nowhere")


def test_file_names_may_be_in_any_case(tmp_path: Path) -> None:
    for name in ("posts.xml", "USERS.XML"):
        (tmp_path / name).write_text("<x></x>")
    assert set(dump.open_dump(tmp_path).paths) == {"Posts", "Users"}


@pytest.mark.parametrize("text", [LAUGHS, OUTSIDE], ids=["billion laughs", "external entity"])
def test_a_document_type_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(dump.DumpError, match=r"Posts\.xml has a document type.* at line 2, column 1"):
        checked(tmp_path, text)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_case_36_a_document_type_in_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(dump.DumpError, match="is not written in UTF-8"):
        checked(tmp_path, LAUGHS.encode(encoding))


def test_case_36_rows_spelt_in_utf_7_are_refused(tmp_path: Path) -> None:
    with pytest.raises(dump.DumpError, match="only UTF-8 is read"):
        checked(
            tmp_path, '<?xml version="1.0" encoding="utf-7"?><posts>+ADw-row Id=+ACI-1+ACI- /+AD4-</posts>'
        )


@pytest.mark.parametrize(
    "inside",
    [INCLUDED, f'<row Id="1" />{INCLUDED}', f'<row Id="1">{INCLUDED}</row>'],
    ids=["first", "last", "within"],
)
def test_case_36_a_file_that_includes_another_is_refused(tmp_path: Path, inside: str) -> None:
    with pytest.raises(dump.DumpError, match="an element that is no row"):
        checked(tmp_path, f'<posts xmlns:xi="http://www.w3.org/2001/XInclude">{inside}</posts>')


def test_an_unknown_entity_is_refused(tmp_path: Path) -> None:
    with pytest.raises(dump.DumpError, match="undefined entity"):
        checked(tmp_path, '<posts><row Id="&nope;" /></posts>')


def test_a_row_without_end_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "ROW_BYTES", 1024 * 1024)
    with pytest.raises(dump.DumpError, match="a row of more than 1 MB"):
        checked(tmp_path, f'<posts><row Id="1" Body="{"x" * 2_000_000}" /></posts>')


@pytest.mark.parametrize(
    "text",
    [
        '<posts>\n<row Id="1" />\n<row Id="2" Body="cut o',
        '<posts>\n<row Id="1" />\n<row Id="2" />\n',
        '<posts>\n<row Id="1" />\n<row Id="2" Id="3" />\n</posts>',
        '<posts>\n<row Id="1" />\n<row Id="2" Body="a & b" />\n</posts>',
        '<posts>\n<row Id="1" />\n</comments>',
        "",
    ],
)
def test_a_damaged_file_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        dump.DumpError, match=r"Posts\.xml is cut off or damaged at line \d, column \d+ \(.+\)"
    ):
        checked(tmp_path, text)


def test_other_encodings_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(dump.DumpError, match="UTF-8"):
        checked(tmp_path, '<?xml version="1.0" encoding="utf-16"?><posts></posts>'.encode("utf-16"))
    with pytest.raises(dump.DumpError, match="ISO-8859-1; only UTF-8"):
        checked(tmp_path, '<?xml version="1.0" encoding="ISO-8859-1"?><posts></posts>')


@pytest.mark.parametrize(
    "text",
    [
        "<posts><line><row/></line></posts>",
        "<posts><!-- <row Id='1'/> --></posts>",
        "<posts>words<row Id='1'/></posts>",
        "<posts><?x <row?></posts>",
    ],
)
def test_anything_but_a_table_of_rows_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(dump.DumpError, match="Nothing was taken"):
        checked(tmp_path, text)


@pytest.mark.parametrize("size", [1, 30, 100, 1_000_000])
def test_pieces_hold_every_row_once_wherever_they_are_cut(tmp_path: Path, size: int) -> None:
    rows = "".join(f'<row Id="{number}" Body="1 &lt;row Id=&quot;9&quot;" ></row>' for number in range(40))
    file = checked(tmp_path, f"\ufeff<?xml version='1.0'?><!-- a dump --><posts>{rows}<!-- end --></posts>\n")
    found = all_rows(file, size=size)
    assert [row["Id"] for row in found] == [str(number) for number in range(40)]
    assert found[0]["Body"] == '1 <row Id="9"'
    assert file.rows == 40


def test_pieces_tell_how_many_rows_came_before(tmp_path: Path) -> None:
    rows = "\n".join(f'<row Id="{number}" />' for number in range(9))
    pieces = list(dump.pieces(checked(tmp_path, f"<posts>{rows}</posts>"), size=40))
    assert len(pieces) > 2
    assert [piece.first for piece in pieces] == [
        sum(earlier.rows for earlier in pieces[:at]) for at in range(len(pieces))
    ]


def test_an_empty_table_has_no_pieces(tmp_path: Path) -> None:
    assert list(dump.pieces(checked(tmp_path, "<posts/>"), size=100)) == []
