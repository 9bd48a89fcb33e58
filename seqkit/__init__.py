"""seqkit: sequences and a task in; a trustworthy recurrent model out.

    import seqkit                              # light: loads no TensorFlow
    run = seqkit.fit("sample_sentiment")
    run.predict(["a film to remember"])

The public names are imported when they are first asked for.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from seqkit.version import __version__

if TYPE_CHECKING:
    from seqkit.build import build
    from seqkit.catalog import recipes
    from seqkit.compare import compare
    from seqkit.comparison.result import Comparison
    from seqkit.errors import SeqkitError
    from seqkit.fit import fit
    from seqkit.recipe import Recipe, load_recipe
    from seqkit.report import Report
    from seqkit.run import Run, load
    from seqkit.signature import Signature
    from seqkit.tune.search import tune
    from seqkit.verdict import Verdict

__all__ = [
    "Comparison",
    "Recipe",
    "Report",
    "Run",
    "SeqkitError",
    "Signature",
    "Verdict",
    "__version__",
    "build",
    "compare",
    "fit",
    "load",
    "load_recipe",
    "recipes",
    "tune",
]

_HOMES = {
    "Comparison": "seqkit.comparison.result",
    "Recipe": "seqkit.recipe",
    "Report": "seqkit.evaluate",
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
"""The module in which each public name lives."""


def __getattr__(name: str) -> Any:
    """Import a public name from its home and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'seqkit' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]


class _Package(ModuleType):
    """Keeps a public name from being replaced by the submodule of the same name.

    Python binds a submodule in its package when it is imported, so that after ``from
    seqkit.fit import ...`` the name ``seqkit.fit`` would be the module. Here it stays
    the function; ``from seqkit.fit import fit`` works as ever.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
