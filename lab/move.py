# SPDX-License-Identifier: Apache-2.0
"""Two servers and a VIP that moves between them.

    with TwoServers("bird", "vipd", scratch) as scene:
        scene.start_probe()
        scene.new.vip("bind", VIP, "--take")
        scene.old.unbind(VIP)
        losses = scene.losses()

The client's default gateway is Router 1, the old server's. A service answers on both servers, so
that what the client loses is what the network loses.
"""

from __future__ import annotations

import time
from pathlib import Path

from . import deadline, rip
from .capture import Capture, Datagram
from .namespace import Namespace
from .network import Network
from .probe import Echo, Losses, UdpProbe
from .server import PeerServer, VipdServer, make_router, make_server
from .topology import CLIENT, OTHER, SERVER, VIP, two_servers

SETTLE_LIMIT_S = 60.0


class TwoServers:
    """Two servers on different subnets, their routers, and a client.

    The servers start without a VIP. `kind` is who looks after the address on both: vipd or bird.
    """

    def __init__(self, routers: str, kind: str, scratch: Path, rate: int = 1000) -> None:
        self.rate = rate
        self.ipv6 = False
        self.network = Network(two_servers())
        topology = self.network.topology
        self.routers = {}
        for name in topology.routers:
            first = topology.ports_of(name)[0].addresses[0].split("/")[0]
            self.routers[name] = make_router(routers, self.network.nodes[name], scratch, first)
        self.servers = {}
        for name in (SERVER, OTHER):
            (scratch / name).mkdir(parents=True, exist_ok=True)
            address = topology.port(name, "eth1").addresses[0].split("/")[0]
            self.servers[name] = make_server(kind, self.network.nodes[name], ["eth1"], address,
                                             scratch / name, ())
        self.echoes: list[Echo] = []
        self.udp: UdpProbe | None = None
        self.probed_at = 0.0
        self._heard = Capture(self.network.nodes[OTHER], "eth1", rip.PORT)

    @property
    def old(self) -> VipdServer:
        """The server on Router 1's LAN, when vipd runs there."""
        assert isinstance(self.servers[SERVER], VipdServer)
        return self.servers[SERVER]

    @property
    def new(self) -> VipdServer:
        """The server on Router 2's LAN, when vipd runs there."""
        assert isinstance(self.servers[OTHER], VipdServer)
        return self.servers[OTHER]

    def peer(self, name: str) -> PeerServer:
        """One of the servers, when a routing daemon looks after the address."""
        found = self.servers[name]
        assert isinstance(found, PeerServer)
        return found

    def __enter__(self) -> TwoServers:
        for name, router in self.routers.items():
            router.start_router([port.interface
                                 for port in self.network.topology.ports_of(name)])
        for server in self.servers.values():
            server.start()
        deadline.until(self._connected, SETTLE_LIMIT_S, "the routers know each other's LANs")
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_probe()
        for server in self.servers.values():
            server.stop()
        for router in self.routers.values():
            router.stop()
        self._heard.close()
        self.network.close()

    def node(self, name: str) -> Namespace:
        """The namespace of a node."""
        return self.network.nodes[name]

    def _connected(self) -> bool:
        return bool(self.node("r1").route("10.2.0.0/24")
                    and self.node("r2").route("10.1.0.0/24"))

    def leads_to(self, router: str, vip: str = VIP) -> str:
        """The server that a router's route to a VIP leads to, or nothing."""
        routes = self.node(router).route(f"{vip}/32")
        if not routes:
            return ""
        own = {"r1": ("la", SERVER), "r2": ("lb", OTHER)}
        device, server = own[router]
        if routes[0].get("dev") == device:
            return server
        return OTHER if server == SERVER else SERVER

    def wait_for_all(self, server: str, seconds: float = SETTLE_LIMIT_S) -> None:
        """Wait until both routers lead to a server."""
        deadline.until(lambda: all(self.leads_to(name) == server for name in self.routers),
                       seconds, f"both routers lead to {server}")

    def wait_until_heard(self, vip: str = VIP, seconds: float = SETTLE_LIMIT_S) -> None:
        """Wait until Router 2 has told the new server of a VIP: then there is a rival to take from.

        A router holds triggered updates back, so that is later than its own route.
        """
        router = self.network.topology.port("r2", "lb").addresses[0].split("/")[0]

        def told(datagram: Datagram) -> bool:
            if datagram.source != router or datagram.source_port != rip.PORT:
                return False
            message = rip.decode(datagram.payload)
            return message.command == rip.RESPONSE and any(
                entry.prefix == f"{vip}/32" and entry.metric < rip.INFINITY
                for entry in message.entries)

        self._heard.wait_for(told, seconds, f"Router 2 has told {OTHER} of {vip}")

    def start_probe(self, vip: str = VIP) -> None:
        """Start a service on both servers and the client's probe, and wait for an answer."""
        self.echoes = [Echo(self.node(name), vip) for name in (SERVER, OTHER)]
        self.udp = UdpProbe(self.node(CLIENT), vip, self.rate)
        deadline.until(self.udp.flowing_since(time.monotonic()), SETTLE_LIMIT_S,
                       "the client is answered")
        self.probed_at = time.monotonic()

    def wait_for_answers(self, seconds: float = SETTLE_LIMIT_S) -> None:
        """Wait until the client is answered from now on."""
        assert self.udp is not None
        deadline.until(self.udp.flowing_since(time.monotonic()), seconds,
                       "the client is answered again")

    def losses(self) -> Losses:
        """End the probe; what the client has lost since it was answered first."""
        assert self.udp is not None
        self.udp.stop()
        return self.udp.losses(self.probed_at)

    def stop_probe(self) -> None:
        """End the probe and the services."""
        if self.udp is not None:
            self.udp.stop()
        for echo in self.echoes:
            echo.stop()
        self.udp, self.echoes = None, []
