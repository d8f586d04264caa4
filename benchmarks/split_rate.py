"""How fast thinking is split from answer (MB/s), and that the time grows with the text alone.

The splitter must be linear: the ratio of the time for 8 MB to that for 1 MB is about 8.
"""

from __future__ import annotations

import statistics
import time

from stages.transcript.split import split

ROUNDS = 5


def seconds(megabytes: int) -> float:
    """Median time to split a stream of short chunks with one long thought."""
    chunk = "Wait, let me think about it again. "
    count = megabytes * 1_000_000 // len(chunk)
    texts = ["<think>", *[chunk] * count, "</think>", "The answer is 4."]
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        split(("content", text) for text in texts)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print the rate and the ratio."""
    small, large = seconds(1), seconds(8)
    rate = f"{8 / large:.0f} MB/s (median of {ROUNDS})"
    print(f"split: {rate}; time for 8 MB ÷ time for 1 MB: {large / small:.1f}")


if __name__ == "__main__":
    main()
