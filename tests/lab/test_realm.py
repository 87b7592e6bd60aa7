# SPDX-License-Identifier: Apache-2.0
"""There is one vipd in a network namespace, whatever directories and sockets it is given."""

from __future__ import annotations

import signal
import time
from typing import Callable

import pytest

from lab import deadline
from lab.process import Process
from lab.scene import Scene
from lab.scratch import program
from lab.server import VipdServer
from lab.states import ROUTED, TOLD
from lab.topology import VIP

SceneMaker = Callable[[str, str], Scene]

PATIENCE_S = 30.0
REFUSAL_LIMIT_S = 5.0
RESTART_LIMIT_S = 1.0
GRACE_S = 1.0

pytestmark = pytest.mark.vipd


def other(keeper: VipdServer, name: str) -> VipdServer:
    """Another daemon on the same server, with all that is its own."""
    scratch = keeper.scratch / name
    scratch.mkdir()
    made = VipdServer(keeper.where, keeper.interfaces, scratch, keeper.addresses)
    made.socket = keeper.socket.with_name(f"vipd-{name}.sock")
    made.settings = keeper.settings
    made.configure()
    return made


def with_short_grace(keeper: VipdServer) -> None:
    """Let the daemon's guard wait for a second only."""
    keeper.settings = f"guard: {{grace: {GRACE_S:g}s}}\n"
    keeper.configure()
    keeper.vip("config", "apply")


def log_of(keeper: VipdServer) -> str:
    """All that the daemon and its guard have said."""
    assert keeper.process is not None
    return keeper.process.log_text()


def test_a_second_vipd_names_the_first_and_harms_nothing(make_scene: SceneMaker) -> None:
    scene = make_scene("bird", "vipd")
    scene.settle_routes()
    keeper = scene.vipd
    second = other(keeper, "second")

    def harm() -> None:
        second.spawn()
        assert second.process is not None
        assert second.process.child.wait(REFUSAL_LIMIT_S) == 1

    assert scene.losses_during(harm).lost == 0
    said = log_of(second)
    assert f"process {keeper.pids()[0]}, socket {keeper.socket}" in said
    assert not second.socket.exists()
    assert keeper.show(VIP)["state"] in TOLD
    assert "put back" not in log_of(keeper)


def test_the_same_directory_names_the_first_too(lone_vipd: VipdServer) -> None:
    lone_vipd.start()
    second = Process(lone_vipd.where, [
        program("vipd"), "--config", str(lone_vipd.config), "--socket", "/run/second.sock",
        "--state-dir", str(lone_vipd.scratch / "vipd-state")], lone_vipd.scratch / "second.log")
    assert second.child.wait(REFUSAL_LIMIT_S) == 1
    assert (f"another vipd uses this directory (process {lone_vipd.pids()[0]}, socket "
            f"{lone_vipd.socket})") in second.log_text()


def test_a_guard_leaves_alone_what_another_vipd_has_taken_up(make_scene: SceneMaker) -> None:
    scene = make_scene("bird", "vipd")
    scene.settle()
    keeper = scene.vipd
    with_short_grace(keeper)
    keeper.kill()
    second = other(keeper, "second")
    second.launch()
    try:
        deadline.until(lambda: "is its business" in log_of(keeper), PATIENCE_S,
                       "the guard of the first has given up")
        deadline.until(lambda: second.show(VIP)["state"] in ROUTED, PATIENCE_S,
                       "the VIP is routed to")
        assert "put back" not in log_of(second)
        assert "good-bye" not in log_of(keeper)
    finally:
        second.stop()


def test_who_starts_while_another_ones_will_is_carried_out_waits(make_scene: SceneMaker) -> None:
    scene = make_scene("bird", "vipd")
    scene.settle()
    keeper = scene.vipd
    # The good-byes of so many take three seconds.
    addresses = keeper.scratch / "addresses"
    addresses.write_text("".join(f"10.{20 + i // 65536}.{i // 256 % 256}.{i % 256}\n"
                                 for i in range(8000)), encoding="ascii")
    keeper.vip("bind", "-f", str(addresses))
    with_short_grace(keeper)
    keeper.kill()
    second = other(keeper, "second")
    deadline.until(lambda: "vipd.is." in executing(keeper), PATIENCE_S, "the will is carried out")
    second.launch()
    try:
        assert "waiting for its end" in log_of(second)
        assert "removed 1 boards" in log_of(keeper)
        deadline.until(lambda: second.show(VIP)["state"] in ROUTED, PATIENCE_S,
                       "the VIP is routed to")
    finally:
        second.stop()


def executing(keeper: VipdServer) -> str:
    """The guard's sign in the namespace, while it has it."""
    text = keeper.where.run("cat", "/proc/net/unix")
    return "".join(line for line in text.splitlines() if "vipd.is." in line and ".g." in line)


@pytest.mark.parametrize("how", (signal.SIGKILL, signal.SIGTERM))
def test_the_next_one_starts_at_once(lone_vipd: VipdServer, how: signal.Signals) -> None:
    lone_vipd.start()
    assert lone_vipd.process is not None
    lone_vipd.signal(how)
    lone_vipd.process.child.wait(PATIENCE_S)
    began = time.monotonic()
    lone_vipd.launch()
    assert time.monotonic() - began < RESTART_LIMIT_S
