# SPDX-License-Identifier: Apache-2.0
"""What each failure of the lab costs with each setting: the cases, the table, the verdict.

Two parts, one after the other. What waits for timers of minutes runs side by side: such outages are
so long that they do not disturb each other. The others, vipd's and those of peers that are tuned,
wait side by side and act one after the other, alone on the machine.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from dataclasses import dataclass
from typing import Iterator, Sequence

from lab.containment import RUNS, require_root
from lab.failure import FAILURES
from lab.setting import SETTINGS, Setting
from lab.terminal import table

from .report import NAMES, ROUTERS, ratio
from .runner import Case, run_rounds, surroundings

QUICK_RUNS = 3
QUICK_FAILURES = ("nic-down", "silent", "deaf", "router-cut")
# vipd's trials that wait while one acts, and the labs that wait for minutes.
# Of the latter a few may be set up at the same time.
ABREAST, SLOW_ABREAST, SLOW_STAGES = 4, 64, 4
SLOW_RATE = 50
LIMIT_S, SLOW_LIMIT_S = 15.0, 200.0
ONE_WAY = ("mute", "deaf")
# Where somebody is told by a carrier, watching adds nothing.
TOLD = ("nic-down", "lan-lost", "flapping")
# What tells how much a longer interval costs.
CALM_FAILURES = ("silent", "router-cut")
# What BFD could take for a failure; without it a dead daemon is one as any other.
KILLED = ("daemon-killed", "keeper-killed")
# What a better peer may be ahead without being seen to be: a packet.
RESOLUTION_MS = 1.0
SPOKEN = {"rip": "RIP with default timers but where it is said",
          "ospf": "OSPF with hellos each second but where it is said"}


@dataclass(frozen=True)
class Goal:
    """What vipd has to reach for one failure; the key is of a trial's result.

    Without a median it is that of the best peer with the same routers in the same run.
    """

    failure: str
    setting: str
    median: float | None
    worst: float = math.inf
    key: str = "ms"
    routers: Sequence[str] = ROUTERS


GOALS = (
    Goal("silent", "vipd-bfd", 150.0, 500.0, routers=("bird",)),
    Goal("silent", "vipd-probe", 500.0),
    Goal("silent", "vipd-echo", 300.0),
    Goal("forwarding", "vipd-echo", 300.0),
    Goal("nic-down", "vipd", 150.0),
    Goal("nic-down", "vipd-bfd", 150.0),
    Goal("silent", "vipd-bfd", 40.0, key="outward"),
    Goal("keeper-killed", "vipd-bfd", 0.0, 0.0),
    Goal("keeper-killed", "vipd-bfd", 0.0, 0.0, key="flaps"),
    Goal("nic-down", "vipd-ospf", None),
    Goal("silent", "vipd-ospf-bfd", 40.0, routers=("frr",)),
    Goal("silent", "vipd-ospf-bfd", None, routers=("bird",)),
    Goal("silent", "vipd-ospf-hello", 1000.0, routers=("frr",)),
    Goal("forwarding", "vipd-ospf-echo", 300.0),
)
KEYS = {"ms": "without an answer", "outward": "from the server to the client",
        "flaps": "flaps of BFD"}


def rip_peer(setting: str) -> bool:
    """Say whether it is another daemon that speaks RIP."""
    kind = SETTINGS[setting]
    return kind.server != "vipd" and kind.protocol == "rip"


def slow(setting: str, failure: str) -> bool:
    """Say whether a trial may take minutes: of RIP's default timers, or where somebody is blind.

    Tuned or not, a peer of RIP's is blind in one direction.
    """
    kind = SETTINGS[setting]
    if kind.protocol == "ospf":
        return False
    if kind.server != "vipd":
        return rip_peer(setting) and (not kind.tuned or failure in ONE_WAY)
    return not kind.watch and failure not in (*TOLD, *KILLED)


def spoken(protocol: str) -> list[str]:
    """The settings that one asks for by a protocol; BGP is there for scale."""
    return [name for name, kind in SETTINGS.items()
            if (kind.protocol == "ospf") == (protocol == "ospf")]


def runs_of(setting: str, failure: str, options: argparse.Namespace) -> int:
    """How often a case is tried; OSPF's peers are as quick as we are."""
    kind = SETTINGS[setting]
    if rip_peer(setting) or slow(setting, failure):
        return 2 if options.peers is None else int(options.peers)
    peer = kind.protocol == "ospf" and kind.server != "vipd" and options.peers is not None
    return int(options.peers if peer else options.runs)


