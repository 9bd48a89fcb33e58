"""How many tourists in the next 4 years? One model for all yearly series.

python recipes/tourism_yearly_forecast.py DATA.csv
"""

import sys

import seqkit

run = seqkit.fit("tourism_yearly_forecast", data=sys.argv[1])
report = run.backtest()
print(report)
print(run.predict())
run.plot().savefig(run.path / "forecast.png", dpi=150)
run.export(run.path / "export" / "savedmodel")
