"""Say what this machine offers and what is missing, with one remedy a line."""

from __future__ import annotations

import argparse
import json
import platform
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from stages.commands.doctor_counters import counters
from stages.commands.doctor_findings import Finding, State, show
from stages.engines.embedded_version import embedded_version
from stages.engines.untrusted import words
from stages.engines.weights import locate
from stages.errors import UserError
from stages.installed.servers import Answer, answer
from stages.machine import usable_cores, usable_memory_bytes
from stages.params.load import load
from stages.params.models import Model, engine_of
from stages.params.root import Params
from stages.reporting.quarto import version as quarto_version
from stages.sizing.capacity import capacity
from stages.sizing.presets import Machine, fits

FREE_GB = 2.0
PRESETS = Path("presets")

_STATES: dict[bool | None, State] = {True: "ok", False: "too large", None: "missing"}


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
        show(findings)
    return 2 if wrong else 0


def examine() -> Iterator[Finding]:
    """Everything that a run may use, in the order in which it is used."""
    yield _system()
    yield _disk()
    params = _params()
    usual = answer(None)
    servers = {None: usual} | {host: answer(host) for host in _hosts(params)}
    if isinstance(params, Params):
        yield Finding("params", "params.yaml", "ok", f"{len(params.models)} models")
        yield from _models(params, servers)
    else:
        yield from params
    yield from _presets(usual)
    yield Finding("engine", "embedded", "ok", embedded_version())
    yield from (_server(host, found) for host, found in servers.items())
    yield from counters()
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


def _params() -> Params | list[Finding]:
    """What params.yaml says, else its mistakes."""
    try:
        return load(Path("params.yaml"))
    except UserError as error:
        lines = str(error).splitlines()
        return [
            Finding("params", "params.yaml", "wrong", line)
            for line in lines
            if line.startswith("params.yaml:")
        ]


def _hosts(params: Params | list[Finding]) -> list[str]:
    """Servers that models name themselves, each once."""
    models = params.models.values() if isinstance(params, Params) else ()
    return sorted({model.host for model in models if model.host is not None})


def _models(params: Params, servers: dict[str | None, Answer]) -> Iterator[Finding]:
    for key, model in params.models.items():
        if model.gguf is not None:
            yield _file(key, model.gguf)
        if engine_of(params.engine, model) == "ollama":
            yield from _in_ollama(key, model, servers[model.host])


def _file(key: str, gguf: str) -> Finding:
    try:
        size = locate(gguf).stat().st_size / 1e9
    except UserError as error:
        return Finding("params", key, "wrong", str(error), "correct it, or take the model out")
    return Finding("params", key, "ok", f"{size:.2f} GB of weights are here")


def _in_ollama(key: str, model: Model, server: Answer) -> Iterator[Finding]:
    if server.fault is not None:
        title = _title(model.host)
        found = f"{model.ollama or model.gguf} needs {title}, which can't be used (see there)"
        remedy = f"see to {title}, or take the model out of params.yaml"
        yield Finding("params", key, "wrong", found, remedy)
    if model.ollama is None or server.fault is not None:
        return  # a file is handed over by a run
    said = {
        True: "is in Ollama",
        False: "isn't in Ollama yet; a run downloads it",
        None: "may be in Ollama: can't be known until it runs; a run starts it, and downloads what "
        "is missing",
    }
    held = server.holds(model.ollama)
    yield Finding("params", key, "ok" if held else "missing", f"{model.ollama} {said[held]}")


def _presets(usual: Answer) -> Iterator[Finding]:
    """What each preset needs, against what this machine has."""
    free = shutil.disk_usage(Path.cwd()).free
    machine = Machine(capacity(), usable_cores(), usual.here, free, usual.tags)
    for path in sorted(PRESETS.glob("*.yaml")):
        for fit in fits(path, machine):
            yield Finding("preset", fit.name, _STATES[fit.fits], fit.found, fit.remedy)


def _title(host: str | None) -> str:
    return "ollama" if host is None else f"ollama at {host}"


def _server(host: str | None, server: Answer) -> Finding:
    """What a run finds at a server; it is nobody's fault that there is none."""
    if server.fault is not None:
        return Finding("engine", _title(host), "missing", server.fault, server.remedy)
    if server.tags is None:
        found = f"{server.version} is installed; none runs at {server.address}, a run starts it"
        return Finding("engine", _title(host), "ok", found)
    tags = sorted(words(tag, 100) for tag in server.tags)
    found = f"{server.version}, holds {', '.join(tags) or 'no model'}"
    if not server.here:
        found += f"; {server.address} is another machine: what is traced here isn't its load"
    return Finding("engine", _title(host), "ok", found)


def _renderer() -> Finding:
    found, quarto = quarto_version(), shutil.which("quarto")
    if found:
        return Finding("report", "renderer", "ok", f"Quarto {found}")
    if quarto:
        remedy = "repair, update or remove it: without it the built-in renderer is used"
        return Finding("report", "renderer", "wrong", f"{quarto} is too old or doesn't run", remedy)
    return Finding("report", "renderer", "ok", "built in (Pandoc and Typst; no Quarto here)")
