"""Compiled templates, kept in the data folder.

To compile one takes jinja2 about 12 ms and some memory, in each process anew: the first pages of a forum that
was just started took half a second.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

log = logging.getLogger(__name__)

_DIGEST_BYTES = 32


class CompiledTemplates(BytecodeCache):
    """Never in the way of a page: what is missing or damaged is compiled, what can't be written is not kept.

    `kind` tells how templates are compiled, beside jinja2's version: what was kept for another kind is not used.
    """

    def __init__(self, folder: Path, *, kind: str) -> None:
        self._folder = folder
        self._kind = f"{jinja2.__version__} {kind}"

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return the name of a template's file."""
        return hashlib.sha256(f"{self._kind} {name} {filename}".encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the bucket what is kept, if it is whole; jinja2 itself sees whether it is of the present template."""
        try:
            kept = (self._folder / bucket.key).read_bytes()
        except OSError:
            return
        digest, code = kept[:_DIGEST_BYTES], kept[_DIGEST_BYTES:]
        if hashlib.sha256(code).digest() == digest:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        code = bucket.bytecode_to_string()
        try:
            self._folder.mkdir(exist_ok=True)
            (self._folder / bucket.key).write_bytes(hashlib.sha256(code).digest() + code)
        except OSError as error:  # a full disk, say: pages are read all the same
            log.warning("a compiled template is not kept: %s", error)
