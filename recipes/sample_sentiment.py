"""The whole way in under a minute, on reviews that seqkit makes itself.

python recipes/sample_sentiment.py
"""

import seqkit

run = seqkit.fit("sample_sentiment")
print(run.evaluate())
print(
    run.predict(
        ["The plot was dull.", "The cast looked tired, but the end was moving."]
    )
)
folder = run.export(run.path / "export" / "savedmodel")
print(f"The SavedModel is in {folder}; its README.md says how to call it.")
