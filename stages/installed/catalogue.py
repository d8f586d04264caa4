"""What an Ollama server holds: the models that can be asked here, and why the others can't."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import ollama
from pydantic import TypeAdapter, ValidationError

from stages.engines.exchange import fetch
from stages.engines.ollama_server import http, version_of, weights_in
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault
from stages.engines.untrusted import count, member, text_of, words
from stages.params.models import OllamaTag
from stages.sizing.need import Shape, shape_of

_WAIT_S = 30.0
_LARGEST = 2**50  # bytes; a size beyond it is no file's
_OURS = re.compile(r"overthink-[0-9a-f]{12}(:latest)?")  # as a run names what it makes of a file
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TAG: TypeAdapter[str] = TypeAdapter(OllamaTag)


@dataclass(frozen=True)
class Installed:
    """A model that answers in text. Null is what the server doesn't say."""

    tag: str
    digest: str | None
    weights: str
    size_bytes: int | None
    thinks: bool
    shape: Shape | None
    context_length: int | None


@dataclass(frozen=True)
class LeftOut:
    """A model that isn't asked, and why; ``tag`` is fit to be shown."""

    tag: str
    reason: str


def catalogue(client: ollama.Client) -> tuple[list[Installed], list[LeftOut]]:
    """Every model of the server, by tag. Raises ``EngineError`` where it doesn't answer well."""
    version_of(client)  # says best what is wrong where no server is
    sender = http(client)
    try:
        entries = fetch(sender, "GET", "/api/tags", None, _WAIT_S).get("models") or []
    except StreamFault as fault:
        raise _unlisted(fault.reason) from fault
    if not isinstance(entries, list):
        raise _unlisted("its list of models is none")
    taken: list[Installed] = []
    left: list[LeftOut] = []
    for found in _described(sender, entries):
        (taken if isinstance(found, Installed) else left).append(found)  # type: ignore[arg-type]
    return taken, left


def _unlisted(reason: str) -> EngineError:
    return EngineError(
        f"the Ollama server doesn't list its models ({reason}); restart it with `ollama serve`"
    )


def _described(sender: httpx.Client, entries: list[Any]) -> Iterator[Installed | LeftOut]:
    """One model for each entry, the most explicit names first; a second name is left out."""
    by_tag = {_name(entry): entry for entry in entries if isinstance(entry, dict)}
    names: dict[str, str] = {}
    for tag in sorted(by_tag, key=lambda tag: (tag.endswith(":latest"), -len(tag), tag)):
        found = _one(sender, tag, by_tag[tag])
        if isinstance(found, Installed) and found.digest:
            first = names.setdefault(found.digest, tag)
            if first != tag:
                found = LeftOut(tag, f"another name of {first}")
        yield found


def _name(entry: dict[str, Any]) -> str:
    name = entry.get("model") or entry.get("name")
    return name if isinstance(name, str) else ""


def _one(sender: httpx.Client, tag: str, entry: dict[str, Any]) -> Installed | LeftOut:
    shown_tag = words(tag, 100) or "(a model without a name)"
    try:
        _TAG.validate_python(tag)
    except ValidationError:
        return LeftOut(shown_tag, "its name isn't one that params.yaml takes; `ollama cp` renames")
    if _OURS.fullmatch(tag):
        return LeftOut(tag, "a run made it from a GGUF file; list that under `gguf:` instead")
    try:
        shown = fetch(sender, "POST", "/api/show", {"model": tag}, _WAIT_S)
        return _installed(tag, entry, shown)
    except StreamFault as fault:
        if fault.fault in ("connection", "stall", "deadline"):
            raise _unlisted(fault.reason) from fault
        return LeftOut(shown_tag, words(fault.reason))
    except ValueError as error:
        return LeftOut(shown_tag, f"what the server says of it can't be read: {words(error)}")


def _installed(tag: str, entry: dict[str, Any], shown: dict[str, Any]) -> Installed | LeftOut:
    """Raises ``ValueError`` for what no server should say."""
    remote = any(
        said.get(name) for said in (entry, shown) for name in ("remote_host", "remote_model")
    )
    weights = weights_in(text_of(shown, "modelfile"))
    if remote or weights is None:
        return LeftOut(tag, "it runs elsewhere: no weights are here")
    capabilities = shown.get("capabilities")
    if not isinstance(capabilities, list):
        return LeftOut(tag, "this server doesn't say what it can do; update Ollama")
    if "completion" not in capabilities:
        able = words(", ".join(c for c in capabilities if isinstance(c, str)), 60) or "nothing"
        return LeftOut(tag, f"it doesn't answer in text (it can do: {able})")
    facts = member(shown, "model_info")
    size = count(entry.get("size"))
    return Installed(
        tag=tag,
        digest=_digest(entry),
        weights=weights,
        size_bytes=size if size and size < _LARGEST else None,
        thinks="thinking" in capabilities,
        shape=shape_of(facts),
        context_length=count(facts.get(f"{text_of(facts, 'general.architecture')}.context_length")),
    )


def _digest(entry: dict[str, Any]) -> str | None:
    digest = entry.get("digest")
    return digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else None
