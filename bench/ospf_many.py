# SPDX-License-Identifier: Apache-2.0
"""10,000 VIPs by OSPF: how long until all routers have them, and have let go of them.

Each trial stands up figure 2: a server on two LANs, each with a router, and the routers on a third
one. When everybody is full and calm, the server gets 10,000 addresses at once: vipd by its
configuration, the peers as addresses on an interface without hardware, which their daemon
announces as external LSAs. What is noted, in seconds after the
beginning:

    answered     `vip config apply` is done, or all addresses are there
    accepted     every neighbour has acknowledged every LSA: vipd alone knows it
    routers      they are in the kernels of both routers
    one more     one more VIP, while the others stand: it is in both kernels
    let go       all are unbound: they are in neither kernel any more

vipd and the peers take turns, with BIRD and FRR as routers, and the load of the machine stands
beside each: two routers, a server and the bench share its processors.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import signal
import statistics
import sys
import time
from dataclasses import dataclass, fields
from typing import Callable

from lab import containment, deadline
from lab.ospf import Ospf
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import PEER_BOARD, PeerServer, VipdServer
from lab.terminal import table
from lab.topology import SERVER

FIRST = {2: "10.20.0.0", 3: "fd20::1:0"}
ONE_MORE = {2: "10.9.1.77", 3: "fd00:9::77"}
NAMES = {"vipd": "vipd", "bird": "BIRD", "frr": "FRR"}
SETTLE_LIMIT_S = 60.0
CALM_S = 8.0
POLL_S = 0.01
ROUTERS_MAX_S = 3.0


@dataclass(frozen=True)
class Case:
    """What a trial is about."""

    server: str
    routers: str
    version: int
    kind: str  # of the area: normal, where VIPs are externals, or nssa
    count: int
    limit: float

    @property
    def form(self) -> str:
        """How VIPs are announced."""
        return "nssa" if self.kind == "nssa" else "external"

    @property
    def name(self) -> str:
        """How it is called in a table."""
        return (f"OSPFv{self.version} {self.form}, {NAMES[self.routers]} routers, "
                f"{NAMES[self.server]} on the server")


@dataclass
class Times:
    """What a trial has measured, in seconds; None: it was not over in time, or nobody says it."""

    load: float = 0.0
    answered: float | None = None
    accepted: float | None = None
    routers: float | None = None
    one_more: float | None = None
    let_go: float | None = None


class Many:
    """One trial."""

    def __init__(self, case: Case, scene: Scene) -> None:
        self.case = case
        self.scene = scene
        self.where = scene.network.nodes[SERVER]
        self.before: dict[str, int] = {}
        self.bound: list[str] = []
        self.rest = scene.vipd.config.read_text(encoding="ascii") if case.server == "vipd" else ""

    def counts(self) -> dict[str, int]:
        """How many routes each router's kernel has."""
        return {name: self.scene.network.nodes[name].route_count(
            family=4 if self.case.version == 2 else 6) for name in self.scene.routers}

    def have(self, more: int) -> Callable[[], bool]:
        """A condition: every router has so many more routes than before, or still more."""
        return lambda: all(now - self.before[name] >= more
                           for name, now in self.counts().items())

    def have_no_more_than(self, more: int) -> Callable[[], bool]:
        """A condition: no router has more than so many more routes than before."""
        return lambda: all(now - self.before[name] <= more
                           for name, now in self.counts().items())

    def seconds_until(self, begin: float, condition: Callable[[], bool]) -> float | None:
        """How long after the beginning it came true."""
        if not deadline.comes_true(condition, self.case.limit, POLL_S):
            return None
        return time.monotonic() - begin

    def full(self) -> bool:
        """Say whether each router is full with the server and the other router."""
        question = {("bird", 2): "show ospf neighbors", ("bird", 3): "show ospf neighbors",
                    ("frr", 2): "show ip ospf neighbor",
                    ("frr", 3): "show ipv6 ospf6 neighbor"}[self.case.routers, self.case.version]
        return all(router.ask(question).count("Full") == 2
                   for router in self.scene.routers.values())

    def hosts(self, first: str, count: int) -> list[str]:
        """So many addresses one after the other, each as a prefix."""
        number = ipaddress.ip_address(first)
        return [f"{number + step}/{number.max_prefixlen}" for step in range(count)]

    def bind(self, first: str, count: int) -> None:
        """The server gets so many addresses: vipd by its configuration."""
        self.bound += self.hosts(first, count)
        self.apply("add", first, count)

    def unbind(self, first: str, count: int) -> None:
        """The server loses them."""
        gone = set(self.hosts(first, count))
        self.bound = [each for each in self.bound if each not in gone]
        self.apply("del", first, count)

    def apply(self, verb: str, first: str, count: int) -> None:
        """What is bound is so on the server, too."""
        if not isinstance(self.scene.server, VipdServer):
            self.where.batch([f"address {verb} {each} dev {PEER_BOARD}"
                              for each in self.hosts(first, count)])
            return
        vips = "".join(f"  - {{address: {each}, hold: route}}\n" for each in self.bound)
        config = self.scene.vipd.config
        config.write_text(f"vips:\n{vips}{self.rest}" if vips else self.rest, encoding="ascii")
        self.scene.vipd.vip("config", "apply")

    def all_accepted(self) -> bool:
        """Say whether no neighbour has still to acknowledge anything of vipd."""
        rows = [row for row in self.scene.vipd.neighbors() if row.get("up")]
        return len(rows) == 2 and all(row["accepted"] >= self.case.count for row in rows)

    def run(self) -> Times:
        """All measurements, one after the other."""
        deadline.until(self.full, SETTLE_LIMIT_S, "everybody is full")
        deadline.watch(CALM_S, lambda: None)
        first, count = FIRST[self.case.version], self.case.count
        self.before = self.counts()
        times = Times(load=os.getloadavg()[0])
        begin = time.monotonic()
        self.bind(first, count)
        times.answered = time.monotonic() - begin
        times.routers = self.seconds_until(begin, self.have(count))
        if times.routers is None:
            return times
        if isinstance(self.scene.server, VipdServer):
            times.accepted = self.seconds_until(begin, self.all_accepted)
        deadline.watch(CALM_S, lambda: None)
        begin = time.monotonic()
        self.bind(ONE_MORE[self.case.version], 1)
        times.one_more = self.seconds_until(begin, self.have(count + 1))
        deadline.watch(CALM_S, lambda: None)
        begin = time.monotonic()
        self.unbind(first, count)
        times.let_go = self.seconds_until(begin, self.have_no_more_than(1))
        return times


