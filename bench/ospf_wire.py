# SPDX-License-Identifier: Apache-2.0
"""A link is lost: from the kernel's event to OSPF's new router-LSA on the other wire.

Figure 2 with OSPF. The server's first NIC goes down, or its cable is pulled, after the network
has been quiet; the first update that leaves by the second NIC is what is waited for. The kernel
stamps the packet. It does not stamp its event, which a thread here may read late; so the time since the
command that breaks the link is shown beside it, which holds the kernel's own work too.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import struct
import sys
import time

from lab import containment, deadline, netlink
from lab.capture import Frames
from lab.ospf import Ospf
from lab.scene import Scene
from lab.scratch import scratch
from lab.terminal import table
from lab.topology import SERVER, VIP, VIP6

RTMGRP_LINK, RTM_NEWLINK = 1, 16
LINK = struct.Struct("=BxHiII")
IFF_LOWER_UP = 0x10000
PROTOCOL, UPDATE = 89, 4
ETHERNET_HEADER, IPV6_HEADER = 14, 40
OUTGOING = bytes([10, 2, 0, 10])
LIMIT_MS = 5.0
PATIENCE_S = 60.0
# Nothing is held back after such a time: MinLSInterval, and some more.
QUIET_S = 7.0
WATCH_S = 0.5


def version_of_update(frame: bytes) -> int:
    """The version of OSPF when it is a link state update of the server's, or 0."""
    packet = frame[ETHERNET_HEADER:]
    if frame[12:ETHERNET_HEADER] == b"\x08\x00" and packet[9] == PROTOCOL:
        body, ours = packet[(packet[0] & 15) * 4:], packet[12:16] == OUTGOING
    elif frame[12:ETHERNET_HEADER] == b"\x86\xdd" and packet[6] == PROTOCOL:
        body, ours = packet[IPV6_HEADER:], True
    else:
        return 0
    return int(body[0]) if ours and body[1] == UPDATE else 0


class Links:
    """When the kernel told that an interface has lost its carrier or went down."""

    def __init__(self, scene: Scene, interface: str) -> None:
        node = scene.network.nodes[SERVER]
        self.lost_at = 0.0
        with node.entered():
            self._index = socket.if_nametoindex(interface)
        self._listener = netlink.Listener(node, socket.NETLINK_ROUTE, RTMGRP_LINK, self._take)

    def _take(self, data: bytes) -> None:
        at = time.time()
        for kind, body in netlink.messages(data):
            _, _, index, flags, _ = LINK.unpack_from(body)
            if kind == RTM_NEWLINK and index == self._index and not flags & IFF_LOWER_UP \
                    and not self.lost_at:
                self.lost_at = at

    def close(self) -> None:
        """End it."""
        self._listener.close()


def one(scene: Scene, failure: str) -> dict[int, tuple[float, float]]:
    """Of each version, the milliseconds since the event, and since the command."""
    links = Links(scene, "eth1")
    frames = Frames(scene.network.nodes[SERVER], "eth2")
    began = time.time()
    (scene.nic_down if failure == "NIC down" else scene.unplug)()
    deadline.watch(WATCH_S, lambda: None)
    links.close()
    found: dict[int, tuple[float, float]] = {}
    for at, frame in frames.timed():
        version = version_of_update(frame)
        if version and at >= began and version not in found:
            found[version] = ((at - links.lost_at) * 1e3, (at - began) * 1e3)
    assert set(found) == {2, 3} and links.lost_at, found
    if failure == "NIC down":
        scene.network.nic_up(SERVER, "eth1")
    else:
        scene.network.plug_in(SERVER, "eth1")
    return found


def measure(runs: int) -> bool:
    """The table; says whether the limit is kept."""
    times: dict[tuple[str, int], list[tuple[float, float]]] = {}
    scene = Scene("frr", "vipd", scratch("ospf-wire"), ipv6=True)
    for router in scene.routers.values():
        router.ospf = Ospf(versions=(2, 3))
    scene.vipd.addresses = [VIP, VIP6]
    scene.vipd.speaker = "ospf: {area: 0, hello: 1s, dead: 4s}, ospfv3: {area: 0, hello: 1s, dead: 4s}"
    with scene:
        for _ in range(runs):
            for failure in ("NIC down", "cable pulled"):
                deadline.until(lambda: sum(row["state"] == "full" for row in scene.vipd.neighbors()) == 4,
                               PATIENCE_S, "all neighbours are full")
                deadline.watch(QUIET_S, lambda: None)
                for version, took in one(scene, failure).items():
                    times.setdefault((failure, version), []).append(took)
    rows = [("", "", "runs", "since the event", "max", "since the command", "max")]
    good = True
    for (failure, version), took in sorted(times.items()):
        event, command = ([pair[which] for pair in took] for which in (0, 1))
        good = good and statistics.median(event) <= LIMIT_MS
        rows.append((failure, f"OSPFv{version}", str(len(took)),
                     *(f"{value:.1f} ms" for values in (event, command)
                       for value in (statistics.median(values), max(values)))))
    print(table(rows))
    return good


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    if not containment.contained():
        containment.require_root("bench/ospf-wire")
        return containment.run([sys.executable, *sys.argv])
    return 0 if measure(chosen.runs) else 1


if __name__ == "__main__":
    sys.exit(main())
