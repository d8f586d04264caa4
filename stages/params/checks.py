"""What no single key can tell: names that clash, models that are missing, limits that don't fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from stages.params.document import Document
from stages.params.models import Model, engine_of, resolved
from stages.params.problems import ABSENT, Problem, Trail, nearest, shown, spell
from stages.params.root import NAME, Params

PACKAGED = re.compile(r"package:[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*\.gguf")
RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{port}{n}" for port in ("com", "lpt") for n in range(10)
}
"""Names that Windows doesn't allow for files."""

Finding = tuple[Trail, str]


def names(document: Document) -> Iterator[Problem]:
    """Names of models, tests and transcripts: well formed, and distinct as file names."""
    taken: dict[str, Trail] = {}
    for section in ("models", "sidebyside", "transcripts"):
        entries = document.values((section,))
        for name in entries if isinstance(entries, dict) else ():
            trail = (section, name)
            if text := _misnamed(name):
                yield document.problem(trail, text)
            elif earlier := taken.get(name.lower()):
                where = f"{spell(earlier)} (line {document.line(earlier)})"
                text = f"the name is taken by {where}: files are named by it, whatever the case"
                yield document.problem(trail, f"{text}; rename one")
            else:
                taken[name.lower()] = trail


def _misnamed(name: str) -> str | None:
    if name.lower() in RESERVED:
        return f"Windows keeps the name {name} for itself; write {name}-1"
    if re.fullmatch(NAME, name):
        return None
    better = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:100] or "my-model"
    if "." in name:
        return f"a name can't hold a dot, at which DVC splits addresses; write {better}"
    return (
        f"a name has up to 100 letters, digits, _ and -, and doesn't begin with -; write {better}"
    )


def across(params: Params, document: Document, root: Path) -> Iterator[Finding]:
    """Contradictions between keys. Paths are relative to ``root``."""
    if not params.models and not params.transcripts:
        yield ("models",), "no model and no transcript; add a model (presets/ has examples)"
    yield from _general_limits(params)
    for name, model in params.models.items():
        yield from _model(("models", name), model, params, root)
    yield from _twins(params)
    for name, transcript in params.transcripts.items():
        if transcript.file != ABSENT and not _is_file(root / transcript.file):
            text = f"found {shown(transcript.file)}; no such file, seen from the project's root"
            yield ("transcripts", name, "file"), f"{text}; correct the path"
    known = document.values(("models",))  # as written: one with a mistake is a model none the less
    for name, test in params.sidebyside.items() if isinstance(known, dict) else ():
        yield from _roster(("sidebyside", name, "models"), test.models, list(known))
        yield from _one_process(("sidebyside", name, "models"), test.models, params)


def _model(at: Trail, model: Model, params: Params, root: Path) -> Iterator[Finding]:
    if (model.ollama is None) == (model.gguf is None):
        found = "neither" if model.ollama is None else "both"
        yield at, f"found {found} of ollama and gguf; give exactly one"
        return
    if params.engine == "embedded" and model.ollama is not None:
        text = f"found {shown(model.ollama)}, but engine: embedded runs GGUF files only"
        yield (*at, "ollama"), f"{text}; set engine: auto, or give gguf instead"
    elif model.host is not None and engine_of(params.engine, model) == "embedded":
        text = f"found {shown(model.host)}, but an embedded model has no server"
        yield (*at, "host"), f"{text}; write null, or set engine: ollama"
    if model.gguf is not None:
        yield from _weights((*at, "gguf"), model.gguf, root)
    yield from _thinking(at, model, params)
    yield from _own_limits(at, model, params)


def _weights(at: Trail, gguf: str, root: Path) -> Iterator[Finding]:
    if gguf.startswith("package:"):
        if not PACKAGED.fullmatch(gguf):
            yield at, f"found {shown(gguf)}; the form is package:DISTRIBUTION/FILE.gguf"
    elif not _is_file(root / gguf):
        text = f"found {shown(gguf)}; no such file, seen from the project's root"
        yield at, f"{text}; give the whole path (~ isn't expanded)"


def _is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file system takes is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _thinking(at: Trail, model: Model, params: Params) -> Iterator[Finding]:
    limit = (*at, "max_thinking_tokens")
    if model.think == "prompted" and engine_of(params.engine, model) == "ollama":
        yield (*at, "think"), 'found "prompted", which Ollama has no way to do; write true or null'
        return
    if model.think == "prompted" and model.max_thinking_tokens is None:
        yield limit, "found nothing, but think: prompted needs a limit; write 160, say"
    if model.think != "prompted" and model.max_thinking_tokens is not None:
        found = f"found {model.max_thinking_tokens}, but only think: prompted reads it"
        yield limit, f"{found}; write null, or set think: prompted"


def _general_limits(params: Params) -> Iterator[Finding]:
    general = params.generation
    if general.num_predict >= general.num_ctx:
        text = f"found {general.num_predict}; must be less than num_ctx ({general.num_ctx})"
        yield ("generation", "num_predict"), f"{text}, which holds the prompt too"


def _own_limits(at: Trail, model: Model, params: Params) -> Iterator[Finding]:
    """Limits that a model sets itself; the general ones are said once, not for every model."""
    own, options = model.options, resolved(model, params.generation)
    longest, window = options["num_predict"], options["num_ctx"]
    set_here = [name for name in ("num_predict", "num_ctx") if getattr(own, name) is not None]
    if set_here and longest >= window:
        text = f"num_predict {longest} must be less than num_ctx {window}, which holds the prompt"
        yield (*at, "options", set_here[0]), f"{text} too; lower it or raise num_ctx"
    thinking = model.max_thinking_tokens
    if thinking is not None and thinking >= longest:
        text = f"found {thinking}; must be less than num_predict ({longest}), which counts the"
        yield (*at, "max_thinking_tokens"), f"{text} thought too and leaves the rest to the answer"


def _twins(params: Params) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name, model in params.models.items():
        same = model.model_copy(update={"demo": False, "options": None})
        asked = f"{same!r} {resolved(model, params.generation)}"
        if seen.setdefault(asked, name) != name:
            text = f"asks the same of the same source as models.{seen[asked]}"
            yield ("models", name), f"{text}; remove one, or change its options"


def _roster(at: Trail, roster: list[str], known: list[str]) -> Iterator[Finding]:
    for index, name in enumerate(roster):
        if name == ABSENT:
            continue
        if name not in known:
            text = f"found {shown(name)}, not a model of this file"
            yield (*at, index), f"{text}; {nearest(name, known)}"
        elif name in roster[:index]:
            yield (*at, index), f"found {shown(name)} a second time; remove it"


def _one_process(at: Trail, roster: list[str], params: Params) -> Iterator[Finding]:
    """Ollama runs one process for one source, whatever the options: two keys would take turns."""
    first: dict[tuple[str | None, ...], str] = {}
    for index, name in enumerate(dict.fromkeys(roster)):
        model = params.models.get(name)
        if model is None or engine_of(params.engine, model) != "ollama":
            continue
        if model.think == "prompted":
            continue  # which is its own mistake there
        other = first.setdefault((model.ollama, model.gguf, model.host), name)
        if other != name:
            text = f"found {shown(name)}, the same weights as {other}, for which Ollama runs one"
            yield (*at, index), f"{text} process: they would wait for each other; name another"
