"""Files that people name: found, opened, unpacked, and what can be wrong with them."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from encodings.aliases import aliases
from itertools import islice
from pathlib import Path
from typing import IO, Any, TextIO, cast

from seqkit.errors import DataError
from seqkit.registry import did_you_mean

NEIGHBOURS = 2000
"""So many files of a folder are compared with a name that is not there."""

_OPENERS: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}

_KINDS = {
    b"\x1f\x8b": "is packed with gzip: let its name end in .gz",
    b"BZh": "is packed with bzip2: let its name end in .bz2",
    b"\xfd7zXZ": "is packed with xz: let its name end in .xz",
    b"\x28\xb5\x2f\xfd": "is packed with zstd: let its name end in .zst",
    b"PK\x03\x04": "is a zip archive or a spreadsheet: save it as csv",
    b"PAR1": "is a parquet file: write parquet:PATH",
    b"\xff\xfe": "is UTF-16 text: set data.encoding to utf-16",
    b"\xfe\xff": "is UTF-16 text: set data.encoding to utf-16",
}
"""How files begin that are often taken for plain text."""


def checked_path(address: str) -> Path:
    """The path of a file that is there, holds something and can be opened.

    Raises:
        DataError: it is not, does not or cannot.
    """
    try:
        path = Path(address).expanduser()
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            raise DataError(f"{path} is a folder. Name a file in it.")
        if not stat.S_ISREG(found.st_mode):
            raise DataError(
                f"{path} is not a file on disk. Save the data first: they are read "
                "more than once."
            )
        if found.st_size == 0:
            raise DataError(f"{path} is empty (0 bytes). Give a file with rows.")
        with path.open("rb"):
            return path
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(_not_found(path)) from None
    except PermissionError:
        raise DataError(f"{path} may not be read. Change its permissions.") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise DataError(f"{address!r} cannot be opened: {_reason(error)}.") from None


def _not_found(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"No file {path}: the folder {folder} does not exist."
    try:
        names = [entry.name for entry in islice(os.scandir(folder), NEIGHBOURS)]
    except OSError:  # a folder that may be entered but not listed
        names = []
    hint = did_you_mean(path.name, sorted(names))
    return f"No file {path}: its folder exists, the file does not. {hint}".strip()


_NO_FILES = {"idna", "mbcs", "oem", "punycode", "undefined"} | {
    "unicode-escape",
    "raw-unicode-escape",
}
"""Codecs of domain names and of Python's own literals: no file is written in them, and
some take minutes for a long line."""


def checked_encoding(name: str) -> str:
    """The encoding called ``name``; UTF-8 takes a byte-order mark for what it is.

    Raises:
        DataError: Python knows no text encoding of that name.
    """
    try:
        "a".encode(name)
        encoding = codecs.lookup(name).name
        if encoding in _NO_FILES:
            raise LookupError(name)
    except (LookupError, ValueError):
        hint = did_you_mean(name.lower().replace("-", "_"), sorted(aliases))
        raise DataError(
            f"data.encoding must be a text encoding that Python knows, e.g. utf-8 or "
            f"latin-1, got {name!r}. {hint}".strip()
        ) from None
    return "utf-8-sig" if encoding == "utf-8" else encoding


def open_text(path: Path, encoding: str) -> TextIO:
    """Open a text file, unpacked by its suffix; line ends stay as they are."""
    return io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="")


def text_lines(path: Path, encoding: str) -> Iterator[str]:
    """The lines of a text file without their ends: ``\\n`` or ``\\r\\n``, no others.

    Raises:
        DataError: they cannot be read.
    """
    with reading(path, encoding):
        with io.TextIOWrapper(open_bytes(path), encoding, newline="\n") as file:
            for line in file:
                yield line.removesuffix("\n").removesuffix("\r")


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file to read its bytes, unpacked by its suffix."""
    suffix = path.suffix.lower()
    if suffix == ".zst":
        import pyarrow as pa

        # Of pyarrow's own streams some have no lines.
        return io.BufferedReader(pa.input_stream(str(path), compression="zstd"))
    if suffix == ".zip":
        return _open_zip(path)
    opener = _OPENERS.get(suffix, open)
    return cast(IO[bytes], opener(path, "rb"))


def _open_zip(path: Path) -> IO[bytes]:
    archive = zipfile.ZipFile(path)
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if len(names) != 1:
        archive.close()
        some = ", ".join(names[:3]) + (", ..." if names[3:] else "")
        raise DataError(
            f"{path} packs {len(names)} files{f' ({some})' * bool(names)}. Pack one "
            "alone."
        )
    member = archive.open(names[0])
    archive.close()  # The file itself stays open until its member is closed.
    return member


@contextmanager
def reading(path: Path, encoding: str) -> Iterator[None]:
    """Turn whatever goes wrong while ``path`` is read into one DataError."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise DataError(_undecodable(path, encoding, error)) from None
    except UnicodeError as error:
        raise DataError(
            f"{path} is not {encoding} text: {_reason(error)}. Set data.encoding."
        ) from None
    except PermissionError:
        raise DataError(f"{path} may not be read. Change its permissions.") from None
    except FileNotFoundError:
        raise DataError(_not_found(path)) from None
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, OSError) as error:
        raise DataError(
            f"{path} is cut off or damaged: {_reason(error)}. Fetch or write it again."
        ) from None


def _undecodable(path: Path, encoding: str, error: UnicodeDecodeError) -> str:
    with open_bytes(path) as file:
        start = file.read(8)
    for magic, text in _KINDS.items():
        if start.startswith(magic):
            return f"{path} {text}."
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    line = _undecodable_line(path, encoding)
    where = f"{path}, line {line:,}" if line else str(path)
    return (
        f"{where}: the bytes {error.object[error.start : error.end].hex(' ')} are not "
        f"{name} text. Save the file as UTF-8, or set data.encoding to the one that it "
        "has, e.g. latin-1."
    )


def _undecodable_line(path: Path, encoding: str) -> int | None:
    """The first line that cannot be decoded; None where lines are not of bytes."""
    if encoding.startswith(("utf-16", "utf-32")):
        return None
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return None


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.splitlines()[0].rstrip(".")
