"""A real Ollama server pulls from a registry of ours, which moves tags, stops and goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import ollama
import pytest

from stages.engines import ollama_progress
from stages.engines.ollama_own import installed_version
from stages.engines.ollama_progress import DownloadProgress
from stages.engines.ollama_pull import pull_ollama
from stages.engines.ollama_reach import SERVERS
from stages.engines.ollama_sure import make_sure
from stages.engines.protocol import EngineError
from stages.manifest import Manifest
from stages.plans.pull import PullPlan
from tests.engines.real import PROGRAM, needs_ollama, own_ollama
from tests.engines.registry import Registry, digest
from tests.engines.tiny import LICENSE, TEMPLATE, WIDTH, tiny_gguf, tiny_layers

pytestmark = [needs_ollama]


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with own_ollama(tmp_path_factory.mktemp("ollama")) as home:
        yield home


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as registry:
        yield registry


def small(tmp_path: Path, value: int) -> dict[str, bytes]:
    """A model of two layers: each takes Ollama a second."""
    layers = tiny_layers(tmp_path / "tiny.gguf", value)
    return {kind: layers[kind] for kind in ("model", "config")}


def pull(tag: str, key: str) -> Manifest:
    return pull_ollama(PullPlan(key=key, engine="ollama", ollama=tag, gguf=None, host=None))


def client(home: Path) -> ollama.Client:
    return SERVERS.reach(None, home / "ollama.log")[0]


def weights_there(home: Path, content: bytes) -> bool:
    return (home / "models/blobs" / digest(content).replace(":", "-")).exists()


def noted(home: Path, digest: str) -> bool:
    """Whether the server soon notes how far it came; it does so once it sees that nobody waits."""
    note = home / "models/blobs" / f"{digest.replace(':', '-')}-partial-0"
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        said = note.read_text() if note.exists() else ""
        if '"Completed":' in said and '"Completed":0}' not in said:
            return True
        time.sleep(0.05)
    return False


def test_a_true_pull_records_what_the_model_is(registry: Registry, tmp_path: Path) -> None:
    layers = tiny_layers(tmp_path / "tiny.gguf")
    published = registry.publish("tiny:latest", layers, spaces=" ")
    manifest = pull(registry.tag("tiny"), "true")
    assert PROGRAM is not None
    assert manifest.engine_version == installed_version(PROGRAM)
    assert manifest.manifest_digest == published
    assert manifest.weights_digest == digest(layers["model"])
    assert manifest.template_hash == digest(TEMPLATE.encode())
    assert manifest.size_bytes == sum(map(len, layers.values()))
    assert (manifest.family, manifest.quantisation) == ("llama", "F32")
    assert (manifest.parameters, manifest.context_length) == (WIDTH * WIDTH, 2048)
    assert manifest.capabilities == ["completion"]
    assert (manifest.license, LICENSE.splitlines()[0]) == ("MIT", "MIT License")
    assert manifest.parent is None


def test_what_was_interrupted_goes_on_where_it_stopped(
    registry: Registry,
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    layers = small(tmp_path, 2)
    model, half = digest(layers["model"]), len(layers["model"]) // 2
    registry.publish("half:latest", layers)
    registry.stop_after = half
    with monkeypatch.context() as patch:

        def stop(progress: DownloadProgress, piece: str, done: int, total: int) -> None:
            if done >= half:
                raise KeyboardInterrupt

        patch.setattr(DownloadProgress, "report", stop)
        with pytest.raises(KeyboardInterrupt):
            pull(registry.tag("half"), "half")
    assert half <= registry.given[model] < len(layers["model"])
    assert noted(home, model)
    registry.stop_after = None
    monkeypatch.setattr(ollama_progress, "PERIOD_S", 0.0)
    manifest = pull(registry.tag("half"), "half")
    assert manifest.weights_digest == model
    assert registry.given[model] == len(layers["model"])  # no byte came twice
    label = f"pull: {registry.tag('half')}: 0.00 of 0.00 GB, "
    assert any(line.startswith(label) for line in capsys.readouterr().err.splitlines())


def test_a_changed_tag_stops_before_any_layer_is_asked_for(
    registry: Registry, tmp_path: Path, home: Path
) -> None:
    tag = registry.tag("moved:1b")
    then = registry.publish("moved:1b", small(tmp_path, 3))
    pulled = pull(tag, "moved")
    client(home).delete(tag)
    new = small(tmp_path, 4)
    now = registry.publish("moved:1b", new)
    registry.asked.clear()
    for again in (lambda: pull(tag, "moved"), lambda: make_sure(client(home), pulled)):
        with pytest.raises(EngineError) as raised:
            again()
        said = str(raised.value)
        assert f"its manifest was {then}, now it is {now}" in said
        assert "rm -f" in said and "pull@moved" in said and "name a tag in params.yaml" in said
    assert registry.blobs_asked() == []
    assert not weights_there(home, new["model"])
    (home / "models/moved.json").unlink()
    assert pull(tag, "moved").manifest_digest == now


def test_a_tag_that_moved_is_not_pulled_over_what_is_there(
    registry: Registry, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tag, old = registry.tag("kept"), small(tmp_path, 5)
    then = registry.publish("kept:latest", old)
    first = pull(tag, "kept")
    capsys.readouterr()
    now = registry.publish("kept:latest", small(tmp_path, 6))
    registry.asked.clear()
    for _ in range(2):
        assert pull(tag, "kept") == first
        (line,) = capsys.readouterr().err.splitlines()
        assert f"the manifest here is {then}, there it is {now}" in line
        assert f"`ollama cp {tag} NAME`" in line and f"`ollama pull --insecure {tag}`" in line
    assert registry.blobs_asked() == []
    assert weights_there(home, old["model"])


def test_what_is_there_needs_no_registry(registry: Registry, tmp_path: Path, home: Path) -> None:
    registry.publish("alone:latest", small(tmp_path, 7))
    first = pull(registry.tag("alone"), "alone")
    registry.close()
    assert pull(registry.tag("alone"), "alone") == first
    make_sure(client(home), first)


def test_a_model_of_the_users_own_moves_never(
    registry: Registry, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.publish("mine:latest", small(tmp_path, 8))
    client(home).copy(pull(registry.tag("mine"), "a").ollama or "", registry.tag("other"))
    registry.publish("other:latest", small(tmp_path, 9))
    capsys.readouterr()
    for _ in range(2):  # the registry never had this under that name
        pull(registry.tag("other"), "b")
        assert capsys.readouterr().err == ""


def test_a_model_that_was_removed_is_had_again(
    registry: Registry, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.publish("again:latest", small(tmp_path, 10))
    pulled = pull(registry.tag("again"), "again")
    client(home).delete(registry.tag("again"))
    make_sure(client(home), pulled)
    assert pull(registry.tag("again"), "again") == pulled
    assert "isn't in Ollama any more; getting it again" in capsys.readouterr().err


def test_a_file_that_was_removed_from_the_server_is_handed_over_again(
    tmp_path: Path, home: Path
) -> None:
    path = tmp_path / "mine.gguf"
    tiny_gguf(path, 11)
    plan = PullPlan(key="f", engine="ollama", ollama=None, gguf=str(path), host=None)
    pulled = pull_ollama(plan)
    client(home).delete(pulled.ollama or "")
    make_sure(client(home), pulled)
    assert pull_ollama(plan) == pulled
    client(home).delete(pulled.ollama or "")
    tiny_gguf(path, 12)
    with pytest.raises(EngineError, match=rf"its model was {pulled.ollama}, now it is overthink-"):
        make_sure(client(home), pulled)


def test_a_file_whose_bytes_the_server_has_is_not_sent_again(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.gguf"
    content = tiny_gguf(path, 13)
    client(home).create_blob(path)  # and here somebody pulled the plug
    capsys.readouterr()
    plan = PullPlan(key="f", engine="ollama", ollama=None, gguf=str(path), host=None)
    assert pull_ollama(plan).weights_digest == digest(content)
    assert "handing" not in capsys.readouterr().err


def test_a_file_is_never_taken_for_another_model_of_its_name(tmp_path: Path, home: Path) -> None:
    path, other = tmp_path / "mine.gguf", tmp_path / "other.gguf"
    name = f"overthink-{digest(tiny_gguf(path, 14)).removeprefix('sha256:')[:12]}"
    tiny_gguf(other, 15)
    server = client(home)
    server.create(name, files={"o.gguf": server.create_blob(other)})
    plan = PullPlan(key="f", engine="ollama", ollama=None, gguf=str(path), host=None)
    with pytest.raises(EngineError, match=f"a model {name} that isn't made from .*ollama rm"):
        pull_ollama(plan)


@pytest.mark.parametrize(
    ("content", "said"), [(b"PK\3\4zip", "is no GGUF file"), (b"GGUF\3\0\0\0", "broken.gguf: ")]
)
def test_a_file_that_is_no_gguf_is_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    with pytest.raises(EngineError) as raised:
        pull_ollama(PullPlan(key="f", engine="ollama", ollama=None, gguf=str(path), host=None))
    assert said in str(raised.value) and str(raised.value).isprintable()


def test_a_file_that_changes_while_it_is_read_is_one_line(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "growing.gguf"
    tiny_gguf(path, 16)
    sent = httpx.Client.head

    def head(self: httpx.Client, *arguments: object, **options: object) -> httpx.Response:
        with path.open("ab") as file:
            file.write(b"more")
        return sent(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(httpx.Client, "head", head)
    with pytest.raises(EngineError, match=r"growing.gguf changed while it was read"):
        pull_ollama(PullPlan(key="f", engine="ollama", ollama=None, gguf=str(path), host=None))
