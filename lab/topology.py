# SPDX-License-Identifier: Apache-2.0
"""What is connected to what, as plain data.

A topology lists nodes (machines), LANs and ports. A port is an interface of a node, with its
addresses, plugged into a LAN. Each LAN becomes a switch of its own, so that a router does not
see it when the server's cable is pulled: that is how real networks fail.

Figures 1 and 2 of the specification share one topology:

                client .100
                   |
      -------------+------------------- LAN C  10.0.0.0/24
         |                     |
      Router 1 .1           Router 2 .2
         | .1                  | .2
      ---+--- LAN A         ---+--- LAN B
      10.1.0.0/24           10.2.0.0/24
         | .10                 | .10
         +------- server ------+
          eth1            eth2

In figure 1 the client talks to the server's physical address on LAN A, in figure 2 to a virtual
IP address that belongs to no LAN.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

CLIENT = "client"
SERVER = "server"
VIP = "10.9.1.1"
PHYSICAL = "10.1.0.10"
CLIENT_ADDRESS = "10.0.0.100"


def in_ipv6(address: str) -> str:
    """The IPv6 address that a machine has beside an IPv4 address of the lab: 10.1.0.10, fd00:1::10.

    With a length of the prefix it is that of a whole network.
    """
    if address == "default":
        return address
    host, _, length = address.partition("/")
    octets = host.split(".")
    made = str(ipaddress.IPv6Address(f"fd00:{octets[1]}::{octets[2]}:{octets[3]}"))
    return f"{made}/64" if length else made


def host_prefix(address: str) -> str:
    """An address as the prefix of a single host."""
    return f"{address}/{ipaddress.ip_address(address).max_prefixlen}"


def network_of(address: str) -> str:
    """The network of an interface's address."""
    return str(ipaddress.ip_interface(address).network)


VIP6 = in_ipv6(VIP)
PHYSICAL6 = in_ipv6(PHYSICAL)


@dataclass(frozen=True)
class Port:
    """An interface of a node, plugged into a LAN."""

    node: str
    interface: str
    lan: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """A static route of a node. A higher metric is a second choice."""

    node: str
    prefix: str
    via: str
    metric: int = 0


@dataclass(frozen=True)
class Topology:
    """Nodes, LANs, ports and static routes. Routers are the nodes that forward."""

    nodes: tuple[str, ...]
    routers: tuple[str, ...]
    lans: tuple[str, ...]
    ports: tuple[Port, ...]
    routes: tuple[Route, ...]

    def ports_of(self, node: str) -> list[Port]:
        """The ports of one node, in the order of the topology."""
        return [port for port in self.ports if port.node == node]

    def port(self, node: str, interface: str) -> Port:
        """One port by node and interface."""
        return next(port for port in self.ports_of(node) if port.interface == interface)


def figure_two() -> Topology:
    """The network of figures 1 and 2."""
    return Topology(
        nodes=(CLIENT, "r1", "r2", SERVER),
        routers=("r1", "r2"),
        lans=("lan-c", "lan-a", "lan-b"),
        ports=(
            Port(CLIENT, "eth0", "lan-c", (f"{CLIENT_ADDRESS}/24",)),
            Port("r1", "lc", "lan-c", ("10.0.0.1/24",)),
            Port("r1", "la", "lan-a", ("10.1.0.1/24",)),
            Port("r2", "lc", "lan-c", ("10.0.0.2/24",)),
            Port("r2", "lb", "lan-b", ("10.2.0.2/24",)),
            Port(SERVER, "eth1", "lan-a", (f"{PHYSICAL}/24",)),
            Port(SERVER, "eth2", "lan-b", ("10.2.0.10/24",)),
        ),
        routes=(
            Route(CLIENT, "default", "10.0.0.1"),
            Route(SERVER, "default", "10.1.0.1", metric=10),
            Route(SERVER, "default", "10.2.0.2", metric=20),
        ),
    )


