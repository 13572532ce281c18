"""Text as the numbers a BERT model reads: lower case, accents taken off, words cut into known pieces.

The same numbers as the model's own tokenizer gives, without a library of ten megabytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.domain.search.embedding.checksums import checked

VOCABULARY = Path(__file__).parent / "vocab.txt"
"""Of BERT, uncased (Apache-2.0, see NOTICE): most small English models read it."""
VOCABULARY_SHA256 = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
LONGEST_WORD = 100
UNKNOWN, BEGIN, END = "[UNK]", "[CLS]", "[SEP]"
_IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2CEAF), (0x2F800, 0x2FA1F))


class WordPiece:
    """A vocabulary, and how text is cut by it."""

    def __init__(self, pieces: Mapping[str, int]) -> None:
        self._pieces = pieces

    def numbers(self, text: str, *, at_most: int) -> list[int]:
        """Return the numbers of a text's pieces between those of its begin and end, `at_most` in all."""
        found: list[int] = []
        for word in _words(text):
            found += self._cut(word)
            if len(found) >= at_most - 2:
                break
        return [self._pieces[BEGIN], *found[: at_most - 2], self._pieces[END]]

    def _cut(self, word: str) -> list[int]:
        if len(word) > LONGEST_WORD:
            return [self._pieces[UNKNOWN]]
        found: list[int] = []
        at = 0
        while at < len(word):
            end = len(word)
            while end > at and _piece(word, at, end) not in self._pieces:
                end -= 1
            if end == at:
                return [self._pieces[UNKNOWN]]
            found.append(self._pieces[_piece(word, at, end)])
            at = end
        return found


def bert_uncased() -> WordPiece:
    """Return the vocabulary of BERT, from the file beside this one; raise ForeignFile when it is another."""
    pieces = checked(VOCABULARY, VOCABULARY_SHA256).decode().splitlines()
    return WordPiece({piece: number for number, piece in enumerate(pieces)})


def _piece(word: str, at: int, end: int) -> str:
    return word[at:end] if at == 0 else "##" + word[at:end]


def _words(text: str) -> Iterator[str]:
    """Yield words and single marks, lazily: only the beginning of a long text is wanted."""
    word: list[str] = []
    for letter in _plain(text):
        alone = _stands_alone(letter)
        if (alone or letter.isspace()) and word:
            yield "".join(word)
            word.clear()
        if alone:
            yield letter
        elif not letter.isspace():
            word.append(letter)
    if word:
        yield "".join(word)


def _plain(text: str) -> Iterator[str]:
    # Letter by letter: lowering whole words would tell a last sigma from others, which the model does not know.
    for letter in unicodedata.normalize("NFD", "".join(map(str.lower, text))):
        kind = unicodedata.category(letter)
        if letter in "\t\n\r" or kind == "Zs":
            yield " "
        elif kind != "Mn" and not kind.startswith("C") and letter != "\ufffd":
            yield letter


def _stands_alone(letter: str) -> bool:
    number = ord(letter)
    if number < 128:
        return not (letter.isalnum() or letter.isspace())
    return unicodedata.category(letter).startswith("P") or any(
        low <= number <= high for low, high in _IDEOGRAPHS
    )
