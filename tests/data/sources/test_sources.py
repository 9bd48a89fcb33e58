"""Sources of rows: files, frames, and what they say when something is wrong."""

import bz2
import gzip
import json
import lzma
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seqkit.data.sources.base import CHUNK_ROWS, open_source
from seqkit.data.sources.frame import FrameSource
from seqkit.data.sources.given import source_name
from seqkit.data.text.spec import LabelledText
from seqkit.errors import DataError, UnknownNameError, UsageError

ROWS = pd.DataFrame({"text": ["good", "bad", "so, so"], "label": [1, 0, 1]})


def opened(kind, path, **spec):
    return open_source(LabelledText(source=f"{kind}:{path}", **spec))


def read(source, part="train", columns=("text", "label")):
    return pd.concat(source.chunks(part, columns), ignore_index=True)


def write(folder, kind, frame, name=None):
    path = folder / (name or f"rows.{kind}")
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_parquet(path, index=False)
    return path


def refusal(call, *args, **kwargs):
    with pytest.raises(DataError) as caught:
        result = call(*args, **kwargs)
        for _ in result.chunks("train", ("text", "label")):
            pass
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.fixture(params=["csv", "parquet", "jsonl", "frame"])
def make(request, tmp_path):
    """Gives a function from a frame to a source of that kind."""
    if request.param == "frame":
        return FrameSource
    return lambda frame: opened(request.param, write(tmp_path, request.param, frame))


def test_every_source_gives_the_rows_that_were_written(make):
    source = make(ROWS)
    assert source.parts == ("train",)
    assert source.columns() == ("text", "label")
    frame = read(source)
    assert list(frame.columns) == ["text", "label"]
    assert frame["text"].tolist() == ["good", "bad", "so, so"]
    assert [str(value) for value in frame["label"]] == ["1", "0", "1"]


def test_rows_come_in_chunks_and_the_same_each_time(make):
    texts = [f"text {row}" for row in range(2 * CHUNK_ROWS + 5)]
    source = make(pd.DataFrame({"text": texts, "label": "a"}))
    lengths = [len(frame) for frame in source.chunks("train", ["text"])]
    assert lengths == [CHUNK_ROWS, CHUNK_ROWS, 5]
    for _ in range(2):
        assert read(source, columns=["text"])["text"].tolist() == texts


def test_only_wanted_columns_come_and_in_the_wanted_order(make):
    source = make(ROWS.assign(more=7))
    assert list(read(source, columns=["label", "text"]).columns) == ["label", "text"]


def test_missing_column_names_those_that_exist(make):
    source = make(ROWS.rename(columns={"text": "txt"}))
    with pytest.raises(DataError, match="no column 'text', only 'txt', 'label'. Did"):
        source.chunks("train", ["text"])


def test_unknown_part_is_refused(make):
    with pytest.raises(DataError, match="no part 'test', only train"):
        make(ROWS).chunks("test", ["text"])


def test_a_source_without_rows_says_so(make):
    with pytest.raises(DataError, match="holds no rows"):
        read(make(ROWS[:0]))


def test_whole_number_labels_stay_whole_beside_missing_ones(make):
    labels = pd.array([1, None, 0] * CHUNK_ROWS, dtype="Int64")
    source = make(pd.DataFrame({"text": "a", "label": labels}))
    values = {str(v) for v in read(source)["label"] if not pd.isna(v)}
    assert values == {"0", "1"}


def test_words_for_missing_are_text_and_only_nothing_is_missing(make):
    texts = ["NA", "null", "None", "nan", "N/A", "", "<NA>"]
    frame = pd.DataFrame({"text": [*texts, None], "label": "x"})
    got = read(make(frame))["text"]
    kept = [value for value in got if not pd.isna(value)]
    assert [text for text in kept if text] == [text for text in texts if text]
    assert pd.isna(got.iloc[-1])


def test_emoji_and_line_breaks_in_texts_survive(make):
    texts = ["\U0001f642 fine", "two\nlines", 'a "quoted" word', "caf\u00e9\u2028end"]
    source = make(pd.DataFrame({"text": texts, "label": "x"}))
    assert read(source)["text"].tolist() == texts


# csv


def test_csv_values_are_text_as_written(tmp_path):
    path = tmp_path / "rows.csv"
    labels = ["1"] * CHUNK_ROWS + ["one", "01", "1.50"]
    path.write_text("text,label\n" + "".join(f"7,{label}\n" for label in labels))
    frame = read(opened("csv", path))
    assert set(frame["text"]) == {"7"}
    assert frame["label"].tolist() == labels


