from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from stages.params.load import load
from stages.params.models import resolved
from stages.sizing import capacity as capacity_module
from stages.sizing.capacity import Capacity, capacity
from stages.sizing.need import Shape, need_bytes
from stages.sizing.presets import Fit, Machine, fits, sizes_in
from stages.sizing.remark import needed
from tests.graph import ROOT
from tests.trace.fake_nvml import FakeNvml

GB = 1_000_000_000
# Weights (bytes; the round figure is Ollama's) and shapes of the presets' models: layers, heads,
# heads of keys and values, length of a key and of a value. The shapes are those of config.json in
# deepseek-ai/DeepSeek-R1-Distill-*, meta-llama/Llama-3.3-70B-Instruct, Qwen/Qwen3-0.6B and
# HuggingFaceTB/SmolLM2-135M-Instruct; the GGUF headers state the same.
KNOWN = {
    "qwen3-0-6b": (523_000_000, Shape(28, 16, 8, 128, 128)),
    "deepseek-r1-1-5b": (1_117_320_512, Shape(28, 12, 2, 128, 128)),
    "deepseek-r1-7b": (4_683_073_184, Shape(28, 28, 4, 128, 128)),
    "deepseek-r1-8b": (4_920_736_256, Shape(32, 32, 8, 128, 128)),
    "deepseek-r1-14b": (8_988_109_920, Shape(48, 40, 8, 128, 128)),
    "deepseek-r1-32b": (19_851_335_520, Shape(64, 40, 8, 128, 128)),
    "deepseek-r1-70b": (42_520_395_584, Shape(80, 64, 8, 128, 128)),
    "llama3-3-70b": (42_520_395_584, Shape(80, 64, 8, 128, 128)),
    "smollm2": (98_360_000, Shape(30, 9, 3, 64, 64)),
    "smollm2-think": (98_360_000, Shape(30, 9, 3, 64, 64)),
}


