"""Labelled texts: parted, and encoded by what the training part alone tells."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny_rows import batch_of, inputs_of, row_data, store_of

from seqkit.data.rows.labels import balanced_weights, class_names, label_codes
from seqkit.data.sources.base import Source, check_request
from seqkit.data.text.spec import LabelledText
from seqkit.errors import DataError, DataWarning
from seqkit.tasks.rows import RowData

PARTS = ("train", "validation", "test")


class PartedSource(Source):
    """Frames as official parts, a few rows a chunk."""

    name = "parted"

    def __init__(self, chunk_rows: int = 7, **frames: pd.DataFrame) -> None:
        self.frames = frames
        self.parts = tuple(frames)
        self.chunk_rows = chunk_rows

    def columns(self) -> tuple[str, ...]:
        return tuple(self.frames["train"].columns)

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        frame = self.frames[part][list(columns)]
        for start in range(0, len(frame), self.chunk_rows):
            yield frame[start : start + self.chunk_rows].reset_index(drop=True)


def spec(**changed: Any) -> LabelledText:
    return LabelledText(source="frame", **changed)


def frame_of(texts: Sequence[str | None], labels: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"text": texts, "label": labels}, dtype=object)


def rows(count: int, first: int = 0, classes: int = 2) -> pd.DataFrame:
    """Row i holds a word of its own, ``wordI``, and the label i modulo classes."""
    numbers = range(first, first + count)
    return frame_of([f"film word{i}" for i in numbers], [i % classes for i in numbers])


def texts(source: Source, spec: LabelledText) -> RowData:
    return row_data("classify_text", spec, source)


def vocabulary(data: RowData) -> list[str]:
    return data.preprocessing().inputs.encoder.vocabulary


# Parts


def test_every_row_is_in_one_part() -> None:
    data = texts(PartedSource(train=rows(200)), spec())
    parts = {part: inputs_of(data, part) for part in PARTS}
    assert [len(texts) for texts in parts.values()] == [162, 18, 20]
    assert {part: data.count(part) for part in PARTS} == {
        part: len(texts) for part, texts in parts.items()
    }
    assert sorted(sum(parts.values(), [])) == sorted(rows(200)["text"])


def test_labels_stay_with_their_texts() -> None:
    data = texts(PartedSource(train=rows(50, classes=3)), spec())
    for part in PARTS:
        for chunk in data.rows.rows(part):
            for text, label in zip(chunk.inputs, chunk.answers, strict=True):
                assert int(text.removeprefix("film word")) % 3 == int(label)


def test_parts_do_not_depend_on_the_order_of_rows_or_the_chunks() -> None:
    straight = rows(60)
    mixed = straight.sample(frac=1, random_state=3, ignore_index=True)
    one = texts(PartedSource(train=straight), spec())
    other = texts(PartedSource(train=mixed, chunk_rows=11), spec())
    for part in PARTS:
        assert set(inputs_of(one, part)) == set(inputs_of(other, part))


def test_the_same_text_is_never_on_two_sides() -> None:
    frame = rows(40)
    copies = pd.concat([frame, frame, frame], ignore_index=True)
    # A copy with another label belongs to its text, too.
    copies.loc[80:, "label"] = 1 - copies.loc[80:, "label"]
    data = texts(PartedSource(train=copies), spec(test=0.3, validation=0.3))
    sides = Counter(text for part in PARTS for text in set(inputs_of(data, part)))
    assert set(sides.values()) == {1} and len(sides) == 40
    assert data.count("test") > 20


@pytest.mark.parametrize("official", [("test",), ("validation",), PARTS[1:], ()])
def test_official_parts_stay_as_they_are(official: tuple[str, ...]) -> None:
    sizes = {"validation": 8, "test": 9}
    frames = {part: rows(sizes[part], first=1000) for part in official}
    data = texts(PartedSource(train=rows(100), **frames), spec())
    cut = {"test": 10, "validation": 9 if "test" not in official else 10}
    for part in PARTS[1:]:
        if part in official:
            assert inputs_of(data, part) == list(frames[part]["text"])
        assert data.count(part) == (sizes if part in official else cut)[part]
    assert data.count("train") == 100 - sum(
        cut[part] for part in PARTS[1:] if part not in official
    )


def test_another_split_seed_parts_anew() -> None:
    source = PartedSource(train=rows(100))
    one, other = (texts(source, spec(split_seed=seed)) for seed in (0, 1))
    assert inputs_of(one, "test") != inputs_of(other, "test")


def test_no_part_gives_a_chunk_without_rows() -> None:
    # With a row a chunk most chunks hold nothing of a part.
    data = texts(PartedSource(train=rows(30), chunk_rows=1), spec())
    for part in PARTS:
        assert all(chunk.inputs for chunk in data.rows.rows(part))


def test_the_fingerprint_changes_with_any_text_label_or_order() -> None:
    frame = rows(20)
    prints = [texts(PartedSource(train=frame), spec()).fingerprint]
    for column, value in (("text", "film word0!"), ("label", 1)):
        changed = frame.copy()
        changed.loc[0, column] = value
        prints.append(texts(PartedSource(train=changed), spec()).fingerprint)
    turned = frame[::-1].reset_index(drop=True)
    prints.append(texts(PartedSource(train=turned), spec()).fingerprint)
    assert len(set(prints)) == 4
    again = texts(PartedSource(train=frame, chunk_rows=3), spec())
    assert again.fingerprint == prints[0]


# The vocabulary


def test_words_of_held_out_rows_are_unknown(tmp_path: Path) -> None:
    data = texts(PartedSource(train=rows(100)), spec())
    words = vocabulary(data)
    trained = {text.removeprefix("film ") for text in inputs_of(data, "train")}
    assert set(words[2:]) == trained | {"film"}
    film = words.index("film")
    for part in ("validation", "test"):
        ids = batch_of(store_of(data, part, tmp_path))
        assert ids.tolist() == [[film, 1]] * data.count(part)


def test_words_of_official_parts_are_unknown() -> None:
    held_out = frame_of(["film onlyhere"] * 4, [0, 1] * 2)
    source = PartedSource(train=rows(30), validation=held_out, test=held_out)
    assert "onlyhere" not in vocabulary(texts(source, spec()))


def test_texts_without_a_known_word_are_counted(tmp_path: Path) -> None:
    held_out = frame_of(["film"] * 80 + ["onlyhere too"] * 2, [0, 1] * 41)
    data = texts(PartedSource(train=rows(30), validation=held_out), spec())
    inputs = data.preprocessing().inputs
    (note,) = inputs.remarks(
        data.spec, {"validation": store_of(data, "validation", tmp_path)}
    )
    assert note.startswith("5% of the words of the validation texts are unknown")
    assert "too seldom. 2 of 82 texts hold no other." in note


def test_a_store_holds_the_ids_and_labels_of_its_rows(tmp_path: Path) -> None:
    data = texts(PartedSource(train=rows(1300, classes=3)), spec())
    words = vocabulary(data)
    store = store_of(data, "train", tmp_path)
    assert len(store) == data.count("train")
    for row, text in enumerate(inputs_of(data, "train")):
        number = int(text.removeprefix("film word"))
        assert store.targets[row] == number % 3
        (ids,) = batch_of(store, row)
        assert [words[i] for i in ids] == ["film", f"word{number}"]


# Labels


@pytest.mark.parametrize(
    ("labels", "values"),
    [
        ([1, 0], ("0", "1")),
        ([1.0, 0.0], ("0", "1")),
        (["1", 0.0, 1, np.int64(0)], ("0", "1")),
        ([True, False], ("False", "True")),
        (["10", "9", "b", "a", "-1"], ("-1", "9", "10", "a", "b")),
        ([5, 2.5], ("2.5", "5")),
    ],
)
def test_classes_are_the_labels_in_sorted_order(
    labels: list[Any], values: tuple[str, ...]
) -> None:
    frame = frame_of([f"t{i}" for i in range(len(labels))], labels)
    found = texts(PartedSource(train=frame), spec())
    assert found.rows.scan.values == values


def test_the_order_of_classes_does_not_depend_on_the_order_of_rows() -> None:
    # "nan" reads as a number that is neither less nor greater than another.
    for labels in itertools.permutations(["nan", "2", "1", "inf"]):
        frame = frame_of(list("abcd"), list(labels))
        found = texts(PartedSource(train=frame), spec())
        assert found.rows.scan.values == ("1", "2", "inf", "nan")
        assert [
            found.rows.scan.values[code] for code in found.rows.scan.answers
        ] == list(labels)


def test_one_label_only_is_an_error() -> None:
    with pytest.raises(DataError) as error:
        texts(PartedSource(train=frame_of(["a", "b"], [1, 1])), spec())
    assert str(error.value) == (
        "Column 'label' of parted holds one label only ('1'). A classifier needs rows "
        "of at least two classes."
    )


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (None, ("0", "1")),
        (("bad", "good"), ("bad", "good")),
        (("0", "1"), ("0", "1")),
        # These are the values themselves, in another order than theirs.
        (("1", "0"), ("0", "1")),
    ],
)
def test_class_names_stand_for_the_labels_in_sorted_order(
    names: tuple[str, ...] | None, classes: tuple[str, ...]
) -> None:
    assert class_names(spec(class_names=names), ("0", "1"), "x") == classes


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (
            ("a", "b", "c"),
            "data.class_names has 3 names, but column 'label' of x holds 2 labels "
            "(0, 1). Name them all in that order, or set data.class_names to null.",
        ),
        (
            ("a", "a"),
            "data.class_names must differ from each other, got a, a. Give each class a "
            "name of its own.",
        ),
    ],
)
def test_class_names_that_do_not_fit_are_an_error(
    names: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(DataError) as error:
        class_names(spec(class_names=names), ("0", "1"), "x")
    assert str(error.value) == sentence


def test_a_label_that_training_does_not_have_is_an_error() -> None:
    assert label_codes(["b", "a", "b"], ("a", "b"), "x").tolist() == [1, 0, 1]
    with pytest.raises(DataError) as error:
        label_codes(["a", "c"], ("a", "b"), "test.csv")
    assert str(error.value) == (
        "test.csv holds the label 'c', which the training data do not have (they have "
        "a, b). Mend the labels or train with them."
    )


def test_balanced_weights_give_every_class_the_same_say() -> None:
    targets = np.array([0, 0, 0, 2, 0, 2], np.int32)
    weights = balanced_weights(np.bincount(targets, minlength=3))[targets]
    # 6 / (3 x 4) and 6 / (3 x 2), as scikit-learn's "balanced".
    assert weights.tolist() == [0.5, 0.5, 0.5, 1.0, 0.5, 1.0]
    assert weights.dtype == np.float32


# Rows that are odd


def test_empty_texts_are_counted_in_a_warning_and_taken_as_unknown(
    tmp_path: Path,
) -> None:
    frame = frame_of(["", " \n", "film", "good film"] * 5, [0, 1] * 10)
    with pytest.warns(DataWarning, match="^10 texts of parted are empty; each is"):
        data = texts(PartedSource(train=frame), spec(test=0.0, validation=0.0))
    store = store_of(data, "train", tmp_path)
    assert store.lengths.tolist() == [1, 1, 1, 2] * 5
    assert batch_of(store, 0, 1).tolist() == [[1], [1]]


def test_missing_texts_may_be_left_out(tmp_path: Path) -> None:
    frame = frame_of(["a", None, "b", "c"], [0, 1, 1, 0])
    options = spec(missing="drop", test=0.0, validation=0.0)
    with pytest.warns(DataWarning, match="data.missing says: 1 of 4 rows of parted"):
        data = texts(PartedSource(train=frame), options)
    store = store_of(data, "train", tmp_path)
    assert store.targets.tolist() == [0, 1, 0]


@pytest.mark.filterwarnings("ignore:Left out, as data.missing says")
def test_a_source_of_missing_texts_alone_is_an_error() -> None:
    frame = frame_of([None, None], [0, 1])
    with pytest.raises(DataError, match="parted holds no rows to train on."):
        texts(PartedSource(train=frame), spec(missing="drop"))


def test_odd_texts_go_all_the_way(tmp_path: Path) -> None:
    odd = ["\U0001f600 \u4f60\u597d", "a\x00b", "\ud83d", "plain"]
    long = ["x" * 1_000_000, "w " * 500_000]
    frame = frame_of((odd + long) * 2, [0] * 6 + [1] * 6)
    options = spec(test=0.0, validation=0.0, max_timesteps=50)
    data = texts(PartedSource(train=frame), options)
    words = vocabulary(data)
    store = store_of(data, "train", tmp_path)
    tokens = [[words[i] for i in ids] for ids in batch_of(store, *range(6))]
    assert [[token for token in row if token] for row in tokens] == [
        ["\U0001f600", "\u4f60\u597d"],
        ["a", "b"],
        ["?"],
        ["plain"],
        ["x" * 1_000_000],
        ["w"] * 50,
    ]


# Memory

STREAM = """
import json, sys
from pathlib import Path
from seqkit.data.stores.feed import Feed
from seqkit.data.sources.files import CsvSource
from seqkit.data.text.spec import LabelledText
from seqkit.shared.quiet import load_tensorflow
from seqkit.tasks.classify_text import ClassifyText

