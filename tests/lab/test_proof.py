# SPDX-License-Identifier: Apache-2.0
"""A router is named in accepted_by when it has shown that it took the VIP, and only then.

FRR uses simple split horizon, so it shows nothing by itself; vipd has to ask it. The timers of
vipd are short here, so that the routers of this file are asked, and given up, within seconds.
"""

from __future__ import annotations

import dataclasses
import threading
from typing import Iterator

import pytest

from lab import deadline, rip
from lab.capture import send_datagram
from lab.namespace import Namespace
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import VIP, Port, Topology, figure_two

PATIENCE_S = 40.0
FIRST, SECOND, MUTE = "10.1.0.1", "10.2.0.2", "10.1.0.66"

pytestmark = pytest.mark.vipd


class MuteRouter:
    """A router that sends its table every half second, and neither listens nor answers."""

    def __init__(self, where: Namespace) -> None:
        self.where = where
        self._stopped = threading.Event()
        self._speaker = threading.Thread(target=self._speak, daemon=True)
        self._speaker.start()

    def _speak(self) -> None:
        table = rip.response(rip.Entry("10.66.0.0/24", 1))
        while not self._stopped.wait(0.5):
            send_datagram(self.where, "eth0", MUTE, rip.PORT, rip.GROUP, rip.PORT, table)

    def stop(self) -> None:
        """End it, without a word to anybody."""
        self._stopped.set()
        self._speaker.join()


def with_a_third_router() -> Topology:
    """Figure 2 with one more machine on LAN A, which runs no routing daemon."""
    figure = figure_two()
    return dataclasses.replace(
        figure, nodes=(*figure.nodes, "mute"),
        ports=(*figure.ports, Port("mute", "eth0", "lan-a", (f"{MUTE}/24",))))


@pytest.fixture(scope="module", name="scene")
def scene_of_frr() -> Iterator[Scene]:
    """FRR routers, and a vipd that asks them every second."""
    made = Scene("frr", "vipd", scratch("proof"), topology=with_a_third_router())
    made.vipd.settings = "rip: {update: 1s, timeout: 4s, garbage: 4s}\n"
    with made as scene:
        yield scene


def accepted_by(scene: Scene) -> set[str]:
    """The neighbours that have shown that they took the VIP."""
    return {each["neighbor"] for each in scene.vipd.show(VIP)["accepted_by"]}


def test_frr_that_shows_nothing_by_itself_is_asked_and_named(scene: Scene) -> None:
    deadline.until(lambda: accepted_by(scene) == {FIRST, SECOND}, PATIENCE_S,
                   "both routers are named")
    assert scene.vipd.show(VIP)["state"] == "accepted"
    assert scene.vipd.show(VIP)["no_proof"] == 0
    named = {each["interface"] for each in scene.vipd.show(VIP)["accepted_by"]}
    assert named == {"eth1", "eth2"}


def test_a_router_that_can_prove_nothing_is_counted_and_not_named(scene: Scene) -> None:
    deadline.until(lambda: accepted_by(scene) == {FIRST, SECOND}, PATIENCE_S,
                   "both routers are named")
    mute = MuteRouter(scene.network.nodes["mute"])
    deadline.until(lambda: scene.vipd.show(VIP)["no_proof"] == 1, PATIENCE_S,
                   "the mute router is counted")
    questions_s = 3.0
    named: list[set[str]] = []
    deadline.watch(questions_s, lambda: named.append(accepted_by(scene)))
    assert all(MUTE not in each for each in named)
    assert scene.vipd.show(VIP)["no_proof"] == 1
    mute.stop()
    deadline.until(lambda: scene.vipd.show(VIP)["no_proof"] == 0, PATIENCE_S,
                   "the mute router is given up")


def test_a_router_that_has_stopped_is_no_longer_named(scene: Scene) -> None:
    deadline.until(lambda: accepted_by(scene) == {FIRST, SECOND}, PATIENCE_S,
                   "both routers are named")
    scene.routers["r1"].stop()
    deadline.until(lambda: accepted_by(scene) == {SECOND}, PATIENCE_S,
                   "only the other router is named")
    assert scene.vipd.show(VIP)["state"] == "accepted"
    assert scene.vipd.show(VIP)["no_proof"] == 0
    states = {each["address"]: each["state"] for each in scene.vipd.neighbors()}
    assert states[FIRST] == "down"
    assert states[SECOND] == "up"
