# SPDX-License-Identifier: Apache-2.0
"""10,000 virtual IP addresses: how long until they are there, and what it costs.

Each round stands up a server and a BIRD router on one LAN, and does, one after the other:

    raw routes       a plain netlink batch of 10,000 local routes: the yardstick
    raw addresses    the same as addresses, as everybody else does it
    raw silence      the routes, the same addresses as elements of a set of nftables (each VIP is
                     kept from answering ARP), and one fsync of as many bytes as are written down
    vipd             10,000 VIPs, held as routes, in one call of the API

and notes until when the call was answered (then all routes are in the server's kernel) and all
were in the router's; then vipd's memory, and the processor time it uses while nothing happens. At
last another 10,000 are bound while a real-time tick on every processor says how long other
work was stalled, and `/metrics` is read.

The peer is BIRD on the server with 10,000 addresses on an interface without hardware.
"""

from __future__ import annotations

import argparse
import http.client
import ipaddress
import json
import os
import socket
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from lab import containment, deadline, rip
from lab.capture import Capture
from lab.namespace import Namespace
from lab.probe import Reporter
from lab.scene import Scene
from lab.scratch import program, scratch
from lab.server import PEER_BOARD, PeerServer, VipdServer
from lab.terminal import table
from lab.topology import PHYSICAL, SERVER, one_router

FIRST = "10.20.0.0"
SECOND_FIRST = "10.120.0.0"
RAW_BOARD = "raw0"
ROUTER = "r1"
ROUTER_LIMIT_S = 240.0
IDLE_WINDOW_S = 10.0
IDLE_QUIET_S = 2.0
IDLE_LIMIT_S = 120.0
NOISE_WINDOW_S = 2.0
POLL_S = 0.002

RAW_RATIO_MAX = 3.0
SILENCE_RATIO_MAX = 1.5
METRICS_MAX_MS = 30.0
ADDRESS_RATIO_MAX = 0.1
STALL_MAX_MS = 20.0
ROUTER_MAX_MS = 3000.0
IDLE_CPU_MAX = 0.001


@dataclass
class Round:
    """What one round has measured; times in milliseconds, memory in kB."""

    raw_routes: float
    raw_addresses: float
    raw_elements: float
    noise: float
    answered: float = 0.0
    sync: float = 0.0
    metrics: float = 0.0
    metrics_stall: float = 0.0
    router: float = 0.0
    stall: float = 0.0
    memory: float = 0.0
    idle_cpu: float = 0.0

    @property
    def raw_silence(self) -> float:
        """The second yardstick: all that a silent VIP that is written down needs."""
        return self.raw_routes + self.raw_elements + self.sync


@dataclass
class PeerRound:
    """What the peer needs for the same."""

    router: float
    memory: float


class UnixConnection(http.client.HTTPConnection):
    """HTTP over vipd's Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("vipd")
        self.path = path

    def connect(self) -> None:
        """Connect to the socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self.path))


class Ticks:
    """A real-time tick on every processor: the stall of other work."""

    def __init__(self, where: Namespace) -> None:
        self.reporters = [Reporter(where, "tick", "-c", str(cpu))
                          for cpu in sorted(os.sched_getaffinity(0))]
        for reporter in self.reporters:
            reporter.wait_for_line("the tick runs")

    def stop(self) -> float:
        """End the ticks; the longest stall in milliseconds."""
        for reporter in self.reporters:
            reporter.stop()
        return max(float(reporter.summary()["stall_ms"]) for reporter in self.reporters)


def body_of(first: str, count: int) -> str:
    """The request that binds so many VIPs, from the first one on."""
    number = ipaddress.IPv4Address(first)
    vips = [{"address": f"{number + step}/32"} for step in range(count)]
    return json.dumps({"vips": vips, "hold": "route"})


def batch(where: Namespace, kind: str, board: str, count: int) -> float:
    """The faster of the two ways to acknowledge a plain netlink batch, in milliseconds."""
    times = []
    for acknowledge in ("each", "last"):
        for verb in ("add", "del"):
            answer = json.loads(where.run(program("bench/vipd-nlbatch"), "-a", acknowledge, kind,
                                          verb, board, FIRST, str(count)))
            if answer["refused"]:
                raise RuntimeError(f"{answer['refused']} messages of the batch were refused")
            if verb == "add":
                times.append(float(answer["ms"]))
    return min(times)


def raw(where: Namespace, count: int) -> tuple[float, float, float]:
    """The yardsticks: routes and addresses on a board of their own, elements of a set."""
    where.batch([f"link add name {RAW_BOARD} type bridge", f"link set {RAW_BOARD} up"])
    routes = batch(where, "route", RAW_BOARD, count)
    held = batch(where, "address", RAW_BOARD, count)
    where.ip("link", "delete", RAW_BOARD)
    return routes, held, batch(where, "element", RAW_BOARD, count)


