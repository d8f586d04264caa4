"""Having a tag: what the server holds is kept, what it lacks is downloaded, never another model."""

from __future__ import annotations

from contextlib import closing

import ollama

from stages.engines.ollama_download import Layer, download
from stages.engines.ollama_name import held_as
from stages.engines.ollama_progress import DownloadProgress
from stages.engines.ollama_pulled import Pulled, has_changed
from stages.engines.ollama_registry import Registered
from stages.engines.ollama_server import Held, http, is_local
from stages.engines.ollama_space import arrived, check_space, folders
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault


def refuse_cloud(tag: str, there: Held | None) -> None:
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


def get_tag(
    client: ollama.Client, key: str, tag: str, before: Pulled | None, found: Registered | None
) -> Held:
    """Have the server download ``tag``, which it lacks, unless it isn't what it was ``before``.

    ``found`` is what its registry has now; with it both that and the room on the disk are known
    before a byte is asked for. Raises ``EngineError``, and ``StreamFault`` for a server's fault.
    """
    places = folders(http(client)) if is_local(client) else []
    if found:
        if before and before.manifest_digest and not found.is_what(before.manifest_digest):
            then, now = before.manifest_digest, found.digest
            raise EngineError(has_changed(key, tag, "manifest", then, now))
        check_space(tag, [arrived(layer, places) for layer in found.layers], places)
    seen = set[str]()
    try:
        with (
            DownloadProgress(f"pull: {tag}") as progress,
            closing(download(http(client), tag)) as layers,
        ):
            for layer in layers:
                if layer.digest not in seen:
                    seen.add(layer.digest)
                    _compare_weights(key, before, layer)
                    check_space(tag, [layer], places)
                progress.report(layer.digest, layer.done, layer.total)
    except StreamFault as fault:
        raise EngineError(
            f"{tag} can't be pulled: {fault.reason}; check the tag in params.yaml and the network, "
            "then run the same command again: it goes on where it stopped",
            fault.fault,
        ) from fault
    there = held_as(http(client), tag)
    if there is None:
        raise EngineError(
            f"{tag} was taken by the server, which doesn't list it under that name; "
            "write it in params.yaml as `ollama list` shows it"
        )
    refuse_cloud(tag, there)
    return there


def compare(key: str, before: Pulled | None, there: Held) -> None:
    """Raise ``EngineError`` where the server holds something else than the tag meant before."""
    if before is None or before.manifest_digest is None or there.manifest_digest is None:
        return
    if before.manifest_digest != there.manifest_digest:
        then, now = before.manifest_digest, there.manifest_digest
        raise EngineError(has_changed(key, before.tag, "manifest", then, now))


def _compare_weights(key: str, before: Pulled | None, layer: Layer) -> None:
    """Raise as soon as the download shows other weights: those are a model's largest layer."""
    if before and 2 * layer.total > before.size_bytes and layer.digest != before.weights_digest:
        then, now = before.weights_digest, layer.digest
        raise EngineError(has_changed(key, before.tag, "weights file", then, now))
