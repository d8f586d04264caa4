"""Which models of a preset a machine can run, which of its tests, and why not the others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from stages.engines.ollama_name import name_of
from stages.errors import UserError
from stages.params.load import load, read
from stages.params.models import engine_of
from stages.params.root import Params
from stages.sizing.capacity import Capacity
from stages.sizing.remark import Size, available, needed, remark, size_in


@dataclass(frozen=True)
class Machine:
    """What models may take here, and what Ollama holds; it may run on another machine.

    ``held_tags`` is null where it can't be known what it holds.
    """

    room: Capacity
    cores: int
    ollama_is_here: bool
    free_disk_bytes: int
    held_tags: Collection[str] | None


@dataclass(frozen=True)
class Fit:
    """Whether something of a preset fits; null where that can't be told."""

    name: str
    fits: bool | None
    found: str
    remedy: str | None = None


def fits(path: Path, machine: Machine) -> list[Fit]:
    """The preset as a whole first, then each of its models and tests."""
    try:
        params = load(path)
    except UserError as error:
        mistake = str(error).splitlines()[-1]
        return [Fit(path.stem, None, mistake, f"mend or remove {path.as_posix()}")]
    sizes = sizes_in(path)
    models = [
        _model(f"{path.stem}/{key}", sizes[key], _room(params, [key], machine))
        for key in params.models
    ]
    tests = [
        _test(
            f"{path.stem}/{name}",
            [sizes[key] for key in test.models],
            _room(params, test.models, machine),
            machine.cores,
        )
        for name, test in params.sidebyside.items()
    ]
    return [_whole(path, params, sizes, machine, [*models, *tests]), *models, *tests]


def sizes_in(path: Path) -> dict[str, Size | None]:
    """What each model needs, from the remark behind its key; null where there is none."""
    reading = read(path)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return {
        key: size_in(lines[reading.document.line(("models", key)) - 1])
        for key in reading.params.models
    }


def _room(params: Params, keys: Collection[str], machine: Machine) -> Capacity | None:
    """The memory for these models; null where they run on another machine."""
    if all(engine_of(params.engine, params.models[key]) == "embedded" for key in keys):
        return replace(machine.room, gpu_bytes=0)  # that engine uses none
    return machine.room if machine.ollama_is_here else None


def _model(name: str, size: Size | None, room: Capacity | None) -> Fit:
    if size is None:
        return Fit(name, None, "what it needs isn't remarked behind its name")
    return _judged(name, size.memory_bytes, remark(size), room)


def _test(name: str, sizes: list[Size | None], room: Capacity | None, cores: int) -> Fit:
    known = [size.memory_bytes for size in sizes if size]
    if len(known) < len(sizes):
        return Fit(name, None, "what its models need isn't remarked behind their names")
    total = sum(known)
    needs = f"{needed(total)} in memory for {len(known)} at once"
    if room and total > room.together_bytes:
        kind = "GPU memory" if room.gpu_bytes else "memory"
        found = f"needs {needs}; several may take {available(room.together_bytes)} of {kind}"
        return Fit(name, False, found)
    if room and len(known) > cores:
        return Fit(name, False, f"needs {len(known)} cores, one a model; a run may use {cores}")
    return _judged(name, total, needs, room)


def _judged(name: str, memory: int, needs: str, room: Capacity | None) -> Fit:
    if room is None:
        return Fit(name, None, f"{needs}; Ollama runs on another machine")
    if memory > room.total_bytes:
        return Fit(name, False, f"needs {needs}; models may take {room}")
    return Fit(name, True, needs)


def _whole(
    path: Path, params: Params, sizes: dict[str, Size | None], machine: Machine, parts: list[Fit]
) -> Fit:
    """Counts what fits; the remedy says what to do before a run of the preset."""
    download = _download(params, sizes, machine.held_tags or ())
    fitting = sum(bool(fit.fits) for fit in parts[: len(params.models)])
    found = f"{fitting} of {len(params.models)} models fit"
    most = "up to " if machine.held_tags is None else ""
    found += f"; {most}{needed(download)} to download" if download else "; nothing to download"
    too_large = [fit.name.partition("/")[2] for fit in parts if fit.fits is False]
    unknown = any(fit.fits is None for fit in parts)
    remedies = []
    if too_large:
        remedies.append(f"take out of params.yaml what is too large: {', '.join(too_large)}")
    if machine.ollama_is_here and download > machine.free_disk_bytes:
        found += f", and {available(machine.free_disk_bytes)} free here"
        remedies.append("free some disk, or take models out")
    if remedies:
        return Fit(path.stem, False, found, f"before a run of it, {'; '.join(remedies)}")
    return Fit(path.stem, None if unknown else True, found)


def _download(params: Params, sizes: dict[str, Size | None], held: Collection[str]) -> int:
    """Bytes that aren't here yet; files are, and two models of one tag are one download."""
    here = {name_of(tag).shown for tag in held}
    absent = {
        model.ollama: size.disk_bytes
        for key, model in params.models.items()
        if model.ollama and name_of(model.ollama).shown not in here
        if (size := sizes[key])
    }
    return sum(absent.values())
