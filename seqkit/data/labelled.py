"""Labelled texts: scanned once, parted into train, validation and test, and stored."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqkit.data.label_look import look_at_labels
from seqkit.data.parted import Parted
from seqkit.data.series_spec import LabelledSeries
from seqkit.data.sources.base import Source
from seqkit.data.spec import LabelledText
from seqkit.data.splits import TRAIN
from seqkit.data.store import SequenceStore, StoreWriter
from seqkit.data.text import TextRows, encode, fit_vocabulary, make_encoder, read_rows
from seqkit.errors import DataError, DataWarning
from seqkit.shortened import cut, shortened

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


class LabelCodes:
    """Labels that stream by, kept as a number each."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._codes: list[NDArray[np.int64]] = []

    def add(self, labels: list[str]) -> None:
        """Take some more."""
        seen = self._seen
        codes = [seen.setdefault(label, len(seen)) for label in labels]
        self._codes.append(np.array(codes, np.int64))

    def result(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Each label's position (rows,) among the values in sorted order, and these."""
        seen = self._seen
        values = sorted(seen, key=_numbers_first)
        position = np.empty(len(seen), np.int64)
        position[[seen[value] for value in values]] = np.arange(len(seen))
        codes = np.concatenate(self._codes or [np.zeros(0, np.int64)])
        return position[codes], tuple(values)


def _numbers_first(value: str) -> tuple[int, float, str]:
    """Sorts "2" before "10" before "a"."""
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    # "nan" reads as a number, but has no place among them.
    return (1, 0.0, value) if math.isnan(number) else (0, number, value)


def class_names(
    spec: LabelledText | LabelledSeries, values: tuple[str, ...], name: str
) -> tuple[str, ...]:
    """The classes' names for their values; raise DataError where they do not fit."""
    if len(values) < 2:
        raise DataError(
            f"Column {spec.label!r} of {name} holds one label only "
            f"({shortened(values[0])}). A classifier needs rows of at least two "
            "classes."
        )
    if spec.class_names and len(set(spec.class_names)) < len(spec.class_names):
        raise DataError(
            f"data.class_names must differ from each other, got "
            f"{', '.join(spec.class_names)}. Give each class a name of its own."
        )
    if spec.class_names is None or set(spec.class_names) == set(values):
        return values
    if len(spec.class_names) != len(values):
        shown = ", ".join(cut(value, 60) for value in values[:10])
        shown += ", ..." if len(values) > 10 else ""
        raise DataError(
            f"data.class_names has {len(spec.class_names)} names, but column "
            f"{spec.label!r} of {name} holds {len(values)} labels ({shown}). Name them "
            "all in that order, or set data.class_names to null."
        )
    return spec.class_names


def label_codes(
    labels: list[str], values: tuple[str, ...], name: str
) -> NDArray[np.int32]:
    """Positions of ``labels`` among the training ``values``, (rows,) int32."""
    code = {value: position for position, value in enumerate(values)}
    unknown = next((label for label in labels if label not in code), None)
    if unknown is not None:
        raise DataError(
            f"{name} holds the label {shortened(unknown)}, which the training data do "
            f"not have (they have {', '.join(cut(v, 60) for v in values[:20])}). Mend "
            "the labels or train with them."
        )
    return np.array([code[label] for label in labels], np.int32)


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


def balanced_weights(targets: NDArray[np.int32], classes: int) -> NDArray[np.float32]:
    """rows / (classes x rows of the class), so that all classes weigh the same."""
    counts = np.maximum(np.bincount(targets, minlength=classes), 1)
    weights = (len(targets) / (classes * counts)).astype(np.float32)
    return weights[targets]
