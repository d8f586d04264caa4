"""Models that Ollama is given as files: named by content, known again, and taken away again."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import ollama
from pydantic import TypeAdapter, ValidationError

from stages.engines.exchange import fetch
from stages.engines.ollama_download import SILENT_S, Layer
from stages.engines.ollama_name import cli, held_as, name_of
from stages.engines.ollama_progress import DownloadProgress
from stages.engines.ollama_server import Held, http, is_local, listed, weights_in
from stages.engines.ollama_space import check_space, folders
from stages.engines.protocol import EngineError
from stages.engines.untrusted import message_of
from stages.engines.weights import digest, locate
from stages.files import write_json
from stages.home import home
from stages.manifest import Manifest
from stages.plans.pull import PullPlan

_MAGIC = b"GGUF"
_NAME = re.compile(r"overthink-([0-9a-f]{12}):latest")
_PART = re.compile(r"-\d{5}-of-(?!00001)\d{5}\.gguf$")  # as llama.cpp names them
_PIECE = 2**20  # bytes
_MOST_OF_REFUSAL = 2**14  # bytes
_CONNECT_S = 10.0
_SHOW_S = 60.0
_MANIFESTS = TypeAdapter(list[str])


def create(client: ollama.Client, source: PullPlan | Manifest) -> Held:
    """Make sure that the server holds a file under a name made of its content.

    What has that name already is used if it is made from this content, and never overwritten. A
    manifest's file must be what it was. Raises ``UserError`` where there is no file,
    ``EngineError``, ``StreamFault``, and what the client raises.
    """
    path = locate(str(source.gguf))
    with path.open("rb") as file:
        if (found := file.read(len(_MAGIC))) != _MAGIC:
            raise EngineError(
                f"{path} is no GGUF file: it begins with {found!r}; name one in params.yaml"
            )
    if _PART.search(path.name):
        raise EngineError(
            f"{path} is one part of a model in several files, of which Ollama would get this one "
            "alone; join them (`llama-gguf-split --merge`) and name the whole in params.yaml"
        )
    content = digest(path)
    name = f"overthink-{content.removeprefix('sha256:')[:12]}"
    if source.ollama and source.ollama != name:
        raise EngineError(
            f"{path} has changed since {source.key} was pulled: its model was {source.ollama}, now "
            f"it is {name}; put the old file back, or take the new one: "
            f"`dvc repro --force pull@{source.key}`"
        )
    there = held_as(http(client), name)
    if there is None:
        _hand_over(client, path, content, name)
        client.create(name, files={path.name: content})
        there = held_as(http(client), name)
        if there is None:
            raise EngineError(f"{name} was taken by the server, which doesn't list it")
        _remember(there)
    elif not is_ours(http(client), there):
        raise EngineError(
            f"Ollama has a model {name} that isn't made from {path}; remove it "
            f"(`{cli(source.host)} rm {name}`), then run the same command again"
        )
    return there


def is_ours(client: httpx.Client, there: Held) -> bool:
    """Whether ``create`` made this model: by its name, and by what it holds.

    Its weights are the file that it is named by; or, as later versions of Ollama write the file
    anew, its manifest is one that was seen right after it was created. Raises ``StreamFault``.
    """
    name = _NAME.fullmatch(there.tag)
    if not name:
        return False
    if there.manifest_digest and there.manifest_digest in _remembered(there.tag):
        return True
    shown = fetch(client, "POST", "/api/show", {"model": there.tag}, _SHOW_S)
    weights = weights_in(str(shown.get("modelfile"))) or ""
    return weights.startswith(f"sha256:{name[1]}")


def remove_created(client: ollama.Client, names: set[str] | None = None) -> list[str]:
    """Remove the models that ``create`` made, or those of them that ``names`` lists.

    Gives what was removed. Raises ``StreamFault``, and what the client raises.
    """
    chosen = None if names is None else {name_of(name).shown for name in names}
    gone = []
    for there in listed(http(client)):
        if chosen is not None and name_of(there.tag).shown not in chosen:
            continue
        if is_ours(http(client), there):
            client.delete(there.tag)
            gone.append(there.tag.removesuffix(":latest"))
    return gone


def _hand_over(client: ollama.Client, path: Path, content: str, name: str) -> None:
    """Send the server a file, unless it has the same already, as after an interrupted try."""
    blob = f"/api/blobs/{content}"
    if http(client).head(blob, timeout=_SHOW_S).is_success:
        return
    layer = Layer(content, 0, path.stat().st_size)
    check_space(path.name, [layer], folders(http(client)) if is_local(client) else [])
    print(f"pull: handing {path.name} to Ollama as {name}", file=sys.stderr)
    read = hashlib.sha256()
    with (
        DownloadProgress(f"pull: {name}") as progress,
        http(client).stream(
            "POST",
            blob,
            content=_pieces(path, layer, progress, read),
            timeout=httpx.Timeout(SILENT_S, connect=_CONNECT_S),
        ) as response,
    ):
        if response.is_success:
            return
        said = next(response.iter_raw(_MOST_OF_REFUSAL), b"").decode("utf-8", "replace")
    if f"sha256:{read.hexdigest()}" != content:
        raise EngineError(
            f"{path} changed while it was read; once it is whole, run the same command again"
        )
    raise EngineError(
        f"{path} isn't taken by the server (HTTP {response.status_code}): {message_of(said)}"
    )


def _pieces(
    path: Path, layer: Layer, progress: DownloadProgress, read: hashlib._Hash
) -> Iterator[bytes]:
    done = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            read.update(piece)
            done += len(piece)
            progress.report(layer.digest, done, layer.total)
            yield piece


def _remembered(tag: str) -> list[str]:
    """The manifests that models of this name had when they were created."""
    try:
        return _MANIFESTS.validate_json(_path(tag).read_bytes())
    except (FileNotFoundError, ValidationError):
        return []


def _remember(there: Held) -> None:
    if there.manifest_digest:
        known = {*_remembered(there.tag), there.manifest_digest}
        write_json(_path(there.tag), sorted(known))


def _path(tag: str) -> Path:
    return home() / "created" / f"{tag.removesuffix(':latest')}.json"
