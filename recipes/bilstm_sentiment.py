"""Is this film review positive? From raw reviews to a SavedModel, step by step.

python recipes/bilstm_sentiment.py [DATA.csv [TEST.csv]]
"""

import sys

import seqkit

data, test = (*sys.argv[1:3], None, None)[:2]

run = seqkit.fit("bilstm_sentiment", data=data)
report = run.evaluate(test)
print(report)
print(run.predict(["A film to remember.", "I want those two hours back."]))
run.export(run.path / "export" / "savedmodel")
