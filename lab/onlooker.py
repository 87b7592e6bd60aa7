# SPDX-License-Identifier: Apache-2.0
"""For what must go unnoticed: what routers, wires and the journal say of it."""

from __future__ import annotations

from . import rip
from .capture import Capture
from .routes import RouteWatch
from .scene import Scene
from .topology import SERVER, VIP


class Onlooker:
    """What the routers and the wires see while something is done to vipd."""

    def __init__(self, scene: Scene) -> None:
        server = scene.network.nodes[SERVER]
        self.scene = scene
        self.events = len(scene.vipd.vip("events").splitlines())
        self.watches = [RouteWatch(scene.network.nodes[name]) for name in ("r1", "r2")]
        self.wires = [Capture(server, name, rip.PORT) for name in ("eth1", "eth2")]

    def close(self) -> None:
        """End it."""
        for each in (*self.watches, *self.wires):
            each.close()

    def assert_nothing_happened(self) -> None:
        """No route changed, nothing was withdrawn, and the journal has nothing to tell."""
        self.close()
        for watch in self.watches:
            assert f"{VIP}/32" not in {change.prefix for change in watch.changes}
        for wire in self.wires:
            for datagram in wire.datagrams:
                assert not (datagram.source.endswith(".10") and any(
                    entry.metric >= rip.INFINITY
                    for entry in rip.decode(datagram.payload).entries))
        assert self.scene.vipd.vip("events").splitlines()[self.events:] == []
