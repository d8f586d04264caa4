"""One HTTP request, whose every way to fail is a ``StreamFault``."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from contextlib import closing
from typing import Any

import httpx

from stages.engines.protocol import Fault
from stages.engines.stream import StreamFault
from stages.engines.untrusted import json_object, message_of, words
from stages.engines.watchdog import Watchdog
from stages.plans.units import Limits

FRESH = httpx.Limits(max_keepalive_connections=0)
"""For a client: a connection a request, so that none is tried whose server has gone since."""

_CONNECT_S = 10.0
_MOST_BYTES = 2**30  # of a stream: a million tokens take less
_MOST_OF_OBJECT = 2**24  # bytes; Ollama's description of a model is some ten thousand
_MOST_OF_REFUSAL = 2**14  # bytes
_NOT_CONNECTED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
# What httpx and what lies under it make of a network's and a stranger's faults.
_ERRORS = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, ValueError)


def exchange(
    client: httpx.Client,
    method: str,
    path: str,
    body: Any,
    watch: Watchdog,
    most: int = _MOST_BYTES,
) -> Generator[bytes, None, None]:
    """Send a request and yield its answer's body as it arrives; ``body`` is sent as JSON.

    To be closed by the caller (``contextlib.closing``), which ends the request. ``most`` is the
    longest body that is read, in bytes. Raises ``StreamFault``.
    """
    watch.check()
    content = None if body is None else json.dumps(body).encode()
    # What is packed could grow to any size: nothing is unpacked, so nothing may be packed.
    headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
    wait = watch.left_s
    timeout = httpx.Timeout(wait, connect=min(wait, _CONNECT_S))
    extensions = {"trace": watch.trace}
    try:
        with client.stream(
            method, path, content=content, headers=headers, timeout=timeout, extensions=extensions
        ) as response:
            if response.status_code != httpx.codes.OK:
                raise _refusal(response)
            seen = 0
            for piece in response.iter_raw():
                watch.check()
                seen += len(piece)
                if seen > most:
                    raise StreamFault("garbage", f"the server sent more than {most} bytes")
                yield piece
            watch.check()  # a body that ends with its connection seems whole once that is cut
    except _NOT_CONNECTED as error:
        watch.check()
        place = client.base_url.netloc.decode("ascii", "replace")
        raise StreamFault(
            "connection", f"nobody answers at {place}: {words(error) or type(error).__name__}"
        ) from error
    except _ERRORS as error:
        watch.check()
        raise _fault(error) from error


def fetch(
    client: httpx.Client, method: str, path: str, body: Any, timeout_s: float
) -> dict[str, Any]:
    """Send a request and give the JSON object that answers it. Raises ``StreamFault``."""
    limits = Limits(timeout_s=timeout_s, stall_s=timeout_s, retries=0)
    with (
        Watchdog(limits, time.monotonic() + timeout_s) as watch,
        closing(exchange(client, method, path, body, watch, _MOST_OF_OBJECT)) as pieces,
    ):
        content = b"".join(pieces)
    try:
        answer = json_object(content.decode())
    except ValueError as error:
        found = words(content[:80].decode("utf-8", "replace"), 80)
        raise StreamFault(
            "garbage", f"the server answered what nobody asked ({words(error)}): {found}"
        ) from None
    if answer.get("error") is not None:
        raise StreamFault("reported", f"the server reported: {message_of(json.dumps(answer))}")
    return answer


def _refusal(response: httpx.Response) -> StreamFault:
    status = response.status_code
    content = b""
    for piece in response.iter_raw():
        content += piece
        if len(content) > _MOST_OF_REFUSAL:
            break
    said = message_of(content[:_MOST_OF_REFUSAL].decode("utf-8", "replace"))
    kind: Fault
    if status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
        kind, verb = "busy", "asks to come back later"
    elif httpx.codes.is_server_error(status):
        kind, verb = "failed", "failed"
    elif httpx.codes.is_client_error(status) or httpx.codes.is_redirect(status):
        kind, verb = "rejected", "won't answer this request"
    else:
        kind, verb = "garbage", "gave an answer of no known kind"
    return StreamFault(kind, f"the server {verb} (HTTP {status}): {said}", status)


def _fault(error: Exception) -> StreamFault:
    said = words(error) or type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        return StreamFault("stall", f"the server stopped taking part: {said}")
    # The HTTP library has one error for a connection that ends and for bytes that aren't HTTP.
    lost = isinstance(error, httpx.RemoteProtocolError) and (
        "disconnected" in said or "peer closed" in said
    )
    if lost or isinstance(error, (httpx.NetworkError, OSError)):
        return StreamFault("reset", f"the connection was lost: {said}")
    return StreamFault("garbage", f"what the server sent is no HTTP: {said}")