# Further addresses of the client: a server that spreads what it sends over its links does it by
# destination, so one of them lies behind each link.
MORE_CLIENT_ADDRESSES = tuple(f"10.0.0.{last}" for last in range(101, 109))


def many_clients() -> Topology:
    """Figure 2 with a client that has many addresses."""
    first = figure_two()
    return replace(first, ports=tuple(
        replace(port, addresses=(*port.addresses,
                                 *(f"{address}/24" for address in MORE_CLIENT_ADDRESSES)))
        if port.node == CLIENT else port for port in first.ports))


def in_both_families(topology: Topology) -> Topology:
    """The same network with an IPv6 address beside each IPv4 address, and routes as well."""
    return replace(
        topology,
        ports=tuple(replace(port, addresses=(*port.addresses, *map(in_ipv6, port.addresses)))
                    for port in topology.ports),
        routes=(*topology.routes,
                *(replace(route, prefix=in_ipv6(route.prefix), via=in_ipv6(route.via))
                  for route in topology.routes)))


def one_router() -> Topology:
    """A server and a router on one LAN: for what is about routes only, not about failures."""
    return Topology(
        nodes=("r1", SERVER),
        routers=("r1",),
        lans=("lan-a",),
        ports=(
            Port("r1", "la", "lan-a", ("10.1.0.1/24",)),
            Port(SERVER, "eth1", "lan-a", (f"{PHYSICAL}/24",)),
        ),
        routes=(Route(SERVER, "default", "10.1.0.1"),),
    )


def both_ends() -> Topology:
    """Figure 2 with a client that is a server itself: two NICs at either end.

           client .100             client .100
              | eth1                  | eth2
        ------+------ LAN C     ------+------ LAN D
        10.3.0.0/24             10.4.0.0/24
              | .1                    | .2
           Router 1 .1 -- LAN E -- .2 Router 2
              | .1      10.0.0.0/24   | .2
        ------+------ LAN A     ------+------ LAN B
        10.1.0.0/24             10.2.0.0/24
              | .10                   | .10
              +-------- server -------+
               eth1              eth2
    """
    first = figure_two()
    return Topology(
        nodes=first.nodes,
        routers=first.routers,
        lans=("lan-e", "lan-a", "lan-b", "lan-c", "lan-d"),
        ports=(
            Port("r1", "le", "lan-e", ("10.0.0.1/24",)),
            Port("r2", "le", "lan-e", ("10.0.0.2/24",)),
            *(port for port in first.ports if port.lan in ("lan-a", "lan-b")),
            Port("r1", "lc", "lan-c", ("10.3.0.1/24",)),
            Port("r2", "ld", "lan-d", ("10.4.0.2/24",)),
            Port(CLIENT, "eth1", "lan-c", ("10.3.0.100/24",)),
            Port(CLIENT, "eth2", "lan-d", ("10.4.0.100/24",)),
        ),
        routes=(
            Route(CLIENT, "default", "10.3.0.1", metric=10),
            Route(CLIENT, "default", "10.4.0.2", metric=20),
            *(route for route in first.routes if route.node == SERVER),
        ),
    )


OTHER = "other"


def two_servers() -> Topology:
    """Two servers on different subnets, each behind a router of its own.

                    client .100
                       |
          -------------+------------------- LAN C  10.0.0.0/24
             |                     |
          Router 1 .1           Router 2 .2
             | .1                  | .2
          ---+--- LAN A         ---+--- LAN B
          10.1.0.0/24           10.2.0.0/24
             | .10                 | .20
           server                other
    """
    first = figure_two()
    return Topology(
        nodes=(*first.nodes, OTHER),
        routers=first.routers,
        lans=first.lans,
        ports=(*(port for port in first.ports if port.interface != "eth2"),
               Port(OTHER, "eth1", "lan-b", ("10.2.0.20/24",))),
        routes=(Route(CLIENT, "default", "10.0.0.1"),
                Route(SERVER, "default", "10.1.0.1"),
                Route(OTHER, "default", "10.2.0.2")),
    )
