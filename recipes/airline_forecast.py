"""How many passengers next? From 144 months to a SavedModel, step by step.

python recipes/airline_forecast.py
"""

import seqkit

run = seqkit.fit("airline_forecast")
report = run.backtest()
print(report)
print(run.predict())
run.plot().savefig(run.path / "forecast.png", dpi=150)
run.export(run.path / "export" / "savedmodel")
