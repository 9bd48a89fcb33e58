"""Pictures of training, data and scores, each a figure that the caller saves.

Figures are made without pyplot, so no state is shared: they work in scripts, threads
and notebooks, with any backend or none.
"""

from seqkit.pictures.forecast.fan import backtest_panels, forecast_fan
from seqkit.pictures.forecast.scores import (
    horizon_errors,
    interval_coverage,
    residual_autocorrelation,
)
from seqkit.pictures.scores import comparison, confusion_matrix, reliability_diagram
from seqkit.pictures.search.cost import score_against_cost
from seqkit.pictures.search.curves import finalist_curves
from seqkit.pictures.search.effects import (
    hyperparameter_effects,
    hyperparameter_shares,
)
from seqkit.pictures.sequences import (
    attention_map,
    forced_against_free,
    score_by_length,
)
from seqkit.pictures.shared import as_html
from seqkit.pictures.svg import as_svg
from seqkit.pictures.training import learning_curves, length_bins, length_histogram

__all__ = [
    "as_html",
    "as_svg",
    "attention_map",
    "backtest_panels",
    "comparison",
    "confusion_matrix",
    "finalist_curves",
    "forced_against_free",
    "forecast_fan",
    "horizon_errors",
    "hyperparameter_effects",
    "hyperparameter_shares",
    "interval_coverage",
    "learning_curves",
    "length_bins",
    "length_histogram",
    "reliability_diagram",
    "residual_autocorrelation",
    "score_against_cost",
    "score_by_length",
]
