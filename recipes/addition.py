"""Can it add? Sums of three digits, letter by letter, on data made from a seed.

python recipes/addition.py
"""

import seqkit

run = seqkit.fit("addition")
print(run.evaluate())
print(run.predict(["123+45", "999+1"]))
folder = run.export(run.path / "export" / "savedmodel")
print(f"The SavedModel is in {folder}; its README.md says how to call it.")
