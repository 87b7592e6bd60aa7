# SPDX-License-Identifier: Apache-2.0
"""A run of chaos: actions by a seed, and a table of what was done and what was found."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Sequence

from lab import containment
from lab.scratch import scratch

from .actions import ACTIONS, Action
from .promises import settle
from .world import World

KEEP_LOG_BYTES = 20_000


@dataclass
class Finding:
    """A promise that was not kept: after which action, and what was wrong."""

    number: int
    action: str
    told: str
    wrong: str

    def __str__(self) -> str:
        return f"{self.number} {self.action} ({self.told}): {self.wrong}"


@dataclass
class Run:
    """How a run went."""

    done: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


def draw(rng: random.Random, only: Sequence[str]) -> Action:
    """The next action."""
    among = [action for action in ACTIONS if not only or action.name in only]
    return rng.choices(among, [action.weight for action in among])[0]


def step(world: World, action: Action, rng: random.Random) -> str:
    """Do one action and wait until every promise is true again; what it has told."""
    probe = world.probe() if action.gentle else None
    begin = time.monotonic()
    try:
        told = action.act(world, rng)
        settle(world)
    finally:
        if probe is not None:
            probe.stop()
    if probe is not None:
        losses = probe.losses(begin)
        if losses.lost:
            raise AssertionError(f"{told}: the client lost {losses.lost} packets, "
                                 f"{losses.outage_ms:.0f} ms")
    return told


def chaos(world: World, seed: int, actions: int, only: Sequence[str] = (),
          say: bool = True) -> Run:
    """Do so many actions; ends with the first finding, since nothing is certain after it."""
    rng = random.Random(seed)
    run = Run()
    settle(world)
    for number in range(1, actions + 1):
        action = draw(rng, only)
        begin = time.monotonic()
        told = ""
        try:
            told = step(world, action, rng)
        except Exception as error:  # pylint: disable=broad-exception-caught
            run.findings.append(Finding(number, action.name, told, f"{error}"))
            return run
        run.done[action.name] += 1
        if say:
            print(f"{number:5d} {time.monotonic() - begin:6.1f} s  {action.name}: {told}",
                  flush=True)
    return run


def report(run: Run) -> None:
    """What was done, by kind, and what was found."""
    print("\n| action | times |\n|---|---|")
    for name, times in sorted(run.done.items()):
        print(f"| {name} | {times} |")
    print(f"\n{sum(run.done.values())} actions, {len(run.findings)} findings")
    for finding in run.findings:
        print(f"finding: {finding}")


def keep(world: World, where: str) -> None:
    """Save the logs of a run that has found something."""
    folder = Path(where)
    folder.mkdir(parents=True, exist_ok=True)
    for log in world.scratch.glob("*.log"):
        shutil.copy(log, folder)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="tests/chaos/chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--actions", type=int, default=100)
    parser.add_argument("--only", action="append", default=[], metavar="ACTION",
                        choices=[action.name for action in ACTIONS])
    parser.add_argument("--build", help="the build folder; one with sanitizers is welcome")
    parser.add_argument("--keep", metavar="DIR", help="where logs go when something is found")
    arguments = parser.parse_args()
    build = str(Path(arguments.build).resolve()) if arguments.build else str(containment.BUILD)
    if build != str(containment.BUILD):
        os.environ["VIPD_BUILD"] = build
        os.execv(sys.executable, [sys.executable, "-B", *sys.argv])
    containment.require_root(sys.argv[0])
    containment.enter(sys.argv)
    print(f"seed {arguments.seed}", flush=True)
    with World(scratch("chaos")) as world:
        run = chaos(world, arguments.seed, arguments.actions, arguments.only)
        if run.findings and arguments.keep:
            keep(world, arguments.keep)
        if run.findings and world.vipd.process is not None:
            print(world.vipd.process.log_text()[-KEEP_LOG_BYTES:], file=sys.stderr)
    report(run)
    return 1 if run.findings else 0
