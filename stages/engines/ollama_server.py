"""Talking to an Ollama server: its address, its version, what it holds."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import httpx
import ollama
import psutil

from stages.engines.exchange import FRESH, fetch
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault
from stages.engines.untrusted import count, text_of, words

# What the client raises when the server fails, can't be reached or sends nonsense: it takes every
# reply for an object of the right shape.
FAULTS = (
    ollama.ResponseError,
    httpx.HTTPError,
    ConnectionError,
    ValueError,
    TypeError,
    AttributeError,
)
NEEDED = (0, 12, 11)
"""The first version whose stream says how many tokens each piece has."""
_UNSTAMPED = (0, 0, 0)  # what somebody built without giving it a version
_VERSION_S = 10.0
_LIST_S = 60.0
_NUMBERS = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_BLOB = re.compile(r"^FROM .*sha256[-:]([0-9a-f]{64})\s*$", re.MULTILINE)


def connect(host: str | None, timeout: float | None = None) -> ollama.Client:
    """A client for ``host``, else OLLAMA_HOST, else the default address; nothing is sent yet.

    Raises ``EngineError`` for what is no address.
    """
    try:
        # A proxy from the environment has no business between a process and its own machine.
        client = _client(host, timeout, trust_env=False)
        return client if is_local(client) else _client(host, timeout, trust_env=True)
    except (ValueError, httpx.InvalidURL) as error:
        found = host or os.environ.get("OLLAMA_HOST")
        raise EngineError(f"{found!r} is no address of an Ollama server: {error}") from error


def http(client: ollama.Client) -> httpx.Client:
    """What ``client`` sends with: the same address, headers and key."""
    sender: httpx.Client = client._client
    return sender


def address_of(client: ollama.Client) -> str:
    """Where the server is, as a user would write it."""
    return str(http(client).base_url).rstrip("/")


def port_of(client: ollama.Client) -> int:
    """The server's port."""
    url = http(client).base_url
    return url.port or (443 if url.scheme == "https" else 80)


def version_of(client: ollama.Client) -> str:
    """The server's version, ``ollama 0.24.0``.

    Raises ``EngineError``: with its fault where none says it, without one where it is too old.
    """
    address = address_of(client)
    try:
        version = fetch(http(client), "GET", "/api/version", None, _VERSION_S).get("version")
    except StreamFault as fault:
        if fault.fault == "connection":
            said = f"no Ollama server answers at {address} ({fault.reason})"
            start = (
                "start Ollama with `ollama serve` (it is to be had from https://ollama.com/download)"
                if is_local(client)
                else "start Ollama there"
            )
        else:
            said = f"the server at {address} doesn't say its version ({fault.reason})"
            start = "see that it is Ollama that listens there"
        raise EngineError(
            f"{said}; {start}, or name its address in OLLAMA_HOST", fault.fault
        ) from (fault)
    if not isinstance(version, str) or version != words(version, 60) or not version:
        raise EngineError(
            f"what answers at {address} is no Ollama server (version {words(repr(version), 60)}); "
            "name the address of one in OLLAMA_HOST",
            "garbage",
        )
    numbers = _NUMBERS.match(version)
    if numbers and _UNSTAMPED != tuple(map(int, numbers.groups())) < NEEDED:
        raise EngineError(
            f"the Ollama at {address} is too old: found version {version}, "
            f"{'.'.join(map(str, NEEDED))} or later is needed, which counts the tokens of each "
            "piece; update it from https://ollama.com/download and restart it"
        )
    return f"ollama {version}"


@dataclass(frozen=True)
class Held:
    """A model as the server lists it; ``size_bytes`` counts all its layers.

    ``manifest_digest`` is ``sha256:…`` of its manifest; ``remote`` says where a model runs that
    doesn't run on the server. Null is what the server doesn't say.
    """

    tag: str
    manifest_digest: str | None
    size_bytes: int | None
    remote: str | None


def listed(client: httpx.Client) -> list[Held]:
    """Every model that the server lists. Raises ``StreamFault``."""
    models = fetch(client, "GET", "/api/tags", None, _LIST_S).get("models")
    if not isinstance(models, list) or not all(isinstance(model, dict) for model in models):
        raise StreamFault("garbage", "the server doesn't list its models, but something else")
    try:
        return [_held(model) for model in models]
    except ValueError as error:
        raise StreamFault(
            "garbage", f"the server lists a model that is none: {words(error)}"
        ) from None


def held(client: httpx.Client, tag: str) -> Held | None:
    """What the server knows of a tag; null if it doesn't hold it. Raises ``StreamFault``."""
    wanted = {tag, f"{tag}:latest"}
    return next((model for model in listed(client) if model.tag in wanted), None)


def _held(model: dict[str, Any]) -> Held:
    digest = text_of(model, "digest").removeprefix("sha256:")
    known = re.fullmatch(r"[0-9a-f]{64}", digest)
    return Held(
        tag=text_of(model, "model"),
        manifest_digest=f"sha256:{digest}" if known else None,
        size_bytes=count(model.get("size")),
        remote=words(text_of(model, "remote_host")) or None,
    )


def weights_in(modelfile: str) -> str | None:
    """The weights that a Modelfile names; null for a model that runs elsewhere."""
    match = _BLOB.search(modelfile)
    return f"sha256:{match[1]}" if match else None


def is_local(client: ollama.Client) -> bool:
    """Whether the server has this machine's cores: by its address, no name is looked up."""
    return _is_here(http(client).base_url.host.lower())


@lru_cache
def _is_here(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host in {"localhost", socket.gethostname().lower()}
    if address.is_loopback or address.is_unspecified:
        return True
    own = [entry.address for known in psutil.net_if_addrs().values() for entry in known]
    return str(address) in {found.partition("%")[0] for found in own}


def _client(host: str | None, timeout: float | None, *, trust_env: bool) -> ollama.Client:
    return ollama.Client(
        host, timeout=timeout, follow_redirects=False, limits=FRESH, trust_env=trust_env
    )
