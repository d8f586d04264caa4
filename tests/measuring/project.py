"""A folder with the plan files of a stage, so that a whole stage runs in it with any engine."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
import pytest

from stages import generate, sidebyside
from stages.files import write_json
from stages.manifest import Manifest, Missing, write_manifest
from stages.measuring import fitting, residents, serving, session
from stages.plans.units import Asking, GeneratePlan, Limits, Options, SidebysidePlan, Unit
from tests.measuring.scripted import QuietTracer, ScriptedEngine

OPTIONS = Options(
    temperature=0.0, top_p=1.0, top_k=0, repeat_penalty=1.0, num_ctx=256, num_predict=16
)


def unit(prompt: str = "p", *turns: str, epoch: int = 1) -> Unit:
    """A question; its text is the prompt's name unless turns are given."""
    return Unit(prompt_id=prompt, turns=list(turns or (prompt,)), epoch=epoch, seed=epoch)


class StageProject:
    """Runs ``generate`` and ``sidebyside`` in the current folder with a scripted engine."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, manifest: Manifest) -> None:
        monkeypatch.chdir(root)
        # The lock of the machine is for runs that a user starts, not for tests side by side.
        monkeypatch.setenv("OVERTHINK_LOCKS", str(root / "locks"))
        monkeypatch.delenv("DVC_ROOT", raising=False)
        monkeypatch.delenv("OVERTHINK_HOME", raising=False)
        self.root, self.manifest = root, manifest
        self._monkeypatch = monkeypatch
        self.engine = ScriptedEngine()
        for module in (fitting, residents, serving):
            monkeypatch.setattr(module, "engine_for", lambda _: self.engine)

    def generate(
        self,
        *units: Unit,
        key: str = "m",
        mark: str | None = None,
        entry: Manifest | Missing | None = None,
        **plan: Any,
    ) -> pl.DataFrame:
        """Run the stage for one model and give its records."""
        self.write_plan(*units, key=key, mark=mark, entry=entry, **plan)
        generate.main([key])
        return self.records(f"responses/{key}")

    def write_plan(
        self,
        *units: Unit,
        key: str = "m",
        mark: str | None = None,
        entry: Manifest | Missing | None = None,
        **plan: Any,
    ) -> None:
        """Write what the stage ``generate`` reads."""
        whole = {
            "model": asking(key),
            "units": units,
            "limits": Limits(timeout_s=60, stall_s=30, retries=0),
            "reuse": "same-engine",
            "order_seed": 1,
            "trace_hz": 50,
            "carry_thinking": False,
        } | plan
        write_manifest(entry or self.manifest.model_copy(update={"key": key}))
        write_json(Path(f"data/plan/retry/{key}.json"), {"mark": mark})
        write_json(Path(f"data/plan/generate/{key}.json"), GeneratePlan(**whole).model_dump())

    def sidebyside(
        self,
        *units: Unit,
        keys: tuple[str, ...] = ("a", "b"),
        test: str = "t",
        weights: Mapping[str, str] = MappingProxyType({}),
        missing: Collection[str] = (),
        **plan: Any,
    ) -> pl.DataFrame:
        """Run the stage for one test and give its records.

        Every key has weights of its own unless ``weights`` names them, or is ``missing``.
        """
        whole = {
            "test": test,
            "roster": [asking(key) for key in keys],
            "units": units,
            "limits": Limits(timeout_s=60, stall_s=30, retries=0),
            "reuse": "same-engine",
            "order_seed": 1,
            "trace_hz": 50,
            "carry_thinking": False,
        } | plan
        manifests = [
            Missing(key=key, engine="embedded", error="no file")
            if key in missing
            else self.manifest.model_copy(
                update={"key": key, "weights_digest": weights.get(key, key)}
            )
            for key in keys
        ]
        write_json(Path(f"data/rosters/{test}.json"), [entry.model_dump() for entry in manifests])
        write_json(Path(f"data/plan/retry/{test}.json"), {"mark": None})
        write_json(Path(f"data/plan/sidebyside/{test}.json"), SidebysidePlan(**whole).model_dump())
        sidebyside.main([test])
        return self.records(f"sidebyside/{test}")

    def records(self, folder: str) -> pl.DataFrame:
        """The records that a stage wrote."""
        return pl.read_parquet(Path("data") / folder / "records.parquet")

    def without_sampler(self) -> None:
        """From now on nothing is traced, which takes most of a stage's time here."""
        self._monkeypatch.setattr(session, "Tracer", QuietTracer)

    @property
    def asked(self) -> int:
        """How many questions the engine has had."""
        return len(self.engine.asked)


def asking(key: str, **options: Any) -> Asking:
    """How a model is asked."""
    chosen = OPTIONS.model_copy(update=options)
    return Asking(key=key, think=None, max_thinking_tokens=None, options=chosen)
