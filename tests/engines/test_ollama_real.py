"""A real Ollama server, started by us: pulled into, asked, killed. `make ollama` builds one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from stages.engines.ollama import OllamaEngine
from stages.engines.ollama_model import OllamaModel
from stages.engines.ollama_own import installed_version
from stages.engines.ollama_pull import pull_ollama
from stages.engines.ollama_reach import SERVERS
from stages.engines.protocol import Chunk, Outcome, Request
from stages.manifest import Manifest
from stages.measuring import attempts, residents, serving
from stages.plans.pull import PullPlan
from stages.plans.units import Asking, Limits
from tests.conftest import WEIGHTS, ends_within
from tests.engines.real import PROGRAM, THINKING, needs_ollama, own_ollama
from tests.measuring.project import StageProject, unit

pytestmark = [pytest.mark.model, needs_ollama]

QUESTION = Request([{"role": "user", "content": "Tell a long story of the sea."}], seed=5)


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the server keeps models and log; it ends with these tests."""
    with own_ollama(tmp_path_factory.mktemp("ollama")) as home:
        yield home


@pytest.fixture(scope="module")
def plain(home: Path) -> Manifest:
    """The packaged model as Ollama has it."""
    return pull_ollama(PullPlan(key="m", engine="ollama", ollama=None, gguf=WEIGHTS, host=None))


@pytest.fixture(scope="module")
def thinker(home: Path, plain: Manifest) -> Manifest:
    """The same weights with a template that thinks, made by hand and then pulled by its tag."""
    client, _ = SERVERS.reach(None, home / "ollama.log")
    client.create("thinker", from_=plain.ollama, template=THINKING)
    plan = PullPlan(key="t", engine="ollama", ollama="thinker", gguf=None, host=None)
    return pull_ollama(plan)


def ask(
    manifest: Manifest, asking: Asking, limits: Limits, log: Path, kill: str | None = None
) -> tuple[list[Chunk], Outcome]:
    """What came; after the third chunk the process called ``kill`` is killed."""
    chunks: list[Chunk] = []

    def sink(chunk: Chunk) -> None:
        chunks.append(chunk)
        if kill and len(chunks) == 3:
            running(kill).kill()

    with OllamaEngine().start(manifest, asking, limits, 1, log) as model:
        return chunks, model.ask(QUESTION, sink)


def running(role: str) -> psutil.Process:
    """The server (``serve``), or what runs the model: ``runner`` or ``llama-server``."""
    names = {"serve": ["serve"], "runner": ["runner", "llama-server"]}[role]
    return next(
        process
        for process in psutil.Process().children(recursive=True)
        if any(name in word for word in process.cmdline()[:2] for name in names)
        and "python" not in process.name()
    )


def wordy(asking: Asking, think: bool) -> Asking:
    """Asked for more than can come before a kill."""
    options = asking.options.model_copy(update={"num_predict": 300})
    return asking.model_copy(update={"options": options, "think": think})


def test_a_file_is_pulled_into_the_server_that_is_started(plain: Manifest, home: Path) -> None:
    assert PROGRAM is not None
    assert plain.engine_version == installed_version(PROGRAM)
    assert plain.ollama == "overthink-b179c9523d0e"
    assert plain.weights_digest.startswith("sha256:")
    assert (plain.family, plain.quantisation, plain.license) == ("llama", "Q4_1", "apache-2.0")
    assert plain.parameters == 134515008
    assert "thinking" not in plain.capabilities
    assert "Listening on 127.0.0.1" in (home / "ollama.log").read_text()


def test_a_second_pull_finds_it(plain: Manifest, capfd: pytest.CaptureFixture[str]) -> None:
    again = pull_ollama(PullPlan(key="m", engine="ollama", ollama=None, gguf=WEIGHTS, host=None))
    assert again == plain
    assert capfd.readouterr().err == ""  # nothing was handed over


def test_a_few_tokens_are_counted_one_by_one(
    plain: Manifest, asking: Asking, limits: Limits, home: Path
) -> None:
    chunks, outcome = ask(plain, asking, limits, home / "log")
    assert (outcome.stop, outcome.fault, outcome.output_tokens) == ("length", None, 12)
    assert {chunk.field for chunk in chunks} == {"content"}
    assert sum(chunk.tokens or 0 for chunk in chunks) == 12


