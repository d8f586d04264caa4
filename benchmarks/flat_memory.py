"""Memory of `generate`: 10,000 responses of 8,000 chunks, from an engine at full speed to Parquet.

The claim: whatever the length of a run, the stage stays under 400 MiB, the engine apart. The
engine here is a loop in the same process that has each chunk ready. It takes about five minutes;
`python benchmarks/flat_memory.py 500 8000` runs another size.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

from stages import generate
from stages.engines.protocol import Chunk, Outcome, Request, Serving
from stages.files import write_json
from stages.manifest import Manifest, write_manifest
from stages.measuring import residents, serving
from stages.plans.units import Asking, GeneratePlan, Limits, Options, Unit
from stages.trace.followed import Followed

LIMIT_MIB = 400
OPTIONS = Options(
    temperature=0.0, top_p=1.0, top_k=0, repeat_penalty=1.0, num_ctx=16384, num_predict=8000
)


class Loop:
    """An engine whose model says `chunks` words at once."""

    engine_version = "loop 1"
    name = "m"
    followed = Followed("no such process")
    unseen = None

    def __init__(self, chunks: int) -> None:
        self.options: dict[str, Any] = OPTIONS.model_dump()
        self._chunks = chunks

    def serving(self, *_: object) -> Serving:
        """See `Engine.serving`."""
        return Serving(self.engine_version, self.options)

    @contextmanager
    def start(self, *_: object) -> Iterator[Loop]:
        """See `Engine.start`."""
        yield self

    def prepare(self, *_: object) -> None:
        """See `Running.prepare`."""

    def held(self) -> list[str]:
        """See `Running.held`."""
        return [self.name]

    def ask(self, _request: Request, sink: Callable[[Chunk], None]) -> Outcome:
        """See `Running.ask`."""
        for number in range(self._chunks):
            sink(Chunk(0, time.monotonic_ns(), "content", f" word{number % 97}", 1))
        return Outcome("stop", output_tokens=self._chunks)


def main() -> None:
    """Run the stage in a folder of its own and say what it took."""
    responses, chunks = (int(text) for text in (sys.argv[1:] or ["10000", "8000"]))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        _write_inputs(responses)
        loop = Loop(chunks)
        for module in (residents, serving):
            module.engine_for = lambda _: loop  # type: ignore[attr-defined]
        imported = _peak_mib()
        began = time.monotonic()
        with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
            generate.main(["m"])
        seconds = time.monotonic() - began
        written = sum(path.stat().st_size for path in Path("data/responses").rglob("*"))
        kept = sum(path.stat().st_size for path in Path(".overthink").rglob("*") if path.is_file())
    peak = _peak_mib()
    print(
        f"{responses:,} responses of {chunks:,} chunks: {seconds:.0f} s, "
        f"journal {kept / 1e9:.2f} GB, Parquet {written / 1e9:.2f} GB"
    )
    print(
        f"peak memory {peak:.0f} MiB ({imported:.0f} MiB of it before the first question), "
        f"{peak / LIMIT_MIB:.2f} of the {LIMIT_MIB} MiB claimed"
    )


def _write_inputs(responses: int) -> None:
    units = [
        Unit(prompt_id="p", turns=["Say something."], epoch=epoch, seed=epoch)
        for epoch in range(1, responses + 1)
    ]
    plan = GeneratePlan(
        model=Asking(key="m", think=None, max_thinking_tokens=None, options=OPTIONS),
        units=units,
        limits=Limits(timeout_s=600, stall_s=60, retries=0),
        reuse="same-engine",
        order_seed=1,
        trace_hz=20,
        carry_thinking=False,
    )
    write_json(Path("data/plan/generate/m.json"), plan.model_dump())
    write_json(Path("data/plan/retry/m.json"), {"mark": None})
    nothing = dict.fromkeys(Manifest.model_fields)
    write_manifest(
        Manifest.model_validate(
            nothing
            | {
                "key": "m",
                "engine": "embedded",
                "engine_version": "loop 1",
                "weights_digest": "sha256:loop",
                "size_bytes": 0,
                "capabilities": [],
            }
        )
    )


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()
