"""Standing, walking, running or badminton? From .ts files to a SavedModel.

python recipes/motion_classification.py BasicMotions_TRAIN.ts.gz
"""

import sys

import seqkit

data = sys.argv[1] if len(sys.argv) > 1 else None

run = seqkit.fit("motion_classification", data=data)
report = run.evaluate()
print(report)
print(run.predict([[[0.0] * 6] * 100]))
run.export(run.path / "export" / "savedmodel")
