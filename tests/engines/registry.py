"""A small registry of models on loopback, from which a real Ollama server pulls.

It can say what was asked of it and how many bytes of each layer it gave, stop in the middle of a
layer, change what a tag means, and be gone::

    with Registry() as registry:
        registry.publish("tiny:latest", layers)
        ...  # pull registry.tag("tiny:latest")
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

_MODEL = "application/vnd.ollama.image."
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_PIECE = 2**16
STALL_S = 20.0


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def layer(kind: str, content: bytes) -> dict[str, Any]:
    """A layer as a manifest lists it; ``kind`` is ``model``, ``template``, ``license`` …"""
    media = _CONFIG if kind == "config" else _MODEL + kind
    return {"mediaType": media, "digest": digest(content), "size": len(content)}


class Registry:
    """See above. ``asked`` holds each request, ``given`` the bytes of each layer by its digest."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.given: Counter[str] = Counter()
        self.stop_after: int | None = None
        self.going_on = threading.Event()
        self.manifests: dict[str, bytes] = {}
        self.blobs: dict[str, bytes] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    def tag(self, name: str) -> str:
        """A name as ``params.yaml`` would give it."""
        return f"127.0.0.1:{self.port}/library/{name}"

    def publish(self, name: str, layers: dict[str, bytes], spaces: str = "") -> str:
        """Have ``name`` mean these layers, ``config`` among them; gives the manifest's digest."""
        self.blobs |= {digest(content): content for content in layers.values()}
        listed = {kind: layer(kind, content) for kind, content in layers.items()}
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": listed.pop("config"),
            "layers": list(listed.values()),
        }
        content = json.dumps(manifest, separators=(f",{spaces}", f":{spaces}")).encode()
        self.manifests[name] = content
        return digest(content)

    def blobs_asked(self) -> list[str]:
        """Requests for anything but manifests."""
        return [path for path in self.asked if "/manifests/" not in path]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Be gone."""
        self.going_on.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(registry: Registry) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.do_GET()

            def do_GET(self) -> None:
                registry.asked.append(f"{self.command} {self.path}")
                *_, what, last = self.path.split("/")
                name = re.sub(r"^/v2/library/(.+)/manifests/(.+)$", r"\1:\2", self.path)
                if name in registry.manifests:
                    self._answer(200, registry.manifests[name])
                elif last not in registry.blobs:
                    self._answer(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}')
                elif what == "blobs" and self.command == "GET":
                    # Ollama takes layers from where it is sent to, never from the registry itself.
                    there = f"http://localhost:{registry.port}/data/{last}"
                    self._answer(307, b"", Location=there)
                else:
                    self._layer(last)

            def _layer(self, digest: str) -> None:
                content = registry.blobs[digest]
                found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
                if found:
                    content = content[int(found[1]) : int(found[2]) + 1]
                self._head(206 if found else 200, len(content))
                if self.command == "HEAD":
                    return
                with suppress(OSError):  # whoever asked may go
                    for start in range(0, len(content), _PIECE):
                        if registry.stop_after is not None and start >= registry.stop_after:
                            registry.going_on.wait(STALL_S)
                            return
                        piece = content[start : start + _PIECE]
                        self.wfile.write(piece)
                        registry.given[digest] += len(piece)

            def _answer(self, status: int, content: bytes, **fields: str) -> None:
                self._head(status, len(content), **fields)
                if self.command == "GET":
                    self.wfile.write(content)

            def _head(self, status: int, length: int, **fields: str) -> None:
                self.send_response(status)
                for name, value in ({"Content-Length": str(length)} | fields).items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
