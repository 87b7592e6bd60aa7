# SPDX-License-Identifier: Apache-2.0
"""A topology made real, and the ways to break it.

Each node and each LAN becomes a namespace. A LAN's namespace holds one bridge, the switch; a
cable is a veth pair between a node and a port of the switch that carries the node's name.

The failures:

    nic_down     the interface is set down at the node: the node knows, the router does not
    unplug       the port of the switch goes down: the node loses carrier, the router does not
    silence      the port of the switch forwards nothing: nobody sees anything but silence
    mute         the switch drops what the node sends and goes on bringing what it should get
    deafen       the switch drops what the node should get and goes on taking what it sends
    lan_down     the switch dies: everybody on its LAN loses carrier
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from . import deadline
from .namespace import Namespace, find_tool
from .topology import Port, Route, Topology

BRIDGE = "br0"
CARRIER_LIMIT_S = 2.0
# The table of the bridge's own filter in which one direction of a port is dropped.
FILTER = "lab"
BRIDGE_STATE_DISABLED = "0"
BRIDGE_STATE_FORWARDING = "3"

# Two ways in and out of one machine: strict reverse path filtering would drop the second.
NODE_SYSCTLS = {
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv4.conf.all.ignore_routes_with_linkdown": "1",
    "net.ipv4.conf.default.ignore_routes_with_linkdown": "1",
    "net.ipv6.conf.all.ignore_routes_with_linkdown": "1",
    "net.ipv6.conf.default.ignore_routes_with_linkdown": "1",
    "net.ipv6.conf.default.accept_dad": "0",
    # A label at random would make it a matter of luck which of two equal ways a flow takes.
    "net.ipv6.auto_flowlabels": "0",
}
ROUTER_SYSCTLS = {
    "net.ipv4.ip_forward": "1",
    "net.ipv6.conf.all.forwarding": "1",
}


@dataclass(frozen=True)
class Counters:
    """Packets that one interface has carried."""

    received: int
    sent: int

    def __sub__(self, earlier: Counters) -> Counters:
        return Counters(self.received - earlier.received, self.sent - earlier.sent)


class Network:
    """The namespaces, switches and cables of one topology."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.nodes = {name: Namespace(name) for name in topology.nodes}
        self.lans = {name: Namespace(name) for name in topology.lans}
        for node in topology.nodes:
            self._node_init(node)
        for lan in topology.lans:
            self._lan_init(lan)
        for port in topology.ports:
            self.plug(port)
        for route in topology.routes:
            self._set_route(route)

    def close(self) -> None:
        """Take the network down."""
        for namespace in (*self.nodes.values(), *self.lans.values()):
            namespace.delete()

    def _node_init(self, node: str) -> None:
        self.nodes[node].sysctl(NODE_SYSCTLS)
        if node in self.topology.routers:
            self.nodes[node].sysctl(ROUTER_SYSCTLS)
        self.nodes[node].ip("link", "set", "lo", "up")

    def _lan_init(self, lan: str) -> None:
        self.lans[lan].batch([
            f"link add {BRIDGE} type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
            f"link set {BRIDGE} up",
        ])

    def plug(self, port: Port) -> None:
        """Lay the cable. It is made in the switch, so that no name is taken twice on the way."""
        self.lans[port.lan].batch([
            f"link add {port.node} type veth peer name {port.interface} netns {port.node}",
            f"link set {port.node} master {BRIDGE} up",
        ])
        self.nodes[port.node].batch(
            [f"address add {address} dev {port.interface}" for address in port.addresses]
            + [f"link set {port.interface} up"])

    def nic_down(self, node: str, interface: str) -> None:
        """Set the interface down at the node."""
        self.nodes[node].ip("link", "set", interface, "down")

    def nic_up(self, node: str, interface: str) -> None:
        """Set the interface up again, and put back the static routes that it took along.

        It has taken its IPv6 addresses along too.
        """
        networks = self.topology.port(node, interface).addresses
        self.nodes[node].batch(
            [f"link set {interface} up"]
            + [f"address replace {address} dev {interface}" for address in networks
               if ":" in address])
        # Until the carrier is seen no route leads over it: NODE_SYSCTLS.
        deadline.comes_true(lambda: self.nodes[node].ip_json("link", "show", interface)[0]
                            .get("operstate") == "UP", CARRIER_LIMIT_S)
        for route in self.topology.routes:
            if route.node == node and any(_same_network(route.via, net) for net in networks):
                self._set_route(route)

    def _set_route(self, route: Route) -> None:
        family = "-6" if ":" in route.via else "-4"
        metric = ("metric", str(route.metric)) if route.metric else ()
        self.nodes[route.node].ip(family, "route", "replace", route.prefix, "via", route.via,
                                  *metric)

    def unplug(self, node: str, interface: str) -> None:
        """Take the carrier from the node."""
        lan = self.topology.port(node, interface).lan
        self.lans[lan].ip("link", "set", node, "down")

    def plug_in(self, node: str, interface: str) -> None:
        """Give the carrier back."""
        lan = self.topology.port(node, interface).lan
        self.lans[lan].ip("link", "set", node, "up")

    def silence(self, node: str, interface: str) -> None:
        """Let the switch drop all that the node sends and should get."""
        self._set_port_state(node, interface, BRIDGE_STATE_DISABLED)

    def unsilence(self, node: str, interface: str) -> None:
        """Let the switch forward again."""
        self._set_port_state(node, interface, BRIDGE_STATE_FORWARDING)

    def mute(self, node: str, interface: str) -> None:
        """Let the switch drop all that the node sends."""
        self._drop(node, interface, "iifname")

    def deafen(self, node: str, interface: str) -> None:
        """Let the switch drop all that the node should get."""
        self._drop(node, interface, "oifname")

    def _drop(self, node: str, interface: str, direction: str) -> None:
        lan = self.topology.port(node, interface).lan
        self.lans[lan].run(find_tool("nft"), f"table bridge {FILTER} {{ chain one {{ "
                           "type filter hook forward priority 0; "
                           f'{direction} "{node}" drop; }}; }}')

    def hear_both(self, node: str, interface: str) -> None:
        """Let the switch forward both directions again, on the node's whole LAN."""
        lan = self.topology.port(node, interface).lan
        self.lans[lan].run(find_tool("nft"), "delete", "table", "bridge", FILTER)

    def lan_down(self, lan: str) -> None:
        """Take the carrier from everybody on the LAN."""
        self._set_lan(lan, "down")

    def lan_up(self, lan: str) -> None:
        """Give everybody on the LAN the carrier back."""
        self._set_lan(lan, "up")

    def _set_lan(self, lan: str, state: str) -> None:
        self.lans[lan].batch([f"link set {port.node} {state}"
                              for port in self.topology.ports if port.lan == lan])

    def _set_port_state(self, node: str, interface: str, state: str) -> None:
        lan = self.topology.port(node, interface).lan
        self.lans[lan].run(find_tool("bridge"), "link", "set", "dev", node, "state", state)

    def link_local(self, node: str, interface: str) -> str:
        """The address that IPv6 itself has given an interface."""
        found = self.nodes[node].ip_json("-6", "address", "show", "dev", interface)
        return next(str(each["local"]) for link in found for each in link.get("addr_info", ())
                    if each.get("scope") == "link")

    def counters(self, node: str, interface: str) -> Counters:
        """What an interface has carried so far; nothing when it is no longer there."""
        links = self.nodes[node].ip_json("-s", "link", "show", "dev", interface)
        if not links:
            return Counters(0, 0)
        stats = links[0]["stats64"]
        return Counters(stats["rx"]["packets"], stats["tx"]["packets"])


def _same_network(address: str, interface_address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_interface(interface_address).network
