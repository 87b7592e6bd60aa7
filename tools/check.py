# SPDX-License-Identifier: Apache-2.0
"""Build, run all tests, and add up what passed and what failed.

Meson and pytest both write JUnit files, and those are what is counted: a number that is read from
a file is the same whatever the terminal looks like. A part that cannot even run counts as a
failure.

The tests of the lab wait most of their time, for timers that the RFCs set. So two files of them run
beside each other, each in a world of its own (lab/containment.py), and take half as long.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
MESON_REPORT = BUILD / "meson-logs" / "testlog.junit.xml"
LAB_REPORTS = BUILD / "lab-reports"
LANES = min(2, os.cpu_count() or 1)


@dataclass
class Tally:
    """Tests by what became of them."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0

    def read(self, report: Path) -> None:
        """Count the test cases of a JUnit file."""
        for case in ElementTree.parse(report).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed += 1
            elif case.find("skipped") is not None:
                self.skipped += 1
            else:
                self.passed += 1


def run(command: Sequence[str]) -> int:
    """Run one command in the source tree, shown as it is."""
    print(f"\n$ {' '.join(command)}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def build() -> Tally:
    """Set up and build; a failure is one failed test.

    A build folder that is there already may come from ./demo, which needs no cmocka: set up again,
    or the unit tests would be missing without a word.
    """
    tally = Tally("build")
    begin = time.monotonic()
    again = ["--reconfigure"] if (BUILD / "build.ninja").exists() else []
    configured = run(["meson", "setup", *again, "-Dtests=enabled", "build"]) == 0
    if not configured or run(["ninja", "-C", "build"]) != 0:
        tally.failed = 1
    tally.seconds = time.monotonic() - begin
    return tally


def part(name: str, command: Sequence[str], report: Path) -> Tally:
    """Run one part of the tests and count them."""
    tally = Tally(name)
    begin = time.monotonic()
    report.unlink(missing_ok=True)
    status = run(command)
    tally.seconds = time.monotonic() - begin
    if report.exists():
        tally.read(report)
    if status != 0 and tally.failed == 0:
        tally.failed = 1
    return tally


def lab_file(path: Path) -> tuple[Path, int, str]:
    """Run one file of the lab; what it printed is shown in one piece."""
    report = LAB_REPORTS / f"{path.stem}.xml"
    done = subprocess.run(["/usr/bin/python3", "-B", "-m", "pytest", str(path.relative_to(ROOT)),
                           "-q", "-rs", f"--junit-xml={report}"],
                          cwd=ROOT, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return report, done.returncode, done.stdout


def lab() -> Tally:
    """Run the lab, its largest files first, so that no long one is left to run alone."""
    tally = Tally("lab")
    begin = time.monotonic()
    LAB_REPORTS.mkdir(exist_ok=True)
    for old in LAB_REPORTS.glob("*.xml"):
        old.unlink()
    files = sorted((ROOT / "tests" / "lab").glob("test_*.py"),
                   key=lambda path: path.stat().st_size, reverse=True)
    with ThreadPoolExecutor(LANES) as lanes:
        for path, (report, status, output) in zip(files, lanes.map(lab_file, files)):
            print(f"\n{path.relative_to(ROOT)}\n{output}", end="", flush=True)
            failed = tally.failed
            if report.exists():
                tally.read(report)
            if status != 0 and tally.failed == failed:
                tally.failed += 1
    tally.seconds = time.monotonic() - begin
    return tally


def all_parts() -> list[Tally]:
    """Build and run everything; without a build there is nothing to run."""
    built = build()
    if built.failed:
        return [built]
    return [
        built,
        part("unit, golden, fuzz, sim", ["meson", "test", "-C", "build", "--print-errorlogs"],
             MESON_REPORT),
        lab(),
    ]


def main() -> int:
    """Run all, print the summary, and say whether it went well."""
    tallies = all_parts()
    print()
    for tally in tallies:
        print(f"{tally.name:<26}{tally.passed:5d} passed{tally.failed:5d} failed"
              f"{tally.skipped:5d} skipped{tally.seconds:8.1f} s")
    failed = sum(tally.failed for tally in tallies)
    print(f"{sum(tally.passed for tally in tallies)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
