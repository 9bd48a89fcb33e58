"""What a person names to be written: never put in the place of what is not ours."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.errors import UsageError
from seqkit.shared.files import is_stream, read_json, written_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def check_output(path: Path, overwrite: bool, is_ours: bool = False) -> None:
    """Raise UsageError if a file may not be written to ``path``.

    Devices and pipes take what is written, and stay; a link stays a link.

    Args:
        path: what a person named, or a file in such a folder.
        overwrite: whether a file that is there may be replaced.
        is_ours: seqkit wrote it, and writes it again.
    """
    if not os.path.lexists(path) or is_stream(path):
        return
    if path.is_dir():
        raise UsageError(f"{path} is a folder. Name a file in it.")
    if overwrite or (is_ours and not path.is_symlink()):
        return
    raise UsageError(
        f"{path} exists, and is not replaced unasked. Choose another place, or "
        "overwrite it (--overwrite, in Python overwrite=True)."
    )


def check_outputs(
    folder: Path,
    names: Iterable[str],
    overwrite: bool,
    marker: str,
    keys: Collection[str],
) -> None:
    """Raise UsageError if files of these names may not be written to ``folder``.

    Those that are there are ours where the JSON file ``marker`` stands beside them and
    has ``keys``: then all of them are written again.
    """
    if os.path.lexists(folder) and not folder.is_dir():
        raise UsageError(f"{folder} exists and is no folder. Choose another one.")
    ours = is_made_by_us(folder / marker, keys)
    for name in names:
        check_output(folder / name, overwrite, ours)


def is_made_by_us(path: Path, keys: Collection[str]) -> bool:
    """Whether a JSON file has the keys of what seqkit writes under its name."""
    try:
        plain: Any = read_json(path) if path.is_file() else None
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(plain, dict) and plain.keys() >= set(keys)


def save_picture(figure: Figure, path: Path) -> None:
    """Write a picture, whole or not at all."""
    with written_whole(path) as temporary:
        figure.savefig(temporary, dpi=150)
