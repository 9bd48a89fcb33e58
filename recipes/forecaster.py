"""Any series to a forecaster whose settings follow from them.

python recipes/forecaster.py series.csv 12
"""

import sys

import seqkit

run = seqkit.fit("forecaster", {"data.horizon": int(sys.argv[2])}, data=sys.argv[1])
print(run.evaluate())
print(run.predict())
run.export(run.path / "export" / "savedmodel")
