# SPDX-License-Identifier: Apache-2.0
"""Build, run all tests, and add up what passed and what failed.

Meson and pytest both write JUnit files, and those are what is counted: a number that is read from
a file is the same whatever the terminal looks like. A part that cannot even run counts as a
failure.

The tests of the lab wait most of their time, for timers that the RFCs set. So two files of them run
beside each other, each in a world of its own (lab/containment.py). With three, daemons under a
sanitizer keep two cores so busy that BFD sessions flap by themselves; but files that wait for
timers of a second, which are marked `patient`, run in a third lane.

They are run with programs that were built by clang with AddressSanitizer and UBSan, in a build
folder of their own; a report of any of them fails its test (lab/sanitizer.py). Only what measures
time or memory, and what confines a program more than a sanitizer bears, is run with the programs as
they are shipped, which a third folder has: the tests that are marked `release`. So each test of the
lab is run once. The quick suite is run twice, by gcc and under the sanitizers.

All three are built with -Werror. The format of every file is checked, not only of those that have
changed: it takes seconds, and needs to know of no commit to compare with.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Sequence

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
MESON_REPORT = BUILD / "meson-logs" / "testlog.junit.xml"
LAB_REPORTS = BUILD / "lab-reports"
LANES = min(2, os.cpu_count() or 1)

# As it is shipped.
RELEASE = ROOT / "build-release"
RELEASE_OPTIONS = ("-Db_lto=true", "-Dtests=disabled")

SANITIZED = ROOT / "build-sanitized"
SANITIZED_REPORT = SANITIZED / "meson-logs" / "testlog.junit.xml"
# By clang, whose UBSan writes its reports where ASan does: that of gcc has nothing but stderr beside
# an ASan.
SANITIZED_COMPILER = "clang-14"
SANITIZED_OPTIONS = ("-Dtests=enabled", "-Db_lundef=false", "-Db_sanitize=address,undefined")
# What the lab starts; not the simulator, not the fuzzers.
PROGRAMS = ("vipd", "vip", "vipd-guard", "vipd-check", "vipd-check-https", "src/sim/vipd-replay",
            "lab/vipd-probe", "bench/vipd-nlbatch", "bench/vipd-connects", "bench/vipd-metronome")
FORMATTER = "clang-format-14"
SOURCES = ("src", "bpf", "lab", "bench", "fuzz", "tests")
RELEASE_MARK = "mark.release"
PATIENT_MARK = "mark.patient"
NOTHING_COLLECTED = 5


COMPLAINT_LINES = 25


def _complaint(case: ElementTree.Element, wrong: ElementTree.Element,
               suite: ElementTree.Element) -> str:
    """What failed, and the end of what it said: Meson keeps that with the whole executable."""
    said = "\n".join(filter(None, (wrong.get("message"), wrong.text))).strip().splitlines()
    for stream in () if said else ("system-out", "system-err"):
        said += [line for line in (suite.findtext(stream) or "").splitlines()
                 if not line.startswith(("ok ", "# ok"))][-COMPLAINT_LINES // 2:]
    return "\n".join([f"FAILED {case.get('classname')}: {case.get('name')}",
                      *(f"    {line}" for line in said[-COMPLAINT_LINES:])])


@dataclass
class Tally:
    """Tests by what became of them."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    complaints: list[str] = field(default_factory=list)

    def read(self, report: Path) -> None:
        """Count the test cases of a JUnit file."""
        for suite in ElementTree.parse(report).iter("testsuite"):
            for case in suite.iter("testcase"):
                wrong = next((found for kind in ("failure", "error")
                              for found in case.iter(kind)), None)
                if wrong is not None:
                    self.failed += 1
                    self.complaints.append(_complaint(case, wrong, suite))
                elif case.find("skipped") is not None:
                    self.skipped += 1
                else:
                    self.passed += 1


def run(command: Sequence[str], **variables: str) -> int:
    """Run one command in the source tree, shown as it is, with these variables beside the others."""
    shown = [*(f"{name}={value}" for name, value in variables.items()), *command]
    print(f"\n$ {' '.join(shown)}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False,
                          env=dict(os.environ, **variables)).returncode


def set_up(folder: Path, *options: str, **variables: str) -> bool:
    """Set up a build folder, again if it is there: it may have been set up with other options.

    The unit tests would be missing then without a word.
    """
    again = ["--reconfigure"] if (folder / "build.ninja").exists() else []
    return run(["meson", "setup", *again, "-Dwerror=true", *options, folder.name], **variables) == 0


