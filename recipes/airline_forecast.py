"""How many passengers next? From 144 months to a SavedModel, step by step.

python recipes/airline_forecast.py
"""

import seqkit

run = seqkit.fit("airline_forecast")  # one month ahead
print(run.backtest())
print(run.predict())
run.export(run.path / "export" / "savedmodel")

years = {"data.horizon": 24, "data.test": 24, "data.validation": 24}
run = seqkit.fit("airline_forecast", years)  # the last two years, unseen
print(run.backtest())
run.plot().savefig(run.path / "forecast.png", dpi=150)
print(f"The next two years are drawn in {run.path / 'forecast.png'}")
