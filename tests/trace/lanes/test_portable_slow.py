"""What psutil says on macOS, Windows and FreeBSD, recorded."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from stages.trace.lanes import cores
from stages.trace.lanes.lane import LaneMissing
from stages.trace.lanes.portable_slow import ABSENT, PortableCores, PortableTemperature
from stages.trace.schema import TRACE_TABLES
from tests.trace.notes import Notes

Patch = pytest.MonkeyPatch

S = 10**9
CPU = SimpleNamespace(user=1.5, nice=0.5, system=3.0, idle=9.0)
NOMINAL = SimpleNamespace(current=2400, min=600, max=2400)


def test_cores_of_macos(monkeypatch: Patch) -> None:
    notes = Notes()
    monkeypatch.setattr(psutil, "cpu_times", lambda percpu: [CPU, CPU])
    monkeypatch.setattr(psutil, "cpu_freq", lambda percpu: [NOMINAL], raising=False)
    lane = PortableCores(notes)
    lane.open()
    for _ in range(2):
        assert lane.read(5) == [
            (5, core, 2 * S, 3 * S, 9 * S, None, None, None, None) for core in (0, 1)
        ]
    lane.close()
    assert len(cores.COLUMNS) == 9
    (note,) = notes  # one figure for all cores is no core's present one
    assert note[:3] == ("lane_missing", "cores", "frequency")


def test_cores_of_a_system_that_tells_the_frequency_of_each(monkeypatch: Patch) -> None:
    notes = Notes()
    found = [SimpleNamespace(current=current) for current in (800.5, 0.0)]
    monkeypatch.setattr(psutil, "cpu_times", lambda percpu: [CPU, CPU])
    monkeypatch.setattr(psutil, "cpu_freq", lambda percpu: found, raising=False)
    assert [row[6] for row in PortableCores(notes).read(5)] == [800_500_000, None]
    assert not notes


@pytest.mark.parametrize("error", [FileNotFoundError, RuntimeError, NotImplementedError])
def test_a_frequency_that_fails_is_null(monkeypatch: Patch, error: type[Exception]) -> None:
    def fail(percpu: bool) -> None:
        raise error

    monkeypatch.setattr(psutil, "cpu_times", lambda percpu: [CPU])
    monkeypatch.setattr(psutil, "cpu_freq", fail, raising=False)
    assert PortableCores(Notes()).read(5)[0][6] is None
    monkeypatch.delattr(psutil, "cpu_freq")  # Apple's processors, in some versions
    assert PortableCores(Notes()).read(5)[0][6] is None


def test_temperatures_where_psutil_reads_them(monkeypatch: Patch) -> None:
    core, wild = SimpleNamespace(label="", current=51.0), SimpleNamespace(label="", current=-273.0)
    found = {"coretemp": [core, core], "acpi": [wild, SimpleNamespace(label="tz0", current=None)]}
    monkeypatch.setattr(psutil, "sensors_temperatures", lambda: found, raising=False)
    lane = PortableTemperature()
    lane.open()
    assert lane.read(5) == [(5, "coretemp (coretemp 0)", 51.0), (5, "coretemp (coretemp 1)", 51.0)]
    lane.close()


def test_temperatures_on_macos_and_windows(monkeypatch: Patch) -> None:
    monkeypatch.delattr(psutil, "sensors_temperatures", raising=False)
    with pytest.raises(LaneMissing, match="reads no temperatures"):
        PortableTemperature().open()


@pytest.mark.parametrize("name", ABSENT)
def test_what_only_linux_has_says_so(name: str) -> None:
    lane = ABSENT[name]
    assert lane.name == name
    assert {*lane.columns, "session_id"} == {column.name for column in TRACE_TABLES[lane.table]}
    with pytest.raises(LaneMissing, match="Linux"):
        lane.open()
