"""Tokens against what the engines counted: by a model's tokenizer ≤ 1 % off, estimated ≤ 8 %.

The traces (R1-Distill-Qwen-7B and -Llama-8B, MIT) aren't part of the project: give their folder
as the argument or in ``OVERTHINK_TRACES``; it holds ``topology/pilot_math500_*.jsonl``. A second
argument, or ``OVERTHINK_TOKENIZER``, names the tokenizer.json of Qwen 2.5 (of the first model).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from stages.transcript.tokenizer import tokenizer
from stages.transcript.tokens import estimated

MODELS = {"qwen7b": "R1-Distill-Qwen-7B", "llama8b": "R1-Distill-Llama-8B"}


def traces(folder: Path, model: str) -> list[tuple[str, int]]:
    """The text of each trace, and the tokens that its engine counted."""
    lines = (folder / f"topology/pilot_math500_{model}.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(row["full_response"], row["total_generated_tokens"]) for row in rows]


def told(title: str, known: list[tuple[str, int]], count: Callable[[str], int | None]) -> None:
    """Print how far the mean is off, and the worst trace."""
    pairs = [(count(text), true) for text, true in known]
    counted = [(given, true) for given, true in pairs if given is not None]
    mean = sum(given for given, _ in counted) / sum(true for _, true in counted)
    worst = max((given / true - 1 for given, true in counted), key=abs)
    print(f"{title}: mean {mean - 1:+.1%}, worst trace {worst:+.1%} (n {len(counted)})")


def main() -> None:
    """Print both methods' errors."""
    arguments = sys.argv[1:]
    folder = arguments[0] if arguments else os.environ.get("OVERTHINK_TRACES")
    named = arguments[1] if len(arguments) > 1 else os.environ.get("OVERTHINK_TOKENIZER")
    if not folder:
        print("tokens: skipped: no traces (give their folder, or set OVERTHINK_TRACES)")
        return
    for model, name in MODELS.items():
        known = traces(Path(folder), model)
        told(f"{name}, estimated", known, lambda text: estimated(text, None).thinking)
        if named and model == "qwen7b":
            told(f"{name}, by its tokenizer", known, tokenizer(Path(named)))


if __name__ == "__main__":
    main()
