"""The processes behind a server: which one listens, how it was started, and why none shows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stages.engines import ollama_process
from stages.engines.ollama_own import free_port
from stages.engines.ollama_process import in_sight, models_limit, server_process, why_unseen

LISTENS = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def listening(name: str, folder: Path, port: int, **environment: str) -> Iterator[int]:
    """A process of this name that listens at a port; gives its number."""
    program = folder / name
    if not program.exists():
        shutil.copy2(Path(sys.executable).resolve(), program)
    settings = os.environ | {"PYTHONHOME": sys.base_prefix} | environment
    with subprocess.Popen(
        [program, "-c", LISTENS, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=settings,
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        yield process.pid
        process.stdin.close()


@pytest.mark.skipif(sys.platform != "linux", reason="names a copy of the interpreter")
def test_the_server_is_the_ollama_that_listens_at_the_port(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    with listening("ollama", tmp_path, port) as pid, listening("ollama", tmp_path, other):
        assert server_process(port) == pid
    assert server_process(port) is None
    with listening("nginx", tmp_path, port):
        assert server_process(port) is None  # a proxy of a container is not the server


@pytest.mark.skipif(sys.platform != "linux", reason="names a copy of the interpreter")
@pytest.mark.parametrize(
    ("setting", "gpus", "limit"),
    [("1", [], 1), ("7", ["g"], 7), ("0", [], 3), ("", [], 3), ("", ["g", "h"], 6), ("x", [], 3)],
)
def test_its_limit_is_what_it_was_started_with_or_the_default(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    gpus: list[str],
    limit: int,
) -> None:
    monkeypatch.setattr(ollama_process, "gpu_names", lambda: (gpus, None))
    chosen = {"OLLAMA_MAX_LOADED_MODELS": setting} if setting else {}
    with listening("ollama", tmp_path, free_port(), **chosen) as pid:
        assert models_limit(pid) == limit
    assert models_limit(pid) is None  # it has ended
    assert models_limit(None) is None


def test_a_mark_is_seen_where_it_stands_in_a_command_line() -> None:
    mark = f"mark-{os.getpid()}"
    with subprocess.Popen(
        [sys.executable, "-c", "input()", mark], stdin=subprocess.PIPE
    ) as process:
        assert in_sight(mark)
        process.kill()
    assert not in_sight(f"{mark}-none")


@pytest.mark.parametrize(
    ("place", "kernel", "said"),
    [
        ("http://there:1", "6.1", "the server http://there:1 is another machine"),
        (None, "5.15.167.4-microsoft-standard-WSL2", "on the Windows host, outside WSL"),
        (None, "6.1.0-debian", "in a container or virtual machine of its own"),
    ],
)
def test_why_none_shows_depends_on_where_the_server_is(
    monkeypatch: pytest.MonkeyPatch, place: str | None, kernel: str, said: str
) -> None:
    monkeypatch.setattr(ollama_process.platform, "release", lambda: kernel)
    assert said in why_unseen(place)
