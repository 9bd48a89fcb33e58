"""What will a transformer's load be in the next four days? The benchmark ETTh1.

python recipes/ett_forecast.py DATA.csv
"""

import sys

import seqkit

run = seqkit.fit("ett_forecast", data=sys.argv[1])
report = run.backtest()
print(report)
print(run.predict())
run.plot().savefig(run.path / "forecast.png", dpi=150)
run.export(run.path / "export" / "savedmodel")
