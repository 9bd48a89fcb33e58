"""What the folder of a finished run holds: each file listed with its checksum.

``files.json`` names the files that training wrote, ``run.json`` among them. What comes
later (``report.json``, pictures), and what only tells of the way there (``log.txt``,
``tensorboard/``), is not in it. Runs of older versions have no list, and are not
checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqkit.errors import RunError
from seqkit.shared.files import json_text, read_json, write_json, write_text

FILES = "files.json"
LOCAL = "local.json"
"""Where the data lie on this machine; it does not travel (``data_paths``)."""
UNLISTED = (FILES, LOCAL, "log.txt", "tensorboard", "checkpoints")
LONGEST_REASON = 160

AGAIN = "Copy the whole folder again, or train again."


class Contents:
    """The files of one run's folder, each checked when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._checked: set[str] = set()
        self._list: Mapping[str, Mapping[str, Any]] = {}
        path = folder / FILES
        if path.is_file():
            with readable(path):
                self._list = {n: dict(f) for n, f in read_json(path)["files"].items()}

    def path(self, name: str, otherwise: str = "The run is not whole") -> Path:
        """The path of a file that is there, as training wrote it.

        Raises:
            RunError: it is missing, or it was changed since.
        """
        path = self.present(name, otherwise)
        if name not in self._checked and name in self._list:
            with readable(path):
                facts = _facts(path, self._list[name]["bytes"])
            if facts != self._list[name]:
                raise RunError(
                    f"{path} is not the file that training wrote: it was edited, "
                    f"exchanged or cut off since. Bring the old one back. {AGAIN}"
                )
        self._checked.add(name)
        return path

    def holds(self, name: str) -> bool:
        """Whether training wrote such a file; of an older run, whether it is there."""
        return name in self._list or (self.folder / name).is_file()

    def present(self, name: str, otherwise: str = "The run is not whole") -> Path:
        """The path of a file that is there, whatever it holds."""
        path = self.folder / name
        if not path.is_file():
            raise RunError(
                f"{otherwise}: {path} is missing. Copy the whole folder or train again."
            )
        return path


def write_finished(folder: Path, name: str, plain: Any) -> None:
    """List all files of a run, then write its last one: the JSON file ``name``.

    Only that last file says that the run is finished; so a kill between the two leaves
    an unfinished run.
    """
    text = json_text(plain)
    files = {
        path.relative_to(folder).as_posix(): _facts(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and _is_listed(path.relative_to(folder))
    }
    encoded = text.encode()
    files[name] = {
        "bytes": len(encoded),
        "sha256": hashlib.sha256(encoded).hexdigest(),
    }
    write_json(folder / FILES, {"files": files})
    write_text(folder / name, text)


def _is_listed(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return not hidden and path.parts[0] not in UNLISTED


def _facts(path: Path, expected: int | None = None) -> dict[str, Any]:
    """Size and checksum; a file of another size than expected is not read."""
    size = path.stat().st_size
    if expected is not None and size != expected:
        return {"bytes": size}
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return {"bytes": size, "sha256": digest.hexdigest()}


@contextmanager
def readable(path: Path, mend: str = AGAIN) -> Iterator[None]:
    """Turn whatever a damaged file makes its reader raise into one sentence.

    Args:
        path: the file that is read meanwhile.
        mend: what to do about it.

    Raises:
        RunError: the file at ``path`` cannot be read.
    """
    try:
        yield
    except (RunError, MemoryError):
        raise
    except Exception as error:  # readers of zip files, YAML and Keras raise anything
        lines = str(error).strip().splitlines() or [type(error).__name__]
        reason = lines[0].strip().rstrip(".")[:LONGEST_REASON]
        raise RunError(
            f"{path} is damaged: it cannot be read ({reason}). {mend}"
        ) from error
