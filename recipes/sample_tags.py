"""The whole way in under a minute, on sentences that seqkit makes itself.

python recipes/sample_tags.py
"""

import seqkit

run = seqkit.fit("sample_tags")
print(run.evaluate())
texts = ["Austin lies on a river.", "Shares of Austin & Ford fell at noon."]
print(run.entities(texts))
folder = run.export(run.path / "export" / "savedmodel")
print(f"The SavedModel is in {folder}; its README.md says how to call it.")
