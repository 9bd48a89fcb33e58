"""The same trials by plain Keras Tuner code and by ``seqkit tune --workers 2``.

    python benchmarks/tune_speed.py [EPOCHS]

Next month's airline passengers from two years of yearly log growth: LSTM and GRU,
three widths, three learning rates, so 18 trials of EPOCHS (100) epochs. Each contestant
is one process from its start to its end, imports and reading included; seqkit's holds
more than the trials: ten finals, the baselines, the judgement and the page.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEASON, LOOKBACK, TEST, VALIDATION, BATCH = 12, 24, 48, 12, 16
CELLS, UNITS, RATES = ["lstm", "gru"], [4, 8, 16], [0.003, 0.01, 0.03]
SAME = [
    "model.highway=0",
    "model.strategy=direct",
    "train.schedule=constant",
    "train.weight_decay=0.0",
]
"""What makes the recipe's model and training those of the plain code."""


def plain(epochs: int) -> None:
    """What a user of Keras Tuner writes, after its own tutorial."""
    import keras
    import keras_tuner
    import numpy as np

    from seqkit.data.sources.sample_airline import airline

    values = airline()["train"]["value"].to_numpy("float64")
    growth = np.log(values[SEASON:]) - np.log(values[:-SEASON])
    known = len(growth) - TEST - VALIDATION
    scaled = (growth - growth[:known].mean()) / growth[:known].std()
    cut = np.lib.stride_tricks.sliding_window_view(scaled, LOOKBACK + 1)
    x, y = cut[:, :LOOKBACK, None].astype("float32"), cut[:, LOOKBACK:]
    first = known - LOOKBACK
    held = x[first : first + VALIDATION], y[first : first + VALIDATION]

    def build(hp: keras_tuner.HyperParameters) -> keras.Model:
        layers = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
        cell = layers[hp.Choice("cell", CELLS)]
        model = keras.Sequential(
            [
                keras.layers.Input((LOOKBACK, 1)),
                cell(hp.Choice("units", UNITS)),
                keras.layers.Dropout(0.5),
                keras.layers.Dense(1),
            ]
        )
        rate = hp.Choice("learning_rate", RATES)
        model.compile(keras.optimizers.Adam(rate), loss="mse")
        return model

    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.GridSearch(build, objective="val_loss", directory=folder)
        tuner.search(
            x[:first],
            y[:first],
            epochs=epochs,
            batch_size=BATCH,
            validation_data=held,
            verbose=0,
        )
        assert len(tuner.oracle.trials) == len(CELLS) * len(UNITS) * len(RATES)
        print(tuner.get_best_hyperparameters()[0].values)


def searched(epochs: int, out: str, stop: str, workers: int) -> list[str]:
    """The command that searches the same grid."""
    space = {
        "search": "grid",
        "stop": stop,
        "seeds": 5,
        "budget": {"trials": len(UNITS) * len(RATES)},
        "model.cell": {"choice": CELLS},
        "model.units": {"choice": [[units] for units in UNITS]},
        "train.learning_rate": {"choice": RATES},
    }
    changes = [*SAME, f"train.epochs={epochs}", f"tune={json.dumps(space)}"]
    words = ["tune", "airline_forecast", *changes]
    return [*words, "--out", out, "--workers", str(workers)]


def timed(words: list[str]) -> float:
    """Seconds of a Python process, from its start to its end."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *words], check=True, stdout=subprocess.DEVNULL, stderr=None
    )
    return time.perf_counter() - started


def main(epochs: str = "100") -> None:
    """Time the contestants one after the other, and print their ratios."""
    kept = timed([__file__, "plain", epochs])
    print(f"plain Keras Tuner: {kept:.0f} s for 18 trials", flush=True)
    for stop in ("median", "none"):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "out")
            words = searched(int(epochs), str(out), stop, 2)
            whole = timed(["-m", "seqkit", *words])
            results = [json.loads(p.read_text()) for p in out.glob("trials/*.json")]
            trials = max(r["at"] for r in results if r["kind"] == "trial")
            epochs_run = sum(r["epochs"] for r in results if r["kind"] == "trial")
        print(
            f"seqkit tune --workers 2, stop: {stop}: {whole:.0f} s with ten finals and "
            f"the verdict, {kept / whole:.2f} times as fast; its 18 trials "
            f"({epochs_run} epochs) took {trials:.0f} s of search, "
            f"{kept / trials:.2f} times as fast",
            flush=True,
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["plain"]:
        plain(int(sys.argv[2]))
    else:
        main(*sys.argv[1:])
