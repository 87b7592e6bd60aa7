# SPDX-License-Identifier: Apache-2.0
"""Figures 1 and 2 of the specification: what a client sees when a NIC of the server fails."""

from __future__ import annotations

from typing import Callable

import pytest

from lab.scene import Scene
from lab.scratch import scratch

# Generous: a busy machine adds to an outage. The benches measure the medians.
OUTAGE_LIMIT_MS = 3000.0
DEAD_WATCH_S = 4.0

SceneMaker = Callable[[str, str], Scene]

# They measure what a failure costs.
pytestmark = pytest.mark.release


def test_figure_1_the_physical_address_dies_with_its_nic(make_scene: SceneMaker) -> None:
    scene = make_scene("bird", "static")
    scene.settle()
    outcome = scene.fail(scene.nic_down, limit=DEAD_WATCH_S)
    assert not outcome.recovered
    assert not outcome.tcp_survived
    assert outcome.carried_before == "Router 1"
    assert outcome.carried_after == "nobody"


def test_figure_1_in_ipv6_dies_as_well() -> None:
    with Scene("bird", "static", scratch("figure-1-ipv6"), ipv6=True) as scene:
        scene.settle()
        outcome = scene.fail(scene.nic_down, limit=DEAD_WATCH_S)
        assert not outcome.recovered and not outcome.tcp_survived
        assert (outcome.carried_before, outcome.carried_after) == ("Router 1", "nobody")


@pytest.mark.vipd
def test_figure_2_in_ipv6_survives_as_well(routers: str) -> None:
    scene = Scene(routers, "vipd", scratch("figure-2-ipv6"), ipv6=True)
    scene.vipd.speaker = "ripng: {}"
    with scene:
        scene.settle(calm=True)
        outcome = scene.fail(scene.nic_down)
        assert outcome.outage_ms is not None and outcome.outage_ms <= OUTAGE_LIMIT_MS
        assert outcome.tcp_survived
        assert (outcome.carried_before, outcome.carried_after) == ("Router 1", "Router 2")


@pytest.mark.vipd
@pytest.mark.parametrize("failure", ("nic_down", "unplug"))
def test_figure_2_the_vip_survives_the_nic(make_scene: SceneMaker, routers: str,
                                           failure: str) -> None:
    scene = make_scene(routers, "vipd")
    scene.settle(calm=True)
    outcome = scene.fail(getattr(scene, failure))
    assert outcome.recovered
    assert outcome.outage_ms is not None and outcome.outage_ms <= OUTAGE_LIMIT_MS
    assert outcome.tcp_survived
    assert outcome.carried_before == "Router 1"
    assert outcome.carried_after == "Router 2"


@pytest.mark.vipd
def test_a_nic_that_comes_back_costs_nothing(make_scene: SceneMaker, routers: str) -> None:
    scene = make_scene(routers, "vipd")
    scene.nic_down()
    scene.start_probes()
    outcome = scene.fail(lambda: scene.network.nic_up("server", "eth1"), linger=5.0)
    assert outcome.recovered
    assert outcome.outage_ms is not None and outcome.outage_ms <= OUTAGE_LIMIT_MS
    assert outcome.tcp_survived
