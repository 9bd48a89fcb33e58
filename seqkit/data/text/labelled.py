"""Labelled texts: scanned once, parted into train, validation and test, and stored."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.label_look import look_at_labels
from seqkit.data.rows.labels import LabelCodes, class_names, label_codes
from seqkit.data.rows.parted import Parted
from seqkit.data.rows.splits import TRAIN
from seqkit.data.sources.base import Source
from seqkit.data.stores.store import SequenceStore, StoreWriter
from seqkit.data.text.rows import TextRows, read_rows
from seqkit.data.text.spec import LabelledText
from seqkit.data.text.vocabulary import encode, fit_vocabulary, make_encoder
from seqkit.errors import DataError, DataWarning

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.layers.text import TextEncoder


def hash_text(text: str) -> int:
    """64 bits of a text, the same on every machine."""
    raw = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(raw.digest(), "little")


@dataclass
class LabelledScan:
    """What one pass over labelled rows finds: no text is kept."""

    groups: NDArray[np.uint64]
    labels: NDArray[np.int64]
    values: tuple[str, ...]
    """The label values in sorted order; ``labels`` holds their positions."""
    empty: int
    """Rows whose text is empty or blank."""

    @property
    def fingerprint(self) -> str:
        """Changes when a text or a label does, or their order."""
        digest = hashlib.sha256(self.groups.tobytes())
        digest.update(self.labels.tobytes() + repr(self.values).encode())
        return digest.hexdigest()[:16]


def scan(source: Source, part: str, spec: LabelledText) -> LabelledScan:
    """Read ``part`` once and keep a hash and a label code for each row."""
    groups: list[NDArray[np.uint64]] = []
    labels = LabelCodes()
    empty = 0
    for rows in read_rows(source, part, spec, spec.label, tell=True):
        groups.append(np.array([hash_text(t) for t in rows.texts], np.uint64))
        labels.add(rows.labels)
        empty += sum(not text.strip() for text in rows.texts)
    if not groups or not sum(map(len, groups)):
        raise DataError(f"{source.name} holds no rows to train on.")
    return LabelledScan(np.concatenate(groups), *labels.result(), empty)


class LabelledTexts(Parted[TextRows]):
    """A source of labelled texts, parted as its recipe says; groups are equal texts."""

    things = "texts"

    def __init__(self, source: Source, spec: LabelledText) -> None:
        self.spec = spec
        self.scan = scan(source, "train", spec)
        self.classes = class_names(spec, self.scan.values, source.name)
        look_at_labels(self.scan.values, len(self.scan.labels), spec, source.name)
        super().__init__(source, self.scan.groups, self.scan.labels, spec, self.classes)
        if self.scan.empty:
            warnings.warn(
                f"{self.scan.empty:,} texts of {source.name} are empty; each is taken "
                "as one unknown token.",
                DataWarning,
                stacklevel=2,
            )

    def read(self, part: str) -> Iterator[TextRows]:
        yield from read_rows(self.source, part, self.spec, self.spec.label)

    def size(self, rows: TextRows) -> int:
        return len(rows.texts)

    def taken(self, rows: TextRows, places: NDArray[np.int64]) -> TextRows:
        return TextRows(
            [rows.texts[i] for i in places], [rows.labels[i] for i in places]
        )

    def hashes(self, rows: TextRows) -> list[int]:
        return [hash_text(text) for text in rows.texts]

    def as_frame(self, part: str) -> pd.DataFrame:
        import pandas as pd

        rows = list(self.rows(part))
        texts = [text for chunk in rows for text in chunk.texts]
        labels = [label for chunk in rows for label in chunk.labels]
        return pd.DataFrame({self.spec.text: texts, self.spec.label: labels})

    def training_labels(self) -> NDArray[np.int64]:
        """Positions of the training rows' labels (rows,), without reading again."""
        return self.scan.labels[self.codes == TRAIN]

    def fit_encoder(self) -> TextEncoder:
        """The encoder whose vocabulary comes from the training part alone."""
        texts = (rows.texts for rows in self.rows("train"))
        return make_encoder(fit_vocabulary(texts, self.spec), self.spec)

    def store(self, part: str, encoder: TextEncoder, path: Path) -> SequenceStore:
        """Encode ``part`` to ids on disk; targets are positions of the labels."""
        writer = StoreWriter(path)
        for rows in self.rows(part):
            targets = label_codes(rows.labels, self.scan.values, self.source.name)
            start = 0
            for encoded in encode(encoder, rows.texts):
                end = start + len(encoded.lengths)
                writer.append(
                    encoded.ids,
                    encoded.lengths,
                    targets[start:end],
                    encoded.whole_lengths,
                )
                start = end
        return writer.finish()
