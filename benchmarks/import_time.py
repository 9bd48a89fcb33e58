"""Seconds until `import seqkit` and `seqkit list` are done, each in a fresh process.

python benchmarks/import_time.py [REPEATS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time


def main(repeats: str = "15") -> None:
    """Print the median and the fastest of several runs."""
    commands = {
        "python alone": [sys.executable, "-c", "pass"],
        "import seqkit": [sys.executable, "-c", "import seqkit"],
        "seqkit list": [sys.executable, "-m", "seqkit", "list"],
    }
    print("command        median s  fastest s")
    for title, command in commands.items():
        seconds = []
        for _ in range(int(repeats)):
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - started)
        print(f"{title:<14} {statistics.median(seconds):>8.3f}  {min(seconds):>9.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
