"""Runs on a real Ollama server that isn't ours: alone, side by side, in turns, and disturbed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import ollama
import polars as pl
import psutil
import pytest

from stages.engines.ollama_own import free_port
from stages.engines.ollama_server import port_of
from stages.engines.weights import digest, locate
from stages.journal.journal import open_journal
from tests.engines.proxy import Proxy
from tests.engines.real import PROGRAM, THINKING, needs_ollama, other_weights
from tests.projects import WEIGHTS, Project, copy_project

pytestmark = [pytest.mark.model, needs_ollama]

PLAIN = THINKING.partition("{{ if .Thinking")[0] + "{{ .Content }}<|im_end|>\n{{ end }}"
PLAIN += "<|im_start|>assistant\n"


@contextmanager
def served(models: Path, log: Path, port: int = 0, **settings: str) -> Iterator[ollama.Client]:
    """A server that somebody else has started, with these models."""
    assert PROGRAM is not None
    place = f"127.0.0.1:{port or free_port()}"
    own = {"OLLAMA_HOST": place, "OLLAMA_MODELS": str(models), "OLLAMA_NO_CLOUD": "1"}
    with (
        log.open("ab") as words,
        subprocess.Popen(
            [PROGRAM, "serve"], env=os.environ | own | settings, stdout=words, stderr=words
        ) as process,
    ):
        try:
            client = ollama.Client(f"http://{place}", trust_env=False)
            for _ in range(200):
                try:
                    client.list()
                    break
                except (httpx.HTTPError, ConnectionError):
                    time.sleep(0.05)
            yield client
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three models of different weights; one of them thinks."""
    folder = tmp_path_factory.mktemp("ollama")
    with served(folder / "models", folder / "log") as client:
        files = [locate(WEIGHTS), *(other_weights(folder / f"{n}.gguf", n) for n in (3, 4))]
        made = zip(("plain", "thinker", "stranger"), files, (PLAIN, THINKING, PLAIN), strict=True)
        for name, file, template in made:
            client.create_blob(file)
            content = {"m.gguf": digest(file)}
            client.create(name, files=content, template=template, parameters={"stop": ["<|im_e"]})
    return folder / "models"


def new_project(root: Path) -> Project:
    """Two of the models, one question, few tokens."""
    project = copy_project(root)
    params = project.params()
    params["models"] = {
        "plain": {"ollama": "plain", "think": False},
        "ponder": {"ollama": "thinker", "think": "high"},
    }
    params["prompts"] = ["original/test1"]
    params["generation"] |= {"epochs": 2, "num_predict": 48, "num_ctx": 512, "repeats": 1}
    params["sidebyside"] = {
        "both": {"models": ["plain", "ponder"], "prompts": ["original/test1"], "epochs": 2}
    }
    project.write_params(params)
    return project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "project")


def on(project: Project, client: ollama.Client) -> None:
    project.environment["OLLAMA_HOST"] = str(client._client.base_url)


def stage(project: Project, name: str, *arguments: str) -> str:
    return project.run(sys.executable, "-m", f"stages.{name}", *arguments)


def asked(project: Project, source: str) -> pl.DataFrame:
    return pl.read_parquet(project.root / "data" / source / "records.parquet")


def traced(project: Project, source: str, table: str) -> pl.DataFrame:
    return pl.read_parquet(project.root / "data" / source / f"trace_{table}.parquet")


