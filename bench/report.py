# SPDX-License-Identifier: Apache-2.0
"""Medians, ratios and tables, and the verdict."""

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
    median_ms: float
    worst_ms: float = math.inf

    def met(self, case: Case) -> bool:
        """Say whether a case reaches it."""
        times = case.times()
        return statistics.median(times) <= self.median_ms and max(times) <= self.worst_ms


def show(milliseconds: float) -> str:
    """A time for people."""
    if math.isinf(milliseconds):
        return "never"
    if milliseconds >= 10_000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds:.1f} ms"


def ratio(time: float, base: float) -> str:
    """How many times as long."""
    if math.isinf(time) or base <= 0:
        return "-"
    return f"{time / base:.3g} x"


def print_cases(cases: Sequence[Case]) -> None:
    """The table; ratios are to vipd with the same routers."""
    rows = [("", "runs", "min", "median", "max", "to vipd")]
    for case in cases:
        times = case.times()
        own = next((c for c in cases if c.server == "vipd" and c.routers == case.routers), cases[0])
        median = statistics.median(times)
        rows.append((case.name, str(len(times)), show(min(times)), show(median), show(max(times)),
                     ratio(median, statistics.median(own.times()))))
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
            worst = "" if math.isinf(target.worst_ms) else f", none above {show(target.worst_ms)}"
            print(f"   {'reached' if met else 'MISSED '}  {case.name}: "
                  f"median at most {show(target.median_ms)}{worst}")
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


def bench(kind: str, what: str, targets: Sequence[Target], runs: int = 7, peers: int = 5) -> int:
    """A whole bench of trials, as a command."""
    options = arguments(what, runs, peers)
    require_root(f"bench/{kind}")
    own = [Case(kind, "vipd", routers, options.runs) for routers in ("bird", "frr")]
    others = [Case(kind, name, name, options.peers) for name in ("bird", "frr") if options.peers]
    print(f"{what} (seed {options.seed})", flush=True)
    run(own, others, options.seed)
    print_cases([*own, *others])
    return 0 if verdict(own, targets) else 1
