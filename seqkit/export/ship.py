"""Export a shipment: written whole and verified, or not at all."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from seqkit.errors import ExportError, SeqkitError
from seqkit.export.base import Format
from seqkit.export.place import MARKER, check_place, files_below, placed, recover
from seqkit.export.shipment import Shipment
from seqkit.export.verify import TOLERANCE, verified
from seqkit.registry import FORMATS
from seqkit.shared.files import NO_ROOM, write_json, write_text
from seqkit.version import __version__


def export(
    shipment: Shipment,
    folder: str | Path,
    format: str = "savedmodel",
    overwrite: bool = False,
) -> Path:
    """Write ``shipment`` to ``folder`` and return it.

    Before this returns, the artefact has been loaded in a fresh process and its answers
    compared with the run's own. An old export in ``folder`` stays whole until then.

    Raises:
        UnknownNameError: there is no such format.
        UsageError: ``folder`` exists, and may not be overwritten.
        ExportError: the graph does not allow the format, a package or room on the disk
            is missing, or the artefact answers differently from the run.
    """
    kind: Format = FORMATS.get(format)()
    place = Path(os.path.abspath(folder))
    recover(place)
    check_place(place, overwrite)
    kind.require()
    with _full_precision():
        wanted = shipment.answers()
    with _in_one_sentence(kind, place), placed(place, overwrite) as part:
        kind.write(shipment, part)
        difference = verified(kind, part, shipment, wanted)
        write_text(part / "README.md", _readme(kind, shipment, difference))
        write_json(part / MARKER, _account(kind, shipment, part, difference))
    return Path(folder)


@contextmanager
def _full_precision() -> Iterator[None]:
    """Let the run answer in whole float32, as a CPU does, where a GPU would round."""
    if "tensorflow" not in sys.modules:
        yield
        return
    import tensorflow as tf

    experimental = tf.config.experimental
    rounding = experimental.tensor_float_32_execution_enabled()
    try:
        experimental.enable_tensor_float_32_execution(False)
        yield
    finally:
        experimental.enable_tensor_float_32_execution(rounding)


@contextmanager
def _in_one_sentence(kind: Format, place: Path) -> Iterator[None]:
    """Turn whatever a converter or a disk raises into one ExportError."""
    try:
        yield
    except SeqkitError:
        raise
    except Exception as error:  # Converters raise anything, down to plain Exception.
        reason = (str(error).strip() or type(error).__name__).split("\n")[0]
        if _is_no_room(error):
            raise ExportError(
                f"There is no room to write the export in {place.parent} "
                f"({place.name} is as it was). Free some space or choose another disk."
            ) from error
        if isinstance(error, OSError):
            raise ExportError(
                f"The export cannot be written to {place}: {reason}"
            ) from error
        raise ExportError(
            f"This model cannot be written as {kind.name} ({reason}). "
            f"Use the format {kind.instead!r} instead."
        ) from error


def _is_no_room(error: BaseException) -> bool:
    """Whether a disk is full; TensorFlow and HDF5 tell it in their text alone."""
    text = str(error)
    return getattr(error, "errno", None) in NO_ROOM or any(
        os.strerror(number) in text for number in NO_ROOM
    )


def _readme(kind: Format, shipment: Shipment, difference: float) -> str:
    return (
        f"{shipment.card.rstrip()}\n\n## How to call it\n\n"
        f"{kind.usage(shipment).strip()}\n\n"
        f"When this was written it was loaded in a fresh process, where it answered "
        f"{shipment.rows} inputs as the run itself did (largest difference "
        f"{difference:.1e}, at most {TOLERANCE:g} is allowed).\n"
    )


def _account(
    kind: Format, shipment: Shipment, folder: Path, difference: float
) -> dict[str, Any]:
    """What made the export, for machines; it also marks the folder as an export."""
    sizes = {
        name: (folder / name).stat().st_size for name in sorted(files_below(folder))
    }
    return {
        "made_by": "seqkit",
        "name": shipment.name,
        "format": kind.name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "python": platform.python_version(),
            "seqkit": __version__,
            **{name: version(name) for name in ("tensorflow", "keras", *kind.packages)},
        },
        "samples": shipment.rows,
        "largest_difference": difference,
        "bytes": sum(sizes.values()),
        "files": sizes,
    }
