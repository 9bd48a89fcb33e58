"""Labels that are no classes, or are written almost alike."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from tiny_rows import row_data

from seqkit.data.rows.label_look import like_labels, look_at_labels
from seqkit.data.series.spec import LabelledSeries
from seqkit.data.sources.frame import FrameSource
from seqkit.data.text.spec import LabelledText
from seqkit.errors import DataError, DataWarning

TEXTS = LabelledText(source="frame")
SERIES = LabelledSeries(source="frame")


@pytest.mark.parametrize(
    ("labels", "groups"),
    [
        (["good", "good ", "bad"], [("good", "good ")]),
        (["Good", "good", "GOOD\t", "bad"], [("Good", "good", "GOOD\t")]),
        (["1", "1.0", "01", "2", "10"], [("1", "1.0", "01")]),
        (["0", "-0.0", "1e0", "1"], [("0", "-0.0"), ("1e0", "1")]),
        (["very  good", "very good"], [("very  good", "very good")]),
        (["ｆｕｌｌ", "full"], [("ｆｕｌｌ", "full")]),
        (["Straße", "STRASSE"], [("Straße", "STRASSE")]),
        (["nan", "none", "", "1", "1.5", "a b", "ab"], []),
    ],
)
def test_labels_alike_but_for_their_form_are_grouped(
    labels: list[str], groups: list[tuple[str, ...]]
) -> None:
    assert like_labels(labels) == groups


def test_texts_are_told_of_labels_alike() -> None:
    frame = pd.DataFrame({"text": [f"word {row}" for row in range(9)]})
    frame["label"] = ["good", "bad", " good"] * 3
    with pytest.warns(DataWarning, match="'label' of frame .*: ' good', 'good'. If"):
        assert (
            len(row_data("classify_text", TEXTS, FrameSource(frame)).answer.classes)
            == 3
        )


def test_series_are_told_of_labels_alike() -> None:
    frame = pd.DataFrame({"x": [[float(row), 2.5] for row in range(9)]})
    frame["label"] = ["1", "1.0", "2"] * 3
    with pytest.warns(DataWarning, match="'1', '1.0'. If"):
        row_data("classify_series", SERIES, FrameSource(frame))


def test_a_target_of_numbers_is_no_label() -> None:
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"x": draw.normal(size=(40, 3)).tolist()})
    frame["label"] = draw.normal(size=40)
    with pytest.raises(DataError, match="40 different labels in 40 .* regress_series"):
        row_data("classify_series", SERIES, FrameSource(frame))


def test_an_id_is_no_label() -> None:
    frame = pd.DataFrame({"text": [f"word {row}" for row in range(40)]})
    frame["label"] = [f"case {row}" for row in range(40)]
    with pytest.raises(DataError, match="40 rows: .* not classes. Name the column of"):
        row_data("classify_text", TEXTS, FrameSource(frame))


def test_measured_numbers_that_come_again_are_told() -> None:
    values = [f"{number / 4:g}" for number in range(20)]
    with pytest.warns(DataWarning, match="15 are numbers such as 0.25"):
        look_at_labels(values, 1000, SERIES, "frame", "regress_series")


def test_classes_that_a_recipe_names_are_classes() -> None:
    names = tuple(f"class {row}" for row in range(30))
    spec = TEXTS.model_copy(update={"class_names": names})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        look_at_labels(names, 40, spec, "frame")
        look_at_labels(["0", "1", "10", "a", "b"], 1000, TEXTS, "frame")
