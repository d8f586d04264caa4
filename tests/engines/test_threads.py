from __future__ import annotations

import pytest

from stages.engines.threads import threads_for


@pytest.mark.parametrize(
    ("concurrent", "cores", "threads"),
    [(1, 1, 1), (1, 2, 1), (1, 8, 7), (2, 2, 1), (2, 8, 3), (3, 8, 2), (3, 2, None)],
)
def test_threads(concurrent: int, cores: int, threads: int | None) -> None:
    assert threads_for(concurrent, cores) == threads


def test_models_never_have_more_threads_than_there_are_cores() -> None:
    for cores in range(1, 65):
        for concurrent in range(1, 65):
            threads = threads_for(concurrent, cores)
            assert threads is None or 1 <= threads * concurrent <= cores