def test_csv_takes_a_byte_order_mark_and_blank_lines_for_what_they_are(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(b"\xef\xbb\xbftext,label\r\n\r\ngood,1\r\n   \r\nbad,0\r\n\r\n")
    assert read(opened("csv", path)).values.tolist() == [["good", "1"], ["bad", "0"]]


def test_csv_of_one_column_keeps_its_empty_texts(tmp_path):
    path = write(tmp_path, "csv", pd.DataFrame({"text": ["a", None, "b"]}))
    assert read(opened("csv", path), columns=["text"])["text"].isna().sum() == 1


def test_csv_holds_a_very_long_text(tmp_path):
    long = "word " * 100_000
    path = write(tmp_path, "csv", pd.DataFrame({"text": [long], "label": ["x"]}))
    assert read(opened("csv", path))["text"].tolist() == [long]


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst", "zip"])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_packed_files_are_unpacked_by_their_suffix(tmp_path, kind, suffix):
    raw = write(tmp_path, kind, ROWS).read_bytes()
    path = tmp_path / f"rows.{kind}.{suffix}"
    if suffix == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("rows", raw)
    elif suffix == "zst":
        path.write_bytes(pa.compress(raw, codec="zstd", asbytes=True))
    else:
        pack = {"gz": gzip, "bz2": bz2, "xz": lzma}[suffix]
        path.write_bytes(pack.compress(raw))
    source = opened(kind, path)
    for _ in range(2):
        assert read(source)["text"].tolist() == ROWS["text"].tolist()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252", "UTF8"])
def test_text_is_decoded_as_the_spec_says(tmp_path, encoding):
    path = tmp_path / "rows.csv"
    path.write_text("text,label\ncaf\u00e9,1\n", encoding=encoding)
    assert read(opened("csv", path, encoding=encoding))["text"][0] == "caf\u00e9"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("text,label\nfine,1\nlong, really,0\n", "Line 3 .* 3 fields .* header has 2"),
        ('text,label\n"two\nlines",1\nshort\n', "Line 4 .* 1 fields .* header has 2"),
        ('text,label\nfine,1\n"open,0\nmore,1\n', "begins in line 3: unexpected end"),
        ('text,label\n"he \\"said\\" so",1\n', "malformed .* begins in line 2"),
        ("text;label\nfine;1\n", "separated by ';'. Write it with commas"),
        ("text,label,label\nfine,1,2\n", "2 columns named 'label'"),
        ("\n\n", "holds no header"),
        ("text,label\n\n", "holds no rows"),
    ],
)
def test_malformed_csv_names_its_line(tmp_path, body, says):
    path = tmp_path / "rows.csv"
    path.write_text(body)
    with pytest.raises(DataError, match=says):
        read(opened("csv", path))


def test_a_mistake_behind_the_first_chunk_is_found(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "good,1\n" * CHUNK_ROWS + "a,b,c\n")
    frames = opened("csv", path).chunks("train", ["text"])
    assert len(next(frames)) == CHUNK_ROWS
    with pytest.raises(DataError, match=f"Line {CHUNK_ROWS + 2:,} "):
        next(frames)


# json lines


def test_jsonl_keeps_types_and_takes_absent_keys_as_missing(tmp_path):
    path = tmp_path / "rows.jsonl"
    rows = [{"text": "a", "label": 1}, {"text": "b"}, {"label": "1", "text": None}]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    frame = read(opened("jsonl", path))
    assert frame["label"].tolist() == [1, None, "1"]
    assert type(frame["label"][0]) is int
    assert frame["text"].tolist() == ["a", "b", None]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"text": "a", "label": }', "Line 2 .* Expecting value at column 24"),
        ('{"text": "a"', "Line 2 .* is not a JSON object"),
        ("[1, 2]", "Line 2 .* it holds a list"),
        ("[" * 100_000, "Line 2 .* is not a JSON object"),
        ("1" * 10_000, "Line 2 .* is not a JSON object"),
    ],
)
def test_malformed_json_names_its_line(tmp_path, line, says):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a", "label": 1}\n' + line + "\n")
    with pytest.raises(DataError, match=says):
        read(opened("jsonl", path))


# parquet