def sync_ms(folder: Path, size: int) -> float:
    """How long it takes to write so many bytes into a file of the folder, and to the disk."""
    path = folder / "sync"
    with path.open("wb", buffering=0) as file:
        begin = time.monotonic()
        file.write(bytes(size))
        os.fsync(file.fileno())
        took = (time.monotonic() - begin) * 1000
    path.unlink()
    return took


def metrics_ms(path: Path) -> float:
    """How long it takes to read all metrics, in milliseconds."""
    connection = UnixConnection(path)
    begin = time.monotonic()
    connection.request("GET", "/metrics")
    response = connection.getresponse()
    response.read()
    took = (time.monotonic() - begin) * 1000
    if response.status != 200:
        raise RuntimeError(f"vipd answered {response.status} for /metrics")
    return took


def post_vips(path: Path, body: str) -> float:
    """Ask vipd for all VIPs in one call; how long it took until the answer, in milliseconds."""
    connection = UnixConnection(path)
    begin = time.monotonic()
    connection.request("POST", "/v1/vips", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    text = response.read().decode("utf-8", "replace")
    took = (time.monotonic() - begin) * 1000
    if response.status >= 300:
        raise RuntimeError(f"vipd answered {response.status}: {text[:300]}")
    return took


def milliseconds_until(begin: float, condition: Callable[[], bool], limit: float,
                       what: str) -> float:
    """Wait for a condition; how long after `begin` it came true."""
    deadline.until(condition, limit, what, POLL_S)
    return (time.monotonic() - begin) * 1000


def memory_kb(pids: list[int]) -> float:
    """Resident memory of some processes."""
    total = 0
    for pid in pids:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        total += int(status.partition("VmRSS:")[2].split()[0])
    return float(total)


def processor_seconds(pid: int) -> float:
    """Processor time of all threads of a process, to the nanosecond."""
    return sum(int(path.read_text(encoding="ascii").split()[0])
               for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def idle_cpu(scene: Scene) -> float:
    """The share of a processor that vipd uses in a window without a RIP update of its own."""
    capture = Capture(scene.network.nodes[SERVER], "eth1", rip.PORT)
    pid = scene.server.pids()[0]
    end = time.monotonic() + IDLE_LIMIT_S

    def last_sent() -> float:
        return max((d.at for d in list(capture.datagrams) if d.source == PHYSICAL), default=0.0)

    try:
        while time.monotonic() < end:
            deadline.until(lambda: time.time() - last_sent() > IDLE_QUIET_S, IDLE_LIMIT_S,
                           "vipd is silent")
            begin, before = time.time(), processor_seconds(pid)
            deadline.watch(IDLE_WINDOW_S, lambda: None)
            if last_sent() < begin:
                return (processor_seconds(pid) - before) / IDLE_WINDOW_S
    finally:
        capture.close()
    raise RuntimeError("no window without a RIP update was found")


def stall(where: Namespace, work: Callable[[], object]) -> float:
    """The longest stall of a real-time tick on any processor while the work is done."""
    ticks = Ticks(where)
    try:
        work()
    finally:
        longest = ticks.stop()
    return longest


def vipd_round(count: int) -> Round:
    """One round of the yardsticks and vipd.

    The call is timed with nothing beside it, as the yardstick is; the ticks run during a second
    call that binds as many again.
    """
    with Scene("bird", "vipd", scratch("scale"), topology=one_router(), vips=()) as scene:
        assert isinstance(scene.server, VipdServer)
        path = scene.server.socket
        server, router = scene.network.nodes[SERVER], scene.network.nodes[ROUTER]
        measured = Round(*raw(server, count), noise=0.0)
        measured.noise = stall(server, lambda: deadline.watch(NOISE_WINDOW_S, lambda: None))
        # vipd has heard of all that was done there, or it would still see the addresses.
        deadline.until(lambda: RAW_BOARD not in {row["name"] for row in scene.vipd.ask(
            "interfaces")["interfaces"]}, ROUTER_LIMIT_S, "vipd knows that the board has gone")
        held, known = server.route_count("Local"), router.route_count()
        body = body_of(FIRST, count)
        state = scene.server.scratch / "vipd-state" / "state"
        size = state.stat().st_size
        begin = time.monotonic()
        measured.answered = post_vips(path, body)
        measured.sync = sync_ms(state.parent, state.stat().st_size - size)
        if server.route_count("Local") < held + count:
            raise RuntimeError("vipd answered before all VIPs were in the kernel")
        measured.router = milliseconds_until(begin, lambda: router.route_count() >= known + count,
                                             ROUTER_LIMIT_S, "all VIPs are in the router")
        measured.memory = memory_kb(scene.server.pids())
        measured.idle_cpu = idle_cpu(scene)
        measured.metrics = metrics_ms(path)
        measured.metrics_stall = stall(server, lambda: metrics_ms(path))
        again = body_of(SECOND_FIRST, count)
        measured.stall = stall(server, lambda: post_vips(path, again))
    return measured


def peer_round(count: int) -> PeerRound:
    """BIRD on the server, with addresses."""
    with Scene("bird", "bird", scratch("scale-peer"), topology=one_router(), vips=()) as scene:
        assert isinstance(scene.server, PeerServer)
        server, router = scene.network.nodes[SERVER], scene.network.nodes[ROUTER]
        known = router.route_count()
        begin = time.monotonic()
        server.run(program("bench/vipd-nlbatch"), "address", "add", PEER_BOARD, FIRST, str(count))
        arrived = milliseconds_until(begin, lambda: router.route_count() >= known + count,
                                     ROUTER_LIMIT_S, "all VIPs are in the router")
        return PeerRound(arrived, memory_kb(scene.server.pids()))


def median(rounds: list[Round], name: str) -> float:
    """The median of one measurement."""
    return statistics.median(getattr(item, name) for item in rounds)


def print_rounds(rounds: list[Round], peers: list[PeerRound], count: int) -> None:
    """The table of medians; ratios are to the raw batch of routes, or to the peer."""
    routes = median(rounds, "raw_routes")
    rows = [("median", "vipd and yardsticks", "ratio to raw routes", "BIRD on the server")]

    def row(text: str, name: str, peer: str = "-") -> None:
        value = median(rounds, name)
        rows.append((text, f"{value:.1f} ms", f"{value / routes:.2f} x", peer))

    def of_peers(name: str, unit: str) -> str:
        values = [getattr(peer, name) for peer in peers]
        return f"{statistics.median(values):.0f} {unit}" if values else "-"

    row(f"raw netlink batch, {count} local routes", "raw_routes")
    row(f"raw netlink batch, {count} addresses", "raw_addresses")
    row(f"raw routes, {count} elements of a set, one fsync", "raw_silence")
    row("vipd: one API call, all in the kernel", "answered")
    row("all are in the router's kernel", "router", of_peers("router", "ms"))
    row("/metrics", "metrics")
    row("longest stall of other work, while VIPs are bound", "stall")
    row("longest stall of other work, while /metrics is read", "metrics_stall")
    row("the same while nothing happens", "noise")
    rows.append(("memory", f"{median(rounds, 'memory'):.0f} kB", "-", of_peers("memory", "kB")))
    rows.append(("processor while idle", f"{median(rounds, 'idle_cpu') * 100:.4f} %", "-", "-"))
    print(table(rows))


def verdict(rounds: list[Round], peers: list[PeerRound]) -> bool:
    """Print and return whether everything is reached."""
    answered = median(rounds, "answered")
    checks = [
        (f"bound in at most {RAW_RATIO_MAX} x the raw batch",
         answered <= RAW_RATIO_MAX * median(rounds, "raw_routes")),
        (f"bound in at most {SILENCE_RATIO_MAX} x the raw batch, silence and one fsync",
         answered <= SILENCE_RATIO_MAX * median(rounds, "raw_silence")),
        (f"all metrics within {METRICS_MAX_MS:.0f} ms",
         median(rounds, "metrics") <= METRICS_MAX_MS),
        (f"bound in at most {ADDRESS_RATIO_MAX} x the time of addresses",
         answered <= ADDRESS_RATIO_MAX * median(rounds, "raw_addresses")),
        (f"no stall above {STALL_MAX_MS:.0f} ms",
         max(max(item.stall, item.metrics_stall) for item in rounds) <= STALL_MAX_MS),
        (f"in the router within {ROUTER_MAX_MS:.0f} ms", median(rounds, "router") <= ROUTER_MAX_MS),
        (f"idle below {IDLE_CPU_MAX * 100} % of a processor",
         median(rounds, "idle_cpu") <= IDLE_CPU_MAX),
    ]
    if peers:
        checks.append(("no more memory than BIRD", median(rounds, "memory")
                       <= statistics.median(peer.memory for peer in peers)))
    for text, reached in checks:
        print(f"   {'reached' if reached else 'MISSED '}  {text}")
    return all(reached for _, reached in checks)


def main() -> int:
    """Read the command line and run the bench, contained."""
    parser = argparse.ArgumentParser(prog="bench/scale", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="rounds of vipd and the yardsticks")
    parser.add_argument("--peers", type=int, default=1, help="rounds of BIRD on the server")
    parser.add_argument("--quick", action="store_true", help="no peers")
    parser.add_argument("--count", type=int, default=10_000)
    options = parser.parse_args()
    containment.require_root("bench/scale")
    containment.enter(["-m", "bench.scale", *sys.argv[1:]])
    rounds = [vipd_round(options.count) for _ in range(options.runs)]
    peers = [peer_round(options.count) for _ in range(0 if options.quick else options.peers)]
    print_rounds(rounds, peers, options.count)
    return 0 if verdict(rounds, peers) else 1


if __name__ == "__main__":
    sys.exit(main())
