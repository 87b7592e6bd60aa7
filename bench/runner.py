# SPDX-License-Identifier: Apache-2.0
"""Starts trials, each in a containment of its own, and collects what they say.

vipd's trials probe at 1 kHz and run one after the other, so that they do not disturb each
other. The peers take minutes, nearly all of it waiting for timers, so theirs run side by side at
100 Hz in the background.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any, Sequence

from lab.containment import ROOT

PEER_RATE = 100
PEER_LIMIT_S = 260.0


@dataclass
class Case:
    """Trials of one kind with one server and one kind of routers.

    What counts is a time in milliseconds, or with the key `lost` a number of packets at 1 kHz.
    """

    kind: str
    server: str
    routers: str
    count: int
    key: str = "ms"
    results: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """How the case is called in a table."""
        names = {"vipd": "vipd", "bird": "BIRD", "frr": "FRR"}
        return f"{names[self.server]} on the server, {names[self.routers]} routers"

    def values(self) -> list[float]:
        """What counts of each trial; one that never ended counts as endless."""
        return [float("inf") if result[self.key] is None else result[self.key]
                for result in self.results]


def _start(case: Case, seed: int, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM",
         sys.executable, "-B", "-m", "lab.containment", sys.executable, "-m", "bench.trial",
         case.kind, "--server", case.server, "--routers", case.routers, "--seed", str(seed),
         *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _collect(case: Case, child: subprocess.Popen[str]) -> None:
    output, _ = child.communicate()
    if child.returncode != 0:
        raise RuntimeError(f"a trial of {case.kind} with {case.name} failed")
    result = json.loads(output.splitlines()[-1])
    case.results.append(result)
    shown = "never" if result[case.key] is None else f"{result[case.key]:.1f} {case.key}"
    print(f"   {case.name}: {shown}", file=sys.stderr, flush=True)


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
