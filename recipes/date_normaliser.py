"""Dates as people of fifty locales write them, to YYYY-MM-DD.

python recipes/date_normaliser.py
"""

import seqkit

run = seqkit.fit("date_normaliser")
print(run.evaluate())
print(run.predict(["3. Januar 1999", "le 14 juillet 2026", "de: 02.07.99"]))
run.export(run.path / "export" / "savedmodel")
