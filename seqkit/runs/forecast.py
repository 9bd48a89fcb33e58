"""The run of a forecaster: what is more than any run has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from seqkit.errors import UsageError
from seqkit.registry import did_you_mean
from seqkit.runs.evaluate import check_place, evaluated
from seqkit.runs.report import REPORT, Report
from seqkit.runs.run import Run
from seqkit.shared.files import appended_csv

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.tasks.base import Examples

BACKTEST = "backtest.csv"
BACKTEST_FOLDER = "backtest"
"""In a run's folder, where a backtest goes unless it is told otherwise."""


class ForecastRun(Run):
    """A forecaster: it can be backtested, and its forecasts plotted."""

    verbs: ClassVar[Mapping[str, str]] = {
        "backtest": "Only forecasts can be backtested",
        "plot": "Only forecasts can be plotted",
    }

    @property
    def _report_folders(self) -> tuple[Path, ...]:
        return self.path, self.path / BACKTEST_FOLDER

    def backtest(
        self,
        data: Any = None,
        stride: int | None = None,
        out: str | Path | None = None,
        overwrite: bool = False,
    ) -> Report:
        """Forecast from one origin after another, and score against what came.

        The model stays as it was trained; each origin sees the values before it.

        Args:
            data: series: a DataFrame, a path, or None for the run's own; their test
                part is forecast, but for values that training saw.
            stride: steps from one origin to the next; None: the recipe's.
            out: where ``backtest.csv`` (a row a forecast value: id, origin, step,
                timestamp, value, forecast, quantiles), ``report.json`` and the pictures
                go; None: ``RUN/backtest``.
            overwrite: replace files there that no earlier backtest wrote.

        Raises:
            UsageError: a file is in the way.
            DataError, RunError: as ``evaluate``.
        """
        from seqkit.tasks.forecast.answers import backtested

        folder = Path(out) if out else self.path / BACKTEST_FOLDER
        check_place(folder, (REPORT, BACKTEST), overwrite)
        recipe = self.recipe
        if stride is not None:
            recipe = recipe.with_({"data.test_stride": stride})
        appends: list[Callable[[pd.DataFrame], None]] = []
        with ExitStack() as stack:

            def keep(examples: Examples, outputs: Any) -> None:
                # Data that cannot be used stop the reading before there is a folder.
                if not appends:
                    folder.mkdir(parents=True, exist_ok=True)
                    appends.append(stack.enter_context(appended_csv(folder / BACKTEST)))
                appends[0](backtested(examples, outputs, self.preprocessing))

            return evaluated(self, recipe, data, folder, keep, overwrite)

    def plot(self, inputs: Any = None, id: str | None = None) -> Figure:
        """A series' history, its forecast and the fan of its intervals.

        Args:
            inputs: as for ``predict``.
            id: which series; None: the first.

        Raises:
            UsageError: there is no such series.
        """
        from seqkit.tasks.forecast.answers import fan

        ids: list[str] = []
        for chunk in self._input_chunks(inputs):
            for one in chunk:
                if id in (None, one.id):
                    return fan(one, self.outputs([one]), self.preprocessing)
                ids.append(one.id)
        raise UsageError(f"There is no series {id!r}. {did_you_mean(str(id), ids)}")
