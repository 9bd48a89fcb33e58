"""Will the market rise next month? How to find out that nobody knows.

python recipes/stock_returns.py DATA.csv
"""

import sys

import seqkit

run = seqkit.fit("stock_returns", data=sys.argv[1])
print(run.evaluate())
print(
    "Warning: this is no advice to trade. Where prices are averages over a month, as "
    "Shiller's are, a random walk alone makes their changes follow each other (Working "
    "1960), and a lead over the last value says no more than that."
)
print(run.predict())