def test_a_model_that_thinks_does_so_apart(
    thinker: Manifest, asking: Asking, limits: Limits, home: Path
) -> None:
    assert "thinking" in thinker.capabilities
    thought = asking.model_copy(update={"think": True})
    chunks, outcome = ask(thinker, thought, limits, home / "log")
    assert outcome.fault is None
    assert {chunk.field for chunk in chunks} == {"thinking"}
    silent, _ = ask(thinker, asking, limits, home / "log")
    assert {chunk.field for chunk in silent} == {"content"}


@pytest.mark.parametrize("killed", ["serve", "runner"])
def test_what_is_killed_in_a_thought_is_started_again(
    thinker: Manifest, asking: Asking, limits: Limits, home: Path, killed: str
) -> None:
    chunks, outcome = ask(thinker, wordy(asking, True), limits, home / "log", kill=killed)
    assert outcome.fault in ("reset", "reported", "unfinished", "failed")
    assert outcome.stop == "error" and outcome.reason
    assert 3 <= len(chunks) < 300
    _, after = ask(thinker, asking, limits, home / "log")
    assert after.fault is None


def test_thinking_tokens_are_counted_one_by_one_too(
    thinker: Manifest, asking: Asking, limits: Limits, home: Path
) -> None:
    chunks, outcome = ask(thinker, wordy(asking, True), limits, home / "log")
    assert outcome.output_tokens is not None
    # A turn that the model ended holds one more token than text: the end-of-turn mark.
    counted = sum(chunk.tokens or 0 for chunk in chunks)
    assert counted == outcome.output_tokens - (outcome.stop == "stop")
    assert len(chunks) == counted  # a piece a token, none of them held back


def test_a_removed_model_is_made_again_before_it_is_asked(
    plain: Manifest, asking: Asking, limits: Limits, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    client, _ = SERVERS.reach(None, home / "ollama.log")
    client.delete(str(plain.ollama))
    _, outcome = ask(plain, asking, limits, home / "log")
    assert outcome.stop == "length"
    assert f"{plain.ollama} isn't in Ollama any more; getting it again" in capfd.readouterr().err


def test_a_cold_model_is_loaded_anew_for_each_question(
    plain: Manifest, asking: Asking, limits: Limits, home: Path
) -> None:
    cold = asking.model_copy(update={"cold": True})
    loads, runners = [], []
    with OllamaEngine().start(plain, cold, limits, 1, home / "log") as model:
        for _ in range(2):
            model.prepare([model.name])
            assert model.held() == []
            outcome = model.ask(QUESTION, lambda _: None)
            loads.append(outcome.load_ns or 0)
            runners.append(running("runner").pid)
        warm = model.ask(QUESTION, lambda _: None).load_ns or 0
    assert runners[0] != runners[1]
    assert min(loads) > 2 * warm


def test_a_server_of_ours_that_died_between_two_questions_is_started_again(
    stage_project: StageProject, plain: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``residents`` have it: what can't be prepared is loaded anew."""
    monkeypatch.setattr(residents, "engine_for", lambda _: OllamaEngine())
    monkeypatch.setattr(serving, "engine_for", lambda _: OllamaEngine())
    monkeypatch.setattr(attempts.time, "sleep", lambda _: None)
    stage_project.without_sampler()
    answered = OllamaModel.ask

    def ask_and_die(model: OllamaModel, *arguments: Any) -> Outcome:
        outcome = answered(model, *arguments)
        running("serve").kill()
        return outcome

    monkeypatch.setattr(OllamaModel, "ask", ask_and_die)
    limits = Limits(timeout_s=60, stall_s=30, retries=1)
    records = stage_project.generate(unit("p"), unit("q"), entry=plain, limits=limits)
    assert records["stop"].to_list() == ["length", "length"]


def test_it_is_stopped_with_its_runners(plain: Manifest, asking: Asking, limits: Limits) -> None:
    client, _ = SERVERS.reach(None, Path(os.devnull))
    client.generate(plain.ollama or "", "", keep_alive=-1)
    ours = psutil.Process().children(recursive=True)
    assert running("runner") in ours
    SERVERS.stop()
    assert all(ends_within(process, 1) for process in ours)
