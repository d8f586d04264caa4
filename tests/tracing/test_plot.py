from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from stages.tracing.plot import plot, scaled
from stages.tracing.summary import summarise
from stages.tracing.tables import Tables
from tests.tracing.traces import SECOND, process, run, tables

MIB = 2**20


def drawn(of: Tables, folder: Path) -> ElementTree.Element:
    path = folder / "picture.svg"
    plot(of, summarise(of), path)
    return ElementTree.parse(path).getroot()


def panels(root: ElementTree.Element) -> int:
    return sum(element.get("id", "").startswith("axes_") for element in root.iter())


def readings(**known: Any) -> list[dict[str, Any]]:
    return [
        process(t, 100, 10, cpu_ns=(t - 10) * SECOND, rss_bytes=MIB, **known) for t in range(11, 21)
    ]


def test_there_is_a_panel_for_what_was_read_and_no_other(tmp_path: Path) -> None:
    assert panels(drawn(tables(tmp_path, run(), process=readings()), tmp_path)) == 2
    written = [row | {"written_chars": i * MIB} for i, row in enumerate(readings())]
    assert panels(drawn(tables(tmp_path, run(), process=written), tmp_path)) == 3
    gpu = [
        {
            "t_ns": t * SECOND,
            "gpu": 0,
            "name": "a",
            "utilisation_percent": 5,
            "power_instant_mw": 70_000,
        }
        for t in range(5, 25)
    ]
    both = tables(tmp_path, run(), process=written, gpu=gpu)
    assert panels(drawn(both, tmp_path)) == 5


@pytest.mark.parametrize(
    "of",
    [
        run(command=["echo", "$x^{$", "\udce9", "漢字", "\x1b"]),
        run(end_ns=10 * SECOND),
        run(end_ns=None, status=None),
        run(command=[], pid=None),
    ],
)
def test_a_picture_comes_of_anything(tmp_path: Path, of: Any) -> None:
    assert panels(drawn(tables(tmp_path, of), tmp_path)) == 1
    assert panels(drawn(tables(tmp_path, of, process=readings()), tmp_path)) >= 1


def test_gaps_in_what_was_read_are_no_fault(tmp_path: Path) -> None:
    rows = [{"t_ns": t * SECOND, "gpu": 0, "name": "a"} for t in range(5, 25)]
    assert panels(drawn(tables(tmp_path, run(), process=readings(), gpu=rows), tmp_path)) == 2


@pytest.mark.parametrize(
    ("unit", "most", "wanted"),
    [
        ("", 3.0, ("", 1)),
        ("W", 5000.0, ("W", 1)),
        ("bytes", 0.0, ("B", 1)),
        ("bytes", 1023.0, ("B", 1)),
        ("bytes", 2.0 * MIB, ("MiB", MIB)),
        ("bytes/s", 5000.0, ("KiB/s", 1024)),
        ("bytes", 2.0**100, ("PiB", 2**50)),
    ],
)
def test_a_scale_has_a_unit_that_fits(unit: str, most: float, wanted: tuple[str, float]) -> None:
    assert scaled(unit, most) == wanted
