"""The recipes that ship: NAME.yaml, and beside it NAME.py, the same as a script."""
