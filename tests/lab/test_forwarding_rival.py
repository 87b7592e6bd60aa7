# SPDX-License-Identifier: Apache-2.0
"""Two daemons with the same VIP, through the same routers: proven is whom the routers lead to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab import deadline
from lab.proofs import PATIENCE_S, THROUGH, is_well, proven_by, steadily, wait_well
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import VIP, Port, figure_two

FIRST = "10.1.0.1"
OTHER = "other"

pytestmark = pytest.mark.vipd


def test_a_rival_with_a_better_metric_leaves_us_nothing_that_is_proven(routers: str) -> None:
    """Two daemons on one LAN: the router takes the one, and poisons the route of both."""
    first = figure_two()
    topology = replace(first, nodes=(*first.nodes, OTHER),
                       ports=(*first.ports, Port(OTHER, "eth1", "lan-a", ("10.1.0.20/24",))))
    made = Scene(routers, "vipd", scratch(f"rivals-{routers}"), topology=topology)
    made.vipd.speaker = f"rip: {{}}, {THROUGH}"
    with made as scene:
        wait_well(scene.vipd, VIP)
        folder = scratch(f"rivals-{routers}-other")
        rival = VipdServer(scene.network.nodes[OTHER], ["eth1"], folder, (VIP,))
        rival.keys = ", metric: 1, conflict: warn"
        rival.speaker = f"rip: {{}}, {THROUGH}"
        rival.configure()
        try:
            rival.launch()
            deadline.until(lambda: proven_by(scene.vipd) == {} and proven_by(rival) == {"eth1": "eth1"},
                           PATIENCE_S, "all routers lead to the rival")
            steadily(lambda: proven_by(scene.vipd) == {} and scene.vipd.show(VIP)["state"] != "proven",
                     "nothing of ours is proven")
            assert scene.vipd.attempt("prove", VIP, "--neighbor", FIRST).returncode == 1
        finally:
            rival.stop()
        deadline.until(lambda: is_well(scene.vipd), PATIENCE_S, "the routers lead to us again")
