# SPDX-License-Identifier: Apache-2.0
"""What vipd records can be replayed, and a replay that goes another way is found out."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Iterator

import pytest

from lab import deadline
from lab.scene import Scene
from lab.scratch import program, scratch
from lab.topology import SERVER, VIP

PATIENCE_S = 20.0
SAME, DIFFERENT = 0, 1

pytestmark = pytest.mark.vipd


def lived_through(scene: Scene) -> None:
    """Bind, lose a NIC, get it back, unbind."""
    deadline.until(scene.routes_settled, PATIENCE_S, "the routers know the way")
    scene.vipd.vip("bind", "10.9.2.1/24", "10.9.2.2/24")
    scene.vipd.attempt("bind", "10.1.0.10")
    scene.nic_down()
    deadline.until(lambda: scene.vipd.interface("eth2")["rip"]["lift"] > 0, PATIENCE_S,
                   "the other interface takes over")
    scene.network.nic_up(SERVER, "eth1")
    deadline.until(lambda: scene.vipd.interface("eth1")["rip"]["speaking"], PATIENCE_S,
                   "the interface speaks again")
    scene.network.nodes[SERVER].ip("address", "del", f"{VIP}/32", "dev", "vnic0")
    scene.vipd.vip("unbind", "10.9.2.1")
    scene.vipd.vip("stop")


@pytest.fixture(scope="module", name="trace")
def trace_of_figure_two() -> Iterator[Path]:
    """The trace of a daemon that has lived through a lot."""
    path = scratch("record") / "trace"
    made = Scene("bird", "vipd", path.parent)
    made.vipd.options = ("--record", str(path))
    with made as scene:
        lived_through(scene)
    yield path


def replay(path: Path) -> subprocess.CompletedProcess[str]:
    """Let the node live through the trace again."""
    return subprocess.run([program("src/sim/vipd-replay"), str(path)], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_live_daemon_does_the_same_again_in_the_replay(trace: Path) -> None:
    done = replay(trace)
    assert done.returncode == SAME, done.stdout + done.stderr
    assert "the same" in done.stdout
    assert "cut" not in done.stdout


def test_a_changed_announcement_is_found_to_differ(trace: Path) -> None:
    # The last time that the VIP, with a host mask, was put into a packet.
    entry = bytes((10, 9, 1, 1, 255, 255, 255, 255))
    changed = bytearray(trace.read_bytes())
    changed[changed.rindex(entry) + 3] ^= 0x40
    copy = trace.with_name("changed")
    copy.write_bytes(changed)
    done = replay(copy)
    assert done.returncode == DIFFERENT
    assert "is not" in done.stdout


def test_a_trace_that_ends_in_the_middle_is_replayed_up_to_there(trace: Path) -> None:
    whole = trace.read_bytes()
    copy = trace.with_name("cut")
    copy.write_bytes(whole[:-5])
    done = replay(copy)
    assert done.returncode == SAME, done.stdout + done.stderr
    assert "cut" in done.stdout
