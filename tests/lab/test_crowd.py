# SPDX-License-Identifier: Apache-2.0
"""A LAN with many servers that announce their addresses, and a router that comes after them."""

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
from lab.topology import VIP, Port, figure_two

CROWD = "crowd"
SERVERS = 100
PERIOD_S = 1.0
PATIENCE_S = 20.0
# BIRD shows what it thinks with its first update, any time within its first period.
PROOF_S = 45.0

pytestmark = pytest.mark.vipd


class Crowd:
    """Servers that announce a host route each, and do nothing else. They are one loop."""

    def __init__(self, where: Namespace) -> None:
        self.where = where
        self._stopped = threading.Event()
        self._speaker = threading.Thread(target=self._speak, daemon=True)
        self._speaker.start()

    def _speak(self) -> None:
        while not self._stopped.wait(PERIOD_S):
            for number in range(SERVERS):
                table = rip.response(rip.Entry(f"10.77.0.{number}/32", 3))
                send_datagram(self.where, "eth0", f"10.1.0.{100 + number}", rip.PORT, rip.GROUP,
                              rip.PORT, table)

    def stop(self) -> None:
        """End them all, without a word."""
        self._stopped.set()
        self._speaker.join()


@pytest.fixture(name="crowded")
def lan_with_many_servers(routers: str) -> Iterator[Scene]:
    """Figure 2 whose routers do not run yet, with many servers on LAN A that vipd has heard."""
    topology = figure_two()
    made = Scene(routers, "vipd", scratch("crowd"), topology=dataclasses.replace(
        topology, nodes=(*topology.nodes, CROWD),
        ports=(*topology.ports, Port(CROWD, "eth0", "lan-a", ("10.1.0.99/24",)))))
    crowd = Crowd(made.network.nodes[CROWD])
    try:
        made.vipd.start()
        deadline.until(lambda: made.vipd.interface("eth1")["rip"]["neighbors"] == SERVERS,
                       PATIENCE_S, "all servers are heard")
        yield made
    finally:
        crowd.stop()
        made.__exit__()


def test_a_router_behind_a_crowd_of_servers_is_heard_and_believed(crowded: Scene) -> None:
    crowded.start_router("r1")
    deadline.until(lambda: "10.1.0.1" in {each["neighbor"] for each
                                          in crowded.vipd.show(VIP)["accepted_by"]},
                   PROOF_S, "Router 1 has accepted the VIP")
    interface = crowded.vipd.interface("eth1")
    assert interface["rip"]["neighbors"] == SERVERS + 1
    assert not interface["rip"]["crowded"]
    assert "turned away" not in interface["reason"]
