# SPDX-License-Identifier: Apache-2.0
"""What a shell is offered of what the daemon has."""

from __future__ import annotations

import socket
import time

import pytest

from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import VIP

pytestmark = pytest.mark.vipd


def offered(server: VipdServer, *words: str) -> list[str]:
    """The candidates for the last word."""
    return [line.split("\t")[0] for line in server.vip("complete", *words).splitlines()]


def test_vips_boards_and_nothing_else_are_offered(lone_vipd: VipdServer) -> None:
    lone_vipd.start()
    lone_vipd.vip("board", "add", "vnic7")
    lone_vipd.bind("2001:db8::9")
    assert offered(lone_vipd, "unbind", "") == [VIP, "2001:db8::9"]
    assert offered(lone_vipd, "unbind", VIP, "2001:") == ["2001:db8::9"]
    assert offered(lone_vipd, "show", VIP, "") == []
    assert offered(lone_vipd, "bind", "") == []
    assert sorted(offered(lone_vipd, "bind", "--board", "")) == ["vnic0", "vnic7"]
    assert offered(lone_vipd, "board", "del", "vnic7") == ["vnic7"]


def test_a_daemon_that_is_silent_is_not_waited_for(lone_vipd: VipdServer) -> None:
    path = scratch("silent") / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        begin = time.monotonic()
        done = lone_vipd.attempt("--socket", str(path), "complete", "show", "")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert time.monotonic() - begin < 1.0
