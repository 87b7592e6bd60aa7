# SPDX-License-Identifier: Apache-2.0
"""Another version of vipd takes the place of the one before, and a client that asks a thousand times a
second misses no answer.

What an earlier vipd leaves is the kernel's objects and its state file. The objects are those that
today's vipd leaves; the file is written anew in the layout of that time. Where a build of that vipd is
at hand (VIPD_BEFORE names its folder), it is run itself, with its guard.
"""

from __future__ import annotations

import ipaddress
import os
import struct
from pathlib import Path
from typing import Callable

import pytest

from lab import deadline
from lab.scene import Scene
from lab.server import VipdServer
from lab.states import TOLD

SceneMaker = Callable[[str, str], Scene]

PATIENCE_S = 30.0
RATE = 1000
ADDRESS = "10.9.77.1"
LAST_WITHOUT_TAGS = 6
SAVED_BEGIN, SAVED_END, SAVED_VIP = 1, 2, 3

pytestmark = pytest.mark.vipd


def checksum(record: bytes) -> int:
    """That of a record: hash_bytes() with the seed of state files."""
    value = 2166136261 ^ 0x76697064
    for byte in record:
        value = (value ^ byte) * 16777619 & 0xffffffff
    value ^= value >> 16
    value = value * 0x7feb352d & 0xffffffff
    return value ^ value >> 15


def text(value: str) -> bytes:
    """A text with its length before it."""
    return bytes((len(value),)) + value.encode("ascii")


def vip_record(address: str) -> bytes:
    """A VIP that was bound by hand, with all else as by default, in the layouts 3 to 6."""
    settings = (b"\x04" + ipaddress.IPv4Address(address).packed + b"\x20" + text("vnic0")
                + b"\x01\x00\x00\x00\x00\x01" + text("") + text(""))
    return bytes((SAVED_VIP,)) + settings + bytes(4) + struct.pack(">q", 0)


def file_of(version: int, *addresses: str) -> bytes:
    """A state file of this boot in an old layout."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_bytes()[:36]
    records = [bytes((SAVED_BEGIN,)), *map(vip_record, addresses), bytes((SAVED_END,))]
    return (b"VIPDST%02d" % version + boot
            + b"".join(struct.pack(">HI", len(each), checksum(each)) + each for each in records))


def bound_by_hand(scene: Scene) -> VipdServer:
    """Have an address bound that no configuration names, and the router's route to it."""
    scene.rate = RATE
    keeper = scene.vipd
    keeper.vip("bind", ADDRESS)
    deadline.until(lambda: bool(scene.network.nodes["r1"].route(f"{ADDRESS}/32")), PATIENCE_S,
                   "it is routed to")
    return keeper


def hand_over(keeper: VipdServer) -> None:
    """End the daemon, and leave everything to the next."""
    keeper.vip("stop", "--hand-over")
    assert keeper.process is not None
    keeper.process.child.wait(PATIENCE_S)


def assert_adopted(keeper: VipdServer) -> None:
    """The VIP is there, and nothing of the state was lost."""
    assert keeper.process is not None
    assert keeper.show(ADDRESS)["state"] in TOLD
    assert "the state file" not in keeper.process.log_text()
    assert not (keeper.scratch / "vipd-state" / "state.damaged").exists()


@pytest.mark.parametrize("version", (3, LAST_WITHOUT_TAGS))
def test_a_state_of_an_old_layout_is_taken_over_without_a_lost_packet(make_scene: SceneMaker,
                                                                     version: int) -> None:
    scene = make_scene("bird", "vipd")
    keeper = bound_by_hand(scene)

    def upgrade() -> None:
        hand_over(keeper)
        (keeper.scratch / "vipd-state" / "state").write_bytes(file_of(version, ADDRESS))
        keeper.launch()

    assert scene.losses_during(upgrade, ADDRESS).lost == 0
    assert_adopted(keeper)


@pytest.fixture(name="before")
def build_of_the_version_before() -> Path:
    """The folder of a build of the version before."""
    folder = os.environ.get("VIPD_BEFORE")
    if not folder:
        pytest.skip("VIPD_BEFORE names no folder with a build of the version before")
    return Path(folder)


@pytest.mark.parametrize("end", (hand_over, VipdServer.kill), ids=("handed over", "killed"))
def test_the_version_before_is_followed_without_a_lost_packet(
        make_scene: SceneMaker, before: Path, end: Callable[[VipdServer], None]) -> None:
    scene = make_scene("bird", "vipd")
    keeper = scene.vipd
    keeper.stop()
    # It would not know what a later one has written.
    (keeper.scratch / "vipd-state" / "state").unlink()
    keeper.wrapper = ["/bin/sh", "-c", 'shift; exec "$0" "$@"', str(before / "vipd")]
    keeper.launch()
    bound_by_hand(scene)
    keeper.wrapper = ()

    def upgrade() -> None:
        end(keeper)
        keeper.launch()

    assert scene.losses_during(upgrade, ADDRESS).lost == 0
    assert_adopted(keeper)
