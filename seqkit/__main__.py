"""``python -m seqkit`` does what ``seqkit`` does."""

from seqkit.cli import main

main()
