"""Does a change of the code change any weight, answer or score?

    SEQKIT_DATA=DATA python benchmarks/bit_for_bit.py record FILE.json [CASE ...]
    python benchmarks/bit_for_bit.py compare OLD.json NEW.json

``record`` trains a short version of every shipped recipe, and cases that take other
paths. It keeps the SHA-256 of the kept epoch's weights, of all answers and of the
tables of reports, and every loss, figure and note as it is. ``compare`` prints a
Markdown table and exits with 1 where anything differs. Both records must be made on one
machine. Only public names are used, so that the same files run on older and newer code.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import math
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from bit_for_bit_table import compared

Record = dict[str, Any]

FIGURES = ("rows", "primary_metric", "metrics", "baselines", "differences", "reference")
WORDS = ("data", "sentence", "notes")
CONTEST = ("rows", "metric", "competitors", "baselines", "differences", "leads")
RULING = ("sentence", "advice", "outcome", "winner", "taken", "margin")
PACKAGES = ("tensorflow", "keras", "numpy", "pandas", "scikit-learn", "scipy")
VARYING = ("seconds", "started", "bytes")
"""What a clock measured, or how Keras numbers layers, has one of these in its name."""


def main(verb: str = "", *words: str) -> None:
    """``record`` or ``compare``."""
    if verb == "record" and words:
        record(Path(words[0]).absolute(), words[1:])
    elif verb == "compare" and len(words) == 2:
        old, new = (json.loads(Path(word).read_text("utf-8")) for word in words)
        lines, differ = compared(old, new)
        print("\n".join(lines))
        raise SystemExit(int(differ))
    else:
        raise SystemExit(__doc__)


def record(target: Path, names: Iterable[str] = ()) -> None:
    """Train all cases, or those whose names are given, and write what came of them."""
    cases = all_cases()
    results: dict[str, Record] = {}
    for name in names or cases:
        started = time.perf_counter()
        with fresh_folder():
            results[name] = outcome(cases[name])
        seconds = time.perf_counter() - started
        print(f"{seconds:6.1f} s  {name}", file=sys.stderr, flush=True)
        # After each case: who stops it has what was done so far.
        text = json.dumps({"about": about(), "cases": results}, indent=1)
        target.write_text(text + "\n", encoding="utf-8")


def all_cases() -> dict[str, Callable[[], Any]]:
    """The cases by name: each writes what it reads when it is called."""
    import bit_for_bit_cases as cases
    import bit_for_bit_paths as paths

    return {
        **cases.text_recipes(),
        **cases.series_recipes(),
        **cases.forecast_recipes(),
        **paths.text_paths(),
        **paths.series_paths(),
        **paths.forecast_paths(),
    }


@contextlib.contextmanager
def fresh_folder() -> Iterator[None]:
    """An empty current folder: paths in it are the same on every machine."""
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(home)


def about() -> Record:
    """What the bits depend on besides the code."""
    return {
        "machine": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }


def outcome(make: Callable[[], Any]) -> Record:
    """Train a case and give all that must stay the same."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with contextlib.redirect_stdout(io.StringIO()):
            result = trained(make())
    ours = [one for one in caught if one.category.__module__.startswith("seqkit")]
    result["words"]["warnings"] = sorted({str(one.message) for one in ours})
    return result


def trained(case: Any) -> Record:
    """Weights, losses, answers, figures, tables and words of a case's runs."""
    import seqkit

    fit = {"data": case.data, "progress": False}
    seqkit.fit(case.recipe, case.overrides, out="run", **fit)
    # As others have it: loaded from its folder.
    run = seqkit.load("run")
    answers = {"predict": table_digest(run.predict(case.asked))}
    reports = {"evaluate": run.evaluate()}
    if case.other is not None:
        reports["evaluate others"] = run.evaluate(case.other, out="others")
    if case.backtest:
        reports["backtest"] = run.backtest()
        answers["backtest"] = file_digest(run.path / "backtest" / "backtest.csv")
    plain = {title: report.to_dict() for title, report in reports.items()}
    figures = {title: entries(one, FIGURES) for title, one in plain.items()}
    words: Record = {title: entries(one, WORDS) for title, one in plain.items()}
    words["notes"] = list(run.notes)
    for title, (numbers, text) in contests(case, fit).items():
        figures[title], words[title] = numbers, text
    return {
        "weights": array_digest(run.model.get_weights()),
        "losses": columns(run.history),
        "answers": answers,
        "figures": figures,
        "tables": {
            title: {name: json_digest(rows) for name, rows in one["tables"].items()}
            for title, one in plain.items()
        },
        "words": words,
        "preprocessing": json_digest(
            json.loads(Path("run/preprocessing.json").read_text())
        ),
    }


def contests(case: Any, fit: Mapping[str, Any]) -> dict[str, tuple[Record, Record]]:
    """Figures and words of a comparison with a second run, and of a search."""
    import seqkit

    found = {}
    if case.rival:
        seqkit.fit(case.recipe, {**case.overrides, **case.rival}, out="rival", **fit)
        plain = seqkit.compare("run", "rival").to_dict()
        found["compare"] = entries(plain, CONTEST), entries(plain, RULING)
    if case.search:
        keys = {k: v for k, v in case.overrides.items() if k not in case.search}
        keys["tune"] = case.search
        verdict = seqkit.tune(case.recipe, keys, out="search", **fit)
        plain = verdict.comparison.to_dict()
        numbers = {**entries(plain, CONTEST), "trials": columns(verdict.trials)}
        # Its sentence may tell speeds, which a clock measured.
        found["tune"] = numbers, entries(plain, ("outcome", "winner"))
    return found


def entries(plain: Mapping[str, Any], names: Iterable[str]) -> Record:
    """Some entries of a dict as JSON has them, without what varies by itself."""
    return dict(repeatable({name: plain[name] for name in names}))


def repeatable(plain: Any) -> Any:
    """Plain data, to every depth without what varies by itself; NaN is None."""
    if isinstance(plain, Mapping):
        return {
            str(key): repeatable(value)
            for key, value in plain.items()
            if not any(word in str(key) for word in VARYING)
        }
    if isinstance(plain, (list, tuple)):
        return [repeatable(value) for value in plain]
    return None if isinstance(plain, float) and math.isnan(plain) else plain


def columns(frame: pd.DataFrame) -> Record:
    """A DataFrame's columns as JSON has them; what lacks is None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return dict(repeatable({name: plain[name].tolist() for name in plain.columns}))


def array_digest(arrays: Iterable[np.ndarray]) -> str:
    """SHA-256 of arrays in their order, with their types and shapes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def table_digest(frame: pd.DataFrame) -> str:
    """SHA-256 of a DataFrame: names, numbers to the last bit, all else as text."""
    digest = hashlib.sha256()
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column):
            digest.update(f"{name}{array_digest([column.to_numpy()])}".encode())
        else:
            digest.update(repr([name, *map(str, column)]).encode())
    return digest.hexdigest()


def json_digest(plain: Any) -> str:
    """SHA-256 of plain data, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main(*sys.argv[1:])
