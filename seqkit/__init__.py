"""seqkit: sequences and a task in; a trustworthy recurrent model out.

    import seqkit                              # light: loads no TensorFlow
    run = seqkit.fit("sample_sentiment")
    run.predict(["a film to remember"])

The public names are imported when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from seqkit.version import __version__

if TYPE_CHECKING:
    from seqkit.comparison.compare import compare
    from seqkit.comparison.result import Comparison
    from seqkit.errors import SeqkitError
    from seqkit.recipe.catalog import recipes
    from seqkit.recipe.recipe import Recipe, load_recipe
    from seqkit.runs.fit import fit
    from seqkit.runs.report import Report
    from seqkit.runs.run import Run, load
    from seqkit.signature import Signature
    from seqkit.training.build import build
    from seqkit.tuning.search import tune
    from seqkit.tuning.verdict import Verdict

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
