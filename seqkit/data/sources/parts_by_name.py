"""Official parts that files tell by their names: ``wnut17.train.conll.gz``."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from glob import glob, has_magic
from pathlib import Path

from seqkit.data.sources.given import PACKED
from seqkit.data.sources.paths import checked_path
from seqkit.errors import DataError

NAMES = {
    "train": ("train", "training"),
    "validation": (
        "validation",
        "valid",
        "val",
        "dev",
        "devel",
        "development",
        "testa",
    ),
    "test": ("test", "testing", "testb"),
}
"""How the names of files say their part, as a word of their own."""

_WORD = re.compile("|".join(sorted(sum(NAMES.values(), ()), key=len, reverse=True)))
_PART = re.compile(rf"(?<![a-z])(?:{_WORD.pattern})(?![a-z])", re.IGNORECASE)


def part_named(name: str) -> str | None:
    """The part that a file's name says: the last such word of it.

    >>> part_named("en_ewt-ud-dev.conllu"), part_named("contest.conll")
    ('validation', None)
    """
    words = [word.lower() for word in _PART.findall(name)]
    return next(
        (part for part, names in NAMES.items() if words and words[-1] in names), None
    )


def parts_of(address: str, suffixes: Collection[str]) -> dict[str, list[Path]]:
    """The files of each part, in the order of their names; ``train`` is always there.

    Args:
        address: a file, with its parts beside it; a folder; or a pattern.
        suffixes: how the names of files end that are taken from a folder.

    Raises:
        DataError: there is no file, none for training, or one cannot be opened.
    """
    path = _expanded(address)
    # Unlike the methods of a path, these take a name of any length for none.
    if os.path.isdir(path):
        paths = [one for one in _entries(path) if _suffix(one) in suffixes]
        what = f"The folder {path}"
        if not any(one.is_file() for one in paths):
            raise DataError(
                f"{what} holds no file whose name ends in "
                f"{', '.join(sorted(suffixes))}. Name the file, or write a pattern."
            )
    elif has_magic(address) and not os.path.exists(path):
        paths = [Path(one) for one in glob(str(path))]
        what = f"The pattern {address}"
    else:
        return _beside(checked_path(address))
    return _parted(sorted(one for one in paths if one.is_file()), what)


def _expanded(address: str) -> Path:
    try:
        return Path(address).expanduser()
    except RuntimeError as error:
        raise DataError(f"{address!r} cannot be opened: {error}") from None


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder} cannot be listed: {error.strerror}.") from None


def _suffix(path: Path) -> str:
    """The last ending of a name but for how it is packed."""
    endings = [one.lower() for one in path.suffixes if one.lower() not in PACKED]
    return endings[-1] if endings else ""


def _beside(path: Path) -> dict[str, list[Path]]:
    """A file, and where it is the training part the others of its name beside it."""
    parts = {"train": [path]}
    if part_named(path.name) != "train":
        return parts
    word = list(_PART.finditer(path.name))[-1]
    for part in ("validation", "test"):
        for name in NAMES[part]:
            for written in (name, name.upper(), name.capitalize()):
                other = path.with_name(
                    path.name[: word.start()] + written + path.name[word.end() :]
                )
                if part not in parts and other.is_file():
                    parts[part] = [checked_path(str(other))]
    return parts


def _parted(paths: list[Path], what: str) -> dict[str, list[Path]]:
    if not paths:
        raise DataError(f"{what} matches no file. Look at its path.")
    by_part: dict[str | None, list[Path]] = {}
    for path in paths:
        by_part.setdefault(part_named(path.name), []).append(checked_path(str(path)))
    unnamed = by_part.pop(None, [])
    if not by_part:
        return {"train": unnamed}
    if unnamed:
        raise DataError(
            f"{what} holds files whose names say a part, and others such as "
            f"{unnamed[0].name} that say none. Write train, dev or test in their names."
        )
    if "train" not in by_part:
        raise DataError(
            f"{what} holds no file for training: its names say "
            f"{', '.join(str(part) for part in by_part)}. Write train in the name of "
            "one, or name a single file."
        )
    return {part: by_part[part] for part in NAMES if part in by_part}
