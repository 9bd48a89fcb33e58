"""What a person sees while a search runs: a bar on terminals, else a line a job."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, TaskID

from seqkit.shared import bar
from seqkit.tuning.jobs import Result


class SearchProgress:
    """Shows on standard error how far a search is and what its jobs gave.

    Args:
        jobs: trials and finals in all, as far as it is known.
        greater_is_better: whether a greater score is the better one.
    """

    def __init__(self, jobs: int, greater_is_better: bool) -> None:
        self.jobs = jobs
        self.choose = max if greater_is_better else min
        self.done = 0
        self.best: dict[str, float] = {}
        self.console = Console(stderr=True)
        self.bar: Progress | None = None
        self.task = TaskID(0)

    def __enter__(self) -> Self:
        self.bar = bar.started(self.console)
        if self.bar:
            self.task = self.bar.add_task("search", total=self.jobs, note="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar:
            self.bar.stop()
            self.bar = None

    def skip(self, jobs: int) -> None:
        """Count jobs that an earlier session did."""
        if not jobs:
            return
        self.done += jobs
        self.say(f"{jobs} trials and finals were there already")
        self._advance(jobs)

    def say_end(
        self, limit: float | None, spent: float, whole: float | None = None
    ) -> None:
        """Say when trials end, where the clock ends them.

        Args:
            limit: seconds of the search; None: there is no limit.
            spent: how many of them are over.
            whole: minutes that all of it is planned to take; None: it is not planned.
        """
        if limit is None or limit <= spent:
            return
        end = "the finals come after them"
        if whole is not None:
            end = f"all of it will be done by about {_clock(60 * whole - spent)}"
        self.say(f"New trials begin until {_clock(limit - spent)}; {end}.")

    def __call__(self, result: Result) -> None:
        """Show one result."""
        self.done += 1
        arm, score = result["arm"], result["score"]
        if result["kind"] == "trial" and score is not None:
            self.best[arm] = self.choose(score, self.best.get(arm, score))
        number = f"{self.done}/{self.jobs}"
        self.say(f"{number:>7}  {result['id']:<16} {_result_line(result)}")
        self._advance(1)

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def _advance(self, jobs: int) -> None:
        if self.bar:
            best = "  ".join(f"{arm} {score:.4g}" for arm, score in self.best.items())
            total = max(self.jobs, self.done)
            self.bar.update(self.task, advance=jobs, total=total, note=best)


def _clock(seconds: float) -> str:
    """The time of day in so many seconds."""
    return time.strftime("%H:%M", time.localtime(time.time() + seconds))


def _result_line(result: Result) -> str:
    """A result in a line: its score, what it cost and how it ended."""
    if result["status"] == "failed":
        return f"failed: {result['error']}"
    epochs = f"{result['epochs']} epoch{'s' if result['epochs'] > 1 else ''}"
    early = ", stopped as hopeless" if result["stopped"] == "hopeless" else ""
    return (
        f"{result['metric']} {result['score']:.4g}  "
        f"{epochs} in {result['seconds']:.1f} s{early}"
    )