load_tensorflow()
rows, path = int(sys.argv[1]), Path(sys.argv[1] + ".csv")
with path.open("w") as file:
    file.write("text,label\\n")
    for row in range(rows):
        words = ((row * 31 + i * i) % 1000 for i in range(25))
        file.write(" ".join(f"{'word' * 9}{word}" for word in words))
        file.write(f" {row},{row % 2}\\n")
spec = LabelledText(source=f"csv:{path}", vocab_size=500)
data = ClassifyText().open(spec, None, CsvSource(str(path), spec))
store = data._store("train", data.preprocessing(), path.with_suffix(".train"))
batches = sum(1 for _ in Feed(store, 64, seed=0).arrays())
# Not ru_maxrss: a new process takes that over from the one that starts it.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
peak = int(status["VmHWM"].split()[0]) / 1e3
print(json.dumps([peak, batches, len(store), path.stat().st_size / 1e6]))
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="Linux tells the peak memory there"
)
def test_ten_times_the_rows_take_the_same_memory(
    python: Callable[..., str],
) -> None:
    def run(rows: int) -> list[float]:
        code = f"import sys; sys.argv[1:] = ['{rows}']\n{STREAM}"
        peak, batches, kept, megabytes = json.loads(python(code))
        assert kept == round(0.81 * rows) and batches == -(-kept // 64)
        return [peak, megabytes]

    # The smaller one already fills a chunk.
    (few, _), (many, megabytes) = run(5_000), run(50_000)
    assert megabytes > 45
    # 45,000 rows need some 100 bytes each to be parted, and the allocator has its way.
    assert many - few < 20


# What parts lack


def remarks(inputs: list[str], labels: list[Any], **options: Any) -> list[str]:
    frame = frame_of(inputs, labels)
    return texts(PartedSource(train=frame), spec(**options)).remarks()


def test_a_class_that_a_part_lacks_is_named() -> None:
    texts = [f"t{row}" for row in range(102)]
    labels = ["rare"] * 2 + ["a", "b"] * 50
    told = remarks(texts, labels)
    assert told == [
        f"The {part} part of parted has no row of 'rare': a class needs 3 different "
        "texts to be in every part. Give more of them, or leave such classes out."
        for part in ("validation", "test")
    ]
    assert remarks([*texts, "t"], [*labels, "rare"]) == []
    assert remarks(texts, labels, test=0.0, validation=0.0) == []


def test_a_part_without_rows_is_told_with_the_reason() -> None:
    validation, test = remarks(["same", "other"] * 40, ["a", "b"] * 40)
    assert validation.startswith(
        "parted has no validation part: all 80 rows hold 2 different texts; equal "
        "texts stay in one part, so none was left for the validation part. So the last"
    )
    assert test.startswith("parted has no test part: all 80 rows hold 2 different te")
    assert (
        "parted has no test part: 4 rows are too few"
        in remarks(list("abcd"), [0, 0, 1, 1])[-1]
    )
