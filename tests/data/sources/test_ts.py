"""ts: files, plain and packed, with their official parts and their mistakes."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqkit.data.series.spec import LabelledSeries
from seqkit.data.sources.ts import TsSource
from seqkit.errors import DataError

HEAD = "#made up\n@problemName Tiny\n@timeStamps false\n@classLabel true a b\n@data\n"
ROWS = "1,2.5,-3E-1:4,?,6:a\n7:8:b\n"


def opened(path: Path, **changed: Any) -> TsSource:
    return TsSource(str(path), LabelledSeries(source=f"ts:{path}", **changed))


def written(folder: Path, text: str, name: str = "Tiny.ts") -> TsSource:
    path = folder / name
    path.write_text(text)
    return opened(path)


def rows(source: TsSource, part: str = "train") -> list[list[Any]]:
    found = []
    for frame in source.chunks(part, source.columns()):
        for cells in frame.itertuples(index=False):
            found.append([c if isinstance(c, str) else c.tolist() for c in cells])
    return found


def test_lines_are_series_with_a_column_a_dimension(tmp_path: Path) -> None:
    source = written(tmp_path, HEAD + "\n" + ROWS)
    assert source.columns() == ("dim_0", "dim_1", "label")
    first, second = rows(source)
    assert first[0] == [1.0, 2.5, -0.3] and first[2] == "a"
    np.testing.assert_array_equal(first[1], [4.0, np.nan, 6.0])
    assert second == [[7.0], [8.0], "b"]


def test_only_the_columns_that_are_asked_for_come_in_that_order(tmp_path: Path) -> None:
    (frame,) = written(tmp_path, HEAD + ROWS).chunks("train", ["label", "dim_1"])
    assert list(frame.columns) == ["label", "dim_1"]
    assert frame["label"].tolist() == ["a", "b"]


def test_packed_files_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "Tiny.ts.gz"
    path.write_bytes(gzip.compress((HEAD + ROWS).encode()))
    plain = rows(written(tmp_path, HEAD + ROWS))
    np.testing.assert_equal(rows(opened(path)), plain)


def test_the_test_file_beside_the_training_file_is_its_test_part(
    tmp_path: Path,
) -> None:
    source = written(tmp_path, HEAD + ROWS, "Tiny_TRAIN.ts")
    assert source.parts == ("train",)
    test = written(tmp_path, HEAD + "9:9:b\n", "Tiny_TEST.ts")
    assert test.parts == ("train",)
    source = opened(tmp_path / "Tiny_TRAIN.ts")
    assert source.parts == ("train", "test")
    assert rows(source, "test") == [[[9.0], [9.0], "b"]]


def test_targets_are_labels_too_and_there_may_be_none(tmp_path: Path) -> None:
    head = "@targetlabel true\n@DATA\n"
    assert rows(written(tmp_path, head + "1,2:3.5\n")) == [[[1.0, 2.0], "3.5"]]
    head = "@classLabel false\n@data\n"
    assert rows(written(tmp_path, head + "1,2:3.5\n")) == [[[1.0, 2.0], [3.5]]]


def test_a_frame_holds_no_more_numbers_than_a_chunk_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqkit.data.sources.ts.CHUNK_NUMBERS", 6)
    source = written(tmp_path, HEAD + "1,2:3,4:a\n" * 5)
    frames = list(source.chunks("train", source.columns()))
    assert [len(frame) for frame in frames] == [2, 2, 1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + "1,2:3,x:a\n", "Line 6 of PATH holds 'x', which is no number."),
        (HEAD + ROWS + "1:a\n", "Line 8 of PATH has 1 dimensions where 2 must be"),
        (HEAD + "1,2,3\n", "Line 6 of PATH has 0 dimensions where at least one must"),
        ("1,2,3:a\n", "Line 1 of PATH comes before @data, but is neither a comment"),
        ("@problemName x\n", "PATH has no line @data, so it is no .ts file."),
        ("@timeStamps true\n@data\n1:a\n", "PATH holds timestamps (line 1), which are"),
        (HEAD, "PATH holds no series after @data. Give at least one."),
    ],
)
def test_mistakes_name_their_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(DataError) as error:
        rows(written(tmp_path, text))
    assert str(error.value).startswith(told.replace("PATH", str(tmp_path / "Tiny.ts")))


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="^No file "):
        opened(tmp_path / "Tiny.ts")


@pytest.mark.data
@pytest.mark.parametrize("name", ["BasicMotions", "JapaneseVowels"])
def test_real_files_hold_what_their_arrays_hold(name: str, data_folder: Path) -> None:
    folder = data_folder / "uea_ucr"
    arrays = np.load(folder / f"{name}.npz")
    source = opened(folder / f"{name}_TRAIN.ts.gz")
    for part in ("train", "test"):
        found = rows(source, part)
        assert [row[-1] for row in found] == arrays[f"y_{part}"].tolist()
        for row, values, length in zip(
            found, arrays[f"x_{part}"], arrays[f"len_{part}"], strict=True
        ):
            series = np.array(row[:-1], np.float64).T
            assert len(series) == length
            np.testing.assert_allclose(series, values[:length], rtol=1e-6)