def trial(case: Case) -> Times:
    """Stand the network up, and measure."""
    scene = Scene(case.routers, case.server, scratch("ospf-many"), vips=(), ipv6=case.version == 3)
    area = "0.0.0.0" if case.kind == "normal" else "0.0.0.1"
    setting = Ospf(versions=(case.version,), area=area, kind=case.kind)
    for router in scene.routers.values():
        router.ospf = setting
    if isinstance(scene.server, PeerServer):
        scene.server.daemon.ospf = setting
    elif isinstance(scene.server, VipdServer):
        word = "ospf" if case.version == 2 else "ospfv3"
        kind = "" if case.kind == "normal" else f", area-kind: {case.kind}"
        scene.server.speaker = f"{word}: {{area: {area}, hello: 1s, dead: 4s{kind}}}"
        scene.server.settings = f"ospf: {{vips: {case.form}}}\n"
    with scene:
        return Many(case, scene).run()


def median(results: list[Times], name: str) -> str:
    """The median of one measurement, as it is printed."""
    values = [getattr(times, name) for times in results]
    if all(value is None for value in values):
        return "-"
    middle = statistics.median(float("inf") if value is None else value for value in values)
    return "never" if middle == float("inf") else f"{middle:.2f}"


def print_results(results: dict[Case, list[Times]]) -> None:
    """The table of medians."""
    names = [field.name for field in fields(Times)]
    rows = [("median, in seconds", *(name.replace("_", " ") for name in names))]
    rows += [(case.name, *(median(times, name) for name in names))
             for case, times in results.items()]
    print(table(rows))


def verdict(results: dict[Case, list[Times]]) -> bool:
    """Print and return whether everything is reached: vipd's cases alone count."""
    reached = True
    for case, times in results.items():
        if case.server != "vipd":
            continue
        told = median(times, "routers")
        good = told not in ("-", "never") and float(told) <= ROUTERS_MAX_S
        print(f"   {'reached' if good else 'MISSED '}  {case.name}: "
              f"in all routers within {ROUTERS_MAX_S:.0f} s")
        reached = reached and good
    return reached


def main() -> int:
    """Read the command line and run the bench, contained."""
    parser = argparse.ArgumentParser(prog="bench/ospf-many", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds that each may take")
    parser.add_argument("--servers", nargs="*", choices=NAMES, default=list(NAMES))
    parser.add_argument("--routers", nargs="*", choices=("bird", "frr"), default=["bird", "frr"])
    parser.add_argument("--versions", nargs="*", type=int, choices=(2, 3), default=[2])
    parser.add_argument("--kinds", nargs="*", choices=("normal", "nssa"), default=["normal"])
    options = parser.parse_args()
    containment.require_root("bench/ospf-many")
    containment.enter(["-m", "bench.ospf_many", *sys.argv[1:]])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    cases = [Case(server, routers, version, kind, options.count, options.limit)
             for version in options.versions for kind in options.kinds
             for routers in options.routers for server in options.servers]
    results: dict[Case, list[Times]] = {case: [] for case in cases}
    for _ in range(options.runs):
        for case in cases:
            results[case].append(trial(case))
            print(f"{case.name}: {results[case][-1]}", file=sys.stderr, flush=True)
    print(f"{options.count} VIPs, {options.runs} runs of each, in turn; load of "
          f"{len(os.sched_getaffinity(0))} processors")
    print_results(results)
    return 0 if verdict(results) else 1


if __name__ == "__main__":
    sys.exit(main())
