"""The output of the most similar training input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqkit.tasks.base import Baseline, Examples
from seqkit.tasks.baselines.pairs import fitted_on, training_pairs
from seqkit.tasks.baselines.plain import from_json_bytes, json_bytes
from seqkit.tasks.baselines.text import known_words, tfidf, word_counts

INPUTS_AT_ONCE = 256


class NearestSource(Baseline):
    """Answers what stands beside the training input of the highest TF-IDF cosine.

    Of words and word pairs, or of single letters and runs of two and three where texts
    are cut into letters. Ties go to the first training row.

    Args:
        columns: hashes of what is known, rising.
        idf: (columns,) how rare each is.
        features: (rows, columns) of the training inputs, sparse.
        answers: the output of each row.
        by_letter: whether letters are compared.
        all_rows: how many training rows there were.
    """

    kind = "nearest_source"

    def __init__(
        self,
        columns: NDArray[np.int32],
        idf: NDArray[np.floating],
        features: Any,
        answers: Sequence[str],
        by_letter: bool,
        all_rows: int,
    ) -> None:
        self.columns, self.idf, self.features = columns, idf, features
        self.answers, self.by_letter, self.all_rows = answers, by_letter, all_rows
        self.title = f"nearest training input{fitted_on(len(answers), all_rows)}"

    @classmethod
    def fit(cls, chunks: Iterable[Examples], level: str = "word") -> Self:
        """Keep the training rows; letters are compared at level ``character``."""
        by_letter = level == "character"
        inputs, outputs, seen = training_pairs(chunks)
        counts = word_counts(inputs, by_letter)
        columns, idf = known_words(counts, 1, 1)
        features = tfidf(counts, columns, idf).astype(np.float32)
        return cls(columns, idf, features, outputs, by_letter, seen)

    def outputs(self, inputs: list[str]) -> dict[str, list[str]]:
        rows: list[int] = []
        for start in range(0, len(inputs), INPUTS_AT_ONCE):
            counts = word_counts(inputs[start : start + INPUTS_AT_ONCE], self.by_letter)
            asked = tfidf(counts, self.columns, self.idf)
            rows += (
                np.asarray((asked @ self.features.T).argmax(axis=1)).ravel().tolist()
            )
        return {"output": [self.answers[row] for row in rows]}

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {
            "columns": self.columns,
            "idf": self.idf,
            "values": self.features.data,
            "indices": self.features.indices,
            "starts": self.features.indptr,
            "answers": json_bytes(self.answers),
            "by_letter": np.array(self.by_letter),
            "all_rows": np.array(self.all_rows),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        import scipy.sparse

        columns, answers = arrays["columns"], from_json_bytes(arrays["answers"])
        matrix = (arrays["values"], arrays["indices"], arrays["starts"])
        features = scipy.sparse.csr_matrix(matrix, (len(answers), len(columns)))
        by_letter, rows = bool(arrays["by_letter"]), int(arrays["all_rows"])
        return cls(columns, arrays["idf"], features, answers, by_letter, rows)
