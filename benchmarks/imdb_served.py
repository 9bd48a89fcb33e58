"""Does the SavedModel answer 1,000 raw test reviews as the run does?

The SavedModel is loaded by a process that imports TensorFlow alone; PYTHON may be an
interpreter that has nothing else installed.

SEQKIT_DATA=DATA python benchmarks/imdb_served.py RUN [PYTHON]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from measure import imdb

import seqkit

ROWS = 1000
SERVE = """
import json, sys
import tensorflow as tf
assert "seqkit" not in sys.modules
serve = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
answers = serve(text=tf.constant(json.load(open(sys.argv[2]))))
labels = [label.decode() for label in answers.pop("label").numpy()]
numbers = {name: values.numpy().tolist() for name, values in answers.items()}
print(json.dumps({"label": labels, **numbers}))
"""


def main(folder: str, python: str = sys.executable) -> None:
    """Export ``folder``'s run, serve the reviews, and print the largest difference."""
    run = seqkit.load(folder)
    reviews = pd.read_csv(imdb()[1], nrows=ROWS)["text"].tolist()
    ours = run.predict(reviews)
    with tempfile.TemporaryDirectory() as scratch:
        texts = Path(scratch, "texts.json")
        texts.write_text(json.dumps(reviews))
        export = run.export(Path(scratch, "export"))
        command = [python, "-I", "-c", SERVE, str(export), str(texts)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    theirs = pd.DataFrame(json.loads(done.stdout.splitlines()[-1]))
    numbers = [name for name in ours if name != "label"]
    largest = (ours[numbers] - theirs[numbers]).abs().max().max()
    same = int((ours["label"] == theirs["label"]).sum())
    print(f"{same:,} of {len(ours):,} labels equal, largest difference {largest:.1e}")


if __name__ == "__main__":
    main(*sys.argv[1:])
