"""How cold will the nights of the next week be? Ten years of daily minima.

python recipes/temperature_forecast.py DATA.csv
"""

import sys

import seqkit

run = seqkit.fit("temperature_forecast", data=sys.argv[1])
report = run.backtest()
print(report)
print(run.predict())
run.plot().savefig(run.path / "forecast.png", dpi=150)
run.export(run.path / "export" / "savedmodel")