def worth(setting: str, failure: str) -> bool:
    """Say whether a case tells anything that another does not."""
    kind = SETTINGS[setting]
    if kind.protocol == "ospf":
        return worth_with_ospf(kind, failure)
    if kind.server != "vipd" or failure == "nic-down":
        return True
    if setting == "vipd-bfd-calm":
        return failure in CALM_FAILURES
    return not kind.watch if failure in TOLD else kind.watch == "bfd" or failure not in KILLED


def worth_with_ospf(kind: Setting, failure: str) -> bool:
    """The same with OSPF, where each router notices what none is told of, sooner or later; but
    not that another one forwards nothing."""
    if failure == "forwarding" or kind.watch == "echo":
        return failure == "forwarding" and kind.watch == "echo"
    if failure == "keeper-killed":
        return kind.watch == ""
    if failure in TOLD:
        # BFD tells BIRD's routers, whose turn comes sooner then.
        return not kind.helped and (
            kind.watch == "" or kind.watch == "bfd" and kind.server != "vipd")
    return not kind.helped


class Plan:
    """The cases that somebody has asked for."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.cases: dict[tuple[str, str, str], Case] = {}
        for failure in options.mode or FAILURES:
            for setting in options.server or spoken(options.protocol):
                for routers in options.routers or ROUTERS:
                    count = runs_of(setting, failure, options)
                    if count and SETTINGS[setting].possible(
                            routers, FAILURES[failure], options.ipv6) \
                            and (worth(setting, failure) or options.server):
                        self._add(failure, setting, routers, count, options.ipv6)

    def _add(self, failure: str, setting: str, routers: str, count: int, ipv6: bool) -> None:
        self.cases[failure, setting, routers] = Case(
            "failover", SETTINGS[setting].server, routers, count, setting=setting,
            words=("--failure", failure, *(("--ipv6",) if ipv6 else ())),
            title=f"{failure}: {SETTINGS[setting].title}, {NAMES[routers]} routers")

    def run(self, seed: int) -> None:
        """Run the slow ones, then the others."""
        RUNS.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=RUNS) as folder:
            stages = [f"{folder}/{number}" for number in range(SLOW_STAGES)]
            parts = [[case for key, case in self.cases.items() if slow(key[1], key[0]) == late]
                     for late in (True, False)]
            run_rounds(parts[0], seed, SLOW_ABREAST, stages,
                       "--rate", str(SLOW_RATE), "--limit", str(SLOW_LIMIT_S))
            run_rounds(parts[1], seed, ABREAST, stages[:1], "--limit", str(LIMIT_S))

    def of(self, failure: str) -> Iterator[tuple[str, str, Case]]:
        """The settings, routers and cases of one failure."""
        for (name, setting, routers), case in self.cases.items():
            if name == failure and case.results:
                yield setting, routers, case


def _values(case: Case, key: str) -> list[float]:
    """What was measured; what the server sends elsewhere than where it fails tells nothing."""
    return [math.inf if result[key] is None else result[key] for result in case.results
            if key != "outward" or result["exposed"]]


def _show(value: float, is_slow: bool) -> str:
    if math.isinf(value):
        return f"> {SLOW_LIMIT_S if is_slow else LIMIT_S:.0f} s"
    if value >= 1000:
        return f"{value / 1000:.3g} s"
    return f"{value:.0f} ms"


def _row(name: str, case: Case, is_slow: bool, base: float) -> tuple[str, ...]:
    values = _values(case, "ms")
    median = statistics.median(values)

    def middle(key: str) -> str:
        found = _values(case, key)
        return _show(statistics.median(found), is_slow) if found else "-"

    def seen(key: str) -> str:
        found = [result[key] for result in case.results if result.get(key) is not None]
        return _show(statistics.median(found), is_slow) if found else "-"

    survived = sum(result["survived"] for result in case.results)
    return (name, str(len(values)), _show(min(values), is_slow), _show(median, is_slow),
            _show(max(values), is_slow), ratio(median, 0 if math.isinf(base) else base),
            middle("outward"), seen("left"), seen("proven"), middle("inward_stall"),
            middle("outward_stall"), f"{survived}/{len(values)}")


def print_table(plan: Plan) -> None:
    """One table a failure. Ratios are to the first of vipd's settings with the same routers."""
    for failure in FAILURES.values():
        cases = list(plan.of(failure.name))
        if not cases:
            continue
        print(f"\n{failure.name}: {failure.title}; told: {failure.told}")
        rows: list[tuple[str, ...]] = [("", "runs", "min", "median", "max", "to vipd",
                                        "outward", "left", "proven", "TCP in", "TCP out",
                                        "went on")]
        for setting, routers, case in cases:
            own = next((statistics.median(_values(other, "ms")) for name, kind, other in cases
                        if SETTINGS[name].server == "vipd" and kind == routers), math.inf)
            rows.append(_row(f"{SETTINGS[setting].title}; {NAMES[routers]} routers", case,
                             slow(setting, failure.name), own))
        print(table(rows))


