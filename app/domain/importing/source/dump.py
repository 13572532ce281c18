"""The files of a dump: found, checked from end to end before anything is taken, and cut into pieces.

The files come from elsewhere and may be hostile. What expands or fetches (document types, entities)
is refused outright, one row may have only so many bytes, and nothing but rows directly below the
root is known. A file that has passed the check can be cut before any "<row": in XML a "<" can't
stand inside a value, and comments that hold one were refused. So several processes can read one
file, and no line breaks are needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

from app.core.errors import DomainError

FILES = ("Users", "Tags", "Posts", "Comments", "Votes", "PostLinks", "Badges", "PostHistory")
NEEDED = ("Users", "Posts")
ROW_BYTES = 16 * 1024 * 1024
"""The longest row that is read: a hundred times what the longest post of the largest sites takes."""

_CHUNK = 256 * 1024
_ROW = b"<row"
"""What only rows begin with in a checked file, behind the start of its root."""
_FIRST_ROW = re.compile(rb"<row(?=[\s/>])")
_NOT_UTF_8 = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")


class DumpError(DomainError):
    """The dump can't be read; the message names the file and the place."""


@dataclass(frozen=True)
class Dump:
    """A folder with the files of a dump, by table name."""

    folder: Path
    paths: dict[str, Path]

    def size(self, name: str) -> int:
        """Return the bytes of a file; 0 when the dump does not have it."""
        return self.paths[name].stat().st_size if name in self.paths else 0


class Checked(NamedTuple):
    """A well-formed file: how many rows it has, and where its root ends."""

    name: str
    path: Path
    rows: int
    end: int


class Piece(NamedTuple):
    """Some rows of a checked file: so many of them, behind the first `first`."""

    path: Path
    start: int
    end: int
    first: int
    rows: int


def open_dump(folder: Path) -> Dump:
    """Find the files of a dump, whatever the case of their names; raise DumpError when needed ones are missing."""
    if not folder.is_dir():
        raise DumpError(f"There is no folder {folder}.")
    present = {path.name.lower(): path for path in folder.iterdir() if path.is_file()}
    paths = {name: present[f"{name}.xml".lower()] for name in FILES if f"{name}.xml".lower() in present}
    missing = [f"{name}.xml" for name in NEEDED if name not in paths]
    if missing:
        raise DumpError(f"{folder} is no Stack Exchange dump: {' and '.join(missing)} missing.")
    return Dump(folder, paths)


def check(name: str, path: Path, *, on_bytes: Callable[[int], None]) -> Checked:
    """Read a whole file and return what is in it; raise DumpError for anything that is not a table of rows."""
    checker = _Checker(path)
    with path.open("rb") as file:
        if file.read(2) in _NOT_UTF_8:
            raise DumpError(f"{path.name} is not written in UTF-8.")
        file.seek(0)
        while chunk := file.read(_CHUNK):
            checker.feed(chunk)
            on_bytes(len(chunk))
    return Checked(name, path, checker.close(), checker.root_end)


def pieces(file: Checked, *, size: int) -> Iterator[Piece]:
    """Cut a checked file into pieces of about `size` bytes, each beginning with a row."""
    first = 0
    with file.path.open("rb") as opened:
        start = _first_row(opened, file.end)
        while start < file.end:
            opened.seek(start)
            data = _up_to_row(opened, file.end - start, at_least=size)
            count = data.count(_ROW)
            yield Piece(file.path, start, start + len(data), first, count)
            first += count
            start += len(data)


def rows(piece: Piece) -> list[dict[str, str]]:
    """Return the attributes of each row of a piece."""
    found: list[dict[str, str]] = []

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            found.append(attributes)

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = on_start
    with piece.path.open("rb") as file:
        file.seek(piece.start)
        data = file.read(piece.end - piece.start)
    try:
        parser.Parse(b"<rows>", False)  # noqa: FBT003  (expat takes no names)
        parser.Parse(data, False)  # noqa: FBT003
        parser.Parse(b"</rows>", True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise DumpError(f"{piece.path.name} changed while it was read, near byte {piece.start}.") from error
    return found


def rows_of(name: str, path: Path) -> Iterator[dict[str, str]]:
    """Yield the attributes of each row of a file, which is checked first; raise DumpError."""
    for piece in pieces(check(name, path, on_bytes=lambda _: None), size=1024 * 1024):
        yield from rows(piece)


def _first_row(opened: BinaryIO, limit: int) -> int:
    """Return where the first row begins; `limit` when there is none."""
    data = b""
    while len(data) < limit:
        data += opened.read(min(_CHUNK, limit - len(data)))
        found = _FIRST_ROW.search(data)
        if found:
            return found.start()
    return limit


def _up_to_row(opened: BinaryIO, limit: int, *, at_least: int) -> bytes:
    """Return what stands before the first row that begins `at_least` bytes on; at most `limit` bytes."""
    data = opened.read(min(at_least + _CHUNK, limit))
    while (end := data.find(_ROW, at_least)) < 0 and len(data) < limit:
        data += opened.read(min(_CHUNK, limit - len(data)))
    return data if end < 0 else data[:end]


class _Checker:
    """Follows a file without keeping any of it."""

    def __init__(self, path: Path) -> None:
        self.root_end = 0
        self._path = path
        self._fed = 0
        self._rows = 0
        self._root_ended = False
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True  # or each line break between rows is a call of its own
        parser.XmlDeclHandler = self._on_declaration
        parser.StartDoctypeDeclHandler = self._on_doctype
        parser.EndElementHandler = self._on_end
        parser.CommentHandler = self._on_other
        parser.ProcessingInstructionHandler = lambda _target, data: self._on_other(data)
        parser.CharacterDataHandler = self._on_text

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.Parse(chunk, False)  # noqa: FBT003
        except expat.ExpatError as error:
            raise self._malformed(error) from error
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > ROW_BYTES:
            raise self._refused(f"a row of more than {ROW_BYTES // 1024 // 1024} MB")

    def close(self) -> int:
        try:
            self._parser.Parse(b"", True)  # noqa: FBT003
        except expat.ExpatError as error:
            raise self._malformed(error) from error
        return self._rows

    def _on_declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii"):
            raise DumpError(f"{self._path.name} is written in {encoding}; only UTF-8 is read.")

    def _on_doctype(self, *_facts: object) -> None:
        raise self._refused("a document type, which no dump has and which could hide an attack")

    def _on_end(self, tag: str) -> None:
        # The root ends last, so each element that ends before another one must be a row.
        if self._root_ended:
            raise self._refused("an element that is no row")
        if tag == "row":
            self._rows += 1
        else:
            self.root_end = self._parser.CurrentByteIndex
            self._root_ended = True

    def _on_other(self, text: str) -> None:
        if "<row" in text:
            raise self._refused("rows inside a comment")

    def _on_text(self, text: str) -> None:
        if text.strip():
            raise self._refused("text between the rows")

    def _refused(self, what: str) -> DumpError:
        return DumpError(f"{self._path.name} has {what} at {self._place()}. Nothing was taken.")

    def _malformed(self, error: expat.ExpatError) -> DumpError:
        reason = expat.ErrorString(error.code)
        place = f"line {error.lineno}, column {error.offset + 1}"
        return DumpError(
            f"{self._path.name} is cut off or damaged at {place} ({reason}). Nothing was taken; get the file again."
        )

    def _place(self) -> str:
        return f"line {self._parser.CurrentLineNumber}, column {self._parser.CurrentColumnNumber + 1}"
