"""Pulling a tag: only what isn't there, never over what is, with room for it, and in sight."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from stages.engines import ollama_progress
from stages.engines.ollama_progress import DownloadProgress
from stages.engines.ollama_pull import pull_ollama
from stages.engines.ollama_pulled import taking
from stages.engines.protocol import EngineError
from stages.manifest import Manifest
from stages.plans.pull import PullPlan
from tests.engines.dialects import DIGEST, show
from tests.engines.fault_server import FaultServer, Reply

PULL, TAGS = "/api/pull", "/api/tags"
WEIGHTS, OTHER = f"sha256:{DIGEST}", "sha256:" + "ef" * 32


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTHINK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # no registry can be asked


def pull(server: FaultServer, tag: str = "m:1b") -> Manifest:
    return pull_ollama(
        PullPlan(key="k", engine="ollama", ollama=tag, gguf=None, host=server.address)
    )


def refusal(server: FaultServer, tag: str = "m:1b") -> str:
    with pytest.raises(EngineError) as raised:
        pull(server, tag)
    assert str(raised.value).isprintable()
    return str(raised.value)


def holds_nothing_yet(server: FaultServer, *steps: dict[str, object] | bytes) -> None:
    """The tag is there only after a download that says ``steps``."""
    server.script(TAGS, *[Reply(b'{"models": []}')] * 2)
    lines = [step if isinstance(step, bytes) else json.dumps(step).encode() for step in steps]
    server.always(PULL, Reply([line + b"\n" for line in lines]))


def layer(done: int, total: int, digest: str = WEIGHTS) -> dict[str, object]:
    return {"status": "pulling", "digest": digest, "completed": done, "total": total}


def test_what_the_server_holds_is_not_pulled_again(server: FaultServer) -> None:
    pull(server)
    assert server.asked(PULL) == []


def test_what_it_lacks_is_pulled_in_sight(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ollama_progress, "PERIOD_S", 0.0)
    steps = [layer(0, 10**9), layer(10**8, 10**9), layer(10**9, 10**9), {"status": "success"}]
    holds_nothing_yet(server, {"status": "pulling manifest"}, b"", *steps)
    assert pull(server).weights_digest == WEIGHTS
    assert server.asked(PULL) == [{"model": "m:1b", "stream": True}]
    tenth, whole = capsys.readouterr().err.splitlines()
    assert tenth.startswith("pull: m:1b: 0.10 of 1.00 GB, ") and " MB/s, " in tenth
    assert whole.startswith("pull: m:1b: 1.00 of 1.00 GB, ") and whole.endswith("0:00:00 left")


def test_speed_and_time_left_are_those_since_the_last_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    times = iter([100.0, 102.0, 110.0, 110.0, 110.0, 120.0, 120.0, 120.0])
    monkeypatch.setattr(ollama_progress.time, "monotonic", lambda: next(times))
    with DownloadProgress("x", Console(force_terminal=False)) as progress:
        progress.report("a", 10**9, 4 * 10**9)  # at 100 s: taken up from an earlier try
        progress.report("a", 10**9, 4 * 10**9)  # at 102 s: too soon for a line
        progress.report("a", 2 * 10**9, 4 * 10**9)  # at 110 s: 1 GB in 10 s, 2 GB are left
        progress.report("a", 2 * 10**9, 4 * 10**9)  # at 120 s
    assert capsys.readouterr().err.splitlines() == [
        "x: 2.00 of 4.00 GB, 100.0 MB/s, 0:00:20 left",
        "x: 2.00 of 4.00 GB, 0.0 MB/s, stands",
    ]


def test_a_terminal_gets_a_bar() -> None:
    console = Console(force_terminal=True, width=100, record=True)
    with DownloadProgress("pull: [m]", console) as progress:
        progress.report("a", 0, 10**9)
        progress.report("a", 5 * 10**8, 10**9)
    shown = console.export_text()
    assert "pull: [m]" in shown and "0.5/1.0 GB" in shown


def test_a_full_disk_is_said_before_it_is_full(server: FaultServer, tmp_path: Path) -> None:
    holds_nothing_yet(server, layer(0, 10**18))
    said = refusal(server)
    assert f"m:1b needs 1000000000.0 GB and 1 GB to spare in {tmp_path / 'models'}" in said
    assert "free some space" in said


def test_what_came_earlier_needs_no_room(server: FaultServer) -> None:
    holds_nothing_yet(server, layer(10**18 - 1, 10**18), {"status": "success"})
    pull(server)


def test_the_disk_is_the_one_where_the_servers_other_models_are(
    server: FaultServer, tmp_path: Path
) -> None:
    server.always(TAGS, {"models": [{"model": "other:1b", "digest": "cd" * 32, "size": 7}]})
    server.always(PULL, Reply(json.dumps(layer(0, 10**18)).encode() + b"\n"))
    server.always("/api/show", show() | {"modelfile": f"FROM {tmp_path}/blobs/sha256-{DIGEST}"})
    assert f"to spare in {tmp_path}," in refusal(server, "new:1b")


@pytest.mark.parametrize("tag", ["m:120b-cloud", "m:cloud", "some.where:80/a/m:cloud"])
def test_a_cloud_model_is_refused_by_its_name_before_it_is_pulled(
    server: FaultServer, tag: str
) -> None:
    assert f"{tag} is a cloud model: it runs on its vendor's machines" in refusal(server, tag)
    assert server.asked(PULL) == []


def test_a_cloud_model_that_the_server_lists_is_refused_too(server: FaultServer) -> None:
    entry = {"model": "m:1b", "digest": "cd" * 32, "size": 7, "remote_host": "https://far:443"}
    server.always(TAGS, {"models": [entry]})
    assert "m:1b is a cloud model: it runs on its vendor's machines (https://far" in refusal(server)


def test_a_local_model_may_have_cloud_in_its_name(server: FaultServer) -> None:
    server.always(TAGS, {"models": [{"model": "m:my-cloud", "digest": "cd" * 32, "size": 7}]})
    assert pull(server, "m:my-cloud").ollama == "m:my-cloud"


def test_a_tag_that_means_something_else_now_stops_until_it_is_taken(
    server: FaultServer, tmp_path: Path
) -> None:
    pull(server)
    moved = {"models": [{"model": "m:1b", "digest": "ef" * 32, "size": 7}]}
    server.always(TAGS, moved)
    for _ in range(2):  # saying it once doesn't take it
        said = refusal(server)
        assert f"its manifest was sha256:{'cd' * 32}, now it is {OTHER}" in said
        assert taking("k") in said and "name a tag in params.yaml" in said
    (tmp_path / "home/models/k.json").unlink()
    assert pull(server).manifest_digest == OTHER
    server.always(TAGS, {"models": [{"model": "n:1b", "digest": "cd" * 32, "size": 7}]})
    pull(server, "n:1b")  # another tag is the user's own change


def test_other_weights_are_seen_before_they_are_downloaded(server: FaultServer) -> None:
    server.always(TAGS, {"models": [{"model": "m:1b", "digest": "cd" * 32, "size": 1000}]})
    pull(server)
    template = "sha256:" + "12" * 32
    holds_nothing_yet(server, layer(0, 10, template), layer(0, 900, OTHER), {"status": "success"})
    said = refusal(server)
    assert f"its weights file was {WEIGHTS}, now it is {OTHER}" in said
    assert "pull@k" in said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error": "pull model manifest: file does not exist"}\n', "file does not exist"),
        (b"[]\n", "malformed report"),
        (b'{"status": 7}\n', "status is no text"),
        (b'{"status": "x", "digest": []}\n', "digest is no text"),
        (b'{"status": "pulling manifest"}\n', "in the middle of the download"),
        (b"\xff\n", "no UTF-8"),
    ],
)
def test_a_download_that_fails_is_said_with_its_remedy(
    server: FaultServer, body: bytes, said: str
) -> None:
    server.script(TAGS, *[Reply(b'{"models": []}')] * 2)
    server.always(PULL, Reply(body))
    text = refusal(server)
    assert said in text
    assert "check the tag in params.yaml and the network" in text
    assert "it goes on where it stopped" in text


@pytest.mark.parametrize("value", [-1, "9", None, [], 10**30, 1.5])
def test_figures_that_are_none_are_no_progress(server: FaultServer, value: object) -> None:
    steps = [layer(0, 10) | {name: value} for name in ("completed", "total")]
    holds_nothing_yet(server, *steps, {"status": "success"})
    pull(server)


@pytest.mark.parametrize(
    "shown",
    [
        {"modelfile": 7},
        {"modelfile": "FROM x"},
        {"capabilities": "all"},
        {"model_info": []},
        {"details": "x"},
        {"template": []},
    ],
)
def test_nonsense_in_a_description_is_said(server: FaultServer, shown: dict[str, object]) -> None:
    server.always("/api/show", show() | shown)
    assert "the server describes the model in no known way" in refusal(server)


def test_facts_of_wrong_types_are_unknown(server: FaultServer) -> None:
    facts = {"general.architecture": 7, "general.parameter_count": "many", "general.name": "a\nb"}
    server.always("/api/show", show() | {"model_info": facts, "license": "MIT"})
    manifest = pull(server)
    assert (manifest.family, manifest.parameters, manifest.context_length) == (None, None, None)
    assert manifest.name == "a b"


def test_one_part_of_a_model_in_several_files_is_refused(
    server: FaultServer, tmp_path: Path
) -> None:
    part = tmp_path / "big-00001-of-00003.gguf"
    part.write_bytes(b"GGUF")
    plan = PullPlan(key="k", engine="ollama", ollama=None, gguf=str(part), host=server.address)
    with pytest.raises(EngineError, match="is one part of a model in several files"):
        pull_ollama(plan)
    assert server.asked("/api/create") == []
