"""Two files of sentences, line by line, to a model that translates in its own graph.

python recipes/seq2seq_translation.py parallel:train.de,train.en "ein hund rennt"
"""

import sys

import seqkit

run = seqkit.fit("seq2seq_translation", data=sys.argv[1])
print(run.evaluate())
print(run.decoded(n_best=3).predict(sys.argv[2:]))
run.export(run.path / "export" / "savedmodel")
