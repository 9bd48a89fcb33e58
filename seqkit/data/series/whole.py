"""Whole series with one answer each: scanned once, parted, scaled and stored."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.rows.label_look import look_at_labels
from seqkit.data.rows.labels import LabelCodes, class_names, label_codes, label_texts
from seqkit.data.rows.missing import is_missing
from seqkit.data.rows.parted import Parted
from seqkit.data.rows.splits import TRAIN
from seqkit.data.series.rows import SeriesRows, Values, read_series, value_columns
from seqkit.data.series.spec import LabelledSeries, MeasuredSeries, WholeSeries
from seqkit.data.sources.base import Source
from seqkit.data.stores.store import Layout, SequenceStore, StoreWriter, padded
from seqkit.errors import DataError
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.layers.series_padding import SeriesEncoder

ENCODED_NUMBERS = 2**21
"""So many numbers are scaled in one go, padding included: some tens of MB."""

SAME = 1e-13
"""A spread below this share of the mean is rounding of float64."""


@dataclass(frozen=True)
class Scale:
    """What is taken off a number, and what the rest is divided by; one a column."""

    center: tuple[float, ...]
    unit: tuple[float, ...]


def hash_series(values: Values) -> int:
    """64 bits of a series, the same on every machine."""
    narrow = np.ascontiguousarray(values, "<f4")
    whole = narrow if (narrow == values).all() else np.ascontiguousarray(values, "<f8")
    raw = whole.tobytes()
    digest = hashlib.blake2b(repr(values.shape).encode() + raw, digest_size=8).digest()
    return int.from_bytes(digest, "little")


def raw_labels(rows: SeriesRows, source: Source, column: str) -> list[str]:
    """The labels of a chunk as text; raise DataError where one is missing."""
    if any(map(is_missing, rows.answers)):
        raise DataError(
            f"Column {column!r} of {source.name} has a series without a label. Label "
            "it or leave it out."
        )
    return label_texts(rows.answers, column, source.name)


def numbers(rows: SeriesRows, source: Source, column: str) -> NDArray[np.float64]:
    """The target numbers of a chunk (rows,); raise DataError where one is none."""
    plain = [np.nan if is_missing(answer) else answer for answer in rows.answers]
    for answer in plain:
        try:
            finite = bool(np.isfinite(float(answer)))
        except (TypeError, ValueError, OverflowError):
            finite = False
        if not finite:
            raise DataError(
                f"Column {column!r} of {source.name} must hold a finite number for "
                f"each series, got {shortened(answer)}. Mend it or leave the series "
                "out."
            )
    return np.array(plain, np.float64)


NUMBERS_TASK = "regress_series"
"""The task that learns numbers from rows that hold a series and an answer."""


class AnsweredSeries(Parted[SeriesRows]):
    """What both kinds of answers share; groups are equal series.

    ``columns`` are the columns of numbers, ``longest`` the steps of the longest series,
    ``answers`` (rows,) the training rows' labels as codes, or their numbers.
    """

    spec: WholeSeries
    answer: str
    """The column that holds the answers."""
    answers: NDArray[Any]
    fingerprint: str
    """Changes when a value, an answer or their order does."""
    things = "series"

    def _scan(self, source: Source) -> NDArray[np.uint64]:
        """Read the training rows once; keep a hash a series and what ``note`` takes."""
        self.source = source
        self.columns = value_columns(source, self.spec, self.answer)
        groups: list[int] = []
        for rows in read_series(
            source, "train", self.spec, self.columns, self.answer, tell=True
        ):
            groups += self.hashes(rows)
            self.note(rows)
        if not groups:
            raise DataError(f"{source.name} holds no series to train on.")
        return np.array(groups, np.uint64)

    @abstractmethod
    def note(self, rows: SeriesRows) -> None:
        """Keep the answers of a scanned chunk."""

    @abstractmethod
    def truth(self, rows: SeriesRows) -> NDArray[Any]:
        """The answers of a chunk (rows,), as scores take them."""

    def read(self, part: str) -> Iterator[SeriesRows]:
        yield from read_series(self.source, part, self.spec, self.columns, self.answer)

    def size(self, rows: SeriesRows) -> int:
        return len(rows.series)

    def taken(self, rows: SeriesRows, places: NDArray[np.int64]) -> SeriesRows:
        return SeriesRows(
            [rows.series[i] for i in places], [rows.answers[i] for i in places]
        )

    def hashes(self, rows: SeriesRows) -> list[int]:
        return [hash_series(values) for values in rows.series]

    def as_frame(self, part: str) -> pd.DataFrame:
        import pandas as pd

        rows = list(self.rows(part))
        series = [one for chunk in rows for one in chunk.series]
        answers = [answer for chunk in rows for answer in chunk.answers]
        cells: dict[str, Any] = {
            column: [one[:, place].tolist() for one in series]
            for place, column in enumerate(self.columns)
        }
        frame = pd.DataFrame(cells | {self.answer: answers})
        if self.spec.layout == "nested":
            return frame
        frame[self.spec.id] = [f"series {row}" for row in range(1, len(frame) + 1)]
        steps = frame.explode(list(self.columns), ignore_index=True)
        return steps.astype(dict.fromkeys(self.columns, "float32"))

    def training_answers(self) -> NDArray[Any]:
        """The answers of the training part (rows,), without reading again."""
        return self.answers[self.codes == TRAIN]

    def scale(self) -> Scale:
        """What ``spec.scale`` fits on the training part, a number a column."""
        if self.spec.scale in ("none", "series"):
            width = len(self.columns)
            return Scale((0.0,) * width, (1.0,) * width)
        return fit_scale(
            (one for rows in self.rows("train") for one in rows.series),
            self.spec.scale,
        )

    def store(
        self, part: str, encoder: SeriesEncoder, path: Path, targets: Scale | None
    ) -> SequenceStore:
        """Scale ``part`` onto disk; ``targets`` scales the answers, None: classes."""
        from seqkit.layers.series_padding import PADDING

        layout = Layout(np.float32, len(self.columns), PADDING)
        dtype = np.int32 if targets is None else np.float32
        writer = StoreWriter(path, layout, dtype)
        for rows in self.rows(part):
            truth = self.truth(rows)
            if targets is not None:
                truth = (truth - targets.center[0]) / targets.unit[0]
            start = 0
            for encoded in encode(encoder, rows.series):
                end = start + len(encoded)
                writer.append(
                    np.concatenate(encoded),
                    [len(one) for one in encoded],
                    truth[start:end],
                    [len(one) for one in rows.series[start:end]],
                )
                start = end
        return writer.finish()


class ClassedSeries(AnsweredSeries):
    """A source of series with one class each, parted with equal shares of classes."""

    def __init__(self, source: Source, spec: LabelledSeries) -> None:
        self.spec, self.answer = spec, spec.label
        self._labels = LabelCodes()
        groups = self._scan(source)
        self.answers, self.values = self._labels.result()
        self.classes = class_names(spec, self.values, source.name)
        look_at_labels(self.values, len(self.answers), spec, source.name, NUMBERS_TASK)
        self.fingerprint = _fingerprint(groups, self.answers, self.values, self.columns)
        super().__init__(source, groups, self.answers, spec, self.classes)

    def note(self, rows: SeriesRows) -> None:
        self._labels.add(raw_labels(rows, self.source, self.answer))

    def truth(self, rows: SeriesRows) -> NDArray[np.int32]:
        labels = raw_labels(rows, self.source, self.answer)
        return label_codes(labels, self.values, self.source.name)


class NumberedSeries(AnsweredSeries):
    """A source of series with one number each."""

    def __init__(self, source: Source, spec: MeasuredSeries) -> None:
        self.spec, self.answer = spec, spec.target
        self._numbers: list[NDArray[np.float64]] = []
        groups = self._scan(source)
        self.answers = np.concatenate(self._numbers)
        self.fingerprint = _fingerprint(groups, self.answers, (), self.columns)
        super().__init__(source, groups, np.zeros(len(groups), np.int64), spec)

    def note(self, rows: SeriesRows) -> None:
        self._numbers.append(numbers(rows, self.source, self.answer))

    def truth(self, rows: SeriesRows) -> NDArray[np.float64]:
        return numbers(rows, self.source, self.answer)

    def target_scale(self, kind: str) -> Scale:
        """Mean and standard deviation of the training numbers; 0 and 1 for none."""
        if kind == "none":
            return Scale((0.0,), (1.0,))
        return fit_scale([self.training_answers()[:, None]], "standard")


def _fingerprint(
    groups: NDArray[np.uint64],
    answers: NDArray[Any],
    values: tuple[str, ...],
    columns: tuple[str, ...],
) -> str:
    digest = hashlib.sha256(groups.tobytes())
    digest.update(answers.tobytes() + repr((values, columns)).encode())
    return digest.hexdigest()[:16]


def fit_scale(series: Any, kind: str) -> Scale:
    """Center and unit of each column over all steps of all ``series``, in one pass.

    ``standard``: mean and standard deviation, merged chunk by chunk (Chan, Golub &
    LeVeque 1983); ``minmax``: minimum and range. A column
    that never changes has unit 1.
    """
    rows: float = 0.0
    mean = apart = low = high = np.zeros(0)
    for one in series:
        steps = np.asarray(one, np.float64)
        its_mean = steps.mean(axis=0)
        its_apart = ((steps - its_mean) ** 2).sum(axis=0)
        if not rows:
            rows, mean, apart = len(steps), its_mean, its_apart
            low, high = steps.min(axis=0), steps.max(axis=0)
            continue
        total = rows + len(steps)
        gap = its_mean - mean
        apart = apart + its_apart + gap**2 * rows * len(steps) / total
        mean = mean + gap * len(steps) / total
        low, high = np.minimum(low, steps.min(axis=0)), np.maximum(high, steps.max(0))
        rows = total
    if kind == "minmax":
        center, unit = low, high - low
    else:
        center, unit = mean, np.sqrt(apart / rows)
    unit = np.where(unit > SAME * np.abs(center), unit, 1.0)
    return Scale(tuple(center.tolist()), tuple(unit.tolist()))


def encode(encoder: SeriesEncoder, series: list[Values]) -> Iterator[list[Values]]:
    """Cut and scale series, some at a time, by the layer that exports carry."""
    import tensorflow as tf

    for piece in _pieces(series):
        lengths = np.array([len(one) for one in piece], np.int32)
        prepared = encoder(tf.constant(padded(piece)), tf.constant(lengths)).numpy()
        kept = np.minimum(lengths, prepared.shape[1])
        yield [one[:length] for one, length in zip(prepared, kept, strict=True)]


def _pieces(series: list[Values]) -> Iterator[list[Values]]:
    """Neighbours whose padded batch has at most ENCODED_NUMBERS, or single series."""
    piece: list[Values] = []
    longest = 0
    for one in series:
        longest = max(longest, len(one))
        if piece and (len(piece) + 1) * longest * one.shape[1] > ENCODED_NUMBERS:
            yield piece
            piece, longest = [], len(one)
        piece.append(one)
    if piece:
        yield piece
