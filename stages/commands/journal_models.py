"""Taking back the models that Ollama was given as files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from stages.engines.ollama_created import remove_created
from stages.engines.ollama_reach import SERVERS
from stages.engines.ollama_server import FAULTS, address_of
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault
from stages.engines.untrusted import words
from stages.errors import UserError
from stages.home import home
from stages.manifest import Manifest, read_manifest
from stages.params.problems import nearest


def clear_models(keys: Sequence[str]) -> Iterator[str]:
    """Remove them, and say of each server how many those were.

    Without ``keys`` all of them go, from the servers that the models in use name, else from the
    usual one. Raises ``UserError`` for a key of which no model was made, and where a server can't
    be asked.
    """
    made = _made()
    for key in keys:
        if key not in made:
            raise UserError(
                f"journal: no model in Ollama was made from a file for {key!a}; "
                f"{nearest(key, sorted(made))}"
            )
    servers: defaultdict[str | None, set[str]] = defaultdict(set)
    for key in keys or made:
        servers[made[key].host].add(str(made[key].ollama))
    for host in servers or [None]:
        yield _clear(host, servers[host] if keys else None)


def _clear(host: str | None, names: set[str] | None) -> str:
    try:
        client, _ = SERVERS.reach(host, home() / "ollama.log")
        gone = remove_created(client, names)
    except EngineError as error:
        raise UserError(f"journal: {error}") from error
    except (StreamFault, *FAULTS) as error:
        raise UserError(
            f"journal: {address_of(client)} doesn't remove its models: "
            f"{words(error) or type(error).__name__}; see that it runs, then do this again"
        ) from error
    number = "1 model that was" if len(gone) == 1 else f"{len(gone)} models that were"
    listed = f": {', '.join(gone)}" if gone else ""
    return f"{number} made from files removed from Ollama at {address_of(client)}{listed}"


def _made() -> dict[str, Manifest]:
    """The manifests of models that Ollama was given as files, by key."""
    found: dict[str, Manifest] = {}
    for path in sorted(Path("data/models").glob("*.json")):
        with suppress(ValidationError, OSError):
            manifest = read_manifest(path.stem)
            if isinstance(manifest, Manifest) and manifest.engine == "ollama" and manifest.gguf:
                found[path.stem] = manifest
    return found
