# SPDX-License-Identifier: Apache-2.0
"""The scripts of a cluster move a service between two nodes, there and back.

A cluster runs the unload script on the one node and then the load script on the other. `--pause`
is the time between the two: the disks of a real cluster need one. It is no outage of the
network's, so it is not counted.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from dataclasses import dataclass

from lab import containment, deadline
from lab.move import TwoServers
from lab.ncf import Cluster
from lab.scene import TRIGGER_HOLD_S
from lab.scratch import scratch
from lab.terminal import table
from lab.topology import OTHER, SERVER

from .stage import Stage

MEDIAN_MAX_MS = 300.0
RANDOM_WAIT_S = 5.0
LIMIT_S = 60.0
NAMES = {"bird": "BIRD routers", "frr": "FRR routers"}


@dataclass
class Move:
    """When a move began, when the client was answered again, and what it lost in between."""

    begun: float
    answered: float
    outage_ms: float = 0.0


def move(scene: TwoServers, cluster: Cluster, there: bool, pause: float) -> Move:
    """Move the service there, or back."""
    source, target = (scene.old, scene.new) if there else (scene.new, scene.old)
    begun = time.monotonic()
    cluster.unload(source)
    deadline.watch(pause, lambda: None)
    cluster.load(target)
    scene.wait_for_all(OTHER if there else SERVER, LIMIT_S)
    scene.wait_for_answers(LIMIT_S)
    return Move(begun, time.monotonic())


def measure(scene: TwoServers, moves: list[Move], pause: float) -> None:
    """Find what the client has seen of each move; the probe has ended."""
    assert scene.udp is not None
    gaps = [line["gap"] for line in scene.udp.lines if "gap" in line]
    for each in moves:
        seen = [gap for gap in gaps if gap["to"] > each.begun and gap["from"] < each.answered]
        longest = max((gap["to"] - gap["from"] for gap in seen), default=0.0)
        each.outage_ms = max(0.0, longest - pause) * 1000


def run(routers: str, runs: int, pause: float, seed: int, stage: Stage) -> list[Move]:
    """Moves with one kind of routers, each after the routers have been calm; all but that on the stage."""
    folder, moves, chance = scratch(f"ncf-{routers}"), [], random.Random(seed)
    with stage, TwoServers(routers, "vipd", folder) as scene:
        cluster = Cluster(scene, folder)
        cluster.boot()
        cluster.load(scene.old)
        scene.wait_for_all(SERVER)
        scene.start_probe()
        for number in range(runs):
            stage.leave()
            deadline.watch(TRIGGER_HOLD_S + chance.uniform(0, RANDOM_WAIT_S), lambda: None)
            stage.enter()
            moves.append(move(scene, cluster, number % 2 == 0, pause))
        scene.losses()
        measure(scene, moves, pause)
    for each in moves:
        print(f"   {NAMES[routers]}: {each.outage_ms:.1f} ms", file=sys.stderr, flush=True)
    return moves


def report(results: dict[str, list[Move]]) -> bool:
    """Print the figures and whether the goal is met."""
    rows = [("", "runs", "min", "median", "max")]
    for routers, moves in results.items():
        times = [each.outage_ms for each in moves]
        rows.append((NAMES[routers], str(len(moves)), *(f"{value:.1f} ms" for value in (
            min(times), statistics.median(times), max(times)))))
    print(table(rows))
    good = True
    for routers, moves in results.items():
        met = statistics.median(each.outage_ms for each in moves) <= MEDIAN_MAX_MS
        good = good and met
        print(f"   {'reached' if met else 'MISSED '}  {NAMES[routers]}: "
              f"median at most {MEDIAN_MAX_MS:.0f} ms")
    return good


def main() -> int:
    """Read the command line and run the bench, contained."""
    parser = argparse.ArgumentParser(prog="bench/ncf", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="moves with each kind of routers")
    parser.add_argument("--pause", type=float, default=0.0, metavar="SECONDS",
                        help="between the unload script and the load script")
    parser.add_argument("--quick", action="store_true", help="five moves")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    containment.require_root("bench/ncf")
    containment.enter(["-m", "bench.ncf", *sys.argv[1:]])
    runs = 5 if options.quick else options.runs
    print(f"{__doc__.splitlines()[0]} (seed {options.seed})", flush=True)
    return 0 if report({routers: run(routers, runs, options.pause, options.seed, Stage(str(scratch("stage") / "alone")))
                        for routers in NAMES}) else 1


if __name__ == "__main__":
    sys.exit(main())
