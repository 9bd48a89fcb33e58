"""Who and what is new on Twitter? From columns of tokens to spans in plain text.

python recipes/bilstm_crf_ner.py wnut17.train.conll
"""

import sys

import seqkit

run = seqkit.fit("bilstm_crf_ner", data=sys.argv[1])
print(run.evaluate())
print(run.entities(["Kendrick Lamar plays at Glastonbury tonight!"]))
run.export(run.path / "export" / "savedmodel")
