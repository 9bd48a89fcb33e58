"""Many runs on the same test rows: which is better, by how much, how sure."""

from seqkit.comparison.result import Comparison, compared

__all__ = ["Comparison", "compared"]
