"""The heads of requests and of chunks, read strictly: what proxies are known to read differently is refused.

h11 takes a line that ends in a bare line feed, joins folded lines, takes "0, 0" for a length, and lets
Transfer-Encoding win over Content-Length, all of which HTTP allows (RFC 9112, sections 2.2, 5.2 and 6.1) and
nobody needs; before a chunk it takes spaces, zero bytes and bare carriage returns, which HTTP does not allow.
Where a proxy in front of us reads the same bytes another way, one visitor's request hides inside another's.
"""

from __future__ import annotations

import re

import h11
from h11._receivebuffer import ReceiveBuffer

_LIST_OF_LENGTHS = re.compile(rb"content-length\s*:.*,", re.IGNORECASE)
_CHUNK_LINE = re.compile(rb"[0-9A-Fa-f]{1,8}(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n")


class StrictBuffer(ReceiveBuffer):
    """What came in and is not read yet, as h11 keeps it; heads and trailers of chunks leave it as lines."""

    def maybe_extract_lines(self) -> list[bytearray] | None:
        """Return the lines up to the first empty one, None while that is missing; raise for ambiguous ones."""
        before = bytes(self)
        lines = super().maybe_extract_lines()
        if lines is not None:
            _refuse_ambiguous(before[: len(before) - len(self)])
        return lines

    def maybe_extract_next_line(self) -> bytearray | None:
        """Return the line that says how long the next chunk is; None while it is missing."""
        line: bytearray | None = super().maybe_extract_next_line()
        if line is not None and _CHUNK_LINE.fullmatch(line) is None:
            raise h11.RemoteProtocolError("a chunk says its length in an unusual way")
        return line


def read_strictly(connection: h11.Connection) -> None:
    """Make a connection that nothing came in on yet refuse ambiguous heads, with 400."""
    connection._receive_buffer = StrictBuffer()  # noqa: SLF001  (no public way)


def _refuse_ambiguous(head: bytes) -> None:
    lines = head.split(b"\r\n")
    if any(b"\n" in line or b"\r" in line for line in lines):
        raise h11.RemoteProtocolError("a line does not end in CR LF")
    if any(line.startswith((b" ", b"\t")) for line in lines):
        raise h11.RemoteProtocolError("a line is folded")
    names = [line.split(b":", 1)[0].strip().lower() for line in lines[1:]]
    if b"transfer-encoding" in names and b"content-length" in names:
        raise h11.RemoteProtocolError("the length is said in two ways")
    if names.count(b"content-length") > 1:
        raise h11.RemoteProtocolError("the length is said twice")
    if any(_LIST_OF_LENGTHS.match(line) for line in lines):
        raise h11.RemoteProtocolError("the length is a list")
