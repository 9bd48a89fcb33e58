"""How many tourists in the next two years? One model for all monthly series.

python recipes/tourism_forecast.py DATA.csv
"""

import sys

import seqkit

run = seqkit.fit("tourism_forecast", data=sys.argv[1])
report = run.backtest()
print(report)
print(run.predict())
run.plot().savefig(run.path / "forecast.png", dpi=150)
run.export(run.path / "export" / "savedmodel")
