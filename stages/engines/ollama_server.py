"""Talking to an Ollama server: its address, its version, what it holds."""

from __future__ import annotations

import os
import re

import httpx
import ollama

from stages.engines.exchange import FRESH, fetch
from stages.engines.protocol import EngineError
from stages.engines.stream import StreamFault
from stages.engines.untrusted import words

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
_VERSION_S = 10.0
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


def version_of(client: ollama.Client) -> str:
    """The server's version. Raises ``EngineError``, with its fault, where none says it."""
    address = str(http(client).base_url).rstrip("/")
    try:
        version = fetch(http(client), "GET", "/api/version", None, _VERSION_S).get("version")
    except StreamFault as fault:
        if fault.fault == "connection":
            said = f"no Ollama server answers at {address} ({fault.reason})"
        else:
            said = f"the server at {address} doesn't say its version ({fault.reason})"
        raise EngineError(
            f"{said}; start Ollama with `ollama serve`, or name its address in OLLAMA_HOST",
            fault.fault,
        ) from fault
    if not isinstance(version, str) or version != words(version, 60) or not version:
        raise EngineError(
            f"what answers at {address} is no Ollama server (version {words(repr(version), 60)}); "
            "name the address of one in OLLAMA_HOST",
            "garbage",
        )
    return f"ollama {version}"


def held(client: ollama.Client, tag: str) -> ollama.ListResponse.Model | None:
    """What the server knows of a tag; null if it doesn't hold it."""
    wanted = {tag, f"{tag}:latest"}
    return next((model for model in client.list().models if model.model in wanted), None)


def weights_in(modelfile: str) -> str | None:
    """The weights that a Modelfile names; null for a model that runs elsewhere."""
    match = _BLOB.search(modelfile)
    return f"sha256:{match[1]}" if match else None


def weights_digest(shown: ollama.ShowResponse) -> str | None:
    """The weights of a model as the server shows it; null for one that runs elsewhere."""
    return weights_in(shown.modelfile or "")


def is_local(client: ollama.Client) -> bool:
    """Whether the server has this machine's cores."""
    return http(client).base_url.host in {"127.0.0.1", "localhost", "::1", "0.0.0.0"}  # noqa: S104


def _client(host: str | None, timeout: float | None, *, trust_env: bool) -> ollama.Client:
    return ollama.Client(
        host, timeout=timeout, follow_redirects=False, limits=FRESH, trust_env=trust_env
    )
