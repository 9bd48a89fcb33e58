"""The visible tables: everything that seqkit looks up by name.

A new task, cell, source or export format is one file and one line here. An entry is
``module:attribute``, imported when it is first asked for, so that reading a table
loads nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from seqkit.errors import UnknownNameError


def did_you_mean(name: str, known: Collection[str]) -> str:
    """A question with the nearest known name, or an empty string.

    >>> did_you_mean("lsmt", ["gru", "lstm"]), did_you_mean("transformer", ["gru"])
    ("Did you mean 'lstm'?", '')
    """
    folded = {entry.casefold(): entry for entry in known}
    nearest = get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return f"Did you mean {folded[nearest[0]]!r}?" if nearest else ""


class Registry:
    """A table from names to things that are imported on first use."""

    def __init__(self, kind: str, entries: dict[str, str]) -> None:
        self.kind = kind
        self.entries = entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self.entries

    def check(self, name: str) -> str:
        """Return ``name`` if the table holds it; raise UnknownNameError if not."""
        if name not in self:
            raise UnknownNameError(
                f"No {self.kind} {name!r}. Known: {', '.join(self.entries)}. "
                f"{did_you_mean(str(name), self.entries)}".rstrip(),
                known=self.entries,
            )
        return name

    def get(self, name: str) -> Any:
        """Return the entry called ``name``; raise UnknownNameError if there is none."""
        module, attribute = self.entries[self.check(name)].split(":")
        return getattr(import_module(module), attribute)


TASKS = Registry(
    "task",
    {
        "classify_text": "seqkit.tasks.classify_text:ClassifyText",
        "forecast": "seqkit.tasks.forecast.task:Forecast",
        "tag_text": "seqkit.tasks.tag_text:TagText",
        "classify_series": "seqkit.tasks.classify_series:ClassifySeries",
        "regress_series": "seqkit.tasks.regress_series:RegressSeries",
        "classify_steps": "seqkit.tasks.steps:ClassifySteps",
        "regress_steps": "seqkit.tasks.steps:RegressSteps",
        "translate": "seqkit.tasks.translate:Translate",
        "transduce": "seqkit.tasks.transduce:Transduce",
        "summarise": "seqkit.tasks.summarise:Summarise",
        "extract_summary": "seqkit.tasks.extract_summary:ExtractSummary",
    },
)

BASELINES = Registry(
    "baseline",
    {
        "majority_class": "seqkit.tasks.baselines.constant:MajorityClass",
        "training_mean": "seqkit.tasks.baselines.constant:TrainingMean",
        "majority_tag": "seqkit.tasks.baselines.tags:MajorityTag",
        "most_frequent_tag": "seqkit.tasks.baselines.tags:MostFrequentTag",
        "window_logistic": "seqkit.tasks.baselines.tags:WindowLogistic",
        "crfsuite": "seqkit.tasks.baselines.crfsuite:CrfSuite",
        "tfidf_logistic": "seqkit.tasks.baselines.text:TfidfLogistic",
        "ratio_logistic": "seqkit.tasks.baselines.ratios:RatioLogistic",
        "hashed_tfidf": "seqkit.tasks.baselines.text:HashedTfidf",
        "copy": "seqkit.tasks.baselines.pairs:Copy",
        "title": "seqkit.tasks.baselines.pairs:Title",
        "lead": "seqkit.tasks.baselines.pairs:Lead",
        "dateutil": "seqkit.tasks.baselines.pairs:Dateutil",
        "lexicon": "seqkit.tasks.baselines.pairs_lexicon:Lexicon",
        "nearest_source": "seqkit.tasks.baselines.pairs_nearest:NearestSource",
        "nearest_series": "seqkit.tasks.baselines.nearest_series:NearestNeighbour",
        "linear_summary": "seqkit.tasks.baselines.series:LinearSummary",
        "mini_rocket": "seqkit.tasks.baselines.mini_rocket:MiniRocket",
        "step_constant": "seqkit.tasks.baselines.steps:StepConstant",
        "step_logistic": "seqkit.tasks.baselines.steps:StepLogistic",
        "step_label_logistic": "seqkit.tasks.baselines.steps:StepLabelLogistic",
        "step_ridge": "seqkit.tasks.baselines.steps:StepRidge",
        "last_value": "seqkit.tasks.forecast.naive_baselines:LastValue",
        "drift": "seqkit.tasks.forecast.naive_baselines:Drift",
        "seasonal_naive": "seqkit.tasks.forecast.naive_baselines:SeasonalNaive",
        "theta": "seqkit.tasks.forecast.refitted_baselines:Theta",
        "ets": "seqkit.tasks.forecast.refitted_baselines:Ets",
        "ridge": "seqkit.tasks.forecast.learned_baselines:Ridge",
        "trees": "seqkit.tasks.forecast.learned_baselines:Trees",
    },
)

CELLS = Registry(
    "cell",
    {
        "simple_rnn": "seqkit.models.cores.cells:simple_rnn",
        "lstm": "seqkit.models.cores.cells:lstm",
        "gru": "seqkit.models.cores.cells:gru",
        "tcn": "seqkit.layers.temporal:TemporalBlock",
    },
)

CORES = Registry(
    "cell",
    {
        "simple_rnn": "seqkit.models.cores.spec:StackSpec",
        "lstm": "seqkit.models.cores.spec:StackSpec",
        "gru": "seqkit.models.cores.spec:StackSpec",
        "tcn": "seqkit.models.cores.spec:TcnSpec",
    },
)
"""The keys that each cell's ``model`` section has, beside those of the task."""

SOURCES = Registry(
    "source",
    {
        "tfds": "seqkit.data.sources.tfds:TfdsSource",
        "csv": "seqkit.data.sources.files:CsvSource",
        "tsv": "seqkit.data.sources.tsv:TsvSource",
        "parquet": "seqkit.data.sources.files:ParquetSource",
        "jsonl": "seqkit.data.sources.files:JsonlSource",
        "ts": "seqkit.data.sources.ts:TsSource",
        "conll": "seqkit.data.sources.conll:ConllSource",
        "parallel": "seqkit.data.sources.parallel:ParallelSource",
        "sample": "seqkit.data.sources.samples:SampleSource",
    },
)

FORMATS = Registry(
    "export format",
    {
        "savedmodel": "seqkit.export.savedmodel:SavedModelFormat",
        "keras": "seqkit.export.keras_file:KerasFormat",
        "onnx": "seqkit.export.onnx:OnnxFormat",
        "litert": "seqkit.export.litert:LiteRTFormat",
    },
)

RUNS = Registry(
    "kind of run",
    {
        "rows": "seqkit.runs.run:Run",
        "forecast": "seqkit.runs.forecast:ForecastRun",
        "tagger": "seqkit.runs.tagger:TaggerRun",
        "pairs": "seqkit.runs.pairs:PairRun",
    },
)
"""What can be done with a run: tasks name theirs, see ``Task.run_kind``."""