def test_parquet_categories_and_bytes_become_text(tmp_path):
    table = pa.table(
        {
            "text": pa.array([b"good", b"caf\xc3\xa9"], pa.binary()),
            "label": pa.array(["x", "y"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet")
    frame = read(opened("parquet", tmp_path / "rows.parquet"))
    assert frame["text"].tolist() == ["good", "caf\u00e9"]
    assert frame["label"].tolist() == ["x", "y"]


def test_parquet_index_of_pandas_plays_no_part(tmp_path):
    path = tmp_path / "rows.parquet"
    ROWS.set_axis([9, 8, 7]).to_parquet(path)
    assert read(opened("parquet", path)).index.tolist() == [0, 1, 2]


@pytest.mark.parametrize("keep", [100, -20])
def test_cut_off_parquet_is_refused(tmp_path, keep):
    path = write(tmp_path, "parquet", ROWS)
    path.write_bytes(path.read_bytes()[:keep])
    assert "not a whole parquet file" in refusal(opened, "parquet", path)


def test_parquet_damaged_in_its_rows_is_refused(tmp_path):
    path = tmp_path / "rows.parquet"
    noise = np.random.default_rng(0).integers(0, 2**62, 1000)
    frame = pd.DataFrame({"text": noise.astype(str), "label": "a"})
    frame.to_parquet(path, index=False, compression="zstd")
    raw = bytearray(path.read_bytes())
    raw[200:2000] = bytes(1800)
    path.write_bytes(raw)
    text = refusal(opened, "parquet", path)
    assert "damaged" in text or "not a whole parquet file" in text


# files that cannot be read


def test_missing_file_suggests_its_neighbour(tmp_path):
    write(tmp_path, "csv", ROWS, "reviews.csv")
    text = refusal(opened, "csv", tmp_path / "revews.csv")
    assert f"No file {tmp_path / 'revews.csv'}: its folder exists" in text
    assert "Did you mean 'reviews.csv'?" in text


def test_missing_folder_is_named(tmp_path):
    text = refusal(opened, "csv", tmp_path / "no" / "reviews.csv")
    assert f"the folder {tmp_path / 'no'} does not exist" in text


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_folders_and_empty_files_are_refused_when_opened(tmp_path, kind):
    assert "is a folder" in refusal(opened, kind, tmp_path)
    (tmp_path / "empty").touch()
    assert "is empty (0 bytes)" in refusal(opened, kind, tmp_path / "empty")
    assert "No file" in refusal(opened, kind, tmp_path / "empty" / "rows")
    assert "too long" in refusal(opened, kind, tmp_path / ("x" * 300))


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="needs a device file")
def test_what_can_be_read_only_once_is_refused():
    assert "not a file on disk" in refusal(opened, "csv", "/dev/null")


def test_file_without_permission_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path, "csv", ROWS)

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may read whatever chmod says
    assert "may not be read" in refusal(opened, "csv", path)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_bytes_of_another_encoding_name_their_line_and_the_mend(tmp_path, kind):
    path = tmp_path / "rows"
    line = 'a,"b\nc"\n' if kind == "csv" else '{"text": "a", "label": 1}\n\n'
    head = "text,label\n\n" if kind == "csv" else "\n\n"
    lines = head + line * 5000
    path.write_bytes(lines.encode() + "caf\u00e9,1\n".encode("latin-1"))
    text = refusal(opened, kind, path)
    assert "line 10,003: the bytes e9 are not utf-8 text" in text
    assert "Save the file as UTF-8, or set data.encoding" in text


@pytest.mark.parametrize("encoding", ["utf-99", "base64", "", "no\0name"])
def test_unknown_encoding_is_refused(tmp_path, encoding):
    path = write(tmp_path, "csv", ROWS)
    text = refusal(opened, "csv", path, encoding=encoding)
    assert "data.encoding must be a text encoding" in text


def test_utf16_without_its_mark_is_refused(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("text,label\na,1\n", encoding="utf-16-le")
    assert "is not utf-16 text" in refusal(opened, "csv", path, encoding="utf-16")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (gzip.compress(b"text,label\na,1\n", mtime=0), "let its name end in .gz"),
        ("text,label\na,1\n".encode("utf-16"), "set data.encoding to utf-16"),
        (b"PK\x03\x04\x80\x81", "is a zip archive or a spreadsheet"),
    ],
)
def test_other_kinds_of_files_are_known_by_their_first_bytes(tmp_path, raw, says):
    (tmp_path / "rows.csv").write_bytes(raw)
    assert says in refusal(opened, "csv", tmp_path / "rows.csv")


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst"])
def test_cut_off_archives_are_refused_in_the_middle_of_the_stream(tmp_path, suffix):
    numbers = np.random.default_rng(0).integers(0, 2**62, 4 * CHUNK_ROWS)
    raw = "text,label\n" + "".join(f"{number},1\n" for number in numbers)
    packed = {
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zst": lambda raw: pa.compress(raw, codec="zstd", asbytes=True),
    }[suffix](raw.encode())
    path = tmp_path / f"rows.csv.{suffix}"
    path.write_bytes(packed[: len(packed) * 3 // 4])
    assert "is cut off or damaged" in refusal(opened, "csv", path)


@pytest.mark.parametrize("suffix", ["gz", "bz2", "xz", "zst", "zip"])
def test_files_that_are_not_packed_as_they_are_named_are_refused(tmp_path, suffix):
    path = tmp_path / f"rows.csv.{suffix}"
    path.write_text("text,label\na,1\n" * 10)
    assert "is cut off or damaged" in refusal(opened, "csv", path)


def test_zip_of_several_files_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "rows.zip", "w") as archive:
        archive.writestr("a.csv", "text,label\n")
        archive.writestr("b.csv", "text,label\n")
    assert "packs 2 files" in refusal(opened, "csv", tmp_path / "rows.zip")


def test_unknown_kind_of_source_suggests_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'parquet'"):
        open_source(LabelledText.model_construct(source="parquett:rows"))


def test_lines_before_the_header_are_told(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("# Exported 2020\n# unit MWh\ntext,label\na,1\nb,2\n")
    with pytest.raises(DataError, match="line 1 has one field .* line 3 has 2. Remove"):
        opened("csv", path).columns()
    # A comma by mistake below a header of one column is another fault.
    path.write_text("text\na, b\nc, d\n")
    with pytest.raises(DataError, match="Line 2 .* has 2 fields where the header has"):
        read(opened("csv", path), columns=["text"])


def test_a_workbook_is_told_from_a_csv(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"PK\x03\x04\x00\x00\x00text")
    with pytest.raises(DataError, match="is no text file.*read_excel"):
        opened("csv", path).columns()
    with pytest.raises(UsageError, match="'x.xlsx' is a workbook.*as csv"):
        source_name("x.xlsx")


def test_a_packed_folder_names_its_files(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.csv.zip", "w") as archive:
        archive.writestr("x.csv", "text,label\na,1\n")
        archive.writestr("__MACOSX/._x.csv", "")
    with pytest.raises(DataError, match=r"packs 2 files \(x.csv, __MACOSX/._x.csv\)"):
        opened("csv", tmp_path / "x.csv.zip").columns()


# frames


def test_frame_is_read_by_position_whatever_its_index_and_names():
    frame = pd.DataFrame([["a", 1], ["b", 2]], index=[5, 5])
    assert read(FrameSource(frame), columns=["1", "0"]).values.tolist() == [
        [1, "a"],
        [2, "b"],
    ]


def test_frame_itself_is_left_as_it_was():
    frame = ROWS.copy()
    chunk = next(FrameSource(frame).chunks("train", ["label"]))
    chunk.loc[:, "label"] = 9
    pd.testing.assert_frame_equal(frame, ROWS)


def test_what_is_no_frame_is_refused():
    with pytest.raises(UsageError, match="must be a pandas DataFrame, got dict"):
        FrameSource({"text": ["a"]})


# memory

PEAK = """
import sys
from seqkit.data.sources.base import open_source
from seqkit.data.text.spec import LabelledText

for address in sys.argv[1:]:
    source = open_source(LabelledText(source=address))
    rows = sum(len(frame) for frame in source.chunks("train", ["text", "label"]))
    # Not ru_maxrss: a process inherits that of the one which started it.
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(rows, int(peak.split()[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_ten_times_the_rows_take_the_same_peak_memory(tmp_path, kind):
    sizes, addresses = (10_000, 100_000), []
    for rows in sizes:
        texts = [f"{row} ".ljust(1000, "abcdefg"[row % 7]) for row in range(rows)]
        frame = pd.DataFrame({"text": texts, "label": 1})
        addresses.append(f"{kind}:{write(tmp_path, kind, frame, f'{rows}.{kind}')}")
    found = subprocess.run(
        [sys.executable, "-c", PEAK, *addresses],
        capture_output=True,
        text=True,
        check=True,
    )
    few, small, many, large = map(int, found.stdout.split())
    assert (few, many) == sizes
    # In MB; the larger file holds 90 MB more text.
    assert large - small < 40


@pytest.mark.data
def test_the_imdb_reviews_are_read_whole(data_folder):
    frame = read(opened("csv", data_folder / "imdb" / "imdb_train.csv.gz"))
    assert frame["label"].value_counts().to_dict() == {"1": 12500, "0": 12500}
    assert frame["text"].str.len().min() > 0
