"""Verdict: which competitor serves a task, by how much, how sure, at what cost."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqkit.comparison import Comparison
from seqkit.errors import RunError
from seqkit.recipe.data_paths import located, portable
from seqkit.recipe.recipe import Recipe, load_recipe
from seqkit.shared.files import read_json, write_json, write_text, written_whole

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from seqkit.scores.contest import Outcome

VERDICT, TRIALS, PAGE = "verdict.json", "trials.csv", "verdict.html"
WINNER, BEST = "winner.yaml", "best.yaml"
"""The recipe to take: where it has won; and where it is but the best of those there."""


@dataclass(frozen=True)
class Verdict:
    """The outcome of a search, with its evidence.

    ``outcome`` says whether one competitor is ``better`` than all others, whether those
    that are best are ``equivalent``, or whether that is ``undecided``. ``winner`` is
    the Recipe of the competitor to take: the best of the competitors, or a cheaper
    equivalent. ``won`` says whether it has won; if not, ``advice`` says what to do.
    ``significant`` is whether it beat every other cell for sure, ``table`` a DataFrame
    with a row a competitor, baseline and reference, ``trials`` a DataFrame with a row a
    trial, ``comparison`` the scores of the finalists on the test part with all their
    differences.
    """

    name: str
    comparison: Comparison
    trials: pd.DataFrame
    winner: Recipe
    finalists: Mapping[str, Mapping[str, Any]]
    """For each competitor ``overrides`` (what its best trial changes in the recipe) and
    ``trial`` (its id)."""
    plain: Recipe | None = None
    """The recipe that ships the baseline to take, where no competitor beats it for
    sure; None: there is none that learns from its inputs."""
    finals: tuple[Mapping[str, Any], ...] = ()
    """What came of each final, with its ``history`` and its ``run``'s folder."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """How it was found: search, budget, seeds, versions, machine, seconds."""
    path: Path | None = None
    """The search's folder."""

    @property
    def sentence(self) -> str:
        """The verdict in words; begins with the baseline where that wins."""
        return self.comparison.sentence

    @property
    def outcome(self) -> Outcome | None:
        """``better``, ``equivalent`` or ``undecided``; None: a single competitor."""
        return self.comparison.outcome

    @property
    def won(self) -> bool:
        """Whether the recipe ``winner`` has won.

        It has not where it is undecided who is better, nor where it is not better than
        every baseline for sure.
        """
        return self.comparison.winner is not None

    @property
    def advice(self) -> str:
        """What to do: whom to take, or what to mend."""
        return self.comparison.advice

    @property
    def next_step(self) -> str:
        """What to do next, on the command line where a command does it."""
        folder = self.path or Path(".")
        if self.comparison.unbeaten_baseline:
            shipped = f"the baseline is {folder / WINNER}, " if self.plain else ""
            return (
                f"{self.advice}; {shipped}the best of the competitors is "
                f"{folder / BEST}"
            )
        if self.won:
            return f"seqkit fit {folder / WINNER}"
        return f"undecided; in the meantime: seqkit fit {folder / BEST}"

    @property
    def significant(self) -> bool:
        """True where one competitor is better than every other competitor, for sure."""
        return self.comparison.significant

    @property
    def table(self) -> pd.DataFrame:
        """A row a competitor, then the baselines and the published reference."""
        return self.comparison.table

    @property
    def hints(self) -> tuple[str, ...]:
        """Where another search had better look: ranges whose ends were best."""
        return tuple(self.facts.get("hints", ()))

    def plot(self) -> Figure:
        """Competitors and baselines with their intervals, and the differences."""
        return self.comparison.plot()

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as in ``verdict.json``."""
        compared = self.comparison.to_dict()
        competitors = [
            {**competitor, **self.finalists[competitor["name"]]}
            for competitor in compared["competitors"]
        ]
        return {**compared, "competitors": competitors, **self.facts}

    def page(self) -> str:
        """One page that holds everything, to be opened from disk."""
        from seqkit.tuning.page import verdict_page

        winner = portable(self.winner).to_yaml()
        return verdict_page(self.to_dict(), self.trials, list(self.finals), winner)

    def save(self, folder: str | Path) -> Path:
        """Write ``trials.csv``, the recipe, ``verdict.html`` and ``verdict.json``.

        The recipe of the competitor to take is ``winner.yaml`` where it has won, else
        ``best.yaml``: the best of those that were searched, and no more. Where no
        competitor beats a baseline, ``winner.yaml`` ships the baseline. Each file is
        whole or not there; ``verdict.json``, written last, says that all of them are.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        with written_whole(folder / TRIALS) as temporary:
            self.trials.to_csv(temporary, index=False)
        name, other = (WINNER, BEST) if self.won else (BEST, WINNER)
        (folder / other).unlink(missing_ok=True)
        write_text(folder / name, portable(self.winner).to_yaml())
        if self.plain:
            write_text(folder / WINNER, portable(self.plain).to_yaml())
        write_text(folder / PAGE, self.page())
        write_json(
            folder / VERDICT,
            {**self.to_dict(), "finals": [dict(f) for f in self.finals]},
        )
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> Verdict:
        """Read what ``save`` wrote.

        Raises:
            RunError: the folder holds no verdict, or not all of it.
        """
        import pandas as pd

        folder = Path(folder)
        written = BEST if (folder / BEST).is_file() else WINNER
        for name in (VERDICT, TRIALS, written):
            if not (folder / name).is_file():
                raise RunError(
                    f"There is no verdict in {folder}: {name} is missing. A search "
                    "that was stopped is continued with: "
                    f"seqkit tune --resume {folder}"
                )
        plain = read_json(folder / VERDICT)
        comparison = Comparison.from_dict(plain)
        scored = {*comparison.to_dict(), "finals"}

        def recipe(file: str) -> Recipe:
            read = located(load_recipe(folder / file), folder)
            return read.model_copy(update={"name": plain["name"]})

        ships = written == BEST and (folder / WINNER).is_file()
        keys = ("overrides", "trial")
        return cls(
            name=plain["name"],
            comparison=comparison,
            trials=pd.read_csv(folder / TRIALS),
            winner=recipe(written),
            finalists={
                competitor["name"]: {key: competitor[key] for key in keys}
                for competitor in plain["competitors"]
            },
            plain=recipe(WINNER) if ships else None,
            finals=tuple(plain["finals"]),
            facts={key: plain[key] for key in plain if key not in scored},
            path=folder,
        )

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return "\n".join([str(self.comparison), self._search_line, *self.hints])

    @property
    def _search_line(self) -> str:
        """How the competitors were found, in a line."""
        facts = self.facts
        early = [
            f"{facts[key]} {words}"
            for key, words in (("stopped", "stopped as hopeless"), ("failed", "failed"))
            if facts[key]
        ]
        aside = f" ({', '.join(early)})" if early else ""
        return (
            f"Found by {facts['search']} search: {facts['trials']} trials{aside}, "
            f"{len(self.finals)} finals, {facts['seconds']:,.0f} s."
        )

    def _repr_html_(self) -> str:
        below = "<br>".join(map(html.escape, [self._search_line, *self.hints]))
        return f"{self.comparison._repr_html_()}<p>{below}</p>"
