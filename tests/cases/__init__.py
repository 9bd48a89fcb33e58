"""What the contracts are tried on: a case for each task.

A new task brings ``cases/TASK.py`` with its keys, its tiny models and its rows, and a
line in ``cases/table.py``. ``tests/contracts`` holds one file for each contract, which
tries all cases; it names no task.
"""
