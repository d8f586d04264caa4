"""A program that can be started as ``ollama``: the server that tests script, with a runner."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.graph import ROOT

_PROGRAM = """#!{python}
import json, os, subprocess, sys, time
if sys.argv[1:] == ["--version"]:
    print("Warning: client version is 0.24.0")
    sys.exit()
sys.path.insert(0, {root!r})
from tests.engines.fault_server import FaultServer
print(json.dumps(dict(os.environ)), flush=True)
{dies}
runner = subprocess.Popen(["sleep", "60"])
with FaultServer(int(os.environ["OLLAMA_HOST"].rpartition(":")[2])):
    time.sleep(60)
"""


def install(folder: Path, dies: str = "") -> Path:
    """Put it into ``folder``, to be a part of PATH; ``dies`` is Python that runs before it listens.

    It writes its environment into its log and starts one process, as Ollama does.
    """
    folder.mkdir(exist_ok=True)
    program = folder / "ollama"
    program.write_text(_PROGRAM.format(python=sys.executable, root=str(ROOT), dies=dies))
    program.chmod(0o755)
    return program
