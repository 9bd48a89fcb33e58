"""Any labelled texts to a classifier whose settings follow from them.

python recipes/text_classifier.py reviews.csv "a film to remember"
"""

import sys

import seqkit

run = seqkit.fit("text_classifier", data=sys.argv[1])
print(run.evaluate())
print(run.predict(sys.argv[2:]))
run.export(run.path / "export" / "savedmodel")
