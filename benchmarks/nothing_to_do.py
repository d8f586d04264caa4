"""What `make repro` adds to `dvc repro` when there is nothing to do (seconds; claim: under 1).

Run in a project whose `make repro` has finished. The two take turns, so that what else the
machine does falls on both.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

PAIRS = 7


def seconds(*command: str) -> float:
    """Wall time of a command, which must succeed."""
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - began


def main() -> None:
    """Print the added seconds as median and range of the pairs."""
    try:
        seconds("make", "repro")
    except subprocess.CalledProcessError:
        sys.exit("nothing_to_do: `make repro` doesn't finish here; run it first")
    pairs = [(seconds("make", "repro"), seconds("dvc", "repro")) for _ in range(PAIRS)]
    added = sorted(make - dvc for make, dvc in pairs)
    bare = statistics.median(dvc for _, dvc in pairs)
    print(
        f"make repro adds {statistics.median(added):.2f} s "
        f"(min–max {added[0]:.2f}–{added[-1]:.2f}, n {PAIRS}) to the {bare:.2f} s of dvc repro"
    )


if __name__ == "__main__":
    main()
