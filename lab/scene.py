# SPDX-License-Identifier: Apache-2.0
"""One scene: the network of figures 1 and 2, its routers, a server and its client.

    with Scene("bird", "vipd") as scene:
        scene.settle()
        outcome = scene.fail(scene.nic_down)

A scene settles when both routers have their routes by their own LAN and the client is answered.
A failure is watched until the client is answered again, or until the limit; the outcome then
says what the client saw, and which interface of the server carried it before and after.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

from . import deadline, rip
from .bird import Bird
from .capture import Capture
from .frr import Frr
from .network import Counters, Network
from .probe import Echo, Losses, Sample, TcpProbe, UdpProbe
from .server import PeerServer, Server, StaticServer, VipdServer, make_router, make_server
from .topology import (CLIENT, PHYSICAL, SERVER, VIP, Topology, figure_two, host_prefix,
                       in_both_families, in_ipv6, network_of)

SETTLE_LIMIT_S = 60.0
TRIGGER_HOLD_S = 5.5
CARRIER_WINDOW_S = 0.5
ROUTER_OF = {"eth1": "Router 1", "eth2": "Router 2"}


@dataclass(frozen=True)
class Outcome:
    """What the client saw of one failure."""

    failed_at: float
    outage_ms: float | None
    lost: int
    sent: int
    tcp_survived: bool
    tcp_stall_ms: float
    carried_before: str
    carried_after: str
    samples: list[Sample]

    @property
    def recovered(self) -> bool:
        """Say whether the client was ever answered again."""
        return self.outage_ms is not None


class Scene:
    """The network with everything that runs in it."""

    def __init__(self, routers: str, server: str, scratch: Path, rate: int = 1000,
                 topology: Topology | None = None, vips: Sequence[str] = (VIP,),
                 client_routes: bool = False, ipv6: bool = False) -> None:
        self.routers_kind = routers
        self.server_kind = server
        self.scratch = scratch
        self.rate = rate
        self.ipv6 = ipv6
        topology = topology or figure_two()
        self.network = Network(in_both_families(topology) if ipv6 else topology)
        self.routers = {name: self._make_router(name) for name in self.network.topology.routers}
        # A client that is a router itself survives the loss of its gateway.
        self.client_router = self._make_router(CLIENT) if client_routes else None
        if ipv6:
            vips = [in_ipv6(vip) for vip in vips]
        self.server: Server = make_server(server, self.network.nodes[SERVER],
                                          self.interfaces(SERVER), PHYSICAL, scratch, vips)
        if ipv6 and isinstance(self.server, PeerServer):
            self.server.daemon.route_ipv6()
        self.echo: Echo | None = None
        self.udp: UdpProbe | None = None
        self.tcp: TcpProbe | None = None

    def _make_router(self, name: str) -> Bird | Frr:
        made = make_router(self.routers_kind, self.network.nodes[name], self.scratch,
                           self._router_id(name))
        if self.ipv6:
            made.route_ipv6()
        return made

    @property
    def vipd(self) -> VipdServer:
        """The daemon of a scene in which vipd looks after the address."""
        assert isinstance(self.server, VipdServer)
        return self.server

    @property
    def peer(self) -> PeerServer:
        """The keeper of a scene in which a routing daemon looks after the address."""
        assert isinstance(self.server, PeerServer)
        return self.server

    def _router_id(self, node: str) -> str:
        return self.network.topology.ports_of(node)[0].addresses[0].split("/")[0]

    def interfaces(self, node: str) -> list[str]:
        """The names of a node's interfaces."""
        return [port.interface for port in self.network.topology.ports_of(node)]

    def __enter__(self) -> Scene:
        try:
            for name in self.routers:
                self.start_router(name)
            self.server.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start_router(self, name: str) -> None:
        """Start a router's daemon, for the first time or again."""
        self.routers[name].start_router(self.interfaces(name))

    def __exit__(self, *_: object) -> None:
        for reporter in (self.udp, self.tcp, self.echo):
            if reporter is not None:
                reporter.stop()
        self.server.stop()
        for router in (*self.routers.values(), self.client_router):
            if router is not None:
                router.stop()
        self.network.close()

    def route_device(self, router: str, address: str | None = None) -> str | None:
        """The interface by which a router reaches a host, or None without a host route."""
        routes = self.network.nodes[router].route(host_prefix(address or self.server.address))
        return str(routes[0].get("dev")) if routes else None

    def routes_settled(self) -> bool:
        """Say whether each router reaches the server's address the way it should."""
        if isinstance(self.server, StaticServer):
            lan = self.network.topology.port("r1", "la").addresses[-1 if self.ipv6 else 0]
            return bool(self.network.nodes["r2"].route(network_of(lan)))
        return self.route_device("r1") == "la" and self.route_device("r2") == "lb"

    def routers_settled(self) -> bool:
        """Say whether the routers reach each other's LANs over the client's."""
        far = {"r1": "10.2.0.0/24", "r2": "10.1.0.0/24"}
        return all([route.get("dev") for route in self.network.nodes[name].route(
            in_ipv6(lan) if self.ipv6 else lan)] == ["lc"] for name, lan in far.items())

    def settle(self, calm: bool = False) -> None:
        """Wait until the routers know the way and the client is answered.

        In a calm scene the routers have also been silent for a while. RFC 2453 3.10.1 lets a
        router hold back a triggered update for up to five seconds after another one, so a
        failure right after the start would measure the start.
        """
        self.settle_routes(calm)
        self.start_probes()

    def settle_routes(self, calm: bool = False) -> None:
        """Wait until the routers know the way, and have become calm if asked."""
        deadline.until(self.routes_settled, SETTLE_LIMIT_S, "the routers know the way")
        if self.client_router is not None:
            self._teach_client(self.client_router)
        if calm:
            self.wait_for_silence()

    def _teach_client(self, router: Bird | Frr) -> None:
        """Start the client's daemon, which keeps what it hears first among equals: Router 1."""
        self.network.mute("r2", "lc")
        router.start_router(self.interfaces(CLIENT))
        deadline.until(lambda: self.route_device(CLIENT), SETTLE_LIMIT_S, "the client knows a way")
        self.network.hear_both("r2", "lc")

    def wait_for_silence(self) -> None:
        """Wait until no router has sent anything to the client's LAN for the holding time."""
        capture = Capture(self.network.nodes[CLIENT], "eth0",
                          rip.PORT_NG if self.ipv6 else rip.PORT)
        since = time.time()

        def silent() -> bool:
            last = max((datagram.at for datagram in list(capture.datagrams)), default=since)
            return time.time() - last > TRIGGER_HOLD_S

        deadline.until(silent, SETTLE_LIMIT_S, "the routers are silent")
        capture.close()

    def start_probes(self) -> None:
        """Start the service and the client's probes, and wait until they are answered."""
        client = self.network.nodes[CLIENT]
        self.echo = Echo(self.network.nodes[SERVER], self.server.address)
        self.udp = UdpProbe(client, self.server.address, self.rate)
        deadline.until(self.udp.flowing_since(time.monotonic()), SETTLE_LIMIT_S,
                       "the client is answered")
        self.tcp = TcpProbe(client, self.server.address)

    def nic_down(self) -> None:
        """The server's first NIC is set down."""
        self.network.nic_down(SERVER, "eth1")

    def unplug(self) -> None:
        """The server's first cable is pulled."""
        self.network.unplug(SERVER, "eth1")

    def fail(self, failure: Callable[[], None], limit: float = 10.0, linger: float = 1.0,
             look: Callable[[], None] = lambda: None, patient: bool = True) -> Outcome:
        """Make the failure and watch the client until it is answered again, or to the limit.

        `look` is called while waiting. A patient scene also waits for the TCP connection, which
        comes back later than the network does. After that it lingers to see that things last.
        """
        assert self.udp is not None and self.tcp is not None
        before = self.carried(CARRIER_WINDOW_S, look)
        failed_at = time.monotonic()
        failure()
        answered = self.udp.flowing_since(failed_at + 0.2)
        tcp = self.tcp

        def recovered() -> bool:
            look()
            return answered() and (not patient or tcp.flowing())

        alive = deadline.comes_true(recovered, limit)
        after = self.carried(CARRIER_WINDOW_S, look)
        deadline.watch(linger, look)
        self.udp.stop()
        self.tcp.stop()
        losses = self.udp.losses(failed_at)
        return Outcome(failed_at=failed_at, outage_ms=losses.outage_ms if alive else None,
                       lost=losses.lost, sent=losses.sent, tcp_survived=self.tcp.survived(),
                       tcp_stall_ms=self.tcp.stall_ms(),
                       carried_before=before, carried_after=after, samples=self.udp.samples())

    def losses_during(self, harm: Callable[[], None], address: str = VIP,
                      limit: float = 10.0) -> Losses:
        """What a client loses from the moment of some harm until it is answered again.

        Unlike fail() it brings a service and a client of its own, and can be used again and again.
        """
        echo = Echo(self.network.nodes[SERVER], address)
        udp = UdpProbe(self.network.nodes[CLIENT], address, self.rate)
        try:
            deadline.until(udp.flowing_since(time.monotonic()), SETTLE_LIMIT_S,
                           "the client is answered")
            harmed_at = time.monotonic()
            harm()
            deadline.until(udp.flowing_since(time.monotonic()), limit,
                           "the client is answered again")
        finally:
            udp.stop()
            echo.stop()
        return udp.losses(harmed_at)

    def carried(self, seconds: float, look: Callable[[], None] = lambda: None) -> str:
        """Who carries the client's traffic, read from the server's interface counters."""
        interfaces = self.interfaces(SERVER)
        first = [self.network.counters(SERVER, name) for name in interfaces]
        deadline.watch(seconds, look)
        moved = {name: self.network.counters(SERVER, name) - start
                 for name, start in zip(interfaces, first)}
        return _describe(moved, threshold=self.rate * seconds / 4)


def _describe(moved: dict[str, Counters], threshold: float) -> str:
    inward = [ROUTER_OF[name] for name, count in moved.items() if count.received > threshold]
    outward = [ROUTER_OF[name] for name, count in moved.items() if count.sent > threshold]
    if not inward and not outward:
        return "nobody"
    if inward == outward:
        return " + ".join(inward)
    return f"in {' + '.join(inward) or 'nobody'}, out {' + '.join(outward) or 'nobody'}"
