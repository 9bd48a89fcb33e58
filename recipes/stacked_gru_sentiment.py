"""Is this film review positive? Two GRU layers, from raw reviews to a SavedModel.

python recipes/stacked_gru_sentiment.py [DATA.csv [TEST.csv]]
"""

import sys

import seqkit

data, test = (*sys.argv[1:3], None, None)[:2]

run = seqkit.fit("stacked_gru_sentiment", data=data)
report = run.evaluate(test)
print(report)
print(run.predict(["A film to remember.", "I want those two hours back."]))
run.export(run.path / "export" / "savedmodel")
