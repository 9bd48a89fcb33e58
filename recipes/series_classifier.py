"""Any labelled series to a classifier whose settings follow from them.

python recipes/series_classifier.py gestures.parquet
"""

import sys

import seqkit

run = seqkit.fit("series_classifier", data=sys.argv[1])
print(run.evaluate())
print(run.predict(sys.argv[1]).head())
run.export(run.path / "export" / "savedmodel")
