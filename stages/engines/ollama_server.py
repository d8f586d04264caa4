"""Talking to an Ollama server: its address, its version, what it holds."""

from __future__ import annotations

import os
import re

import httpx
import ollama

from stages.engines.protocol import EngineError

# What the client raises when the server fails, can't be reached or sends nonsense.
FAULTS = (ollama.ResponseError, httpx.HTTPError, ConnectionError, ValueError)
_BLOB = re.compile(r"^FROM .*sha256[-:]([0-9a-f]{64})\s*$", re.MULTILINE)


def connect(host: str | None, timeout: float | None = None) -> ollama.Client:
    """A client for ``host``, else OLLAMA_HOST, else the default address; nothing is sent yet.

    Raises ``EngineError`` for what is no address.
    """
    try:
        client = ollama.Client(host, timeout=timeout, follow_redirects=False)
        # A proxy from the environment has no business between a process and its own machine.
        own = {"trust_env": False} if is_local(client) else {}
        return ollama.Client(host, timeout=timeout, follow_redirects=False, **own)
    except ValueError as error:
        found = host or os.environ.get("OLLAMA_HOST")
        raise EngineError(f"{found!r} is no address of an Ollama server: {error}") from error


def version_of(client: ollama.Client) -> str:
    """The server's version. Raises ``EngineError`` where none answers."""
    try:
        url = f"{_address(client)}/api/version"
        reply = httpx.get(url, timeout=10.0, trust_env=not is_local(client))
        return f"ollama {reply.raise_for_status().json()['version']}"
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise EngineError(
            f"no Ollama server answers at {_address(client)} ({error}); start it with "
            "`ollama serve`, or name its address in OLLAMA_HOST"
        ) from error


def held(client: ollama.Client, tag: str) -> ollama.ListResponse.Model | None:
    """What the server knows of a tag; null if it doesn't hold it."""
    wanted = {tag, f"{tag}:latest"}
    return next((model for model in client.list().models if model.model in wanted), None)


def weights_digest(shown: ollama.ShowResponse) -> str | None:
    """The weights that a model's Modelfile names; null for a model that runs elsewhere."""
    match = _BLOB.search(shown.modelfile or "")
    return f"sha256:{match[1]}" if match else None


def is_local(client: ollama.Client) -> bool:
    """Whether the server has this machine's cores."""
    return client._client.base_url.host in {"127.0.0.1", "localhost", "::1", "0.0.0.0"}  # noqa: S104


def _address(client: ollama.Client) -> str:
    return str(client._client.base_url).rstrip("/")
