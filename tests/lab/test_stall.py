# SPDX-License-Identifier: Apache-2.0
"""A daemon that does not run for a while goes on as if nothing had been."""

from __future__ import annotations

import signal
import time
from typing import Callable, Iterator

import pytest

from lab import deadline, mute
from lab.network import Network
from lab.onlooker import Onlooker
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.states import ROUTED
from lab.topology import SERVER, VIP, one_router

SceneMaker = Callable[[str, str], Scene]

STALL_S = 10.0
PATIENCE_S = 20.0
AFTERWARDS_S = 2.0
AGE_TOLERANCE_S = 1.0

pytestmark = pytest.mark.vipd


def stop_for(keeper: VipdServer, seconds: float) -> None:
    """Let the daemon stand still."""
    keeper.signal(signal.SIGSTOP)
    deadline.watch(seconds, lambda: None)
    keeper.signal(signal.SIGCONT)


def test_a_daemon_that_stood_still_for_ten_seconds_loses_no_route_and_no_packet(
        make_scene: SceneMaker) -> None:
    scene = make_scene("bird", "vipd")
    scene.settle(calm=True)
    assert scene.udp is not None
    deadline.until(lambda: len(scene.vipd.show(VIP)["accepted_by"]) == 2, PATIENCE_S,
                   "both routers have accepted the VIP")
    before, sight, begun = scene.vipd.show(VIP), Onlooker(scene), time.monotonic()
    stop_for(scene.vipd, STALL_S)
    deadline.watch(AFTERWARDS_S, lambda: None)
    sight.assert_nothing_happened()
    after = scene.vipd.show(VIP)
    assert after["state"] in ROUTED
    assert after["accepted_by"] == before["accepted_by"]
    grown = after["age"] - before["age"]
    assert abs(grown - (time.monotonic() - begun)) < AGE_TOLERANCE_S
    scene.udp.stop()
    assert scene.udp.losses(begun).lost == 0


@pytest.fixture(name="lone")
def vipd_and_a_router_that_speaks_often() -> Iterator[VipdServer]:
    """A vipd that gives a neighbour up after a time that is shorter than the stall."""
    network = Network(mute.with_mute_router(one_router()))
    keeper = VipdServer(network.nodes[SERVER], ["eth1"], scratch("stall-lone"))
    keeper.settings = "rip: {update: 2s, timeout: 6s, garbage: 4s}\n"
    speaker = mute.MuteRouter(network.nodes[mute.NODE])
    keeper.start()
    yield keeper
    speaker.stop()
    keeper.stop()
    network.close()


def test_a_neighbour_that_was_not_heard_while_the_daemon_stood_still_is_not_dead(
        lone: VipdServer) -> None:
    def state() -> str:
        return next((str(each["state"]) for each in lone.neighbors()
                     if each["address"] == mute.ADDRESS), "")

    deadline.until(lambda: state() == "up", PATIENCE_S, "the neighbour is heard")
    events = len(lone.vip("events").splitlines())
    stop_for(lone, STALL_S)
    assert state() == "up"
    deadline.watch(AFTERWARDS_S, lambda: None)
    assert state() == "up"
    assert lone.vip("events").splitlines()[events:] == []
