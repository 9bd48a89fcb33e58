"""The public face: these names, each from its home, whatever was imported before."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module

import pytest

import seqkit

PUBLIC = {
    "Comparison": "seqkit.comparison.result",
    "Recipe": "seqkit.recipe.recipe",
    "Report": "seqkit.runs.report",
    "Run": "seqkit.runs.run",
    "SeqkitError": "seqkit.errors",
    "Signature": "seqkit.signature",
    "Verdict": "seqkit.tuning.verdict",
    "build": "seqkit.training.build",
    "compare": "seqkit.comparison.compare",
    "fit": "seqkit.runs.fit",
    "load": "seqkit.runs.run",
    "load_recipe": "seqkit.recipe.recipe",
    "recipes": "seqkit.recipe.catalog",
    "tune": "seqkit.tuning.search",
}


def test_these_names_are_public() -> None:
    assert sorted(seqkit.__all__) == sorted([*PUBLIC, "__version__"])
    assert {name for name in dir(seqkit) if not name.startswith("__")} == set(PUBLIC)


@pytest.mark.parametrize(("name", "home"), PUBLIC.items())
def test_public_name_comes_from_its_home(name: str, home: str) -> None:
    thing = getattr(seqkit, name)
    assert thing is getattr(import_module(home), name)
    assert thing.__module__ == home
    assert inspect.getdoc(thing)


@pytest.mark.parametrize(
    "name", [name for name in PUBLIC if inspect.isclass(getattr(seqkit, name))]
)
def test_public_methods_say_what_they_do(name: str) -> None:
    for method, function in inspect.getmembers(
        getattr(seqkit, name), inspect.isfunction
    ):
        if not method.startswith("_") and function.__module__.startswith("seqkit"):
            assert inspect.getdoc(function), f"{name}.{method}"


def test_no_public_name_is_also_a_module() -> None:
    """Python would put the module in its place once that is imported."""
    from importlib.util import find_spec

    specs = {name: find_spec(f"seqkit.{name}") for name in PUBLIC}
    # A folder that an older checkout left behind has no code: nobody imports it.
    assert [name for name, spec in specs.items() if spec and spec.origin] == []


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'seqkit' has no attribute 'fti'"):
        seqkit.fti  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'fti'"):
        from seqkit import fti  # noqa: F401


def test_public_name_can_be_replaced_for_a_test(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seqkit, "fit", print)
    assert seqkit.fit is print


HEAVY = (
    "{'tensorflow', 'keras', 'pandas', 'numpy', 'matplotlib', 'sklearn', 'distributed'}"
)


def test_importing_seqkit_loads_next_to_nothing(python: Callable[[str], str]) -> None:
    assert python(f"import sys, seqkit; print({HEAVY} & set(sys.modules))") == "set()"
    ours = python(
        "import sys, seqkit; print(sorted(m for m in sys.modules if 'seqkit' in m))"
    )
    assert ours == "['seqkit', 'seqkit.version']"


@pytest.mark.parametrize("words", [["list"], ["list", "--json"], ["--help"]])
def test_listing_loads_nothing_heavy(
    python: Callable[[str], str], words: list[str]
) -> None:
    loaded = python(
        f"import sys; sys.argv = ['seqkit', *{words!r}]\n"
        "from seqkit.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print('loaded:', {HEAVY} & set(sys.modules))"
    )
    assert loaded.endswith("loaded: set()")


def test_version_is_that_of_the_metadata() -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        installed = version("seqkit")
    except PackageNotFoundError:
        pytest.skip("seqkit runs from a checkout that was never installed")
    assert installed == seqkit.__version__
