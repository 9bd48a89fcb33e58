"""Data that a person gives in place of the recipe's source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.data.sources.base import Source, open_source
from seqkit.errors import UsageError
from seqkit.recipe.data_paths import two_addresses
from seqkit.shortened import shortened

if TYPE_CHECKING:
    import pandas as pd

    from seqkit.recipe.spec import DataSpec

    Given = str | Path | pd.DataFrame

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".ts": "ts",
    ".conll": "conll",
    ".conllu": "conll",
}
WORKBOOKS = (".xlsx", ".xls", ".xlsm", ".ods")
FILE_KINDS = frozenset(SUFFIXES.values())
PACKED = {".gz", ".bz2", ".xz", ".zst", ".zip"}


def source_name(data: Any) -> str:
    """How a recipe writes ``data``: ``csv:/full/path``, or ``frame`` for a DataFrame.

    Raises:
        UsageError: the name tells no kind of file.
    """
    if not isinstance(data, (str, Path)):
        return "frame"
    kind, colon, address = str(data).partition(":")
    if colon and kind in FILE_KINDS:
        return f"{kind}:{_absolute(address)}"
    if kind == "parallel" and (both := two_addresses(address)):
        return f"parallel:{','.join(str(_absolute(one)) for one in both)}"
    if colon and len(kind) > 1 and not _exists(data):
        return str(data)
    suffixes = [s for s in Path(data).suffixes if s.lower() not in PACKED]
    suffix = suffixes[-1].lower() if suffixes else ""
    if suffix in WORKBOOKS:
        raise UsageError(
            f"{str(data)!r} is a workbook, of which no sheet is read. Save the sheet "
            "as csv, or read it with pandas.read_excel and give the DataFrame."
        )
    if suffix not in SUFFIXES:
        raise UsageError(
            f"The kind of {shortened(str(data))} cannot be told from its name. Name it "
            f"{', '.join(SUFFIXES)} (packed or not), or write KIND:PATH: csv:{data}."
        )
    return f"{SUFFIXES[suffix]}:{_absolute(data)}"


def _absolute(address: str | Path) -> Path:
    """The full path of a file; one with an unknown user's home stays as it is."""
    try:
        return Path(address).expanduser().absolute()
    except RuntimeError:
        return Path(address)


def _exists(data: str | Path) -> bool:
    try:
        return Path(data).exists()
    except (OSError, ValueError):  # too long for a path, or with a null character
        return False


def given_source(data: Any, spec: DataSpec) -> Source:
    """Open ``data``: a frame, a path, ``KIND:ADDRESS``, or None for the recipe's."""
    if data is None:
        if spec.source == "frame":
            raise UsageError(
                "This run was trained on a DataFrame, and its folder keeps no rows of "
                "it. Give the DataFrame again."
            )
        return open_source(spec)
    name = source_name(data)
    if name == "frame":
        from seqkit.data.sources.frame import FrameSource

        return FrameSource(data, named=_named_columns(spec))
    return open_source(spec.model_copy(update={"source": name}))


def _named_columns(spec: DataSpec) -> set[str]:
    """All text in a data section: the names of columns are among it."""
    values = spec.model_dump().values()
    parts = [v if isinstance(v, (tuple, list)) else (v,) for v in values]
    return {text for part in parts for text in part if isinstance(text, str)}
