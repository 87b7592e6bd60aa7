# SPDX-License-Identifier: Apache-2.0
"""A router that speaks and does not listen: it has no routing daemon, only this loop."""

from __future__ import annotations

import dataclasses
import threading

from . import rip
from .capture import send_datagram
from .namespace import Namespace
from .topology import Port, Topology

NODE = "mute"
ADDRESS = "10.1.0.66"
PERIOD_S = 0.5


def with_mute_router(topology: Topology) -> Topology:
    """A topology with one more machine on LAN A."""
    return dataclasses.replace(
        topology, nodes=(*topology.nodes, NODE),
        ports=(*topology.ports, Port(NODE, "eth0", "lan-a", (f"{ADDRESS}/24",))))


class MuteRouter:
    """A router that sends its table every half second, and neither listens nor answers."""

    def __init__(self, where: Namespace) -> None:
        self.where = where
        self._stopped = threading.Event()
        self._speaker = threading.Thread(target=self._speak, daemon=True)
        self._speaker.start()

    def _speak(self) -> None:
        table = rip.response(rip.Entry("10.66.0.0/24", 1))
        while not self._stopped.wait(PERIOD_S):
            send_datagram(self.where, "eth0", ADDRESS, rip.PORT, rip.GROUP, rip.PORT, table)

    def stop(self) -> None:
        """End it, without a word to anybody."""
        self._stopped.set()
        self._speaker.join()
