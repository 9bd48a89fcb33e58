"""Which two of 200 numbers are to be added? From made-up series to a SavedModel.

python recipes/adding_problem.py
"""

import seqkit

run = seqkit.fit("adding_problem")
report = run.evaluate()
print(report)
print(run.predict([[[0.25, 1], [0.5, 0], [0.75, 1], [0.1, 0]]]))
run.export(run.path / "export" / "savedmodel")