@pytest.fixture(scope="module")
def whole(models: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """A run up to its database, on a server that held a stranger's model; and what was said."""
    folder = tmp_path_factory.mktemp("whole")
    project = new_project(folder / "project")
    with served(models, folder / "log") as client:
        on(project, client)
        client.generate("stranger", "", keep_alive=-1)
        said = stage(project, "plan")
        for key in ("plain", "ponder"):
            said += stage(project, "pull", key) + stage(project, "generate", key)
        said += stage(project, "roster", "both") + stage(project, "sidebyside", "both")
        assert client.ps().models == []  # what was loaded is unloaded, and the server lives on
    stage(project, "validate")
    for source in ("plain", "ponder", "both"):
        stage(project, "score", source)
    stage(project, "query")
    return project, said


def test_alone_is_alone_and_each_response_has_its_tokens_times_and_process(
    whole: tuple[Project, str],
) -> None:
    project, said = whole
    assert "ponder: think: high, but thinker knows no levels: it is asked to think" in said
    solo = "SELECT DISTINCT also_held FROM responses WHERE arm IN ('solo', 'alone')"
    assert project.query(solo) == [([],)]
    assert project.query("SELECT DISTINCT tokens_method FROM responses") == [("engine",)]
    thoughts = "SELECT count(*) FROM responses WHERE thinking IS NOT NULL AND model = 'ponder'"
    assert project.query(thoughts) == [(8,)]
    unseen = "SELECT count(*) FROM phases WHERE seconds > 0.2 AND cpu_s IS NULL"
    assert project.query(unseen) == [(0,)]


def test_what_the_server_says_of_itself_is_kept_under_our_keys(whole: tuple[Project, str]) -> None:
    project, _ = whole
    held = project.query(
        "SELECT DISTINCT model, name, context_tokens FROM trace_held WHERE model IS NOT NULL "
        "ORDER BY ALL"
    )
    assert held == [("plain", "plain:latest", 512), ("ponder", "thinker:latest", 512)]
    # Both clocks account for the response, but for what the connection and the client took.
    ((most, least),) = project.query(
        "SELECT max(unaccounted_s / response_s), min(unaccounted_s) FROM clocks"
    )
    assert most < 0.5 and least > -0.05


def test_together_is_together(whole: tuple[Project, str]) -> None:
    project, said = whole
    assert "took turns" not in said
    rounds = project.query("SELECT together, models, readings > 3 FROM rounds")
    assert rounds == [(True, 2, True)] * 2
    assert project.query("SELECT count(*) FROM sidebyside_pairs") == [(12,)]
    assert project.query("SELECT verdict FROM claims WHERE position = 5") == [("reproduced",)]


def test_whether_tokens_repeat_is_looked_at_for_each_model(whole: tuple[Project, str]) -> None:
    project, _ = whole
    warm = "SELECT model, n FROM determinism WHERE kind = 'warm cache' ORDER BY ALL"
    assert project.query(warm) == [("plain", 1), ("ponder", 1), (None, 2)]


def test_a_server_that_holds_one_model_makes_a_test_of_turns(
    whole: tuple[Project, str], models: Path, tmp_path: Path
) -> None:
    shutil.copytree(whole[0].root, tmp_path / "project", symlinks=True)
    project = Project(tmp_path / "project")
    shutil.rmtree(project.root / ".overthink/journal")
    with served(models, tmp_path / "log", OLLAMA_MAX_LOADED_MODELS="1") as client:
        on(project, client)
        said = stage(project, "sidebyside", "both")
    stage(project, "score", "both")
    stage(project, "query")
    assert " keeps 1 of 2 models in memory at once: they will take turns" in said
    assert said.count("plain, ponder took turns: they weren't all in memory at once") == 1
    assert project.query("SELECT together FROM rounds") == [(False,)] * 2
    assert project.query("SELECT count(*) FROM sidebyside_pairs") == [(0,)]
    # An alone response after a turn isn't billed for the load that the turn caused.
    ((longest,),) = project.query("SELECT max(load_ns) / 1e9 FROM responses WHERE arm = 'alone'")
    assert longest < 0.4
    assert project.query("SELECT verdict FROM claims WHERE position = 5") == [("not reproduced",)]


def test_a_proxy_that_drops_stalls_and_lies_costs_tries_and_changes_no_word(
    whole: tuple[Project, str], models: Path, project: Project, tmp_path: Path
) -> None:
    params = project.params()
    params["generation"] |= {"repeats": 0, "retries": 3, "stall_s": 3}
    project.write_params(params)
    with (
        served(models, tmp_path / "log") as client,
        Proxy(port_of(client), "/api/chat", 2000, "drop", "stall", "lie") as proxy,
    ):
        project.environment["OLLAMA_HOST"] = proxy.address
        stage(project, "plan")
        stage(project, "pull", "plain")
        said = stage(project, "generate", "plain")
    assert proxy.done == ["drop", "stall", "lie"]
    records = asked(project, "responses/plain").sort("epoch")
    assert sorted(records["tries"].to_list()) == [1, 4]
    for reason in ("the connection was lost", "no text for 3 s", "the server sent"):
        assert reason in said
    undisturbed = asked(whole[0], "responses/plain").filter(arm="solo").sort("epoch")
    assert texts(project, records) == texts(whole[0], undisturbed)


def texts(project: Project, records: pl.DataFrame) -> list[str]:
    """What was said, response by response."""
    stream = pl.read_parquet(project.root / "data/responses/plain/stream.parquet")
    return [
        "".join(stream.filter(response_id=one).sort("index")["text"])
        for one in records["response_id"]
    ]


def test_a_service_restarted_between_two_responses_is_traced_on(
    models: Path, project: Project, tmp_path: Path
) -> None:
    params = project.params()
    params["generation"] |= {"epochs": 4, "repeats": 0, "retries": 3, "num_predict": 90}
    project.write_params(params)
    port = free_port()
    with served(models, tmp_path / "log", port=port) as client:
        on(project, client)
        stage(project, "plan")
        stage(project, "pull", "plain")
        with keeping(models, tmp_path / "log", port, "server"):
            stage(project, "generate", "plain")
    records = asked(project, "responses/plain").sort("request_ns")
    rows = traced(project, "responses/plain", "process").filter(role="engine", model="plain")
    for request, end in records.select("request_ns", "end_ns").rows():
        seen = rows.filter(pl.col("t_ns").is_between(request, end)).height
        assert seen > 0.8 * (end - request) / 1e9 * 20 - 2  # readings at 20 Hz


def test_a_variant_over_the_same_weights_is_another_model(
    models: Path, project: Project, tmp_path: Path
) -> None:
    params = project.params()
    params["models"]["pirate"] = {"ollama": "pirate", "think": False}
    params["generation"] |= {"epochs": 1, "repeats": 0, "num_predict": 24}
    project.write_params(params)
    with served(models, tmp_path / "log") as client:
        on(project, client)
        client.create("pirate", from_="plain", system="Answer as a pirate, in five words.")
        stage(project, "plan")
        for key in ("plain", "pirate"):
            stage(project, "pull", key)
            assert "kept from earlier runs" not in stage(project, "generate", key)
        client.create("pirate", from_="plain", system="Answer as a judge.")
        shutil.rmtree(project.root / ".overthink/journal")
        said = stage(project, "generate", "pirate")
        client.delete("pirate")
    assert "pirate has another system text, message, adapter or parameter than was pulled" in said
    assert asked(project, "responses/pirate")["stop"].to_list() == ["refused"]


@pytest.mark.parametrize("killed", ["server", "runner"])
def test_a_server_killed_in_a_response_and_started_again_loses_none(
    models: Path, project: Project, tmp_path: Path, killed: str
) -> None:
    params = project.params()
    params["generation"] |= {"epochs": 3, "repeats": 0, "retries": 3, "num_predict": 120}
    project.write_params(params)
    port = free_port()
    with served(models, tmp_path / "log", port=port) as client:
        on(project, client)
        stage(project, "plan")
        stage(project, "pull", "plain")
        with keeping(models, tmp_path / "log", port, killed) as kept:
            said = stage(project, "generate", "plain")
    assert kept.is_set()
    records = asked(project, "responses/plain")
    assert records["stop"].is_in(["stop", "length"]).all() and records.height == 3
    assert records["tries"].max() > 1  # type: ignore[operator]
    assert "asking again in" in said


@contextmanager
def keeping(models: Path, log: Path, port: int, killed: str) -> Iterator[threading.Event]:
    """Kill the server, or its runner, once that answers; start a killed server again after 1 s."""
    done, over, started = threading.Event(), threading.Event(), ExitStack()

    def disturb() -> None:
        while not (runners := processes("runner", models)) and not over.is_set():
            time.sleep(0.01)
        over.wait(2.5)  # it loads, the tracer settles, and it writes for some seconds
        (runners if killed == "runner" else processes("serve", models))[0].kill()
        if killed == "server":
            for runner in runners:
                runner.kill()
            over.wait(1)
            started.enter_context(served(models, log, port=port))
        done.set()

    thread = threading.Thread(target=disturb)
    thread.start()
    with started:
        yield done
        over.set()
        thread.join()


def processes(role: str, models: Path) -> list[psutil.Process]:
    """Ollama's server (``serve``) or runners (``runner``) that use this folder of models."""
    assert PROGRAM is not None
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if role in process.cmdline() and process.environ().get("OLLAMA_MODELS") == str(models):
                found.append(process)
    return found


def test_a_runner_that_somebody_else_has_swapped_is_followed(
    models: Path, project: Project, tmp_path: Path
) -> None:
    params = project.params()
    params["generation"] |= {"epochs": 8, "repeats": 0}
    project.write_params(params)
    with served(models, tmp_path / "log") as client:
        on(project, client)
        stage(project, "plan")
        stage(project, "pull", "plain")
        swapped = threading.Thread(target=swap, args=(client, project))
        swapped.start()
        stage(project, "generate", "plain")
        swapped.join()
    records = asked(project, "responses/plain")
    assert records["stop"].is_in(["stop", "length"]).all()
    events = traced(project, "responses/plain", "events")
    assert events.filter(pl.col("kind") == "runner_reloaded").height >= 1
    rows = traced(project, "responses/plain", "process").filter(pl.col("role") == "engine")
    assert set(rows["model"]) == {"plain"} and rows["pid"].n_unique() >= 2
    for request, end in records.select("request_ns", "end_ns").rows():
        if end - request > 5e8:
            assert rows.filter(pl.col("t_ns").is_between(request, end)).height


def swap(client: ollama.Client, project: Project) -> None:
    """Once it has answered, ask the model with another context: the server must load it anew."""
    journal, deadline = project.root / ".overthink/journal", time.monotonic() + 60
    while time.monotonic() < deadline:
        if journal.exists() and any(len(one.entries) > 0 for one in open_journal(journal).sessions):
            break
        time.sleep(0.05)
    client.generate("plain", "hi", options={"num_ctx": 1024, "num_predict": 1})


def test_on_a_server_elsewhere_the_row_says_who_else_was_there(
    models: Path, project: Project, tmp_path: Path
) -> None:
    params: Any = project.params()
    params["generation"] |= {"epochs": 1, "repeats": 0}
    project.write_params(params)
    with (
        served(models, tmp_path / "log") as client,
        Proxy(port_of(client), "/api/chat", 0) as proxy,
    ):
        # A name of another machine's, which only the proxy knows how to reach.
        project.environment |= {
            "OLLAMA_HOST": "http://far.internal:1",
            "HTTP_PROXY": f"http://{proxy.address}",
            "http_proxy": f"http://{proxy.address}",
        }
        client.generate("stranger", "", keep_alive=-1)
        said = stage(project, "plan") + stage(project, "pull", "plain")
        said += stage(project, "generate", "plain")
        assert [model.model for model in client.ps().models] == ["stranger:latest"]
    assert "is another machine" in said
    assert asked(project, "responses/plain")["also_held"].to_list() == [["stranger:latest"]]
    assert traced(project, "responses/plain", "process").filter(role="engine").height == 0
    missing = traced(project, "responses/plain", "events").filter(kind="lane_missing")
    assert missing.filter(subject="plain")["detail"].str.contains("is another machine").all()
    # What it holds is asked without a proxy, so here that stays unknown, and says so.
    assert missing.filter(lane="held")["subject"].to_list() == ["http://far.internal:1"]
