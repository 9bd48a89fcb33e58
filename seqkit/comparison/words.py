"""The sentence that a person repeats: who is better, by how much, and whom to take."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from seqkit.registry import CELLS
from seqkit.scores.contest import SAME_SIZE

if TYPE_CHECKING:
    from seqkit.comparison.result import Comparison
    from seqkit.scores.contest import Competitor, Difference, Lead, Plain

SPOKEN = {"lstm": "LSTM", "gru": "GRU", "simple_rnn": "simple RNN"}
"""How people write the names of cells."""
FASTER = 1.1
"""From such a ratio on training times are told."""


def spoken(name: str) -> str:
    """``LSTM`` for ``lstm``; names of one's own as they are."""
    return SPOKEN.get(name, name)


def metric_name(title: str) -> str:
    """A metric's title within a sentence: ``accuracy``, ``MASE``."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def sentence(compared: Comparison) -> str:
    """The outcome in words; begins with the baseline where no competitor beats it."""
    return _Telling(compared).sentence()


def decimals(compared: Comparison) -> int:
    """So many that the least spread over seeds shows a digit, or two.

    For single runs it is the narrowest interval.
    """
    gaps: Sequence[Difference | Lead] = compared.differences or compared.leads
    widths = [(gap.high - gap.low) / 2 for gap in gaps if gap.high > gap.low]
    spreads = [one.sd for one in compared.competitors if one.sd] or widths
    size = max(abs(one.mean) for one in compared.competitors)
    most = max(4, 3 - math.floor(math.log10(size))) if size else 4
    # A half of it: 0.003 shows as 0.003, but 0.0012 as 0.0012.
    needed = -math.floor(math.log10(min(spreads) / 2)) if spreads else 4
    ends = [end for gap in gaps for end in (gap.low, gap.high)]
    # On which side of zero an interval ends is to be seen.
    needed += sum(any(_vanishes(end, needed + n) for end in ends) for n in range(2))
    return min(max(needed, 0), most)


def _vanishes(number: float, decimals: int) -> bool:
    return number != 0 and round(number, decimals) == 0


class _Telling:
    """What is said of one comparison, with the same number of decimals throughout."""

    def __init__(self, compared: Comparison) -> None:
        self.of = compared
        self.decimals = decimals(compared)
        self.take, self.contenders = compared.taken
        self._two = len(compared.competitors) == 2

    def sentence(self) -> str:
        if len(self.of.competitors) == 1:
            return self._alone() + self._luck()
        opening = self._opening()
        advice = f"{'of these ' if opening else ''}take {spoken(self.take.name)}"
        told = f"{opening}{self._scores()}; {self._outcome()}: {advice}."
        return told + self._beaten() + self._doubt(bool(opening)) + self._luck()

    def number(self, value: float) -> str:
        return f"{value:z,.{self.decimals}f}"

    def gap(self, gap: Difference | Lead) -> str:
        """``+0.002, 95% interval -0.003 to 0.007``, in the way the metric counts."""
        value, low, high = gap.value, gap.low, gap.high
        if not self.of.greater_is_better:
            value, low, high = -value, -high, -low
        return (
            f"{value:+z,.{self.decimals}f}, 95% interval {self.number(low)} to "
            f"{self.number(high)}"
        )

    def _scores(self) -> str:
        shown = [
            f"{spoken(one.name)}: {self.number(one.mean)}"
            + (f" +- {self.number(one.sd)}" if one.sd is not None else "")
            for one in self.of.competitors
        ]
        return f"{', '.join(shown)} ({self._measure()})"

    def _measure(self) -> str:
        """``accuracy, 5 seeds``"""
        less = "" if self.of.greater_is_better else "less is better, "
        counts = [len(one.seeds) for one in self.of.competitors]
        if set(counts) == {1}:
            seeds = "one run" if len(counts) == 1 else "one run each"
        elif len(set(counts)) == 1:
            seeds = f"{counts[0]} seeds"
        else:
            seeds = f"{_listed(map(str, counts))} seeds"
        return f"{self.of.measure}, {less}{seeds}"

    # baselines

    def _plain(self, plain: Plain) -> str:
        return f"the plain baseline, {plain.name} at {self.number(plain.value)}"

    def _opening(self) -> str:
        if winning := self.of.winning_baseline:
            return (
                f"The plain baseline wins: {winning.name} "
                f"{self.number(winning.value)}. "
            )
        if rival := self.of.unbeaten_baseline:
            cells = all(one.name in CELLS for one in self.of.competitors)
            kind = "cell" if cells else "model"
            ahead = any(one.value > 0 for one in self.of.leads_over(rival.name))
            sure = " for sure" if ahead else ""
            return f"No {kind} is better{sure} than {self._plain(rival)}. "
        return ""

    def _beaten(self) -> str:
        """That the one to take was behind in every run, though the interval is wide."""
        best = self.of.competitors[0]
        if best.name == self.take.name:
            return ""
        if self.of.difference(best.name, self.take.name).superiority != 1:
            return ""
        return (
            f" Every run of {spoken(best.name)} was better than every run of "
            f"{spoken(self.take.name)}, though: more seeds or test rows may tell them "
            "apart."
        )

    def _doubt(self, opened: bool) -> str:
        """Names a baseline that others are better than, but not the one to take."""
        if opened:
            return ""
        for plain in self.of.ranked_baselines:
            leads = {one.name: one for one in self.of.leads_over(plain.name)}
            if leads[self.take.name].low <= 0:
                better = [spoken(name) for name, one in leads.items() if one.low > 0]
                verb = "is" if len(better) == 1 else "are"
                return (
                    f" {spoken(self.take.name)} is not better for sure than "
                    f"{self._plain(plain)}; {_listed(better)} {verb}."
                )
        return ""

    def _alone(self) -> str:
        """The sentence for one competitor."""
        one = self.of.competitors[0]
        if not self.of.leads:
            interval = f"95% interval {self.number(one.low)} to {self.number(one.high)}"
            return f"{self._scores()[:-1]}, {interval})."
        winning, rival = self.of.winning_baseline, self.of.unbeaten_baseline
        plain = winning or rival or self.of.ranked_baselines[0]
        (lead,) = self.of.leads_over(plain.name)
        if winning:
            gap = f"the difference is {self.gap(lead)}"
            return f"{self._opening()}{self._scores()}; {gap}."
        if rival:
            no = "not better for sure" if lead.value > 0 else "no better"
            than = f"{self._plain(plain)} ({self.gap(lead)})"
            return f"{spoken(one.name)} is {no} than {than}. {self._scores()}."
        return f"{self._scores()}; better than {self._plain(plain)} ({self.gap(lead)})."

    def _luck(self) -> str:
        """What single runs leave open."""
        single = [one.name for one in self.of.competitors if len(one.seeds) == 1]
        if not single:
            return ""
        if len(single) < len(self.of.competitors):
            return (
                f" Of {_listed(map(spoken, single))} there is one run, whose luck is "
                "taken to vary as that of the others."
            )
        each = "" if len(single) == 1 else " each"
        return f" With one run{each}, what another seed would change is not known."

    # competitors against each other

    def _outcome(self) -> str:
        """Who is better, or that nobody is, and what the one to take costs."""
        name = spoken(self.take.name)
        if self.of.significant:
            runner = next(c for c in self.of.competitors if c.name != self.take.name)
            gap = self.gap(self.of.difference(self.take.name, runner.name))
            if self._two:
                return f"{name} is better ({gap}){self._cost_after(runner)}"
            next_ = f"{spoken(runner.name)}, the next"
            return f"{name} is better than all others (than {next_}: {gap})"
        return f"{self._no_difference()}; {self._reason()}"

    def _no_difference(self) -> str:
        best, last = self.contenders[0], self.contenders[-1]
        gap = self.gap(self.of.difference(best.name, last.name))
        if self._two:
            return f"no real difference ({gap})"
        among = _listed(spoken(one.name) for one in self.contenders)
        if len(self.contenders) > 2:
            gap = f"{spoken(best.name)} less {spoken(last.name)}: {gap}"
        text = f"no real difference between {among} ({gap})"
        names = {one.name for one in self.contenders}
        rest = [spoken(c.name) for c in self.of.competitors if c.name not in names]
        verb = "is" if len(rest) == 1 else "are"
        return f"{text}; {_listed(rest)} {verb} worse" if rest else text

    def _reason(self) -> str:
        """Why this one of the contenders is taken."""
        others = [one for one in self.contenders if one.name != self.take.name]
        name = spoken(self.take.name)
        larger = [one for one in others if _fewer(self.take, one)]
        smallest = len(larger) == len(others)
        if len(others) > 1:
            if smallest:
                return f"{name} has the fewest parameters"
            if larger:
                return f"of those with the fewest parameters {name} has the best mean"
            return f"all have about as many parameters, and {name} the best mean"
        (other,) = others
        faster, slower = _speed(self.take, other)
        if not smallest:
            mean = f", and {name} the better mean"
            mean = " and the same mean" if self.take.mean == other.mean else mean
            equal = f"both have about as many parameters{mean}"
            return equal + (f"; it {faster or slower}" if faster or slower else "")
        text = f"{name} has {_fewer(self.take, other)}"
        text += f" and {faster}" if faster else f" but {slower}" if slower else ""
        return text + ("" if self._two else f" than {spoken(other.name)}")

    def _cost_after(self, other: Competitor) -> str:
        """``, has 25% fewer parameters but trains 1.2 times slower`` or nothing."""
        fewer, more = _fewer(self.take, other), _more(self.take, other)
        faster, slower = _speed(self.take, other)
        good = [text for text in (f"has {fewer}" if fewer else "", faster) if text]
        bad = [text for text in (f"has {more}" if more else "", slower) if text]
        told = f", {good[0]} and {good[1]}" if good[1:] else ""
        told = f" and {good[0]}" if len(good) == 1 else told
        return told + (f"{'' if good else ','} but {' and '.join(bad)}" if bad else "")


def _fewer(one: Competitor, other: Competitor) -> str:
    """``25% fewer parameters``; empty where they are not fewer."""
    if other.parameters <= SAME_SIZE * one.parameters:
        return ""
    # Nobody has 100% fewer.
    share = min(round(100 * (1 - one.parameters / other.parameters)), 99)
    return f"{share}% fewer parameters"


def _more(one: Competitor, other: Competitor) -> str:
    """``30% more parameters``; empty where they are not more."""
    ratio = one.parameters / other.parameters
    if ratio <= SAME_SIZE:
        return ""
    if ratio >= 2:
        return f"{ratio:.1f} times as many parameters"
    return f"{100 * (ratio - 1):.0f}% more parameters"


def _speed(one: Competitor, other: Competitor) -> tuple[str, str]:
    """``trains 1.2 times faster`` and ``... slower``; one or both are empty."""
    if not one.seconds or not other.seconds:
        return "", ""
    ratio = other.seconds / one.seconds
    if ratio >= FASTER:
        return f"trains {ratio:.1f} times faster", ""
    if 1 / ratio >= FASTER:
        return "", f"trains {1 / ratio:.1f} times slower"
    return "", ""


def _listed(words: Iterable[str]) -> str:
    """``a, b and c``"""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
