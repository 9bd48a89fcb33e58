"""What does it say? The sentence of each text that tells it best.

python recipes/extractive_summary.py train.jsonl
"""

import sys

import seqkit

run = seqkit.fit("extractive_summary", data=sys.argv[1])
print(run.evaluate())
run.export(run.path / "export" / "savedmodel")
