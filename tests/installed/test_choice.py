from __future__ import annotations

import pytest

from stages.installed.catalogue import Installed, LeftOut
from stages.installed.choice import Choice, choose, roster
from stages.sizing.capacity import Capacity
from tests.installed.models import GB, installed

# With the shape of these models a context of 16,384 tokens takes 0.37 GB, one of 8,192 0.18 GB, one
# of 4,096 0.09 GB, one of 2,048 0.05 GB; the runner takes 0.2 GB.


def room(gb: float, gpu_gb: float = 0) -> Capacity:
    return Capacity(round(gb * GB), round(gpu_gb * GB))


def one(model: Installed, gb: float) -> Choice | LeftOut:
    chosen, left = choose([model], room(gb))
    return [*chosen, *left][0]


@pytest.mark.parametrize(
    ("gb", "num_ctx", "num_predict"), [(2, 16384, 12288), (1.5, 8192, 6144), (1.3, 4096, 3072)]
)
def test_a_thought_gets_the_largest_window_that_fits(
    gb: float, num_ctx: int, num_predict: int
) -> None:
    choice = one(installed("m"), gb)
    assert isinstance(choice, Choice)
    assert (choice.num_ctx, choice.num_predict) == (num_ctx, num_predict)
    assert choice.cut_short == (num_ctx < 16384)
    assert choice.memory_bytes is not None
    assert choice.memory_bytes <= gb * GB


def test_memory_of_the_gpu_counts_too() -> None:
    (choice,), _ = choose([installed("m")], room(1, gpu_gb=1))
    assert choice.num_ctx == 16384


def test_a_model_that_does_not_think_needs_no_large_window() -> None:
    choice = one(installed("m", thinks=False), 100)
    assert isinstance(choice, Choice)
    assert (choice.num_ctx, choice.num_predict, choice.cut_short) == (4096, 3072, False)


def test_no_window_is_larger_than_the_models_own() -> None:
    choice = one(installed("m", context_length=10_000), 100)
    assert isinstance(choice, Choice)
    assert choice.num_ctx == 8192
    assert one(installed("m", context_length=512), 100) == LeftOut(
        "m", "its context of 512 tokens is too small for these prompts"
    )


def test_what_never_fits_is_left_out_with_what_it_needs() -> None:
    assert one(installed("m", 10), 5) == LeftOut(
        "m", "it needs 10.3 GB of memory, and models may take 5.0 GB of memory"
    )
    assert isinstance(one(installed("m", 10, shape=None), 5), LeftOut)


@pytest.mark.parametrize("model", [installed("m", None), installed("m", shape=None)])
def test_unknown_needs_get_the_smallest_window(model: Installed) -> None:
    choice = one(model, 100)
    assert isinstance(choice, Choice)
    assert (choice.num_ctx, choice.memory_bytes) == (4096, None)


def test_the_smallest_model_comes_first_and_the_unknown_last() -> None:
    chosen, _ = choose([installed("x", None), installed("b", 2), installed("a", 1)], room(100))
    assert [choice.model.tag for choice in chosen] == ["a", "b", "x"]


def together(gb: float, *models: Installed, cores: int = 8) -> list[str]:
    chosen, _ = choose(models, room(gb))
    return [choice.model.tag for choice in roster(chosen, room(gb), cores)]


def test_side_by_side_are_at_most_three_that_fit_those_that_think_first() -> None:
    a, b, c, d = (installed(tag, size) for tag, size in (("a", 1), ("b", 2), ("c", 3), ("d", 4)))
    plain = installed("plain", 0.5, thinks=False)
    assert together(100, a, b, c, d) == ["a", "b", "c"]
    assert together(8, a, b, c, d) == ["a", "b", "c"]  # 6 GB of weights, 1.7 GB of the rest
    assert together(5, a, b, c, d) == ["a", "b"]
    assert together(5, a, d, plain) == ["a", "plain"]
    assert together(3, a, b) == []


def test_side_by_side_each_has_a_core() -> None:
    models = [installed(tag) for tag in "abc"]
    assert together(100, *models, cores=2) == ["a", "b"]
    assert together(100, *models, cores=1) == []


def test_no_roster_of_models_that_share_weights_or_whose_needs_are_unknown() -> None:
    twin = {"weights": "sha256:same"}
    assert together(100, installed("a", **twin), installed("b", **twin)) == []
    assert together(100, installed("a"), installed("b", shape=None)) == []


def test_on_another_machine_windows_are_small_and_nothing_runs_side_by_side() -> None:
    chosen, left = choose([installed("a", 1), installed("b", 900)], None)
    assert [choice.num_ctx for choice in chosen] == [4096, 4096]
    assert left == []
    assert roster(chosen, None, 8) == []
