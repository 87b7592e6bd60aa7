# SPDX-License-Identifier: Apache-2.0
"""A router is named in accepted_by when it has shown that it took the VIP, and only then.

FRR uses simple split horizon, so it shows nothing by itself; vipd has to ask it. The timers of
vipd are short here, so that the routers of this file are asked, and given up, within seconds.
"""

from __future__ import annotations

from typing import Iterator

import pytest

from lab import deadline, mute
from lab.scene import Scene
from lab.scratch import scratch
from lab.states import ROUTED
from lab.topology import VIP, figure_two

PATIENCE_S = 40.0
FIRST, SECOND = "10.1.0.1", "10.2.0.2"

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="scene")
def scene_of_frr() -> Iterator[Scene]:
    """FRR routers, and a vipd that asks them every second."""
    made = Scene("frr", "vipd", scratch("proof"), topology=mute.with_mute_router(figure_two()))
    made.vipd.settings = "rip: {update: 1s, timeout: 4s, garbage: 4s}\n"
    with made as scene:
        yield scene


def accepted_by(scene: Scene) -> set[str]:
    """The neighbours that have shown that they took the VIP."""
    return {each["neighbor"] for each in scene.vipd.show(VIP)["accepted_by"]}


def test_frr_that_shows_nothing_by_itself_is_asked_and_named(scene: Scene) -> None:
    deadline.until(lambda: accepted_by(scene) == {FIRST, SECOND}, PATIENCE_S,
                   "both routers are named")
    assert scene.vipd.show(VIP)["state"] in ROUTED
    assert scene.vipd.show(VIP)["no_proof"] == 0
    named = {each["interface"] for each in scene.vipd.show(VIP)["accepted_by"]}
    assert named == {"eth1", "eth2"}


def test_a_router_that_can_prove_nothing_is_counted_and_not_named(scene: Scene) -> None:
    deadline.until(lambda: accepted_by(scene) == {FIRST, SECOND}, PATIENCE_S,
                   "both routers are named")
    third = mute.MuteRouter(scene.network.nodes[mute.NODE])
    deadline.until(lambda: scene.vipd.show(VIP)["no_proof"] == 1, PATIENCE_S,
                   "the mute router is counted")
    questions_s = 3.0
    named: list[set[str]] = []
    deadline.watch(questions_s, lambda: named.append(accepted_by(scene)))
    assert all(mute.ADDRESS not in each for each in named)
    assert scene.vipd.show(VIP)["no_proof"] == 1
    third.stop()
    deadline.until(lambda: scene.vipd.show(VIP)["no_proof"] == 0, PATIENCE_S,
                   "the mute router is given up")


def test_a_router_that_has_stopped_is_no_longer_named(scene: Scene) -> None:
    deadline.until(lambda: accepted_by(scene) == {FIRST, SECOND}, PATIENCE_S,
                   "both routers are named")
    scene.routers["r1"].stop()
    deadline.until(lambda: accepted_by(scene) == {SECOND}, PATIENCE_S,
                   "only the other router is named")
    assert scene.vipd.show(VIP)["state"] in ROUTED
    assert scene.vipd.show(VIP)["no_proof"] == 0
    states = {each["address"]: each["state"] for each in scene.vipd.neighbors()}
    assert states[FIRST] == "down"
    assert states[SECOND] == "up"
