"""Which server a stage uses, what it starts itself, and that only this ends with it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from stages.engines import ollama_reach
from stages.engines.ollama_own import free_port, installed_version
from stages.engines.ollama_reach import Servers
from stages.engines.ollama_server import address_of, connect
from stages.engines.protocol import EngineError
from tests.conftest import ends_within
from tests.engines import stand_in
from tests.engines.fault_server import FaultServer, Reply
from tests.graph import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-in for ollama is a script")

ANSWERED = "ollama 0.30.1"  # by FaultServer, which the stand-in runs


@pytest.fixture
def servers() -> Iterator[Servers]:
    servers = Servers()
    yield servers
    servers.stop()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs/ollama.log"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed ollama."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    return stand_in.install(tmp_path / "bin")


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """The port that OLLAMA_HOST names, where nobody listens."""
    port = free_port()
    monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{port}")
    return port


@pytest.fixture
def default(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    """What listens at the default address, which is moved to a port of the test's."""
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    with FaultServer() as server:
        monkeypatch.setattr(ollama_reach, "connect", lambda host: connect(host or server.address))
        yield server


def family() -> list[psutil.Process]:
    """What this process has started: keeper, server and runner."""
    return psutil.Process().children(recursive=True)


def test_a_server_that_answers_is_used_and_left_alone(
    server: FaultServer, servers: Servers, program: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", server.address)
    client, version = servers.reach(None, log)
    servers.stop()
    assert (address_of(client), version, log.exists()) == (server.address, ANSWERED, False)
    assert servers.reach(None, log)[1] == ANSWERED


def test_where_nobody_answers_one_is_started_shared_and_stopped(
    servers: Servers,
    program: Path,
    port: int,
    log: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OLLAMA_MODELS", "/where/the/users/are")
    client, version = servers.reach(None, log)
    assert (address_of(client), version) == (f"http://127.0.0.1:{port}", ANSWERED)
    assert address_of(servers.reach(None, log)[0]) == address_of(client)
    started = family()
    assert len(started) == 3
    servers.stop()
    assert all(ends_within(process, 1) for process in started)
    (line,) = log.read_text().splitlines()
    environment = json.loads(line)
    assert environment["OLLAMA_NO_CLOUD"] == "1"
    assert environment["OLLAMA_NOPRUNE"] == "1"  # else a half-finished download may be removed
    assert environment["OLLAMA_MODELS"] == "/where/the/users/are"
    assert f"started {program} at http://127.0.0.1:{port}" in capsys.readouterr().err


def test_its_version_is_known_before_it_is_started(
    servers: Servers, program: Path, port: int
) -> None:
    assert servers.version(None) == "ollama 0.24.0"
    assert family() == []
    assert servers.version(f"127.0.0.1:{port}") is None  # where a host is named none is started


@pytest.mark.parametrize("body", ["exit 1", "echo no number", "sleep 9"])
def test_a_program_that_does_not_say_its_version_has_none(
    tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stages.engines.ollama_own._ASK_S", 0.2)
    program = tmp_path / "ollama"
    program.write_text(f"#!/bin/sh\nexec {body}\n" if "sleep" in body else f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    assert installed_version(program) is None


@pytest.mark.parametrize("reply", [Reply(b"+PONG", raw=True), Reply(b"[]"), Reply(b"", status=404)])
def test_a_default_address_held_by_something_else_is_left_to_it(
    default: FaultServer,
    servers: Servers,
    program: Path,
    log: Path,
    reply: Reply,
    capsys: pytest.CaptureFixture[str],
) -> None:
    default.always("/api/version", reply)
    client, version = servers.reach(None, log)
    assert address_of(client) != default.address and version == ANSWERED
    assert f"no Ollama server answers at {default.address}" in capsys.readouterr().err


def test_at_an_address_by_name_another_protocol_is_said(
    server: FaultServer, servers: Servers, program: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", server.address)
    server.always("/api/version", Reply(b"SSH-2.0-x\r\n", raw=True, then="close"))
    with pytest.raises(EngineError, match=f"the server at {server.address} doesn't say its vers"):
        servers.reach(None, log)
    assert servers.version(None) is None
    assert family() == []


def test_where_a_models_host_is_named_none_is_started(
    servers: Servers, program: Path, port: int, log: Path
) -> None:
    with pytest.raises(EngineError, match="no Ollama server answers") as raised:
        servers.reach(f"127.0.0.1:{port}", log)
    assert raised.value.fault == "connection"
    assert family() == []


def test_for_another_machine_none_is_started(
    servers: Servers, program: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://no.such.host.invalid:1")
    with pytest.raises(EngineError, match="start Ollama there, or name its address"):
        servers.reach(None, log)
    assert family() == []


def test_without_an_ollama_the_remedy_is_said(
    servers: Servers, port: int, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EngineError, match=r"`ollama serve` \(it is to be had from https://ollama"):
        servers.reach(None, log)


def test_the_one_of_the_projects_tools_will_do(
    servers: Servers, port: int, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in.install(tmp_path / ".tools")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert servers.reach(None, log)[1] == ANSWERED


def test_an_old_one_is_said_and_none_is_started(
    default: FaultServer, servers: Servers, program: Path, log: Path
) -> None:
    default.always("/api/version", {"version": "0.5.0"})
    with pytest.raises(EngineError, match="too old: found version 0"):
        servers.reach(None, log)
    assert family() == []


def test_one_that_ends_at_once_is_said_in_its_own_words(
    servers: Servers, port: int, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    stand_in.install(tmp_path / "bin", dies="print('Error: no \\x1b home'); sys.exit(1)")
    with pytest.raises(EngineError, match="ended at once: Error: no home") as raised:
        servers.reach(None, log)
    assert str(log) in str(raised.value)


def test_one_of_ours_that_was_killed_is_started_again(
    servers: Servers, program: Path, port: int, log: Path
) -> None:
    servers.reach(None, log)
    keeper, server, runner = family()
    server.kill()
    assert ends_within(runner, 1)  # nobody else would end it
    assert ends_within(keeper, 1)
    assert servers.reach(None, log)[1] == ANSWERED
    assert len(family()) == 3


def test_a_found_one_that_is_gone_is_not_replaced(
    default: FaultServer, servers: Servers, program: Path, log: Path
) -> None:
    servers.reach(None, log)
    default.close()
    with pytest.raises(EngineError, match="no Ollama server answers") as raised:
        servers.reach(None, log)
    assert raised.value.fault == "connection"
    assert family() == []


STAGE = """
import sys, time
from pathlib import Path
from stages.engines.ollama_reach import SERVERS
SERVERS.reach(None, Path(sys.argv[1]))
print("ready", flush=True)
sys.argv[2] == "wait" and time.sleep(60)
"""


def stage(log: Path, then: str) -> subprocess.Popen[bytes]:
    """A process that has started a server."""
    process = subprocess.Popen(
        [sys.executable, "-c", STAGE, str(log), then], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout and process.stdout.readline() == b"ready\n"
    return process


def test_it_ends_with_its_stage_also_with_one_that_is_killed(
    program: Path, port: int, log: Path
) -> None:
    process = stage(log, "wait")
    started = psutil.Process(process.pid).children(recursive=True)
    assert len(started) == 3
    process.kill()
    process.wait()
    assert all(ends_within(one, 2) for one in started)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_it_ends_with_its_keeper(servers: Servers, program: Path, port: int, log: Path) -> None:
    servers.reach(None, log)
    keeper, server, runner = family()
    keeper.kill()
    assert ends_within(server, 1)
    runner.kill()  # a true server ends its runners when it is asked to stop


def test_it_ends_with_a_stage_that_is_done(program: Path, port: int, log: Path) -> None:
    with stage(log, "end") as process:
        assert process.wait(10) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


STUBBORN = f"import signal; signal.signal({int(signal.SIGTERM)}, signal.SIG_IGN)"
HASTY = "from stages.engines import ollama_keeper as keeper; keeper.PATIENCE_S = 0.2; keeper.main()"


def test_one_that_does_not_stop_is_killed(
    servers: Servers, port: int, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    monkeypatch.setattr("stages.engines.ollama_own._STOP_S", 0.3)
    stand_in.install(tmp_path / "bin", dies=STUBBORN)
    servers.reach(None, log)
    started = family()
    servers.stop()
    assert all(ends_within(process, 1) for process in started)


def test_its_keeper_kills_one_that_does_not_stop(port: int, log: Path, tmp_path: Path) -> None:
    program = stand_in.install(tmp_path / "bin", dies=STUBBORN)
    keeper = subprocess.Popen(
        [sys.executable, "-c", HASTY, program, "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        cwd=ROOT,
    )
    assert keeper.stdin and keeper.stdout
    keeper.stdout.readline()  # it has begun
    started = family()
    keeper.stdin.close()
    keeper.stdout.close()
    assert keeper.wait(2) == -signal.SIGKILL  # with the whole group
    assert all(ends_within(process, 1) for process in started)
