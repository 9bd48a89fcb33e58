"""The public face: these names, each from its home, whatever was imported before."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from importlib import import_module

import pytest

import seqkit

PUBLIC = {
    "Comparison": "seqkit.comparison.result",
    "Recipe": "seqkit.recipe",
    "Report": "seqkit.report",
    "Run": "seqkit.run",
    "SeqkitError": "seqkit.errors",
    "Signature": "seqkit.signature",
    "Verdict": "seqkit.verdict",
    "build": "seqkit.build",
    "compare": "seqkit.compare",
    "fit": "seqkit.fit",
    "load": "seqkit.run",
    "load_recipe": "seqkit.recipe",
    "recipes": "seqkit.catalog",
    "tune": "seqkit.tune.search",
}
SHADOWED = ("build", "compare", "fit", "recipes", "tune")
"""Names that a submodule has as well."""


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


def test_every_shadowed_name_is_known() -> None:
    """A public name that is also a file or folder must be among those tested below."""
    from importlib.util import find_spec

    also_modules = {name for name in PUBLIC if find_spec(f"seqkit.{name}") is not None}
    assert also_modules <= set(SHADOWED)


@pytest.mark.parametrize("name", SHADOWED)
@pytest.mark.parametrize(
    "before",
    [
        "import seqkit.{0}",
        "from seqkit.{0} import *",
        "from seqkit import {0}",
        "from importlib import import_module; import_module('seqkit.{0}')",
        "import seqkit; seqkit.{0}; import seqkit.{0}",
        "import seqkit; seqkit.{0}; import importlib, sys; "
        "importlib.reload(sys.modules['seqkit'])",
    ],
)
def test_function_is_not_shadowed_by_its_module(
    python: Callable[[str], str], name: str, before: str
) -> None:
    # A module of the same name stands in, so that TensorFlow need not be loaded.
    stand_in = (
        "import sys, types, importlib.machinery, importlib.abc\n"
        "class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name in ('seqkit.{name}', '{PUBLIC[name]}'):\n"
        "            spec = importlib.machinery.ModuleSpec\n"
        "            return spec(name, self, is_package=True)\n"
        "    def exec_module(self, module):\n"
        f"        exec('def {name}(): return \"called\"', module.__dict__)\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    then = f"import seqkit\nprint(seqkit.{name}(), callable(seqkit.{name}))"
    assert python(f"{stand_in}{before.format(name)}\n{then}") == "called True"


@pytest.mark.parametrize("order", list(itertools.permutations(SHADOWED)))
def test_functions_are_not_shadowed_in_any_order(order: tuple[str, ...]) -> None:
    for name in order:
        import_module(f"seqkit.{name}") if name != "recipes" else seqkit.recipes
        for other in SHADOWED:
            assert inspect.isfunction(getattr(seqkit, other))


def test_module_of_a_shadowed_name_can_still_be_had() -> None:
    from seqkit.fit import fit

    assert fit is seqkit.fit
    assert import_module("seqkit.fit").fit is seqkit.fit


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


HEAVY = "{'tensorflow', 'keras', 'pandas', 'numpy', 'matplotlib', 'sklearn'}"


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
