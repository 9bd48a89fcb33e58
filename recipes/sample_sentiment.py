"""The whole way in under a minute, on reviews that seqkit makes itself.

python recipes/sample_sentiment.py
"""

import seqkit

run = seqkit.fit("sample_sentiment")
print(run.evaluate())
texts = [
    "The acting was awkward, but the ending was gripping.",
    "The acting was gripping, but the ending was awkward.",
]
print(run.predict(texts))
folder = run.export(run.path / "export" / "savedmodel")
print(f"The SavedModel is in {folder}; its README.md says how to call it.")
