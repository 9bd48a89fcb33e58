"""The sentence that a person repeats: who is better, by how much, and whom to take."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from seqkit.comparison.costs import beside, fewer, speed
from seqkit.comparison.names import spoken
from seqkit.comparison.needs import needs
from seqkit.scores.contest import LEAD_SHARE

if TYPE_CHECKING:
    from seqkit.comparison.ranking import Ranking
    from seqkit.scores.contest import Competitor, Difference, Lead, Plain


def sentence(compared: Ranking) -> str:
    """The outcome in words; begins with the baseline where no competitor beats it."""
    return _Telling(compared).sentence()


def decimals(compared: Ranking) -> int:
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

    def __init__(self, compared: Ranking) -> None:
        self.of = compared
        self.decimals = decimals(compared)
        self.ruling = compared.ruling
        self.take = compared.ruling.take
        self._two = len(compared.competitors) == 2

    def sentence(self) -> str:
        if len(self.of.competitors) == 1:
            return self._alone() + self._luck()
        opening = self._opening()
        text = f"{opening}{self._scores()}; {self._outcome(bool(opening))}"
        return f"{text}{self._advice()}.{self._doubt(bool(opening))}{self._luck()}"

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
        texts = [
            f"{spoken(one.name)}: {self.number(one.mean)}"
            + (f" +- {self.number(one.sd)}" if one.sd is not None else "")
            for one in self.of.competitors
        ]
        return f"{', '.join(texts)} ({self._measure()})"

    def _measure(self) -> str:
        """``accuracy, 5 seeds``"""
        less = "" if self.of.greater_is_better else "less is better, "
        counts = [len(one.seeds) for one in self.of.competitors]
        if set(counts) == {1}:
            seeds = "one run" if len(counts) == 1 else "one run each"
        elif len(set(counts)) == 1:
            seeds = f"{counts[0]} seeds"
        else:
            seeds = f"{listed(map(str, counts))} seeds"
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
            ahead = any(one.value > 0 for one in self.of.leads_over(rival.name))
            sure = " for sure" if ahead else ""
            return f"No {self.of.kind} is better{sure} than {self._plain(rival)}. "
        return ""

    def _advice(self) -> str:
        """What to do, after what was found."""
        if self.of.unbeaten_baseline:
            return f": {self.of.advice}"
        if self.of.outcome == "undecided":
            return f". {self._meantime()}"
        return f": {self.of.advice}"

    def _meantime(self) -> str:
        """Whom to take while nobody knows who is better, and why this one."""
        name = spoken(self.take.name)
        if self.take.name != self.of.competitors[0].name:
            return f"In the meantime take {name}: {self._reason()}"
        others = self.of.competitors[1:]
        same = all(one.mean == self.take.mean for one in others)
        better = "better" if self._two else "best"
        why = "" if same else f", the {better} mean so far"
        return f"In the meantime take {name}{why}"

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
                    f"{self._plain(plain)}; {listed(better)} {verb}."
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
            return f"{self._opening()}{self._scores()}; {gap}: {self.of.advice}."
        if rival:
            no = "not better for sure" if lead.value > 0 else "no better"
            than = f"{self._plain(plain)} ({self.gap(lead)})"
            text = f"{spoken(one.name)} is {no} than {than}"
            return f"{text}. {self._scores()}: {self.of.advice}."
        return f"{self._scores()}; better than {self._plain(plain)} ({self.gap(lead)})."

    def _luck(self) -> str:
        """What single runs leave open."""
        single = [one.name for one in self.of.competitors if len(one.seeds) == 1]
        if not single:
            return ""
        if len(single) < len(self.of.competitors):
            return (
                f" Of {listed(map(spoken, single))} there is one run, whose luck is "
                "taken to vary as that of the others."
            )
        each = "" if len(single) == 1 else " each"
        return f" With one run{each}, what another seed would change is not known."

    # competitors against each other

    def _outcome(self, opened: bool) -> str:
        """Who is better, who are equivalent, or that neither is known."""
        if self.of.outcome == "better":
            return self._better()
        if self.of.outcome == "equivalent":
            reason = "" if opened else f"; {self._reason()}"
            return f"{self._equivalent()}{reason}"
        # Where a baseline is to be taken, nobody need tell them apart.
        needs = "" if opened else self._needs()
        return f"{self._undecided()}{needs}"

    def _better(self) -> str:
        name, runner = spoken(self.take.name), self.of.competitors[1]
        gap = self.gap(self.of.difference(self.take.name, runner.name))
        if self._two:
            costs = beside(self.of, self.take, runner)
            return f"{name} is better ({gap}){costs}"
        next_ = f"{spoken(runner.name)}, the next"
        return f"{name} is better than all others (than {next_}: {gap})"

    def _equivalent(self) -> str:
        equal = self.ruling.equivalents
        gap = self._between(equal)
        margin = self.of.margin.value if self.of.margin else 0.0
        value = _margin_number(margin, self.decimals)
        within = f"equivalent within {value}" if margin else "the same"
        among = "" if self._two else f"{self._names(equal)} are "
        return f"{among}{within} ({gap}){self._worse()}"

    def _undecided(self) -> str:
        best = self.of.competitors[0]
        unclear = (best, *self.ruling.undecided)
        among = "" if self._two else f" between {self._names(unclear)}"
        return f"undecided{among} ({self._between(unclear)}){self._worse()}"

    def _between(self, some: Sequence[Competitor]) -> str:
        """The difference of the best to the last of some, named if there are more."""
        best, last = some[0], some[-1]
        gap = self.gap(self.of.difference(best.name, last.name))
        if len(some) == 2:
            return gap
        return f"{spoken(best.name)} less {spoken(last.name)}: {gap}"

    def _names(self, some: Iterable[Competitor]) -> str:
        return listed(spoken(one.name) for one in some)

    def _worse(self) -> str:
        """``; simple RNN is worse``"""
        best = self.of.competitors[0].name
        worse = [
            one
            for one in self.of.competitors[1:]
            if self.of.difference(best, one.name).outcome == "better"
        ]
        verb = "is" if len(worse) == 1 else "are"
        return f"; {self._names(worse)} {verb} worse" if worse else ""

    def _needs(self) -> str:
        """What would decide it, of the pair that asks for the most."""
        best = self.of.competitors[0]
        gaps = [
            self.of.difference(best.name, one.name) for one in self.ruling.undecided
        ]
        needed = [gap.needed for gap in gaps if gap.needed]
        if not needed:
            return ""
        hardest = max(needed, key=lambda one: one.both or math.inf)
        return f"; {needs(hardest, [len(one.seeds) for one in self.of.competitors])}"

    def _reason(self) -> str:
        """Why this one of the equivalents is taken."""
        equal = self.ruling.equivalents
        others = [one for one in equal if one.name != self.take.name]
        name = spoken(self.take.name)
        larger = [one for one in others if fewer(self.take, one)]
        smallest = len(larger) == len(others)
        if len(others) > 1:
            if smallest:
                return f"{name} has the fewest parameters"
            if larger:
                return f"of those with the fewest parameters {name} has the best mean"
            return f"all have about as many parameters, and {name} the best mean"
        (other,) = others
        faster, slower = speed(self.of, self.take, other)
        if not smallest:
            mean = f", and {name} the better mean"
            mean = " and the same mean" if self.take.mean == other.mean else mean
            same_size = f"both have about as many parameters{mean}"
            return same_size + (f"; it {faster or slower}" if faster or slower else "")
        text = f"{name} has {fewer(self.take, other)}"
        text += f" and {faster}" if faster else f" but {slower}" if slower else ""
        return text + ("" if self._two else f" than {spoken(other.name)}")


def margin_words(compared: Ranking) -> str:
    """Within what two are equivalent, and where that comes from; empty: no margin."""
    margin = compared.margin
    if margin is None:
        return "no margin within which two would be equivalent, for want of a baseline"
    value = _margin_number(margin.value, decimals(compared))
    if margin.baseline is None:
        return f"equivalent within {value} (tune.margin)"
    if not margin.value:
        return f"no margin, since no lead over {margin.baseline} is sure"
    share = f"at most {LEAD_SHARE:.0%} of the sure lead over {margin.baseline}"
    return f"equivalent within {value} ({share})"


def _margin_number(margin: float, decimals: int) -> str:
    """The margin with as many decimals as scores have, or with two digits."""
    if margin:
        decimals = max(decimals, 1 - math.floor(math.log10(margin)))
    return f"{margin:,.{decimals}f}"


def listed(words: Iterable[str]) -> str:
    """``a, b and c``"""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
