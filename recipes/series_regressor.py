"""Any series with a number each to a model whose settings follow from them.

python recipes/series_regressor.py spectra.parquet
"""

import sys

import seqkit

run = seqkit.fit("series_regressor", data=sys.argv[1])
print(run.evaluate())
print(run.predict(sys.argv[1]).head())
run.export(run.path / "export" / "savedmodel")
