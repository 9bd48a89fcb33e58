"""The bar that people see while something runs."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


def started(console: Console) -> Progress | None:
    """A bar whose tasks have a field ``note``; None where nobody could see it move."""
    if not (console.is_terminal or console.is_jupyter):
        return None
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
        transient=True,
    )
    bar.start()
    return bar
