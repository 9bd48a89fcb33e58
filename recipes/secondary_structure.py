"""Helix, sheet or coil? The structure of proteins, residue by residue.

python recipes/secondary_structure.py TRAIN.csv TEST.csv
"""

import sys

import seqkit

run = seqkit.fit("secondary_structure", data=sys.argv[1])
print(run.evaluate(sys.argv[2]))
print(
    run.predict(
        ["MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVKVKALPDAQFEVV"]
    )
)
run.export(run.path / "export" / "savedmodel")
