"""What somebody does, moment by moment: from made-up recordings to a SavedModel.

python recipes/sample_activity.py
"""

import seqkit

run = seqkit.fit("sample_activity")
report = run.evaluate()
print(report)
print(run.predict([[[0.0, 0.1, 1.0], [0.2, 0.0, 0.9], [0.3, -0.1, 1.1]]]))
run.export(run.path / "export" / "savedmodel")
