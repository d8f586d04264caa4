"""Which Ollama server a stage talks to: the one that answers, else one that the stage starts."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from pathlib import Path

import ollama

from stages.engines.ollama_own import OwnServer, free_port, installed, installed_version
from stages.engines.ollama_server import address_of, connect, is_local, port_of, version_of
from stages.engines.protocol import EngineError


class Servers:
    """The servers of one process: found ones are only used, a started one is shared and stopped."""

    def __init__(self) -> None:
        self._own: OwnServer | None = None
        self._found: set[str] = set()
        self._state = threading.Lock()

    def reach(self, host: str | None, log: Path) -> tuple[ollama.Client, str]:
        """A client and the version of the server at ``host``, else OLLAMA_HOST, else the default.

        Where no ``host`` is given and nobody answers on this machine, the installed ``ollama`` is
        started, and its words go to ``log``. A server that answered once and is gone is waited
        for, not replaced: it may have held other models, and its own keeper restarts it.

        Raises ``EngineError``.
        """
        with self._state:
            if host is None and self._own and self._own.alive:
                try:
                    return _asked(self._own.address)
                except EngineError as error:
                    # It may have been killed just now: whoever kept it is still cleaning up.
                    if error.fault != "connection" or not self._own.ends():
                        raise
            client = connect(host)
            address = address_of(client)
            try:
                version = version_of(client)
            except EngineError as error:
                program = self._to_start(host, client, error)
                if program is None:
                    raise
                self._start(program, client, error, log)
                assert self._own is not None
                return _asked(self._own.address)
            if address not in self._found and not is_local(client):
                print(
                    f"ollama: {address} is another machine: what is traced here isn't its load",
                    file=sys.stderr,
                )
            self._found.add(address)
            return client, version

    def version(self, host: str | None) -> str | None:
        """The version that ``reach`` would give, nothing started; null where none can be known."""
        with self._state:
            own = self._own if host is None and self._own and self._own.alive else None
            client = connect(own.address if own else host)
            try:
                return version_of(client)
            except EngineError as error:
                program = self._to_start(host, client, error)
                return installed_version(program) if program else None

    def stop(self) -> None:
        """Stop what was started here."""
        with self._state:
            if self._own:
                self._own.stop()
                self._own = None

    def _to_start(self, host: str | None, client: ollama.Client, error: EngineError) -> Path | None:
        """The program to start in place of a server that didn't answer; null where none may be."""
        if host is not None or error.fault is None or not is_local(client):
            return None
        if address_of(client) in self._found:
            return None
        # At the default address anything may happen to listen; an address by name is meant.
        if error.fault != "connection" and os.environ.get("OLLAMA_HOST"):
            return None
        return installed()

    def _start(self, program: Path, client: ollama.Client, error: EngineError, log: Path) -> None:
        if self._own:
            print(
                "ollama: the server that was started has ended; starting it again", file=sys.stderr
            )
            self._own.stop()  # collects what is left of it
        port = free_port(port_of(client) if error.fault == "connection" else 0)
        own = OwnServer(program, port, log)
        why = "nobody" if error.fault == "connection" else "no Ollama server"
        print(
            f"ollama: {why} answers at {address_of(client)}; "
            f"started {program} at {own.address} for this stage (its log: {log})",
            file=sys.stderr,
        )
        own.wait()
        self._own = own


def _asked(address: str) -> tuple[ollama.Client, str]:
    client = connect(address)
    return client, version_of(client)


SERVERS = Servers()
"""This process's own; stopped when it ends."""
atexit.register(SERVERS.stop)
