"""Position and velocity from a poor sensor: from made-up series to a SavedModel.

python recipes/sample_tracking.py
"""

import seqkit

run = seqkit.fit("sample_tracking")
report = run.evaluate()
print(report)
print(run.predict([[[0.5, 0.1, 1.0], [0.5, 0.2, 1.0], [0.5, 0.0, 0.0]]]))
run.export(run.path / "export" / "savedmodel")
