"""How much in each of the next 48 hours? One model for all series.

python recipes/hourly_demand_forecast.py DATA.csv
"""

import sys

import seqkit

run = seqkit.fit("hourly_demand_forecast", data=sys.argv[1])
report = run.backtest()
print(report)
print(run.predict())
run.plot().savefig(run.path / "forecast.png", dpi=150)
run.export(run.path / "export" / "savedmodel")
