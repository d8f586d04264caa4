from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stages.trace.lanes.lane import rows_of
from stages.trace.lanes.network import NetworkLane

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lane")

DEV = """Inter-|   Receive                     |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo
    lo:  11    2    0    0    0     0     0     0   12    2    0    0    0     0       0      0
eth0:879836916   45341    0    0    0     0     0     0  1240642   12378   0   0   0   0   0   0
  eth0:1: 5 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0
  loop7: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0
"""


def test_each_interface(tmp_path: Path) -> None:
    (tmp_path / "proc/self/net").mkdir(parents=True)
    (tmp_path / "proc/self/net/dev").write_text(DEV)
    for name, flags in (("eth0", "0x1003"), ("loop7", "0x9")):
        (tmp_path / "sys/class/net" / name).mkdir(parents=True)
        (tmp_path / "sys/class/net" / name / "flags").write_text(flags + "\n")
    lane = NetworkLane(tmp_path)
    lane.open()
    assert rows_of(lane.read(3)) == [
        (3, "lo", True, 11, 12),  # by its name, where the system tells no flags
        (3, "eth0", False, 879836916, 1240642),
        (3, "eth0:1", False, 5, 6),
        (3, "loop7", True, 7, 8),
    ]
    lane.close()


def test_this_machine_has_its_loopback() -> None:
    lane = NetworkLane()
    lane.open()
    assert ("lo", True) in [row[1:3] for row in rows_of(lane.read(1))]
    lane.close()


def test_an_interface_that_went_and_came_is_looked_at_again(tmp_path: Path) -> None:
    dev, flags = tmp_path / "proc/self/net/dev", tmp_path / "sys/class/net/veth1/flags"
    for path in (dev, flags):
        path.parent.mkdir(parents=True)
    lines = DEV.splitlines(keepends=True)
    both = "".join([*lines[:3], "veth1: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0\n"])
    dev.write_text(both)
    flags.write_text("0x1003\n")
    lane = NetworkLane(tmp_path)
    lane.open()
    assert rows_of(lane.read(1))[1] == (1, "veth1", False, 7, 8)
    dev.write_text("".join(lines[:3]))
    assert len(rows_of(lane.read(2))) == 1
    flags.write_text("0x9\n")
    dev.write_text(both)
    assert rows_of(lane.read(3))[1] == (3, "veth1", True, 7, 8)
    lane.close()
