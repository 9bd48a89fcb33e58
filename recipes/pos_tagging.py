"""Is it a noun or a verb? Parts of speech of the universal dependencies' treebank.

python recipes/pos_tagging.py en_ewt-ud-train.conllu
"""

import sys

import seqkit

run = seqkit.fit("pos_tagging", data=sys.argv[1])
print(run.evaluate())
print(run.predict(["They can fish, but they can the fish."]))
run.export(run.path / "export" / "savedmodel")
