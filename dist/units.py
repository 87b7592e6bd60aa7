#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The units are what systemd takes without a word, and expose as little as was promised.

usage: units.py BUILD UNIT...

The exit status is 77, a skipped test, where there is no systemd-analyze that can look at files.
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# In tenths, as systemd-analyze wants it: 3.0.
EXPOSURE = 30
SKIPPED = 77


def run(*words):
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)


def exposure(unit):
    """What is wrong with the sandbox of a unit; nothing when it is good enough."""
    done = run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}",
               "--no-pager", str(unit))
    print(done.stdout.strip().splitlines()[-1])
    return [] if done.returncode == 0 else [done.stdout]


def complaints(build, units):
    """What systemd says of the units when the programs are where they say."""
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(folder) / unit.name for unit in units]
        for unit, copy in zip(units, copies):
            text = re.sub(r"=(\+?)/usr/\S*/(vip\S*)", rf"=\1{build}/\2", unit.read_text())
            # The manual is found when it is installed.
            copy.write_text(re.sub(r"(?m)^Documentation=.*$", "", text))
        done = run("systemd-analyze", "verify", "--man=no", *map(str, copies))
    return done.stdout.splitlines() if done.returncode or "vipd" in done.stdout else []


def main():
    build, *units = [Path(word) for word in sys.argv[1:]]
    if not shutil.which("systemd-analyze"):
        print("skipped: there is no systemd-analyze")
        return SKIPPED
    if "--offline" not in run("systemd-analyze", "--help").stdout:
        print("skipped: this systemd-analyze has no --offline")
        return SKIPPED
    wrong = [line for unit in units if unit.suffix == ".service"
             for line in exposure(unit)] + complaints(build, units)
    print("\n".join(wrong))
    return 1 if wrong else 0


sys.exit(main())