def demanded(plan: Plan, goal: Goal, routers: str) -> float | None:
    """The median that a goal demands; None when no peer was there to be compared with."""
    if goal.median is not None:
        return goal.median
    peers = [statistics.median(_values(case, goal.key)) for setting, kind, case
             in plan.of(goal.failure) if SETTINGS[setting].server != "vipd" and kind == routers]
    return min(peers) + RESOLUTION_MS if peers else None


def verdict(plan: Plan) -> bool:
    """Print and return whether each goal is reached; one that was not tried is left out."""
    print()
    good = True
    for goal in GOALS:
        for routers in goal.routers:
            case = plan.cases.get((goal.failure, goal.setting, routers))
            demand = demanded(plan, goal, routers)
            if case is None or demand is None:
                continue
            values = _values(case, goal.key)
            if not values:
                print(f"   not measured  {case.title}, {KEYS[goal.key]}")
                continue
            met = statistics.median(values) <= demand and max(values) <= goal.worst
            good = good and met
            unit = "" if goal.key == "flaps" else " ms"
            worst = "" if math.isinf(goal.worst) else f", none above {goal.worst:g}{unit}"
            print(f"   {'reached' if met else 'MISSED '}  {case.title}, {KEYS[goal.key]}: "
                  f"median {statistics.median(values):.1f}, max {max(values):.1f}; "
                  f"at most {demand:g}{unit}{worst}"
                  + (", the best peer's and a packet" if goal.median is None else ""))
    broken = sum(case.failed for case in plan.cases.values())
    if broken:
        print(f"   {broken} trials broke down")
    return good and broken == 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="bench/failover", description="What each failure costs a client, with vipd, BIRD or "
        "FRR on the server. The time is all that a client was without an answer; `outward` is what "
        "was lost from the server to the client; `left` and `proven` are what vipd alone has "
        "measured, from the failure until a neighbour counts no longer, and until all that are left "
        "have brought back the VIP again; TCP is the longest stall of a connection that the "
        "client (in) or the server (out) has opened; `went on` counts runs in which both did so "
        "before the watch ended.",
        epilog="failures: " + "; ".join(f"{each.name} ({each.title})" for each in FAILURES.values())
        + ". settings: " + "; ".join(f"{each.name} ({each.title})" for each in SETTINGS.values()))
    parser.add_argument("--runs", type=int, default=5, help="of each case that is quick (5)")
    parser.add_argument("--peers", type=int,
                        help="of each case of peers, and of those that may take minutes (2; with "
                        "OSPF as many as of ours)")
    parser.add_argument("--protocol", choices=SPOKEN, default="rip",
                        help="all settings with it (rip)")
    parser.add_argument("--mode", action="append", choices=FAILURES, metavar="FAILURE",
                        help="only this failure; may be repeated")
    parser.add_argument("--server", action="append", choices=SETTINGS, metavar="SETTING",
                        help="only this setting; may be repeated")
    parser.add_argument("--routers", action="append", choices=ROUTERS, help="only these routers")
    parser.add_argument("--quick", action="store_true",
                        help=f"{QUICK_RUNS} runs of vipd, {', '.join(QUICK_FAILURES)}, no peers")
    parser.add_argument("--ipv6", action="store_true", help="RIPng or OSPFv3, and an IPv6 VIP")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.quick:
        options.runs, options.peers = QUICK_RUNS, 0
        options.mode = options.mode or list(QUICK_FAILURES)
    return options


def main() -> int:
    """Run what was asked for."""
    options = arguments()
    require_root("bench/failover")
    plan = Plan(options)
    began = time.monotonic()
    plan.run(options.seed)
    minutes = (time.monotonic() - began) / 60
    print(f"{SPOKEN[options.protocol]}{', IPv6' if options.ipv6 else ''}; 1 kHz probes, cases in "
          f"turn (seed {options.seed}, {minutes:.0f} min; {surroundings()}).\nTrials acted one at a "
          f"time, {LIMIT_S:.0f} s at most; those of RIP's default timers and of its blind waited "
          f"side by side at {SLOW_RATE} Hz, {SLOW_LIMIT_S:.0f} s at most.")
    print_table(plan)
    return 0 if verdict(plan) else 1
