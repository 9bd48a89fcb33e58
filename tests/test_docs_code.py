"""The Python that README.md and the docs show runs, page by page, from top to bottom.

What would take minutes is made small where a reader would do so too: in ``./recipes``,
whose recipes go before those that ship, and in the data that stand in for the reader's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tiny import TINY, reviews
from tiny_whole_series import tiny_series

import seqkit

ROOT = Path(__file__).parent.parent
PAGES = {
    path.name: blocks
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if (blocks := re.findall(r"```python\n(.*?)```", path.read_text(), re.DOTALL))
}
SEARCHES = ("README.md", "tune.md")
"""These train some dozen models."""

TEXTS = TINY | {
    "train.epochs": 1,
    "tune.search": "random",
    "tune.budget": {"trials": 1, "epochs": 1},
    "tune.seeds": 2,
    "tune.model.cell": {"choice": ["lstm", "gru"]},
    "tune.model.units": {"choice": [[3], [4]]},
}
SMALL: dict[str, dict[str, Any]] = {
    "sample_sentiment": TEXTS | {"data.source": "csv:reviews.csv"},
    "bilstm_sentiment": TEXTS,
    "airline_forecast": {"train.epochs": 1, "data.test": 24},
}


def small_recipe(name: str, keys: dict[str, Any]) -> dict[str, Any]:
    """A recipe of the name of one that ships, which extends it by dotted keys."""
    recipe: dict[str, Any] = {"extends": name}
    for key, value in keys.items():
        section, _, rest = key.partition(".")
        recipe.setdefault(section, {})[rest] = value
    return recipe


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the code of a page runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipes").mkdir()
    for name, keys in SMALL.items():
        text = yaml.safe_dump(small_recipe(name, keys))
        (tmp_path / "recipes" / f"{name}.yaml").write_text(text)
    reviews(200).to_csv(tmp_path / "reviews.csv", index=False)
    yield tmp_path


def beforehand(page: str, run_of: Callable[[str], Any]) -> dict[str, Any]:
    """The names that a page's code takes as the reader's own."""
    names: dict[str, Any] = {"seqkit": seqkit, "frame": reviews(200)}
    if page == "classify_series.md":
        names |= {"frame": tiny_series(60), "run": run_of("classify_series")}
    if page == "sequences.md":
        names["run"] = seqkit.load(run_of("transduce").path)
    if page == "tag_text.md":
        names["run"] = seqkit.load(run_of("tag_text").path)
    return names


@pytest.mark.usefixtures("unverified")
@pytest.mark.filterwarnings("ignore:Intervals rest on")
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.slow] if page in SEARCHES else [])
        for page in PAGES
    ],
)
def test_the_code_of_a_page_runs_as_it_stands(
    page: str, folder: Path, run_of: Callable[[str], Any]
) -> None:
    names = beforehand(page, run_of)
    for block in PAGES[page]:
        exec(compile(block, page, "exec"), names)


def test_pages_with_code_are_found() -> None:
    assert set(SEARCHES) <= set(PAGES)
    assert "import seqkit" in PAGES["README.md"][0]
