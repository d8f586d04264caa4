"""Getting a model into Ollama, and telling what it is."""

from __future__ import annotations

import sys
from contextlib import closing

import httpx
import ollama

from stages.engines.ollama_describe import describe
from stages.engines.ollama_download import Layer, download
from stages.engines.ollama_progress import DownloadProgress
from stages.engines.ollama_pulled import Pulled, has_changed, pulled_before, remember
from stages.engines.ollama_reach import SERVERS
from stages.engines.ollama_server import FAULTS, Held, held, http, is_local
from stages.engines.ollama_space import check_space, folders
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault
from stages.engines.untrusted import words
from stages.engines.weights import digest, locate
from stages.home import home
from stages.manifest import Manifest
from stages.plans.pull import PullPlan


def pull_ollama(plan: PullPlan) -> Manifest:
    """Make sure that the server holds the model: a tag, or a file that it is given.

    A tag that it holds is not pulled again, so nothing is pulled over it, and no network is needed.
    Raises ``EngineError``.
    """
    client, version = SERVERS.reach(plan.host, home() / "ollama.log")
    source = plan.ollama or str(plan.gguf)
    try:
        if plan.ollama is None:
            return describe(http(client), plan, _created(client, source), version)
        before = pulled_before(plan)
        there = held(http(client), plan.ollama)
        _refuse_cloud(plan.ollama, there)
        if there is None:
            _download(client, plan, before)
            there = _found(http(client), plan.ollama)
        _compare(plan, before, there)
        manifest = describe(http(client), plan, there, version)
    except StreamFault as fault:
        raise EngineError(f"{source}: {fault.reason}", fault.fault) from fault
    except FAULTS as error:
        raise EngineError(f"{source}: {words(error) or type(error).__name__}") from error
    remember(manifest)
    return manifest


def _created(client: ollama.Client, gguf: str) -> Held:
    """Give the server a file, under a name made of its content, so that none is overwritten."""
    path = locate(gguf)
    content = digest(path)
    name = f"overthink-{content.removeprefix('sha256:')[:12]}"
    there = held(http(client), name)
    if there is None:
        print(f"pull: handing {path.name} to Ollama as {name}", file=sys.stderr)
        client.create_blob(path)
        client.create(name, files={path.name: content})
        there = _found(http(client), name)
    return there


def _refuse_cloud(tag: str, there: Held | None) -> None:
    """Raise for a model that runs on its vendor's machines; it is told by its name, or by Ollama.

    By its name only where the server doesn't hold it: anybody may call his own model so.
    """
    label = tag.rpartition("/")[2].partition(":")[2]
    if there.remote if there else label == "cloud" or label.endswith("-cloud"):
        place = f" ({there.remote})" if there and there.remote else ""
        raise EngineError(
            f"{tag} is a cloud model: it runs on its vendor's machines{place}, so that nothing "
            "measured here would be about it; name a tag in params.yaml that is downloaded"
        )


def _download(client: ollama.Client, plan: PullPlan, before: Pulled | None) -> None:
    tag, seen = str(plan.ollama), set[str]()
    places = folders(http(client)) if is_local(client) else []
    try:
        with (
            DownloadProgress(f"pull: {tag}") as progress,
            closing(download(http(client), tag)) as layers,
        ):
            for layer in layers:
                if layer.digest not in seen:
                    seen.add(layer.digest)
                    _compare_weights(plan, before, layer)
                    check_space(tag, layer.total - layer.done, places)
                progress.report(layer.digest, layer.done, layer.total)
    except StreamFault as fault:
        raise EngineError(
            f"{tag} can't be pulled: {fault.reason}; check the tag in params.yaml and the network, "
            "then run the same command again: it goes on where it stopped",
            fault.fault,
        ) from fault


def _compare_weights(plan: PullPlan, before: Pulled | None, layer: Layer) -> None:
    """Raise as soon as the download shows other weights: those are a model's largest layer."""
    if before and 2 * layer.total > before.size_bytes and layer.digest != before.weights_digest:
        then, now = before.weights_digest, layer.digest
        raise EngineError(has_changed(plan.key, before.tag, "weights file", then, now))


def _compare(plan: PullPlan, before: Pulled | None, there: Held) -> None:
    if before is None or before.manifest_digest is None or there.manifest_digest is None:
        return
    if before.manifest_digest != there.manifest_digest:
        then, now = before.manifest_digest, there.manifest_digest
        raise EngineError(has_changed(plan.key, before.tag, "manifest", then, now))


def _found(client: httpx.Client, tag: str) -> Held:
    there = held(client, tag)
    if there is None:
        raise EngineError(
            f"{tag} was taken by the server, which doesn't list it under that name; "
            "write it in params.yaml as `ollama list` shows it"
        )
    return there
