# SPDX-License-Identifier: Apache-2.0
"""An interface that fails is told by none of its routers; vipd makes them change over all the same.

How a router learns of a failure of the server's NIC is in doc/rip.md. The routers must have been
silent for a while before, or they hold back the news as RFC 2453 lets them.
"""

from __future__ import annotations

from typing import Callable

import pytest

from lab.scene import Scene
from lab.topology import PHYSICAL, SERVER

OUTAGE_LIMIT_MS = 3000.0

SceneMaker = Callable[[str, str], Scene]

# It measures milliseconds.
pytestmark = [pytest.mark.vipd, pytest.mark.release]


def lose_address(scene: Scene) -> None:
    """The server's first NIC loses its only address."""
    scene.network.nodes[SERVER].ip("address", "del", f"{PHYSICAL}/24", "dev", "eth1")


def delete(scene: Scene) -> None:
    """The server's first NIC is taken out."""
    scene.network.nodes[SERVER].ip("link", "del", "eth1")


def lose_carrier(scene: Scene) -> None:
    """The switch's port goes down."""
    scene.unplug()


@pytest.mark.parametrize("failure", (lose_address, delete, lose_carrier),
                         ids=("loses its address", "is deleted", "loses its carrier"))
def test_the_vip_is_rescued_from_an_interface_that(make_scene: SceneMaker,
                                                   failure: Callable[[Scene], None]) -> None:
    scene = make_scene("bird", "vipd")
    scene.settle(calm=True)
    outcome = scene.fail(lambda: failure(scene))
    assert outcome.recovered
    assert outcome.outage_ms is not None and outcome.outage_ms <= OUTAGE_LIMIT_MS
    assert outcome.tcp_survived
    assert outcome.carried_before == "Router 1"
    assert outcome.carried_after == "Router 2"
    assert scene.vipd.interface("eth2")["rip"]["lift"] > 0
    assert not (scene.vipd.interface("eth1").get("rip") or {}).get("speaking")
