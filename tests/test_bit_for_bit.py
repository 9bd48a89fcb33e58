"""The benchmark that tells whether a change of the code changes a weight or a score."""

from __future__ import annotations

import copy
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqkit.recipe.files import shipped_folder
from seqkit.recipe.recipe import load_recipe

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
NEWER = {
    "addition",
    "bilstm_crf_ner",
    "date_normaliser",
    "extractive_summary",
    "pos_tagging",
    "sample_activity",
    "sample_tags",
    "sample_tracking",
    "secondary_structure",
    "seq2seq_summary",
    "forecaster",
    "seq2seq_translation",
    "series_classifier",
    "series_regressor",
    "text_classifier",
}
"""Recipes that the first record did not know."""


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The benchmark; its parts are imported from its folder."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return import_module("bit_for_bit")


@pytest.fixture
def record() -> dict[str, Any]:
    """What one case leaves."""
    case = {
        "weights": "ab12",
        "losses": {"loss": [0.5, 0.25]},
        "answers": {"predict": "cd34"},
        "figures": {
            "evaluate": {
                "primary_metric": "mase",
                "metrics": {"mase": [0.75, 0.5, 1.0]},
                "baselines": {"drift": {"mase": [1.25, None, None]}},
            }
        },
        "tables": {"evaluate": {"horizon": "ef56"}},
        "words": {"notes": ["It still fell."]},
        "preprocessing": "gh78",
    }
    return {"about": {"cores": 2}, "cases": {"airline": case}}


def test_every_shipped_recipe_is_recorded(benchmark: Any) -> None:
    shipped = {path.stem for path in shipped_folder().glob("*.yaml")}
    cases = set(benchmark.all_cases())
    assert shipped - NEWER <= cases
    assert not NEWER & cases


def test_paths_of_made_up_rows_are_recipes_without_mistakes(
    benchmark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = import_module("bit_for_bit_paths")
    made = {**paths.text_paths(), **paths.series_paths(), **paths.forecast_paths()}
    assert len(made) >= 10
    for make in made.values():
        case = make()
        load_recipe(case.recipe, case.overrides)
        for more in (case.rival or {}, {"tune": case.search} if case.search else {}):
            load_recipe(case.recipe, {**case.overrides, **more})


def test_a_record_is_the_same_as_itself(benchmark: Any, record: Any) -> None:
    again = json.loads(json.dumps(record))
    lines, differ = benchmark.compared(record, again)
    assert not differ
    assert (
        "| airline | `ab12` | `ab12` | mase | 0.75 | 0.75 | all 7 equal |" in lines[2]
    )
    assert lines[-1] == "All 1 cases are the same."


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (["weights"], "ab13", "weights: 'ab12', now 'ab13'"),
        (["losses", "loss", 1], 0.2500000001, "losses.loss[1]: 0.25, now"),
        (["answers", "predict"], "x", "answers.predict: 'cd34', now 'x'"),
        (
            ["figures", "evaluate", "baselines", "drift", "mase", 0],
            1.0,
            "figures.evaluate.baselines.drift.mase[0]: 1.25, now 1.0",
        ),
        (["tables", "evaluate"], {}, "tables.evaluate.horizon: 'ef56', now None"),
        (["words", "notes"], [], "words.notes[0]: 'It still fell.', now None"),
    ],
)
def test_each_difference_is_told(
    benchmark: Any, record: Any, path: list[Any], value: Any, line: str
) -> None:
    other = copy.deepcopy(record)
    part = other["cases"]["airline"]
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    lines, differ = benchmark.compared(record, other)
    assert differ
    assert any(one.startswith(f"- airline: {line}") for one in lines)


def test_another_format_of_a_file_is_named_and_allowed(
    benchmark: Any, record: Any
) -> None:
    other = copy.deepcopy(record)
    other["cases"]["airline"]["preprocessing"] = "new"
    lines, differ = benchmark.compared(record, other)
    assert not differ
    assert "- airline: preprocessing.json is another; this alone is allowed" in lines


def test_a_case_that_is_gone_differs_and_a_new_one_does_not(
    benchmark: Any, record: Any
) -> None:
    more = copy.deepcopy(record)
    more["cases"]["tags"] = more["cases"]["airline"]
    lines, differ = benchmark.compared(record, more)
    assert "- tags: new" in lines and not differ
    lines, differ = benchmark.compared(more, record)
    assert "- tags: not in the new record" in lines and differ


def test_another_machine_is_named(benchmark: Any, record: Any) -> None:
    other = {**record, "about": {"cores": 8}}
    lines, _ = benchmark.compared(record, other)
    assert lines[0].endswith("cores 2, 8.")


def test_compare_ends_with_one_where_records_differ(
    benchmark: Any, record: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(record))
    for weights, status in (("ab12", 0), ("other", 1)):
        record["cases"]["airline"]["weights"] = weights
        new.write_text(json.dumps(record))
        with pytest.raises(SystemExit) as end:
            benchmark.main("compare", str(old), str(new))
        assert end.value.code == status
    assert "There are differences." in capsys.readouterr().out


def test_digests_see_the_last_bit_the_order_and_the_type(benchmark: Any) -> None:
    first, second = np.ones((2, 3), np.float32), np.zeros(4, np.float32)
    bit = first.copy()
    bit[1, 2] = np.nextafter(bit[1, 2], np.float32(2))
    arrays = [
        [first, second],
        [second, first],
        [bit, second],
        [first.T, second],
        [first.astype(np.float64), second],
    ]
    assert len({benchmark.array_digest(one) for one in arrays}) == len(arrays)
    assert benchmark.array_digest([first.copy(), second]) == benchmark.array_digest(
        [first, second]
    )
    frame = pd.DataFrame({"label": ["a", "b"], "p": [0.5, 0.25]})
    frames = [
        frame,
        frame.assign(p=[0.5, np.nextafter(0.25, 1)]),
        frame.assign(label=["a", "c"]),
        frame.rename(columns={"p": "q"}),
        frame[::-1],
    ]
    assert len({benchmark.table_digest(one) for one in frames}) == len(frames)


def test_what_varies_by_itself_is_left_out(benchmark: Any) -> None:
    history = pd.DataFrame({"loss": [0.5, float("nan")], "seconds": [1.0, 2.0]})
    assert benchmark.columns(history) == {"loss": [0.5, None]}
    contest = {
        "rows": 3,
        "competitors": [{"name": "gru", "seconds": [1.5], "bytes": 9}],
    }
    assert benchmark.entries(contest, ("rows", "competitors")) == {
        "rows": 3,
        "competitors": [{"name": "gru"}],
    }
