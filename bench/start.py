# SPDX-License-Identifier: Apache-2.0
"""A daemon starts with 4,096 saved VIPs: how long until all are bound and announced.

Each round stands up a server and a BIRD router on one LAN, once for each way to save them:

    configured   they stand in the configuration, and nothing of them is in the kernel
    killed       they were bound by hand and the daemon was killed: the kernel still holds them

The time runs from the start of the process, until all are announced and until each has been on the
wire; and, in rounds of their own, until the router's kernel has all: to ask vipd and to decode
packets takes processor time, and BIRD is not asked either. Where the daemon was killed the router
has had them all the time.

The peer is BIRD on the server, whose 4,096 addresses are on an interface without hardware before
it starts.
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Sequence

from lab import containment, rip
from lab.capture import Capture
from lab.scene import Scene
from lab.scratch import program, scratch
from lab.server import PEER_BOARD, PeerServer, VipdServer
from lab.terminal import table
from lab.topology import PHYSICAL, SERVER, one_router

from .report import show
from .scale import ROUTER, UnixConnection, body_of, milliseconds_until, post_vips

FIRST = "10.20.0.0"
LIMIT_S = 120.0
TARGET_MS = 2000.0


def announced(server: VipdServer) -> int:
    """How many VIPs are announced, accepted ones included; none while vipd does not answer yet."""
    connection = UnixConnection(server.socket)
    try:
        connection.request("GET", "/v1/status")
        status = json.loads(connection.getresponse().read())
    except OSError:
        return 0
    finally:
        connection.close()
    return int(status["announced"])


def announced_after(server: VipdServer, begin: float, count: int) -> float:
    """When all of them were announced."""
    return milliseconds_until(begin, lambda: announced(server) >= count, LIMIT_S,
                              "all VIPs are announced")


class Wire:
    """Which VIPs the server has announced on the wire since a moment."""

    def __init__(self, scene: Scene) -> None:
        self.capture = Capture(scene.network.nodes[SERVER], "eth1", rip.PORT)
        self.begin = time.time()
        self.looked_at = 0
        self.seen: set[str] = set()

    def count(self) -> int:
        """How many there are by now."""
        datagrams = self.capture.datagrams[self.looked_at:]
        self.looked_at += len(datagrams)
        for datagram in datagrams:
            if datagram.source == PHYSICAL and datagram.at >= self.begin:
                self.seen.update(entry.prefix for entry in rip.decode(datagram.payload).entries
                                 if entry.metric < rip.INFINITY)
        return len(self.seen)


@dataclass(frozen=True)
class Start:
    """One start; milliseconds."""

    announced: float
    on_wire: float


def start(scene: Scene, count: int) -> Start:
    """Start vipd, and wait until all is said; how long it took."""
    assert isinstance(scene.server, VipdServer)
    wire = Wire(scene)
    begin = time.monotonic()
    scene.server.spawn()
    ready = announced_after(scene.server, begin, count)
    said = milliseconds_until(begin, lambda: wire.count() >= count, LIMIT_S, "all were on the wire")
    wire.capture.close()
    return Start(ready, said)


def configure(scene: Scene, count: int) -> None:
    """They stand in the configuration of a daemon that does not run."""
    first = ipaddress.IPv4Address(FIRST)
    assert isinstance(scene.server, VipdServer)
    scene.server.stop()
    scene.server.addresses = [str(first + step) for step in range(count)]
    scene.server.configure()


def configured_round(count: int) -> Start:
    """They stand in the configuration."""
    with Scene("bird", "vipd", scratch("start"), topology=one_router(), vips=()) as scene:
        configure(scene, count)
        return start(scene, count)


def routed_round(count: int) -> float:
    """They stand in the configuration; all are in the router's kernel."""
    with Scene("bird", "vipd", scratch("start"), topology=one_router(), vips=()) as scene:
        assert isinstance(scene.server, VipdServer)
        configure(scene, count)
        router = scene.network.nodes[ROUTER]
        known = router.route_count()
        begin = time.monotonic()
        scene.server.spawn()
        return milliseconds_until(begin, lambda: router.route_count() >= known + count, LIMIT_S,
                                  "all VIPs are in the router")


def killed_round(count: int) -> Start:
    """They were bound by hand."""
    with Scene("bird", "vipd", scratch("start"), topology=one_router(), vips=()) as scene:
        assert isinstance(scene.server, VipdServer)
        post_vips(scene.server.socket, body_of(FIRST, count))
        announced_after(scene.server, time.monotonic(), count)
        scene.server.kill()
        return start(scene, count)


def peer_round(count: int) -> float:
    """All are in the router's kernel, with BIRD on the server."""
    with Scene("bird", "bird", scratch("start-peer"), topology=one_router(), vips=()) as scene:
        assert isinstance(scene.server, PeerServer)
        scene.server.kill()
        server, router = scene.network.nodes[SERVER], scene.network.nodes[ROUTER]
        known = router.route_count()
        server.run(program("bench/vipd-nlbatch"), "address", "add", PEER_BOARD, FIRST, str(count))
        begin = time.monotonic()
        scene.server.restart()
        return milliseconds_until(begin, lambda: router.route_count() >= known + count, LIMIT_S,
                                  "all VIPs are in the router")


def main() -> int:
    """Read the command line and run the bench, contained."""
    parser = argparse.ArgumentParser(prog="bench/start", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peers", type=int, default=5, help="rounds of BIRD on the server")
    parser.add_argument("--quick", action="store_true", help="no peers")
    parser.add_argument("--count", type=int, default=4096)
    options = parser.parse_args()
    containment.require_root("bench/start")
    containment.enter(["-m", "bench.start", *sys.argv[1:]])
    configured = [configured_round(options.count) for _ in range(options.runs)]
    routed = [routed_round(options.count) for _ in range(options.runs)]
    killed = [killed_round(options.count) for _ in range(options.runs)]
    peers = [peer_round(options.count) for _ in range(0 if options.quick else options.peers)]
    rows = [(f"{options.count} VIPs", "runs", "min", "median", "max")]

    def row(name: str, values: Sequence[float]) -> None:
        if values:
            rows.append((name, str(len(values)), show(min(values)),
                         show(statistics.median(values)), show(max(values))))

    row("configured: all announced", [each.announced for each in configured])
    row("configured: all on the wire", [each.on_wire for each in configured])
    row("configured: all in the router's kernel", routed)
    row("bound by hand, killed: all announced", [each.announced for each in killed])
    row("bound by hand, killed: all on the wire", [each.on_wire for each in killed])
    row("BIRD on the server: all in the router's kernel", peers)
    print(table(rows))
    worst = max(max(each.announced, each.on_wire) for each in (*configured, *killed))
    good = worst <= TARGET_MS
    print(f"   {'reached' if good else 'MISSED '}  all bound and announced within "
          f"{TARGET_MS:.0f} ms")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
