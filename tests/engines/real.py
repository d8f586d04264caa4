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

PROGRAM = installed()
WHY = "no ollama on PATH and none in .tools/ (`make ollama` puts it there)"

needs_ollama = pytest.mark.skipif(
    PROGRAM is None and not os.environ.get("OVERTHINK_REAL"), reason=WHY
)


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
