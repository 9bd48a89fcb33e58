"""What does it say? Long texts to short ones, with words copied from the long one.

python recipes/seq2seq_summary.py train.jsonl
"""

import sys

import seqkit

run = seqkit.fit("seq2seq_summary", data=sys.argv[1])
print(run.evaluate())
run.export(run.path / "export" / "savedmodel")
