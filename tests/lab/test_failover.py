# SPDX-License-Identifier: Apache-2.0
"""The ways in which a network fails, one by one: what they cost, and that connections live through.

The routers are left at RIP's default timers, by which such a failure costs three minutes. BFD has
an interval that routers hold on a machine that has other work too. What each
failure costs in the median is measured by bench/failover.
"""

from __future__ import annotations

from typing import Iterator

import pytest

from lab.failure import FAILURES
from lab.scene import Scene
from lab.scratch import scratch
from lab.setting import SETTINGS
from lab.witness import Toll, Witnesses

RECOVERY_LIMIT_S = 10.0
# Generous: a busy machine adds to an outage.
OUTAGE_LIMIT_MS = 1000.0
# The kernel sends again 0.2 s after it was not answered, then after twice that, and so on. What
# waits for a neighbour on an IPv6 interface without carrier is not sent again for three seconds.
STALL_LIMIT_MS = 5000.0

# It measures milliseconds.
pytestmark = [pytest.mark.vipd, pytest.mark.release]


@pytest.fixture(name="scene")
def scene_of_a_failure(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """A calm scene with a setting and routers, made for a failure, in one family."""
    setting, routers, failure, family = request.param
    with SETTINGS[setting].scene(routers, scratch(f"failover-{failure}"), FAILURES[failure],
                                 ipv6=family == "ipv6") as scene:
        SETTINGS[setting].settle(scene)
        SETTINGS[setting].calm(scene)
        yield scene


def assert_survived(toll: Toll) -> None:
    """All was back soon, and both connections went on."""
    assert toll.unanswered is not None and toll.unanswered <= OUTAGE_LIMIT_MS, toll
    assert toll.outward is not None and toll.outward <= OUTAGE_LIMIT_MS, toll
    assert toll.survived, toll
    assert max(toll.inward_stall, toll.outward_stall) <= STALL_LIMIT_MS, toll


def lifted(scene: Scene) -> bool:
    """Say whether the VIP is announced with a better metric on the other LAN."""
    speaker = "ripng" if scene.ipv6 else "rip"
    return bool(scene.vipd.interface("eth2")[speaker]["lift"] > 0)


CASES = [("vipd-bfd-calm", "bird", "deaf", "ipv6"), ("vipd-probe", "bird", "router-cut", "ipv4"),
         ("vipd-probe", "frr", "silent", "ipv6"),
         ("vipd-echo", "bird", "silent", "ipv4"), ("vipd-echo", "frr", "forwarding", "ipv6"),
         ("vipd", "frr", "lan-lost", "ipv6"), ("vipd", "bird", "flapping", "ipv4")]


@pytest.mark.parametrize("scene", CASES, indirect=True, ids="-".join)
def test_the_client_is_answered_again_and_no_connection_dies(
        scene: Scene, request: pytest.FixtureRequest) -> None:
    failure = FAILURES[request.node.callspec.params["scene"][2]]
    with Witnesses(scene) as witnesses:
        assert_survived(witnesses.endure(failure.inflict, RECOVERY_LIMIT_S))
    assert lifted(scene)


@pytest.mark.parametrize("scene", [("vipd-bfd-calm", "bird", "daemon-killed", "ipv4")], indirect=True,
                         ids="-".join)
def test_a_router_whose_daemon_dies_is_left_in_peace(scene: Scene) -> None:
    with Witnesses(scene) as witnesses:
        toll = witnesses.endure(FAILURES["daemon-killed"].inflict, RECOVERY_LIMIT_S)
    assert toll.unanswered == 0 and toll.survived, toll
    # It forwards by the routes that its daemon has left. vipd cannot know how long.
    assert lifted(scene)


@pytest.mark.parametrize("scene", [("vipd-bfd-calm", "frr", "silent", "ipv4")], indirect=True,
                         ids="-".join)
def test_a_switch_that_comes_back_costs_nothing(scene: Scene) -> None:
    with Witnesses(scene) as witnesses:
        assert_survived(witnesses.endure(FAILURES["silent"].inflict, RECOVERY_LIMIT_S))
    with Witnesses(scene) as witnesses:
        toll = witnesses.endure(FAILURES["silent"].heal, RECOVERY_LIMIT_S)
    assert toll.unanswered == 0 and toll.survived, toll
