"""A source that is parsed once: every later pass gives what the first one gave."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from exact_frames import CELLS, OBJECTS, assert_same_frames, in_cells
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.data.rows.spool import SpooledSource, spooled
from seqkit.data.sources.base import CHUNK_ROWS, Source, check_request, open_source
from seqkit.data.sources.frame import FrameSource
from seqkit.data.text.spec import LabelledText
from seqkit.errors import DataError


class Chunks(Source):
    """Given chunks of each part; counts those it has read. An error may stand last."""

    name = "chunks"

    def __init__(self, **chunks: Sequence[pd.DataFrame | DataError]) -> None:
        self.given = chunks
        self.parts = tuple(chunks)
        self.read: Counter[str] = Counter()

    def columns(self) -> tuple[str, ...]:
        first = self.given["train"][0]
        assert isinstance(first, pd.DataFrame)
        return tuple(first.columns)

    def chunks(self, part: str, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        check_request(self, part, columns)
        return self._read(part, list(columns))

    def _read(self, part: str, columns: list[str]) -> Iterator[pd.DataFrame]:
        for chunk in self.given[part]:
            if isinstance(chunk, DataError):
                raise chunk
            self.read[part] += 1
            yield chunk[columns].copy()


PLAIN = pd.DataFrame({"text": ["a", None, "c"], "number": [1.5, np.nan, -0.0]})
MORE = pd.DataFrame({"text": ["d"], "number": [2.0]})


@pytest.fixture
def source() -> Chunks:
    return Chunks(train=[PLAIN, MORE], test=[MORE])


# What comes back

COLUMN = st.sampled_from(["cells", "numbers", "whole", "times", "kinds"])


@st.composite
def chunks(draw: st.DrawFn, columns: list[str]) -> pd.DataFrame:
    rows = draw(st.integers(1, 4))

    def values(kind: str) -> Any:
        if kind == "cells":
            cell = draw(st.sampled_from([CELLS, st.text(max_size=3), OBJECTS]))
            return in_cells(draw(st.lists(cell, min_size=rows, max_size=rows)))
        numbers = draw(st.lists(st.integers(0, 9), min_size=rows, max_size=rows))
        if kind == "times":
            return pd.to_datetime(numbers, unit="D", utc=True).tz_convert("Asia/Tokyo")
        dtypes = {"numbers": "float32", "whole": "Int64", "kinds": "category"}
        return pd.Series(numbers, dtype=dtypes[kind])

    return pd.DataFrame({f"{kind}": values(kind) for kind in columns})


@settings(max_examples=25)
@given(st.data(), st.lists(COLUMN, min_size=1, max_size=3, unique=True))
def test_every_pass_gives_what_the_source_gives(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, columns: list[str]
) -> None:
    frames = data.draw(st.lists(chunks(columns), min_size=1, max_size=4))
    folder = tmp_path_factory.mktemp("spool")
    source = SpooledSource(Chunks(train=frames), folder)
    some = data.draw(st.permutations(columns))[: data.draw(st.integers(1, 3))]
    for wanted in (columns, some, columns, some):
        expected = [frame[wanted] for frame in frames]
        assert_same_frames(list(source.chunks("train", wanted)), expected)


TABLE = pd.DataFrame(
    {
        "text": ["first", None, "Z\u00fcrich, \U0001f642", "b\nc"] * 1100,
        "label": [1, 2**53 + 1, None, -5] * 1100,
        "value": [0.1, None, 5e-324, 1e300] * 1100,
    }
)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_files_come_back_as_their_sources_give_them(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"table.{kind}"
    table = TABLE.astype({"label": "Int64"})
    if kind == "csv":
        table.to_csv(path, index=False)
    elif kind == "jsonl":
        rows = zip(*(TABLE[name] for name in TABLE), strict=True)
        lines = [json.dumps(dict(zip(TABLE, row, strict=True))) for row in rows]
        path.write_text("\n".join(lines), encoding="utf-8")
    else:
        days = pd.date_range("2024-03-01", periods=len(table), freq="h", tz="UTC")
        table = table.assign(
            day=days, date=days.date, words=[["a", None], None, [], ["b"]] * 1100
        )
        table.to_parquet(path, index=False)
    plain = open_source(LabelledText(source=f"{kind}:{path}"))
    source = spooled(plain, tmp_path)
    assert isinstance(source, SpooledSource)
    assert source.name == plain.name and source.parts == plain.parts
    columns = plain.columns()
    expected = list(plain.chunks("train", columns))
    assert [len(frame) for frame in expected] == [CHUNK_ROWS, 4400 - CHUNK_ROWS]
    for _ in range(2):
        assert_same_frames(list(source.chunks("train", columns)), expected)
    assert source._spools and not source._unholdable
    path.unlink()
    twice = (columns[1], columns[0], columns[1])
    expected = [frame[list(twice)] for frame in expected]
    assert_same_frames(list(source.chunks("train", twice)), expected)


def test_series_of_a_ts_file_come_back_with_both_parts(tmp_path: Path) -> None:
    for part, values in (("TRAIN", "1,2.5,?:3,4,5:a"), ("TEST", "7:8:b\n9,1:2,3:a")):
        text = f"@classLabel true a b\n@data\n{values}\n"
        (tmp_path / f"Toy_{part}.ts").write_text(text)
    spec = LabelledText(source=f"ts:{tmp_path / 'Toy_TRAIN.ts'}")
    plain = open_source(spec)
    source = SpooledSource(plain, tmp_path)
    assert source.test_part == "test"
    for part in plain.parts * 2:
        expected = list(plain.chunks(part, plain.columns()))
        assert_same_frames(list(source.chunks(part, plain.columns())), expected)
    assert not source._unholdable


def test_frames_of_memory_are_not_spooled(tmp_path: Path) -> None:
    frame = FrameSource(PLAIN)
    assert spooled(frame, tmp_path) is frame
    sample = open_source(LabelledText(source="sample:reviews"))
    assert spooled(sample, tmp_path) is sample


# How often the source is read


def test_a_part_is_read_once_for_all_passes_over_the_same_columns(
    source: Chunks, tmp_path: Path
) -> None:
    again = SpooledSource(source, tmp_path)
    for columns in (["text", "number"], ["number"], ["number", "text"]):
        for part, chunks in source.given.items():
            assert len(list(again.chunks(part, columns))) == len(chunks)
    assert source.read == {"train": 2, "test": 1}


def test_only_what_is_asked_for_is_kept(source: Chunks, tmp_path: Path) -> None:
    again = SpooledSource(source, tmp_path)
    for _ in range(2):
        list(again.chunks("train", ["number"]))
    assert source.read["train"] == 2
    list(again.chunks("train", ["text"]))
    assert source.read["train"] == 4
    assert len(list(tmp_path.iterdir())) == 2


def test_what_cannot_be_held_is_read_anew_and_the_rest_is_kept(tmp_path: Path) -> None:
    strange = MORE.assign(text=in_cells([{1, 2}]))
    source = Chunks(train=[PLAIN, strange])
    again = SpooledSource(source, tmp_path)
    for number in (1, 2, 3):
        read = list(again.chunks("train", ["text", "number"]))
        assert_same_frames(read, [PLAIN, strange])
        assert source.read["train"] == 2 * number
    assert list(tmp_path.iterdir()) == []
    for _ in range(2):
        list(again.chunks("train", ["number"]))
    assert source.read["train"] == 8


def test_an_index_of_its_own_is_not_lost(tmp_path: Path) -> None:
    frames = [PLAIN, MORE.set_axis([7])]
    again = SpooledSource(Chunks(train=frames), tmp_path)
    for _ in range(2):
        read = list(again.chunks("train", ["text", "number"]))
        assert_same_frames(read, frames)


def test_a_pass_that_stops_halfway_keeps_nothing(
    source: Chunks, tmp_path: Path
) -> None:
    again = SpooledSource(source, tmp_path)
    first = next(iter(again.chunks("train", ["text", "number"])))
    assert_same_frames([first], [PLAIN])
    assert list(tmp_path.iterdir()) == []
    read = list(again.chunks("train", ["text", "number"]))
    assert_same_frames(read, [PLAIN, MORE])


def test_two_passes_side_by_side_do_not_mix(source: Chunks, tmp_path: Path) -> None:
    again = SpooledSource(source, tmp_path)
    for _ in range(2):
        pairs = zip(
            again.chunks("train", ["text", "number"]),
            again.chunks("train", ["number"]),
            strict=True,
        )
        for (one, other), expected in zip(pairs, [PLAIN, MORE], strict=True):
            assert_same_frames([one, other], [expected, expected[["number"]]])


def test_what_a_reader_does_to_its_frames_stays_with_it(
    source: Chunks, tmp_path: Path
) -> None:
    again = SpooledSource(source, tmp_path)
    for _ in range(3):
        for frame in again.chunks("train", ["text", "number"]):
            frame["number"] = 0.0
            frame.loc[0, "text"] = "other"
    read = list(again.chunks("train", ["text", "number"]))
    assert_same_frames(read, [PLAIN, MORE])


# What goes wrong


def test_an_error_comes_in_every_pass_and_keeps_nothing(tmp_path: Path) -> None:
    source = Chunks(train=[PLAIN, DataError("Line 4,711 is malformed.")])
    again = SpooledSource(source, tmp_path)
    for _ in range(2):
        frames = again.chunks("train", ["text"])
        assert len(next(frames)) == 3
        with pytest.raises(DataError, match="Line 4,711"):
            next(frames)
    assert list(tmp_path.iterdir()) == []


def test_wrong_requests_fail_before_the_first_frame(
    source: Chunks, tmp_path: Path
) -> None:
    again = SpooledSource(source, tmp_path)
    list(again.chunks("train", ["text", "number"]))
    with pytest.raises(DataError, match="no column 'words'"):
        again.chunks("train", ["text", "words"])
    with pytest.raises(DataError, match="no part 'validation'"):
        again.chunks("validation", ["text"])


def test_passes_agree_though_the_file_changes_between_them(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\ngood,1\n", encoding="utf-8")
    source = spooled(open_source(LabelledText(source=f"csv:{path}")), tmp_path)
    first = list(source.chunks("train", ["text", "label"]))
    path.write_text("text,label\nbad,0\nworse,0\n", encoding="utf-8")
    assert_same_frames(list(source.chunks("train", ["text", "label"])), first)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full disk")
def test_a_full_disk_is_one_sentence(source: Chunks, tmp_path: Path) -> None:
    (tmp_path / "spool-1.arrow").symlink_to("/dev/full")
    with pytest.raises(DataError, match="no space left on device. Free some space"):
        list(SpooledSource(source, tmp_path).chunks("train", ["text"]))


# Memory

STREAM = """
import json, sys
from pathlib import Path
from seqkit.data.rows.spool import spooled
from seqkit.data.sources.base import open_source
from seqkit.data.text.spec import LabelledText

rows, path = int(sys.argv[1]), Path(sys.argv[1] + ".csv")
with path.open("w") as file:
    file.write("text,label\\n")
    for row in range(rows):
        file.write(f"{row} " + "word " * 200 + f",{row % 2}\\n")
source = spooled(open_source(LabelledText(source=f"csv:{path}")), Path("."))
for _ in range(3):
    read = sum(map(len, source.chunks("train", ["text", "label"])))
    assert read == rows
# Not ru_maxrss: a new process takes that over from the one that starts it.
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
peak = int(status["VmHWM"].split()[0]) / 1e3
print(json.dumps([peak, Path("spool-1.arrow").stat().st_size / 1e6]))
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="Linux tells the peak memory there"
)
def test_ten_times_the_rows_take_the_same_memory(python: Callable[[str], str]) -> None:
    def run(rows: int) -> list[float]:
        return json.loads(python(f"import sys; sys.argv[1:] = ['{rows}']\n{STREAM}"))

    # The smaller one already fills two chunks.
    (few, _), (many, megabytes) = run(9_000), run(90_000)
    assert megabytes > 90
    assert many - few < 15