def build() -> Tally:
    """Set up and build all folders; a failure is one failed test."""
    tally = Tally("build")
    begin = time.monotonic()
    built = (set_up(BUILD, "-Dtests=enabled", "-Db_lto=false")
             and run(["ninja", "-C", BUILD.name]) == 0
             and set_up(RELEASE, *RELEASE_OPTIONS)
             and run(["ninja", "-C", RELEASE.name, *PROGRAMS]) == 0
             and set_up(SANITIZED, *SANITIZED_OPTIONS, CC=SANITIZED_COMPILER)
             and run(["ninja", "-C", SANITIZED.name, *PROGRAMS]) == 0)
    tally.failed = 0 if built else 1
    tally.seconds = time.monotonic() - begin
    return tally


def written_as_agreed() -> Tally:
    """Whether every C file has the format of .clang-format; those that do not are failed tests."""
    tally = Tally("format")
    begin = time.monotonic()
    files = sorted(path for folder in SOURCES for path in (ROOT / folder).rglob("*.[ch]"))
    with ThreadPoolExecutor(os.cpu_count()) as lanes:
        for path, status in zip(files, lanes.map(
                lambda path: subprocess.run([FORMATTER, "--dry-run", "-Werror", path], check=False,
                                            stderr=subprocess.DEVNULL).returncode, files)):
            if status == 0:
                tally.passed += 1
            else:
                tally.failed += 1
                tally.complaints.append(f"{path.relative_to(ROOT)}: {FORMATTER} would change it (make format)")
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


@dataclass(frozen=True)
class LabRun:
    """One file of the lab with one build."""

    path: Path
    sanitized: bool

    @property
    def name(self) -> str:
        """For a person, and for the report."""
        return f"{self.path.stem}-{'sanitized' if self.sanitized else 'release'}"

    @property
    def patient(self) -> bool:
        """Say whether it may run beside more than others do."""
        return PATIENT_MARK in self.path.read_text(encoding="utf-8")

    def run(self) -> tuple[Path, int, str]:
        """Run it; what it printed is shown in one piece."""
        report = LAB_REPORTS / f"{self.name}.xml"
        folder = SANITIZED if self.sanitized else RELEASE
        done = subprocess.run(["/usr/bin/python3", "-B", "-m", "pytest",
                               str(self.path.relative_to(ROOT)), "-q", "-rs",
                               "-m", "not release" if self.sanitized else "release",
                               f"--junit-xml={report}"],
                              cwd=ROOT, check=False, text=True,
                              env=dict(os.environ, VIPD_BUILD=str(folder)),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        # A file all of whose tests are for the other build.
        status = 0 if done.returncode == NOTHING_COLLECTED else done.returncode
        return report, status, done.stdout


def lab_runs() -> list[LabRun]:
    """Each test once. The largest files first, so that no long one is left to run alone."""
    files = sorted((ROOT / "tests" / "lab").glob("test_*.py"),
                   key=lambda path: path.stat().st_size, reverse=True)
    runs = []
    for path in files:
        runs.append(LabRun(path, sanitized=True))
        if RELEASE_MARK in path.read_text(encoding="utf-8"):
            runs.append(LabRun(path, sanitized=False))
    return runs


def lab() -> Tally:
    """Run the lab."""
    tally = Tally("lab")
    begin = time.monotonic()
    LAB_REPORTS.mkdir(exist_ok=True)
    for old in LAB_REPORTS.glob("*.xml"):
        old.unlink()
    runs = lab_runs()
    with ThreadPoolExecutor(LANES) as lanes, ThreadPoolExecutor(1) as patient:
        done = [(patient if each.patient else lanes).submit(each.run) for each in runs]
        for each, outcome in zip(runs, done):
            report, status, output = outcome.result()
            print(f"\n{each.name}\n{output}", end="", flush=True)
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
        written_as_agreed(),
        part("unit, golden, fuzz, sim", ["meson", "test", "-C", BUILD.name, "--print-errorlogs"],
             MESON_REPORT),
        part("quick, sanitized", ["meson", "test", "-C", SANITIZED.name, "--print-errorlogs", "--suite",
                                  "quick", "--timeout-multiplier", "3"], SANITIZED_REPORT),
        lab(),
    ]


def main() -> int:
    """Run all, print the summary, and say whether it went well."""
    tallies = all_parts()
    # Once more at the end: of a long output the end is what is kept.
    for tally in tallies:
        for complaint in tally.complaints:
            print(f"\n{complaint}")
    print()
    for tally in tallies:
        print(f"{tally.name:<26}{tally.passed:5d} passed{tally.failed:5d} failed"
              f"{tally.skipped:5d} skipped{tally.seconds:8.1f} s")
    failed = sum(tally.failed for tally in tallies)
    print(f"{sum(tally.passed for tally in tallies)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
