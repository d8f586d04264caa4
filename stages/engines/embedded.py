"""The embedded engine: llama.cpp through ``xllamacpp``, one server process a model."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stages.engines.embedded_load import Load, load
from stages.engines.embedded_model import ColdModel, EmbeddedModel
from stages.engines.embedded_version import embedded_version
from stages.engines.options import NEUTRAL
from stages.engines.protocol import EngineError, Serving
from stages.engines.threads import threads_here
from stages.engines.weights import digest, locate
from stages.errors import UserError
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits


class EmbeddedEngine:
    """Runs GGUF files in processes of our own."""

    def serving(self, manifest: Manifest, asking: Asking, concurrent: int) -> Serving:  # noqa: ARG002 (one engine serves all)
        """See ``Engine.serving``."""
        options: dict[str, Any] = asking.options.model_dump() | NEUTRAL
        if asking.think == "prompted":
            options["max_thinking_tokens"] = asking.max_thinking_tokens
        options |= {"think": asking.think, "num_thread": threads_here(concurrent)}
        if asking.cold:
            options["cold"] = True
        return Serving(embedded_version(), options)

    def clear(self, log: Path) -> int | None:  # noqa: ARG002 (no server is shared)
        """See ``Engine.clear``: each model has a process of its own."""
        return None

    @contextmanager
    def start(
        self, manifest: Manifest, asking: Asking, limits: Limits, concurrent: int, log: Path
    ) -> Iterator[EmbeddedModel | ColdModel]:
        """See ``Engine.start``. Refuses a file whose content isn't what was pulled."""
        serving = self.serving(manifest, asking, concurrent)
        wanted = Load(
            path=_checked(manifest),
            num_ctx=serving.options["num_ctx"],
            threads=serving.options["num_thread"],
            mark=secrets.token_hex(8),
            log=log,
        )
        if asking.cold:
            model = ColdModel(wanted, asking, limits, serving)
            try:
                yield model
            finally:
                model.close()
        else:
            with load(wanted) as (client, process):
                yield EmbeddedModel(client, process, wanted.mark, asking, limits, serving)


def _checked(manifest: Manifest) -> Path:
    assert manifest.gguf is not None
    try:
        path = locate(manifest.gguf)
        found = digest(path)
    except (UserError, OSError) as error:
        raise EngineError(str(error)) from error
    if found != manifest.weights_digest:
        raise EngineError(
            f"{manifest.gguf} has changed since it was pulled ({manifest.weights_digest[:19]}… "
            f"then, {found[:19]}… now); `dvc repro --force pull@{manifest.key}` takes the new one"
        )
    return path
