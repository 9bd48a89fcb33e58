"""Test accuracy of a recipe on IMDB over several seeds, with time and memory.

SEQKIT_DATA=DATA python benchmarks/imdb_accuracy.py [RECIPE [SEED ...]] [KEY=VALUE ...]

KEY=VALUE changes a key of the recipe, as ``model.wide=ngrams`` does.
"""

from __future__ import annotations

import statistics
import sys
import tempfile

from measure import imdb, seqkit


def main(*words: str) -> None:
    """Fit and evaluate a recipe once a seed, through the command line."""
    changes = [word for word in words if "=" in word]
    recipe, *seeds = [word for word in words if "=" not in word] or ["bilstm_sentiment"]
    train, test = imdb()
    accuracies = []
    print("seed  epochs  accuracy                  fit s  fit MiB  evaluate s")
    for seed in seeds or ("1", "2", "3"):
        with tempfile.TemporaryDirectory() as folder:
            run = f"{folder}/run"
            settings = [*changes, "--data", train, "--seed", seed, "--out", run]
            fit = seqkit("fit", recipe, *settings)
            report = seqkit("evaluate", run, "--data", test)
        value, low, high = report["metrics"]["accuracy"]
        accuracies.append(value)
        print(
            f"{seed:>4}  {len(fit['history']):>6}  {value:.4f} [{low:.4f}, {high:.4f}]"
            f"  {fit['seconds']:>6.0f}  {fit['peak_mib']:>7.0f}"
            f"  {report['seconds']:>10.0f}",
            flush=True,
        )
        for title, metrics in report.get("parts", {}).items():
            print(f"      {title}: {metrics['accuracy'][0]:.4f}")
        for title, (lead, low, high) in report["differences"].items():
            print(f"      {lead:+.4f} [{low:+.4f}, {high:+.4f}] against {title}")
    for title, metrics in report["baselines"].items():
        value, low, high = metrics["accuracy"]
        print(f"{title}: {value:.4f} [{low:.4f}, {high:.4f}]")
    spread = statistics.stdev(accuracies) if len(accuracies) > 1 else 0.0
    print(f"mean {statistics.mean(accuracies):.4f}, standard deviation {spread:.4f}")
    print(report["sentence"])


if __name__ == "__main__":
    main(*sys.argv[1:])
