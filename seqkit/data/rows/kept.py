"""What a run's folder keeps of its data: what training saw, and a DataFrame's rows."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqkit.data.sources.base import Source
from seqkit.errors import DataWarning
from seqkit.shared.files import read_arrays, written_whole

if TYPE_CHECKING:
    import pandas as pd

SEEN, ROWS = "seen.npz", "rows.parquet"


def save_seen(seen: Mapping[str, NDArray[Any]], folder: Path) -> None:
    """Write what training and validation saw into a run's folder."""
    with written_whole(folder / SEEN) as path:
        arrays: dict[str, Any] = dict(seen)
        np.savez(path, **arrays)


def load_seen(folder: Path) -> dict[str, NDArray[Any]]:
    """What ``save_seen`` wrote."""
    with read_arrays(folder / SEEN) as arrays:
        return {name: arrays[name] for name in arrays.files}


def save_rows(frame: pd.DataFrame, folder: Path) -> None:
    """Write rows of a DataFrame into a run's folder.

    Raises:
        ValueError, TypeError, NotImplementedError: parquet cannot hold them.
    """
    with written_whole(folder / ROWS) as path:
        frame.to_parquet(path, index=False)


def kept_source(folder: Path) -> Source:
    """The rows that ``save_rows`` wrote."""
    import pandas as pd

    from seqkit.data.sources.frame import FrameSource

    return FrameSource(pd.read_parquet(folder / ROWS))


def cannot_keep(folder: Path, reason: str) -> None:
    """Warn that a run's folder lacks the rows that it needs to be evaluated alone."""
    (folder / ROWS).unlink(missing_ok=True)
    warnings.warn(
        f"The rows of the DataFrame cannot be kept in the run's folder ({reason}). "
        "Where the run is loaded from there, give evaluate, predict and plot the "
        "DataFrame.",
        DataWarning,
        stacklevel=2,
    )
