from __future__ import annotations

import ipaddress
import os
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.trace.lanes.sockets import is_remote, remote_sockets

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux's lane")


def kernel_hex(address: str) -> str:
    raw = ipaddress.ip_address(address).packed
    words = [raw[at : at + 4] for at in range(0, len(raw), 4)]
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)


@pytest.mark.parametrize(
    ("address", "remote"),
    [
        ("127.0.0.1", False),
        ("127.255.0.9", False),
        ("0.0.0.0", False),
        ("8.8.8.8", True),
        ("192.168.1.127", True),
        ("::", False),
        ("::1", False),
        ("::2", True),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("fe80::1", True),
    ],
)
def test_addresses(address: str, remote: bool) -> None:
    assert is_remote(kernel_hex(address)) is remote


@given(address=st.ip_addresses())
def test_any_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    inner = getattr(address, "ipv4_mapped", None) or address
    if inner is not address and inner.is_unspecified:
        return  # no peer has this address
    expected = not (inner.is_loopback or inner.is_unspecified)
    assert is_remote(kernel_hex(str(address))) is expected


def test_a_fake_process_tree(tmp_path: Path) -> None:
    head = (
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid inode\n"
    )
    line = "   0: 0100007F:1F90 {}:0050 01 00000000:00000000 00:00000000 00000000  0 0 {} 1 0\n"
    peers = (("8.8.8.8", 101), ("127.0.0.1", 102), ("10.0.0.9", 103))
    tcp = head + "".join(line.format(kernel_hex(peer), inode) for peer, inode in peers)
    for pid, inodes in ((1, (101, 102)), (2, (103,)), (3, ())):
        for folder in ("fd", "net", "ns"):
            (tmp_path / str(pid) / folder).mkdir(parents=True)
        (tmp_path / str(pid) / "ns/net").write_text("")
        (tmp_path / str(pid) / "net/tcp").write_text(tcp)  # no tcp6, udp: as in small kernels
        (tmp_path / str(pid) / "fd/0").symlink_to("/dev/null")
        for inode in inodes:
            (tmp_path / str(pid) / f"fd/{inode}").symlink_to(f"socket:[{inode}]")
    assert remote_sockets([1, 2, 3, 4], tmp_path) == {1: 1, 2: 1, 3: 0}


def test_sockets_of_this_process() -> None:
    me, proc = os.getpid(), Path("/proc")
    before = remote_sockets([me], proc)[me]
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as beyond,
    ):
        assert remote_sockets([me], proc)[me] == before
        try:
            beyond.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no way beyond loopback")
        assert remote_sockets([me], proc)[me] == before + 1
