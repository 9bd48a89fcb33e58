"""The whole of `seqkit fit` beside the fit of Keras's own IMDB example, in one run.

Three contestants take turns, each in a process of its own, for the same epochs:

- stock: the Keras example; only its ``model.fit`` counts.
- seqkit: the recipe bilstm_sentiment; everything counts, from the start of the process:
  reading, vocabulary, encoding, training, checkpoints, the fitted baseline.
- seqkit, same model: the example's architecture, lengths and batches as a recipe.

SEQKIT_DATA=DATA python benchmarks/imdb_speed.py [EPOCHS]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import imdb, measured, seqkit

SAME_MODEL = (
    "model.units=[64, 64]",
    "model.pooling=last",
    "model.embedding=128",
    "model.dropout=0.0",
    "model.embedding_dropout=0.0",
    "model.token_dropout=0.0",
    "data.max_timesteps=200",
    "data.truncating=pre",
    "train.batch_size=32",
    "train.learning_rate=0.001",
    "train.clip_norm=null",
    "train.schedule=constant",
)


def main(epochs: str = "2") -> None:
    """Run all three and print seconds, ratios, memory and test accuracy."""
    train, test = imdb()
    script = Path(__file__).with_name("stock_keras_imdb.py")
    stock = measured(sys.executable, str(script), epochs)
    accuracy = stock["history"]["val_accuracy"][-1]
    base = stock["fit_seconds"]
    print("contestant           seconds  times faster  peak MiB  test accuracy")
    print(
        f"stock                {base:>7.0f}  {1:>12.2f}  {stock['peak_mib']:>8.0f}"
        f"  {accuracy:>13.4f}",
        flush=True,
    )
    for title, overrides in (("seqkit", ()), ("seqkit, same model", SAME_MODEL)):
        with tempfile.TemporaryDirectory() as folder:
            run = f"{folder}/run"
            fixed = (f"train.epochs={epochs}", "train.patience=null")
            fit = seqkit(
                "fit", "bilstm_sentiment", *overrides, *fixed,
                "--data", train, "--out", run,
            )  # fmt: skip
            report = seqkit("evaluate", run, "--data", test)
        print(
            f"{title:<20} {fit['seconds']:>7.0f}  {base / fit['seconds']:>12.2f}"
            f"  {fit['peak_mib']:>8.0f}  {report['metrics']['accuracy'][0]:>13.4f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
