"""Any labelled texts to a classifier whose settings follow from them.

python recipes/text_classifier.py reviews.csv
"""

import sys

import seqkit

run = seqkit.fit("text_classifier", data=sys.argv[1])
for key, why in run.facts["chosen"].items():
    print(f"{key}: {why}")
print(run.evaluate())
run.export(run.path / "export" / "savedmodel")
