"""What a run would find at an Ollama server, or why it couldn't use it; none is started."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from stages.engines.ollama_name import name_of
from stages.engines.ollama_reach import SERVERS
from stages.engines.ollama_server import (
    NEEDED,
    address_of,
    connect,
    http,
    is_local,
    listed,
    version_of,
)
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault


@dataclass(frozen=True)
class Answer:
    """A server: where it is, whether on this machine, its version and the tags that it holds.

    Null ``tags`` without a ``fault``: it doesn't run yet, and a run starts it. With a ``fault`` a
    run can't use it before the ``remedy``.
    """

    address: str
    here: bool
    version: str | None = None
    tags: list[str] | None = None
    fault: str | None = None
    remedy: str | None = None

    def holds(self, tag: str) -> bool | None:
        """Whether it holds a model of this name, however that is spelt; null where unknown."""
        if self.tags is None:
            return None
        return name_of(tag).shown in {name_of(held).shown for held in self.tags}


def answer(host: str | None) -> Answer:
    """What the server at ``host`` says: else that of OLLAMA_HOST, or the usual one."""
    try:
        client = connect(host)
    except EngineError as error:
        # Whose models would fit can still be told: as if they ran here.
        found = "OLLAMA_HOST" if host is None else host
        return Answer(found, here=True, fault=str(error), remedy="correct the address")
    place = Answer(address_of(client), is_local(client))
    try:
        version = version_of(client)
        return replace(place, version=version, tags=[held.tag for held in listed(http(client))])
    except EngineError as error:
        own = SERVERS.version(host) if host is None and place.here else None
        return _to_start(place, own) if own else _refused(place, host, error)
    except StreamFault as fault:
        said = f"the server at {place.address} doesn't list its models ({fault.reason})"
        return replace(place, fault=said, remedy="restart it with `ollama serve`")


def _to_start(place: Answer, version: str) -> Answer:
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:3])
    if any(numbers) and numbers < NEEDED:
        needed = ".".join(map(str, NEEDED))
        return replace(
            place,
            fault=f"the installed ollama is too old: found {version}, {needed} is needed",
            remedy="update it from https://ollama.com/download",
        )
    return replace(place, version=version)


def _refused(place: Answer, host: str | None, error: EngineError) -> Answer:
    said, _, remedy = str(error).rpartition("; ")
    if host is not None and error.fault is not None:
        remedy = "start Ollama there, or correct `host` in params.yaml"
    return replace(place, fault=said, remedy=remedy)
