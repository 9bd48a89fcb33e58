"""How bad will the air be tomorrow? PM2.5 by the hour, with the weather.

python recipes/pollution_forecast.py DATA.csv
"""

import sys

import seqkit

run = seqkit.fit("pollution_forecast", data=sys.argv[1])
report = run.backtest()
print(report)
# Beyond the data the weather is not known: give run.predict() a forecast of it.
run.export(run.path / "export" / "savedmodel")
