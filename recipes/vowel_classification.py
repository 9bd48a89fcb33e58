"""Which of nine speakers says this vowel? From .ts files to a SavedModel.

python recipes/vowel_classification.py JapaneseVowels_TRAIN.ts.gz
"""

import sys

import seqkit

data = sys.argv[1] if len(sys.argv) > 1 else None

run = seqkit.fit("vowel_classification", data=data)
report = run.evaluate()
print(report)
print(run.predict([[[1.5] + 11 * [0.0]] * 9, [[1.0] + 11 * [0.1]] * 20]))
run.export(run.path / "export" / "savedmodel")
