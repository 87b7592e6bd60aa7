# SPDX-License-Identifier: Apache-2.0
"""Medians, ratios and tables, and the verdict.

What is compared are times in milliseconds, or numbers of packets where a case counts `lost`.
"""

from __future__ import annotations

import argparse
import math
import statistics
from dataclasses import dataclass
from typing import Sequence

from lab.containment import require_root
from lab.terminal import table

from .runner import Case, run


@dataclass(frozen=True)
class Target:
    """What a case has to reach."""

    server: str
    routers: str
    median: float
    worst: float = math.inf

    def met(self, case: Case) -> bool:
        """Say whether a case reaches it."""
        values = case.values()
        return statistics.median(values) <= self.median and max(values) <= self.worst


def show(value: float, key: str = "ms") -> str:
    """A time, or a number of packets, for people."""
    if math.isinf(value):
        return "never"
    if key == "lost":
        return f"{value:.0f} lost"
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
    rows = [("", "runs", "min", "median", "max", "to vipd")]
    for case in cases:
        values = case.values()
        own = next((c for c in cases if c.server == "vipd" and c.routers == case.routers), cases[0])
        median = statistics.median(values)
        rows.append((case.name, str(len(values)),
                     *(show(value, case.key) for value in (min(values), median, max(values))),
                     ratio(median, statistics.median(own.values()))))
    print(table(rows))


def verdict(cases: Sequence[Case], targets: Sequence[Target]) -> bool:
    """Print and return whether each target is met."""
    good = True
    for target in targets:
        for case in cases:
            if (case.server, case.routers) != (target.server, target.routers):
                continue
            met = target.met(case)
            good = good and met
            worst = "" if math.isinf(target.worst) \
                else f", none above {show(target.worst, case.key)}"
            print(f"   {'reached' if met else 'MISSED '}  {case.name}: "
                  f"median at most {show(target.median, case.key)}{worst}")
    return good


def arguments(what: str, runs: int, peers: int) -> argparse.Namespace:
    """The command line that the benches of trials share."""
    parser = argparse.ArgumentParser(description=what)
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
    own = [Case(kind, "vipd", routers, options.runs, key) for routers in ("bird", "frr")]
    others = [Case(kind, name, name, options.peers, key)
              for name in ("bird", "frr") if options.peers]
    print(f"{what} (seed {options.seed})", flush=True)
    run(own, others, options.seed)
    print_cases([*own, *others])
    return verdict(own, targets)


def bench(kind: str, what: str, targets: Sequence[Target], runs: int = 7, peers: int = 5,
          key: str = "ms") -> int:
    """A whole bench of trials, as a command."""
    options = arguments(what, runs, peers)
    require_root(f"bench/{kind}")
    return 0 if trials(kind, what, targets, options, key) else 1
