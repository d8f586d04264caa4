"""Having a model again that was pulled once, but that the server doesn't hold any more."""

from __future__ import annotations

import sys

import ollama

from stages.engines.ollama_created import create
from stages.engines.ollama_name import held_as
from stages.engines.ollama_pulled import as_pulled
from stages.engines.ollama_registry import registered
from stages.engines.ollama_server import FAULTS, http
from stages.engines.ollama_tag import compare, get_tag
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault
from stages.engines.untrusted import words
from stages.manifest import Manifest


def make_sure(client: ollama.Client, manifest: Manifest) -> None:
    """Have the server hold the manifest's model, where it doesn't any more: a cached pull is no
    proof that it does.

    A tag is pulled again, a file handed over again, if it still is what it was; what the server
    holds under that name is left as it is. Raises ``UserError`` where there is no file, and
    ``EngineError``.
    """
    tag = str(manifest.ollama)
    try:
        if held_as(http(client), tag):
            return
        print(f"{tag} isn't in Ollama any more; getting it again", file=sys.stderr)
        if manifest.gguf:
            create(client, manifest)
            return
        before = as_pulled(manifest)
        compare(
            manifest.key,
            before,
            get_tag(client, manifest.key, tag, before, registered(client, tag)),
        )
    except StreamFault as fault:
        raise EngineError(f"{tag}: {fault.reason}", fault.fault) from fault
    except FAULTS as error:
        raise EngineError(f"{tag}: {words(error) or type(error).__name__}") from error
