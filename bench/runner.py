# SPDX-License-Identifier: Apache-2.0
"""Starts trials, each in a containment of its own, and collects what they say.

vipd's trials probe at 1 kHz and run one after the other, so that they do not disturb each
other. The peers take minutes, nearly all of it waiting for timers, so theirs run side by side at
100 Hz in the background. Trials that take turns by themselves (bench/stage.py) are taken in rounds,
one of each case in turn, so that what changes in the machine hits all of them alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any, Sequence

from lab import deadline
from lab.containment import BUILD, ROOT

PEER_RATE = 100
PEER_LIMIT_S = 260.0
ROUND_LIMIT_S = 600.0
ROUND_POLL_S = 0.1


@dataclass
class Case:
    """Trials of one kind with one server and one kind of routers.

    What counts is a time in milliseconds, or with the key `lost` a number of packets at 1 kHz.
    `setting` is one of lab/setting.py, without which RIP is spoken. `words` are what the trial is
    told beside that; `failed` counts trials that broke down.
    """

    kind: str
    server: str
    routers: str
    count: int
    key: str = "ms"
    results: list[dict[str, Any]] = field(default_factory=list)
    words: tuple[str, ...] = ()
    title: str = ""
    failed: int = 0
    setting: str = ""

    @property
    def name(self) -> str:
        """How the case is called in a table."""
        if self.title:
            return self.title
        names = {"vipd": "vipd", "bird": "BIRD", "frr": "FRR"}
        return f"{names[self.server]} on the server, {names[self.routers]} routers"

    def values(self, key: str = "") -> list[float]:
        """What counts of each trial, or another key; one that never ended counts as endless."""
        return [float("inf") if result[key or self.key] is None else result[key or self.key]
                for result in self.results]


def _start(case: Case, seed: int, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM",
         sys.executable, "-B", "-m", "lab.containment", sys.executable, "-m", "bench.trial",
         case.kind, "--server", case.server, "--routers", case.routers, "--seed", str(seed),
         *(("--setting", case.setting) if case.setting else ()), *case.words, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _collect(case: Case, child: subprocess.Popen[str]) -> None:
    output, _ = child.communicate()
    if child.returncode != 0:
        raise RuntimeError(f"a trial of {case.kind} with {case.name} failed")
    result = json.loads(output.splitlines()[-1])
    case.results.append(result)
    shown = "never" if result[case.key] is None else f"{result[case.key]:.1f} {case.key}"
    print(f"   {case.name}: {shown}", file=sys.stderr, flush=True)


def surroundings() -> str:
    """Which build it is, and how busy the machine."""
    one, five, _ = os.getloadavg()
    return f"{BUILD.name}, load {one:.1f} (5 min: {five:.1f}) on {os.cpu_count()} cores"


def run(own: Sequence[Case], peers: Sequence[Case], seed: int) -> None:
    """Run the peers' trials side by side and, meanwhile, our own one after the other."""
    background = [(case, _start(case, seed + number, "--rate", str(PEER_RATE),
                                "--limit", str(PEER_LIMIT_S)))
                  for case in peers for number in range(case.count)]
    try:
        for case in own:
            for number in range(case.count):
                _collect(case, _start(case, seed + number))
        for case, child in background:
            _collect(case, child)
    finally:
        for _, child in background:
            child.terminate()


def run_rounds(cases: Sequence[Case], seed: int, abreast: int, stages: Sequence[str],
               *words: str) -> None:
    """Run trials that take turns by themselves, `abreast` at a time, in rounds over all cases.

    There is one act at a time on each stage, which is the path of a file.
    """
    waiting = [case for number in range(max((case.count for case in cases), default=0))
               for case in cases if number < case.count]
    running: list[tuple[Case, subprocess.Popen[str]]] = []
    try:
        while waiting or running:
            while waiting and len(running) < abreast:
                case = waiting.pop(0)
                running.append((case, _start(case, seed, "--stage", stages[seed % len(stages)],
                                             *words)))
                seed += 1
            ended = deadline.until(
                lambda: [pair for pair in running if pair[1].poll() is not None],
                ROUND_LIMIT_S, "a trial ends", ROUND_POLL_S)
            for pair in ended:
                running.remove(pair)
                try:
                    _collect(*pair)
                except RuntimeError as error:
                    pair[0].failed += 1
                    print(f"   {error}", file=sys.stderr, flush=True)
    finally:
        for _, child in running:
            child.terminate()
