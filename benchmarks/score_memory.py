"""Memory of `overthink score`: 10,000 responses and TIMES as many (10, or the argument).

The claim: it is flat, whatever the number of responses. The text is the labelled answers', over
and over, each with a number of its own; the scores go to a file as JSON lines. One response in
TOPICS_EACH names its two topics, so that the encoder is held in memory but doesn't set the pace.
`python benchmarks/score_memory.py 100` takes a million responses.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

FEW, TOPICS_EACH, CONTROLS = 10_000, 200, 1_000
ROOT = Path(__file__).resolve().parents[1]
LABELLED = ROOT / "data/labels/two_topic.jsonl"


def write_transcripts(path: Path, count: int) -> None:
    """So many transcripts, made from the labelled answers."""
    known = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    with path.open("w", encoding="utf-8") as file:
        for number, one in enumerate(islice(cycle(known), count)):
            line = {key: one[key] for key in ("prompt", "thinking") if one.get(key)}
            line |= {"id": str(number), "model": f"m{number % 7}", "pair": str(number % CONTROLS)}
            if number % TOPICS_EACH == 0:
                line |= {key: one[key] for key in ("topics", "truth")}
            line["answer"] = f"{one.get('answer') or ''}\n\nThat is answer {number}."
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def peak_mib(transcripts: Path, out: Path) -> float:
    """Peak resident memory of one run of the command."""
    command = [sys.executable, "-m", "stages.cli", "score", str(transcripts), "--format", "jsonl"]
    with out.open("wb") as file:
        child = subprocess.Popen(command, cwd=ROOT, stdout=file)
        _, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    """Measure both and print the ratio."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        transcripts, out = Path(folder) / "transcripts.jsonl", Path(folder) / "scores.jsonl"
        for count in (FEW, FEW * times):
            write_transcripts(transcripts, count)
            began = time.monotonic()
            peaks.append(peak_mib(transcripts, out))
            with out.open("rb") as file:
                lines = sum(1 for _ in file)
            size = transcripts.stat().st_size / 1e6
            print(
                f"{count:,} responses, {size:.0f} MB: peak {peaks[-1]:.0f} MiB, "
                f"{time.monotonic() - began:.0f} s, {lines:,} lines of scores"
            )
    print(f"{times} times as many responses take {peaks[1] / peaks[0]:.2f} times the memory")


if __name__ == "__main__":
    main()
