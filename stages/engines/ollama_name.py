"""A model's name as Ollama reads it: which registry it stands for, and how the server lists it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_address

import httpx

from stages.engines.ollama_server import Held, listed

_HOST, _NAMESPACE, _TAG = "registry.ollama.ai", "library", "latest"


@dataclass(frozen=True)
class Name:
    """``SCHEME://HOST/NAMESPACE/MODEL:TAG`` with what Ollama puts where a part is left out.

    ``host`` has its port; ``scheme`` is empty where the name has none.
    """

    scheme: str
    host: str
    namespace: str
    model: str
    tag: str

    @property
    def shown(self) -> str:
        """As ``ollama list`` shows it, in small letters: Ollama tells no large ones from them."""
        place = f"{self.host}/" if self.host.lower() != _HOST else ""
        if place or self.namespace.lower() != _NAMESPACE:
            place += f"{self.namespace}/"
        return f"{place}{self.model}:{self.tag}".lower()

    @property
    def on_loopback(self) -> bool:
        """Whether the registry is on the very machine that asks it."""
        address = self.host.partition(":")[0]
        try:
            return address == "localhost" or ip_address(address).is_loopback
        except ValueError:
            return False

    @property
    def insecure(self) -> bool:
        """Whether the registry is asked without TLS: on loopback nobody could listen in."""
        return self.on_loopback and self.scheme != "https"


def name_of(tag: str) -> Name:
    """Take a name apart as Ollama does (its ``types/model/name.go``)."""
    scheme, _, rest = tag.rpartition("://")
    path, label = rest, ""
    if rest.rfind(":") > rest.rfind("/"):
        path, _, label = rest.rpartition(":")
    place, _, model = path.rpartition("/")
    host, _, namespace = place.rpartition("/")
    return Name(scheme, host or _HOST, namespace or _NAMESPACE, model, label or _TAG)


def held_as(client: httpx.Client, tag: str) -> Held | None:
    """What the server holds under a name, however that is spelt; null for nothing.

    Raises ``StreamFault``.
    """
    wanted = name_of(tag).shown
    return next((model for model in listed(client) if name_of(model.tag).shown == wanted), None)


def cli(host: str | None) -> str:
    """The command as it reaches the server at ``host``."""
    if host is None:
        return "ollama"
    return f"set OLLAMA_HOST={host}&& ollama" if os.name == "nt" else f"OLLAMA_HOST={host} ollama"
