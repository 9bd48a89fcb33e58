"""What the contracts are tried on: a case for each task."""
