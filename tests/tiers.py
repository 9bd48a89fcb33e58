"""What the tests of a file need: the tier that each of them is marked with.

``unit`` loads no TensorFlow, ``graph`` builds models, ``run`` trains, exports or starts
processes. What is not listed is ``graph``.
"""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent
TIERS = ("unit", "graph", "run")

UNIT = (
    "comparison/test_comparison.py",
    "data/forecast/test_covariates.py",
    "data/forecast/test_frames.py",
    "data/forecast/test_origins.py",
    "data/forecast/test_timestamps.py",
    "data/forecast/test_uneven_steps.py",
    "data/pairs",
    "data/rows",
    "data/series/test_rows.py",
    "data/sources/test_awkward_cells.py",
    "data/sources/test_conll.py",
    "data/sources/test_frame_index.py",
    "data/sources/test_parallel.py",
    "data/sources/test_sample_adding.py",
    "data/sources/test_sample_dates.py",
    "data/sources/test_sample_steps.py",
    "data/sources/test_sample_symbols.py",
    "data/sources/test_sample_tags.py",
    "data/sources/test_samples.py",
    "data/sources/test_sources.py",
    "data/sources/test_ts.py",
    "data/sources/test_tsv.py",
    "data/tokens/test_scan.py",
    "pictures",
    "recipe",
    "scores",
    "shared/test_escape.py",
    "tasks/baselines/test_mini_rocket.py",
    "tasks/baselines/test_pairs.py",
    "tasks/baselines/test_text.py",
    "tasks/forecast/test_baselines.py",
    "tasks/forecast/test_conformal.py",
    "tasks/test_remarks.py",
    "test_changed.py",
    "test_frequency.py",
    "test_house.py",
    "test_shortened.py",
    "test_tiers.py",
    "tuning/test_checked.py",
    "tuning/test_hints.py",
    "tuning/test_study.py",
    "tuning/test_timing.py",
)
"""Files and folders."""

RUN = (
    "comparison/test_compare.py",
    "contracts/test_formats.py",
    "contracts/test_recipe_keys.py",
    "contracts/test_resume.py",
    "contracts/test_exports.py",
    "export/test_formats.py",
    "export/test_place.py",
    "test_golden_runs.py",
    "runs",
    "shared/test_contents.py",
    "shared/test_outputs.py",
    "shared/test_terminal.py",
    "tasks/forecast/test_gaps.py",
    "tasks/forecast/test_levels.py",
    "tasks/forecast/test_serving.py",
    "tasks/inputs/test_missing.py",
    "tasks/inputs/test_series_levels.py",
    "tasks/test_classify_series.py",
    "tasks/test_regress_series.py",
    "tasks/test_steps.py",
    "test_cli.py",
    "test_docs_code.py",
    "test_fuzz.py",
    "test_notebooks.py",
    "test_packaging.py",
    "test_public_names.py",
    "training",
    "tuning/test_killed.py",
    "tuning/test_planted_truths.py",
    "tuning/test_search.py",
    "tuning/test_trial.py",
)

APART: dict[str, dict[str, tuple[str, ...]]] = {
    "data/sources/test_sources.py": {
        "run": ("test_ten_times_the_rows_take_the_same_peak_memory",)
    },
    "pictures/forecast/test_forecast_pictures.py": {
        "run": ("test_pictures_leave_pyplot_alone",)
    },
    "pictures/test_pictures.py": {"run": ("test_pictures_leave_pyplot_alone",)},
    "recipe/test_catalog.py": {"run": ("test_listing_types_nothing_and_loads_little",)},
    "recipe/test_measured.py": {
        "graph": ("test_a_figure_stands_beside_the_rows_that_it_was_published_for",)
    },
    "recipe/test_recipes_that_ship.py": {
        "graph": ("test_model_is_built_without_data",)
    },
    "recipe/test_safety.py": {
        "run": (
            "test_loading_a_recipe_loads_no_tensorflow",
            "test_loading_runs_no_code_and_writes_nothing",
        )
    },
    "tasks/inputs/test_text.py": {
        "run": ("test_ten_times_the_rows_take_the_same_memory",)
    },
    "test_tiers.py": {"run": ("test_unit_tests_load_no_tensorflow",)},
}
"""Tests that need more than the others of their file, by the tier that they are of."""


def tier_of(path: Path, test: str = "") -> str:
    """The tier of a test; without its name, that of most tests of the file."""
    name = path.relative_to(TESTS).as_posix()
    for tier, tests in APART.get(name, {}).items():
        if test in tests:
            return tier
    for tier, places in (("unit", UNIT), ("run", RUN)):
        if any(name == place or name.startswith(f"{place}/") for place in places):
            return tier
    return "graph"


def tiers_of(path: Path) -> set[str]:
    """All tiers of a file's tests."""
    name = path.relative_to(TESTS).as_posix()
    return {tier_of(path), *APART.get(name, {})}
