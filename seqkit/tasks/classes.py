"""What all classifiers share: how their answers are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

CALIBRATION_LIMIT = (
    "- Probabilities are as sure as the calibration error above says, on data like "
    "those it was scored on."
)
"""What the model card of every classifier says."""


def decoded_classes(
    probabilities: NDArray[np.floating], classes: tuple[str, ...]
) -> pd.DataFrame:
    """``label``, ``probability`` of it, and ``p_CLASS`` for each, a row an input.

    Args:
        probabilities: (rows, classes).
        classes: their names, in the order of the columns.
    """
    import pandas as pd

    names = np.array(classes, object)
    answers = {
        "label": names[probabilities.argmax(axis=1)],
        "probability": probabilities.max(axis=1),
    }
    shares = {f"p_{name}": probabilities[:, i] for i, name in enumerate(classes)}
    return pd.DataFrame(answers | shares)
