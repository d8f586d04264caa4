from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stages.trace.lanes import temperature
from stages.trace.lanes.lane import KeptFile, LaneMissing
from stages.trace.lanes.temperature import TemperatureLane
from tests.trace.notes import Notes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lane")


def chip(root: Path, number: int, name: str, **files: str) -> Path:
    folder = root / f"sys/class/hwmon/hwmon{number}"
    folder.mkdir(parents=True)
    (folder / "name").write_text(f"{name}\n")
    for file, text in files.items():
        (folder / file).write_text(f"{text}\n")
    return folder


def opened(root: Path, notes: Notes | None = None) -> TemperatureLane:
    lane = TemperatureLane(Notes() if notes is None else notes, root)
    lane.open()
    return lane


def test_chips_by_label_or_number(tmp_path: Path) -> None:
    labels = {"temp1_label": "Package id 0", "temp2_label": "Core 0"}
    chip(tmp_path, 0, "coretemp", temp1_input="45000", temp2_input="44500", **labels)
    chip(tmp_path, 1, "acpitz", temp1_input="-500", fan1_input="900", temp1_crit="90000")
    lane = opened(tmp_path)
    assert lane.read(3) == [
        (3, "coretemp Package id 0", 45.0),
        (3, "coretemp Core 0", 44.5),
        (3, "acpitz temp1", -0.5),
    ]
    lane.close()


def test_two_chips_alike_are_told_apart(tmp_path: Path) -> None:
    for number in (2, 10):
        chip(tmp_path, number, "nvme", temp1_input="30000", temp1_label="Composite")
    chip(tmp_path, 3, "nvme", temp1_input="30000", temp1_label="Sensor 1")
    lane = opened(tmp_path)
    assert {row[1] for row in lane.read(1)} == {
        "nvme Composite (hwmon2/temp1)",
        "nvme Composite (hwmon10/temp1)",
        "nvme Sensor 1",
    }
    lane.close()


def test_thermal_zones_where_there_is_no_chip(tmp_path: Path) -> None:
    for number in (0, 1):
        zone = tmp_path / f"sys/class/thermal/thermal_zone{number}"
        zone.mkdir(parents=True)
        (zone / "type").write_text("cpu-thermal\n")
        (zone / "temp").write_text("51000\n")
    (tmp_path / "sys/class/thermal/cooling_device0").mkdir()
    lane = opened(tmp_path)
    assert lane.read(1) == [
        (1, "cpu-thermal (thermal_zone0)", 51.0),
        (1, "cpu-thermal (thermal_zone1)", 51.0),
    ]
    lane.close()


@pytest.mark.parametrize("text", ["-273000", "255000", "", "hot", "4.5"])
def test_what_is_no_temperature_is_left_out_and_told_once(tmp_path: Path, text: str) -> None:
    notes = Notes()
    folder = chip(tmp_path, 0, "it87", temp1_input="40000", temp2_input=text)
    lane = opened(tmp_path, notes)
    for _ in range(2):
        assert lane.read(1) == [(1, "it87 temp1", 40.0)]
    (folder / "temp2_input").write_text("41000")  # it has come to its senses
    assert len(lane.read(1)) == 2
    lane.close()
    (note,) = notes
    assert note[:3] == ("lane_missing", "temperature", "it87 temp2")


def test_an_error_of_a_driver_is_told_once_and_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Notes()
    chip(tmp_path, 0, "nvme", temp1_input="30000")
    lane = opened(tmp_path, notes)
    read = KeptFile.read

    def busy(_: KeptFile) -> bytes:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(KeptFile, "read", busy)
    assert lane.read(1) == lane.read(2) == []
    monkeypatch.setattr(KeptFile, "read", read)
    assert lane.read(3) == [(3, "nvme temp1", 30.0)]
    lane.close()
    (note,) = notes
    assert note.detail == "Resource temporarily unavailable"


def test_a_driver_that_keeps_a_reader_waiting_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = Notes()
    chip(tmp_path, 0, "jc42", temp1_input="30000")
    chip(tmp_path, 1, "coretemp", temp1_input="50000")
    lane = opened(tmp_path, notes)
    slow = {"jc42 temp1"}
    monkeypatch.setattr(temperature.Waits, "too_long", lambda _, name, __: name in slow)
    assert len(lane.read(1)) == 2  # the value that took so long is one
    assert lane.read(2) == [(2, "coretemp temp1", 50.0)]
    slow.add("coretemp temp1")
    lane.read(3)
    with pytest.raises(LaneMissing):
        lane.read(4)
    lane.close()
    assert [note.subject for note in notes] == ["jc42 temp1", "coretemp temp1"]


def test_no_sensor_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(LaneMissing, match="virtual machines"):
        opened(tmp_path)


def test_sensors_of_which_none_works(tmp_path: Path) -> None:
    notes = Notes()
    chip(tmp_path, 0, "x", temp1_input="-273000")
    with pytest.raises(LaneMissing, match="no sensor gives a temperature, of 1"):
        opened(tmp_path, notes)
    assert len(notes) == 1
