"""A real Ollama server for tests: the installed one, or the one that `make ollama` has built.

Where there is none these tests are skipped, unless ``OVERTHINK_REAL`` is set, as ``.ci/run`` does:
then they fail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stages.engines.ollama_own import free_port, installed
from stages.engines.ollama_reach import SERVERS
from stages.engines.weights import locate
from tests.conftest import WEIGHTS

PROGRAM = installed()
WHY = "no ollama on PATH and none in .tools/ (`make ollama` puts it there)"

# What makes Ollama take a template for one of a thinking model: `.Thinking` among its messages.
THINKING = """{{- range .Messages }}<|im_start|>{{ .Role }}
{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
{{ if .Think }}<think>{{ end }}"""
_NAME = b"Smollm2 135M 8k Lc100K Mix1 Ep2"  # in the header of the packaged file

needs_ollama = pytest.mark.skipif(
    PROGRAM is None and not os.environ.get("OVERTHINK_REAL"), reason=WHY
)


def other_weights(path: Path, mark: int) -> Path:
    """The packaged model as a file of another digest, as two models have; ``mark``: a digit."""
    content = locate(WEIGHTS).read_bytes()
    assert content.count(_NAME) == 1
    path.write_bytes(content.replace(_NAME, _NAME[:-1] + str(mark).encode()))
    return path


@contextmanager
def own_ollama(home: Path) -> Iterator[Path]:
    """Models, log and memory are in ``home``; a server started meanwhile ends here."""
    assert PROGRAM is not None, WHY
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(PROGRAM.parent), prepend=os.pathsep)  # in whatever folder
        patch.setenv("OLLAMA_HOST", f"127.0.0.1:{free_port()}")
        patch.setenv("OLLAMA_MODELS", str(home / "models"))
        patch.setenv("OVERTHINK_HOME", str(home))
        # Nobody is there: whatever would be asked beyond this machine fails at once.
        patch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        try:
            yield home
        finally:
            SERVERS.stop()