@pytest.mark.parametrize("path", sorted((ROOT / "presets").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_model_of_a_preset_remarks_what_it_needs(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    params = load(path)
    for key, size in sizes_in(path).items():
        weights, shape = KNOWN[key]
        assert size is not None, key
        assert size.disk_bytes == pytest.approx(weights, abs=0.05 * GB), key
        window = resolved(params.models[key], params.generation)["num_ctx"]
        assert f"{size.memory_bytes / GB} GB" == needed(need_bytes(weights, shape, window)), key


NEEDS = re.compile(r"\n# Needs (\S+ GB) on disk; in memory (\S+ GB) for the largest model,")
AT_ONCE = re.compile(r"(\S+ GB) for (\w+) at once")


@pytest.mark.parametrize("name", ["original", "small"])
def test_a_preset_says_what_it_needs_as_a_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    path = ROOT / f"presets/{name}.yaml"
    params, sizes = load(path), {key: size for key, size in sizes_in(path).items() if size}
    said = NEEDS.search(path.read_text("utf-8"))
    assert said is not None
    assert said[1] == needed(sum(size.disk_bytes for size in sizes.values()))
    assert said[2] == needed(max(size.memory_bytes for size in sizes.values()))
    rosters = {
        test: needed(sum(sizes[key].memory_bytes for key in params.sidebyside[test].models))
        for test in params.sidebyside
    }
    at_once = AT_ONCE.findall(path.read_text("utf-8"))
    assert {test: memory for memory, test in at_once} == rosters


def test_small_fits_eight_gib_of_memory_of_which_the_system_shows_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(capacity_module, "usable_memory_bytes", lambda: 8_100_000_000)
    here = Machine(capacity(FakeNvml(0)), 2, True, 100 * GB, ())
    assert {fit.fits for fit in fits(ROOT / "presets/small.yaml", here)} == {True}


def test_what_is_off_in_the_original_can_be_switched_on(tmp_path: Path) -> None:
    text = (ROOT / "presets/original.yaml").read_text("utf-8")
    before, off, after = text.partition("  # deepseek-r1-671b:")
    lines = (off + after).splitlines(keepends=True)
    (tmp_path / "on.yaml").write_text(
        before + "".join(line.replace("# ", "", 1) for line in lines[:5]) + "".join(lines[5:])
    )
    on, shipped = load(tmp_path / "on.yaml", ROOT), load(ROOT / "presets/original.yaml", ROOT)
    assert "deepseek-r1-671b" not in shipped.models
    model = on.models["deepseek-r1-671b"]
    assert (model.ollama, model.think) == ("deepseek-r1:671b-q4_K_M", None)
    assert on.model_copy(update={"models": shipped.models}) == shipped
    size = sizes_in(tmp_path / "on.yaml")["deepseek-r1-671b"]
    assert size is not None
    assert size.disk_bytes == 404 * GB
    # Its config.json: keys of 128 + 64 numbers, values of 128.
    need = need_bytes(404 * GB, Shape(61, 128, 128, 192, 128), on.generation.num_ctx)
    assert size.memory_bytes == -(-need // GB) * GB


@pytest.fixture
def preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two models, of 2 and 6 GB of memory, and a test of both."""
    monkeypatch.chdir(tmp_path)
    params = yaml.safe_load((ROOT / "presets/small.yaml").read_text("utf-8"))
    del params["models"]
    params["sidebyside"]["test1"]["models"] = ["a", "b"]
    models = (
        "models:\n"
        '  a: # 1.0 GB on disk, 2.0 GB in memory\n    ollama: "a:1b"\n'
        '  b: # 5.0 GB on disk, 6.0 GB in memory\n    ollama: "b:7b"\n'
    )
    path = tmp_path / "mine.yaml"
    path.write_text(models + yaml.safe_dump(params), "utf-8")
    return path


def machine(memory: int, disk: int = 100, held: tuple[str, ...] = ()) -> Machine:
    return Machine(Capacity(memory * GB, 0), 2, True, disk * GB, held)


def verdicts(found: list[Fit]) -> dict[str, bool | None]:
    return {fit.name: fit.fits for fit in found}


@pytest.mark.parametrize(
    ("memory", "a", "b", "both"),
    [
        (8, True, True, True),
        (7, True, True, False),
        (5, True, False, False),
        (1, False, False, False),
    ],
)
def test_models_and_tests_are_judged_by_memory(
    preset: Path, memory: int, a: bool, b: bool, both: bool
) -> None:
    assert verdicts(fits(preset, machine(memory))) == {
        "mine": both,
        "mine/a": a,
        "mine/b": b,
        "mine/test1": both,
    }


def test_what_does_not_fit_says_why_and_what_to_do(preset: Path) -> None:
    whole, _, b, both = fits(preset, machine(5))
    assert b.found == "needs 5.0 GB on disk, 6.0 GB in memory; models may take 5.0 GB of memory"
    assert both.found == "needs 8.0 GB in memory for 2 at once; several may take 5.0 GB of memory"
    assert whole.found == "1 of 2 models fit; 6.0 GB to download"
    assert whole.remedy == "before a run of it, take out of params.yaml what is too large: b, test1"


def test_several_at_once_must_fit_on_the_gpu_if_there_is_one(preset: Path) -> None:
    def with_gpu(gb: int) -> list[Fit]:
        return fits(preset, Machine(Capacity(64 * GB, gb * GB), 2, True, 100 * GB, ()))

    assert verdicts(with_gpu(8)) == dict.fromkeys(("mine", "mine/a", "mine/b", "mine/test1"), True)
    found = with_gpu(7)
    assert verdicts(found)["mine/b"] is True  # what a GPU can't hold of one model, memory does
    assert (
        found[-1].found
        == "needs 8.0 GB in memory for 2 at once; several may take 7.0 GB of GPU memory"
    )


def test_the_disk_must_hold_what_is_not_here_yet(preset: Path) -> None:
    whole = fits(preset, machine(8, disk=5))[0]
    assert whole.fits is False
    assert whole.found == "2 of 2 models fit; 6.0 GB to download, and 5.0 GB free here"
    assert whole.remedy == "before a run of it, free some disk, or take models out"
    assert fits(preset, machine(8, disk=5, held=("a:1b",)))[0].fits is True
    here = fits(preset, machine(8, disk=0, held=("a:1b", "b:7b")))[0]
    assert here.found == "2 of 2 models fit; nothing to download"
    unknown = Machine(Capacity(8 * GB, 0), 2, True, 100 * GB, None)
    assert fits(preset, unknown)[0].found == "2 of 2 models fit; up to 6.0 GB to download"


def test_a_test_needs_a_core_for_each_model(preset: Path) -> None:
    found = fits(preset, Machine(Capacity(8 * GB, 0), 1, True, 100 * GB, ()))
    assert verdicts(found) == {"mine": False, "mine/a": True, "mine/b": True, "mine/test1": False}
    assert found[-1].found == "needs 2 cores, one a model; a run may use 1"


def test_of_models_on_another_machine_nothing_can_be_told(preset: Path) -> None:
    found = fits(preset, Machine(Capacity(100 * GB, 0), 2, False, 100 * GB, ()))
    assert set(verdicts(found).values()) == {None}
    assert found[1].found.endswith("Ollama runs on another machine")
    full = fits(preset, Machine(Capacity(100 * GB, 0), 2, False, 0, ()))[0]
    assert full.found == "0 of 2 models fit; 6.0 GB to download"  # it isn't this disk that fills


def test_files_run_here_wherever_ollama_is_and_without_a_gpu(preset: Path, tmp_path: Path) -> None:
    (tmp_path / "a.gguf").touch()
    text = preset.read_text("utf-8").replace('ollama: "a:1b"', "gguf: a.gguf")
    preset.write_text(text, "utf-8")
    room = Capacity(GB, 100 * GB)
    assert verdicts(fits(preset, Machine(room, 2, False, 100 * GB, ()))) == {
        "mine": False,
        "mine/a": False,
        "mine/b": None,
        "mine/test1": None,
    }
    assert verdicts(fits(preset, Machine(room, 2, True, 100 * GB, ())))["mine/test1"] is True


def test_a_model_without_a_remark_is_unknown_and_so_is_its_test(preset: Path) -> None:
    preset.write_text(preset.read_text("utf-8").replace(" # 5.0 GB on disk", " # large"), "utf-8")
    assert verdicts(fits(preset, machine(8))) == {
        "mine": None,
        "mine/a": True,
        "mine/b": None,
        "mine/test1": None,
    }


def test_a_preset_with_a_mistake_is_one_finding(preset: Path) -> None:
    preset.write_text("models: {}\n", "utf-8")
    (fit,) = fits(preset, machine(8))
    assert fit.fits is None
    assert "mine.yaml:1: " in fit.found
    assert fit.remedy
