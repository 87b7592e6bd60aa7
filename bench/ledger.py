# SPDX-License-Identifier: Apache-2.0
"""Every bench in its short form, with the programs of a commit and with those of the working tree.

Both are built as they are shipped, and measured in one run with the same scripts, in turn: sample by sample, and
whoever was first is second in the next round. Samples that wait for routers to become calm wait beside each other and
act one after the other. What looks worse is measured again before it is said (bench/verdict.py has the arithmetic). Ends
with 1 when a figure is worse, or when something could be measured before and cannot now.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator, Sequence

from lab.containment import ROOT, require_root
from lab.terminal import table

from .builds import Build, Failed, Pair
from .short import ALONE, STAGED
from .verdict import Judgement, Ledger

ROUNDS = 2
# More of what looks worse.
AGAIN = 3
MINUTES = 15.0
SAMPLE_LIMIT_S = 180.0
# Staged samples that wait while one acts.
ABREAST = 4
CALM_LOAD = 0.5
SIZES = "size"
# What cannot be left so. What was measured once could not be measured again in time.
BAD = (Judgement.WORSE, Judgement.ONCE, Judgement.MISSING)


@dataclass
class Bench:
    """One bench: how often it was run, what it measures, and how long a round takes."""

    name: str
    rounds: int = 0
    seconds: float = 0.0
    figures: set[str] = field(default_factory=set)


class Run:
    """The samples of both builds."""

    def __init__(self, old: Build, new: Build, stage: Path, end: float) -> None:
        self.builds = {False: old, True: new}
        self.stage = stage
        self.end = end
        self.ledger = Ledger()
        self.failed: list[str] = []

    def sample(self, bench: Bench, seed: int, is_new: bool) -> None:
        """One sample of one build."""
        build = self.builds[is_new]
        words = () if bench.name in ALONE else ("--stage", str(self.stage))
        command = [sys.executable, "-B", "-m"]
        child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command, "lab.containment", *command, "bench.short", bench.name,
             "--seed", str(seed), *words],
            cwd=ROOT, env=dict(os.environ, VIPD_BUILD=str(build.folder)), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            output, said = child.communicate(timeout=SAMPLE_LIMIT_S)
        except subprocess.TimeoutExpired:
            child.terminate()
            output, said = child.communicate()
        if child.returncode != 0:
            last = said.strip().splitlines()[-1:] or [f"it took longer than {SAMPLE_LIMIT_S:.0f} s"]
            self.failed.append(f"{bench.name} of {build.name}: {last[0]}")
            print(f"   {self.failed[-1]}", file=sys.stderr, flush=True)
            return
        values = json.loads(output.splitlines()[-1])
        bench.figures.update(values)
        self.ledger.enter(is_new, values)

    def round(self, bench: Bench) -> None:
        """Both builds, one after the other."""
        begin = time.monotonic()
        for is_new in (False, True) if bench.rounds % 2 == 0 else (True, False):
            self.sample(bench, bench.rounds + 1, is_new)
        bench.rounds += 1
        bench.seconds = time.monotonic() - begin
        print(f"   {bench.name}: round {bench.rounds}, {bench.seconds:.0f} s", file=sys.stderr, flush=True)

    def rounds(self, benches: Sequence[Bench], count: int) -> bool:
        """So many rounds of each, as far as the time goes; says whether it has gone so far."""
        done = True
        for number in range(count):
            # In turn, so that neither half is always the one for which there is no time.
            for part in (self._alone, self._staged) if number % 2 == 0 else (self._staged, self._alone):
                done = part(benches) and done
        return done

    def _alone(self, benches: Sequence[Bench]) -> bool:
        """One round of those that need the machine for themselves."""
        done = True
        for bench in (each for each in benches if each.name in ALONE):
            if bench.rounds and time.monotonic() + bench.seconds > self.end:
                done = False
            else:
                self.round(bench)
        return done

    def _staged(self, benches: Sequence[Bench]) -> bool:
        """One round of those that wait: all of them beside each other."""
        benches = [each for each in benches if each.name in STAGED]
        longest = max((each.seconds for each in benches), default=0.0)
        if any(each.rounds for each in benches) and time.monotonic() + longest > self.end:
            return False
        begin = time.monotonic()
        with ThreadPoolExecutor(ABREAST) as lanes:
            waiting = [lanes.submit(self.sample, bench, bench.rounds + 1, is_new)
                       for bench in benches
                       for is_new in ((False, True) if bench.rounds % 2 == 0 else (True, False))]
            for each in waiting:
                each.result()
        for bench in benches:
            bench.rounds += 1
            bench.seconds = time.monotonic() - begin
        if benches:
            print(f"   {', '.join(each.name for each in benches)}: round {benches[0].rounds}, "
                  f"{time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
        return True

    def suspects(self, benches: Sequence[Bench]) -> Iterator[Bench]:
        """The benches that have measured something that looks worse, or whose new samples broke down."""
        names = {figure.name for figure in self.ledger.judged(*BAD)}
        for bench in benches:
            if names & bench.figures or any(text.startswith(f"{bench.name} of {self.builds[True].name}")
                                            for text in self.failed):
                yield bench


def measure(pair: Pair, names: Sequence[str], rounds: int, minutes: float) -> tuple[Run, list[str]]:
    """Build both, measure, measure again what looks worse; and what has to be said about it."""
    end = time.monotonic() + minutes * 60
    notes = []
    load = os.getloadavg()[0]
    if load > CALM_LOAD:
        notes.append(f"the machine was not calm: a load of {load:.1f} before it began")
    print(f"building {pair.commit} and the working tree ...", file=sys.stderr, flush=True)
    old, new = pair.make()
    run = Run(old, new, pair.folder / "stage", end)
    if SIZES in names:
        run.ledger.enter(False, old.sizes())
        run.ledger.enter(True, new.sizes())
    benches = [Bench(name) for name in names if name != SIZES]
    if not run.rounds(benches, rounds):
        notes.append(f"not all of the {rounds} rounds fit into {minutes:g} minutes")
    again = list(run.suspects(benches))
    if again:
        print(f"again, because it looks worse: {', '.join(each.name for each in again)}", file=sys.stderr, flush=True)
        if not run.rounds(again, AGAIN):
            notes.append("not all that looks worse could be measured again in time")
    return run, notes + run.failed


def arguments() -> argparse.Namespace:
    """The command line."""
    names = (SIZES, *ALONE, *STAGED)
    parser = argparse.ArgumentParser(prog="bench/ledger", description=__doc__.splitlines()[0],
                                     epilog=f"benches: {', '.join(names)}")
    parser.add_argument("--against", required=True, metavar="COMMIT", help="what the working tree is compared with")
    parser.add_argument("--only", action="append", choices=names, metavar="BENCH", help="may be repeated")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"of each bench ({ROUNDS})")
    parser.add_argument("--minutes", type=float, default=MINUTES, help=f"of all of it, the build included ({MINUTES:g})")
    parser.add_argument("--json", action="store_true", help="all values, for a program")
    options = parser.parse_args()
    options.only = options.only or names
    return options


def main() -> int:
    """Measure, print the table, and say whether it went well."""
    options = arguments()
    require_root("bench/ledger")
    begin = time.monotonic()
    try:
        with Pair(options.against) as pair:
            run, notes = measure(pair, options.only, options.rounds, options.minutes)
    except Failed as error:
        sys.exit(f"bench/ledger: {error}")
    bad = run.ledger.judged(*BAD)
    if options.json:
        print(json.dumps({"old": pair.commit, "new": pair.name, "notes": notes, "figures": run.ledger.plain()}, indent=1))
        return 1 if bad else 0
    print(table([("median", pair.commit, pair.name, "ratio", "values", ""), *run.ledger.rows()]))
    for note in notes:
        print(f"   {note}")
    print(f"   {len(run.ledger.figures)} figures, {len(bad)} of them bad; "
          f"{(time.monotonic() - begin) / 60:.1f} minutes")
    return 1 if bad else 0
