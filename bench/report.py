# SPDX-License-Identifier: Apache-2.0
"""Medians, ratios and tables, and the verdict.

What is compared are times in milliseconds, or numbers of packets where a case counts `lost`.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
from dataclasses import dataclass
from typing import Sequence

from lab.containment import RUNS, require_root
from lab.setting import SETTINGS
from lab.terminal import table

from .runner import Case, run, run_rounds, surroundings

PROTOCOLS = ("rip", "ospf")
ROUTERS = ("bird", "frr")
NAMES = {"bird": "BIRD", "frr": "FRR"}
# So many labs of OSPF's stand at the same time; one of them acts.
ABREAST = 4


@dataclass(frozen=True)
class Target:
    """What a case has to reach: that of a server, or of a setting."""

    server: str
    routers: str
    median: float
    worst: float = math.inf
    key: str = ""

    def met(self, case: Case) -> bool:
        """Say whether a case reaches it."""
        values = case.values(self.key)
        return statistics.median(values) <= self.median and max(values) <= self.worst


def show(value: float, key: str = "ms") -> str:
    """A time, or a number of packets, for people."""
    if math.isinf(value):
        return "never"
    if key in ("lost", "flaps"):
        return f"{value:.0f} {key}"
    if value >= 10_000:
        return f"{value / 1000:.1f} s"
    return f"{value:.1f} ms"


def ratio(time: float, base: float) -> str:
    """How many times as long."""
    if math.isinf(time) or base <= 0:
        return "-"
    return f"{time / base:.3g} x"


def print_cases(cases: Sequence[Case]) -> None:
    """The table; ratios are to vipd with the same routers."""
    cases = [case for case in cases if case.results]
    also = [key for key in ("flaps", "took") if all(key in case.results[0] for case in cases)]
    rows: list[tuple[str, ...]] = [("", "runs", "min", "median", "max", "to vipd", "none", *also)]
    for case in cases:
        values = case.values()
        own = next((c for c in cases if c.server == "vipd" and c.routers == case.routers), cases[0])
        median = statistics.median(values)
        rows.append((case.name, str(len(values)),
                     *(show(value, case.key) for value in (min(values), median, max(values))),
                     ratio(median, statistics.median(own.values())),
                     f"{values.count(0)}/{len(values)}" if case.key == "lost" else "-",
                     *(show(statistics.median(case.values(key)), key) for key in also)))
    print(table(rows))


def verdict(cases: Sequence[Case], targets: Sequence[Target]) -> bool:
    """Print and return whether each target is met."""
    good = True
    for target in targets:
        for case in cases:
            if (case.setting or case.server, case.routers) != (target.server, target.routers) \
                    or not case.results:
                continue
            met = target.met(case)
            good = good and met
            key = target.key or case.key
            worst = "" if math.isinf(target.worst) else f", none above {show(target.worst, key)}"
            print(f"   {'reached' if met else 'MISSED '}  {case.name}: "
                  f"median at most {show(target.median, key)}{worst}")
    broken = sum(case.failed for case in cases)
    if broken:
        print(f"   {broken} trials broke down")
    return good and broken == 0


def arguments(what: str, runs: int, peers: int,
              protocols: Sequence[str] = PROTOCOLS) -> argparse.Namespace:
    """The command line that the benches of trials share."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--protocol", choices=protocols, default="rip",
                        help="what routers and server speak (rip)")
    parser.add_argument("--runs", type=int, default=runs, help="of vipd with each router")
    parser.add_argument("--peers", type=int, default=peers, help="runs of each peer")
    parser.add_argument("--quick", action="store_true", help="five runs, no peers")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.quick:
        options.runs, options.peers = 5, 0
    return options


def trials(kind: str, what: str, targets: Sequence[Target], options: argparse.Namespace,
           key: str = "ms") -> bool:
    """Trials of one kind with each router, their table, and whether the targets are met."""
    print(f"{what} (seed {options.seed}; {surroundings()})", flush=True)
    if options.protocol == "ospf":
        cases = _with_ospf(kind, options, key)
        _take_turns(cases, options.seed)
    else:
        own = [Case(kind, "vipd", routers, options.runs, key) for routers in ROUTERS]
        others = [Case(kind, name, name, options.peers, key) for name in ROUTERS if options.peers]
        run(own, others, options.seed)
        cases = [*own, *others]
    print_cases(cases)
    print(f"   {surroundings()}")
    return verdict(cases, targets)


def _with_ospf(kind: str, options: argparse.Namespace, key: str) -> list[Case]:
    """Cases of vipd with each router, where it matters with and without their help, and peers."""
    places = [("vipd-ospf", "bird", options.runs), ("vipd-ospf", "frr", options.runs)]
    if kind == "crash":
        places.append(("vipd-ospf-helped", "frr", options.runs))
    places += [(f"{name}-ospf", name, options.peers) for name in ROUTERS if options.peers]
    return [Case(kind, SETTINGS[setting].server, routers, count, key, setting=setting,
                 title=f"{SETTINGS[setting].title}; {NAMES[routers]} routers")
            for setting, routers, count in places]


def _take_turns(cases: Sequence[Case], seed: int) -> None:
    """All of them in rounds: with hellos each second peers are quick, too."""
    RUNS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RUNS) as folder:
        run_rounds(cases, seed, ABREAST, [f"{folder}/stage"])


def bench(kind: str, what: str, targets: Sequence[Target], runs: int = 7, peers: int = 5,
          key: str = "ms", ospf: Sequence[Target] = ()) -> int:
    """A whole bench of trials, as a command. Without targets for OSPF it is about RIP alone."""
    options = arguments(what, runs, peers, PROTOCOLS if ospf else PROTOCOLS[:1])
    require_root(f"bench/{kind}")
    return 0 if trials(kind, what, targets if options.protocol == "rip" else ospf, options,
                       key) else 1
