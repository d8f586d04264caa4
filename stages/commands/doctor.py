"""Say what this machine offers and what is missing, with one remedy a line."""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stages.engines.embedded_version import embedded_version
from stages.engines.ollama_server import FAULTS, connect, is_local, version_of
from stages.engines.protocol import EngineError
from stages.engines.untrusted import words
from stages.engines.weights import locate
from stages.errors import UserError
from stages.machine import usable_cores, usable_memory_bytes
from stages.params.load import load
from stages.reporting.quarto import version as quarto_version
from stages.sizing.capacity import capacity
from stages.sizing.presets import Machine, fits
from stages.trace.lanes.here import lanes, process_lane
from stages.trace.lanes.lane import Lane, LaneMissing, why
from stages.trace.nvml import gpu_names

FREE_GB = 2.0
PRESETS = Path("presets")


State = Literal["ok", "missing", "too large", "wrong"]
_STATES: dict[bool | None, State] = {True: "ok", False: "too large", None: "missing"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``remedy`` is null where nothing needs to be done."""

    room: str
    name: str
    state: State
    found: str
    remedy: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``overthink doctor``."""
    parser.add_argument("--json", action="store_true", help="one JSON object for programs")


def main(arguments: argparse.Namespace) -> int:
    """Print every finding; the status is 2 if something is wrong that a run needs."""
    findings = list(examine())
    wrong = [finding for finding in findings if finding.state == "wrong"]
    if arguments.json:
        print(json.dumps({"findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        _print(findings)
    return 2 if wrong else 0


def examine() -> Iterator[Finding]:
    """Everything that a run may use, in the order in which it is used."""
    yield _system()
    yield _disk()
    held = _held_tags()
    yield from _params(held)
    yield from _presets(held or [])
    yield Finding("engine", "embedded", "ok", embedded_version())
    yield from _ollama()
    yield _gpu()
    for lane in [process_lane(_ignore), *lanes(_ignore)]:
        yield _lane(lane)
    yield _energy()
    yield _renderer()


def _system() -> Finding:
    cores, memory = usable_cores(), usable_memory_bytes() / 2**30
    found = f"{cores} usable cores, {memory:.1f} GiB memory, Python {platform.python_version()}"
    return Finding("machine", "cores and memory", "ok", found)


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    if free < FREE_GB:
        remedy = f"free some space: models and results need more than {FREE_GB:.0f} GB"
        return Finding("machine", "disk", "wrong", f"{free:.1f} GB free here", remedy)
    return Finding("machine", "disk", "ok", f"{free:.0f} GB free here")


def _params(held: list[str] | None) -> Iterator[Finding]:
    try:
        params = load(Path("params.yaml"))
    except UserError as error:
        for line in str(error).splitlines():
            if line.startswith("params.yaml:"):
                yield Finding("params", "params.yaml", "wrong", line)
        return
    yield Finding("params", "params.yaml", "ok", f"{len(params.models)} models")
    for key, model in params.models.items():
        if model.gguf is None:
            yield _tag(key, str(model.ollama), held)
            continue
        try:
            size = locate(model.gguf).stat().st_size / 1e9
        except UserError as error:
            yield Finding("params", key, "wrong", str(error), "correct it, or take the model out")
        else:
            yield Finding("params", key, "ok", f"{size:.2f} GB of weights are here")


def _presets(held: list[str]) -> Iterator[Finding]:
    """What each preset needs, against what this machine has."""
    machine = Machine(capacity(), _ollama_is_here(), shutil.disk_usage(Path.cwd()).free, held)
    for path in sorted(PRESETS.glob("*.yaml")):
        for fit in fits(path, machine):
            yield Finding("preset", fit.name, _STATES[fit.fits], fit.found, fit.remedy)


def _ollama_is_here() -> bool:
    """Whether Ollama's models would run on this machine."""
    try:
        return is_local(connect(None))
    except EngineError:
        return True  # what OLLAMA_HOST holds is no address; the engine's finding says so


def _tag(key: str, tag: str, held: list[str] | None) -> Finding:
    if held is None:
        remedy = "start Ollama (ollama serve), or take the model out of params.yaml"
        return Finding("params", key, "wrong", f"{tag} needs Ollama, and none answers", remedy)
    if {tag, f"{tag}:latest"} & set(held):
        return Finding("params", key, "ok", f"{tag} is in Ollama")
    return Finding("params", key, "missing", f"{tag} isn't in Ollama yet; a run downloads it")


def _held_tags() -> list[str] | None:
    """What Ollama holds; null where none answers."""
    try:
        return sorted(str(model.model) for model in connect(None, timeout=5.0).list().models)
    except (EngineError, *FAULTS):
        return None


def _ollama() -> Iterator[Finding]:
    try:
        client = connect(None, timeout=5.0)
        version = version_of(client)
        tags = sorted(words(model.model, 100) for model in client.list().models)
    except (EngineError, *FAULTS) as error:
        installed = shutil.which("ollama")
        remedy = "start it: ollama serve" if installed else "install it from https://ollama.com"
        yield Finding("engine", "ollama", "missing", str(error).partition(" (")[0], remedy)
        return
    yield Finding("engine", "ollama", "ok", f"{version}, holds {', '.join(tags) or 'no model'}")


def _gpu() -> Finding:
    names, reason = gpu_names()
    if names:
        return Finding("counter", "gpu", "ok", ", ".join(names))
    found, _, remedy = (reason or "none").partition("; ")
    return Finding("counter", "gpu", "missing", found, remedy or None)


def _lane(lane: Lane) -> Finding:
    try:
        lane.open()
        lane.close()
    except (LaneMissing, OSError) as error:
        return Finding("counter", lane.name, "missing", why(error))
    return Finding("counter", lane.name, "ok", f"can be read, for {lane.table}")


def _energy() -> Finding:
    return Finding("counter", "cpu energy", "missing", "this version reads the GPU's energy only")


def _renderer() -> Finding:
    found, quarto = quarto_version(), shutil.which("quarto")
    if found:
        return Finding("report", "renderer", "ok", f"Quarto {found}")
    if quarto:
        remedy = "repair, update or remove it: without it the built-in renderer is used"
        return Finding("report", "renderer", "wrong", f"{quarto} is too old or doesn't run", remedy)
    return Finding("report", "renderer", "ok", "built in (Pandoc and Typst; no Quarto here)")


def _ignore(*_: object) -> None:
    """Takes the notes of lanes that are only tried."""


def _print(findings: list[Finding]) -> None:
    styles: dict[str, Callable[[str], Text]] = {
        "ok": lambda text: Text(text, style="green"),
        "missing": lambda text: Text(text, style="yellow"),
        "too large": lambda text: Text(text, style="yellow"),
        "wrong": lambda text: Text(text, style="bold red"),
    }
    table = Table(box=None, pad_edge=False)
    for title in ("room", "what", "state", "found"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        state = styles[finding.state](finding.state)
        table.add_row(Text(finding.room), Text(finding.name), state, Text(finding.found))
    console = Console(file=sys.stdout)
    console.print(table)
    if remedies := [finding for finding in findings if finding.remedy]:
        console.print()
        for finding in remedies:
            console.print(Text(f"{finding.name}: {finding.remedy}"), soft_wrap=True)
