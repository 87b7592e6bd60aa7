#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All that doc/ospf-rules.md names is there, and no golden script of OSPF is missing in it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "src" / "proto" / "ospf"
GOLDEN = ROOT / "tests" / "golden"


def main() -> int:
    """Print what is wrong, and say how much."""
    wrong = []
    named: dict[str, set[str]] = {"ospfv2": set(), "ospfv3": set()}
    rows = [line.strip("|").split("|") for line in
            (ROOT / "doc" / "ospf-rules.md").read_text(encoding="utf-8").splitlines()
            if line.startswith("| ")]
    for row in rows:
        for folder, cell in zip(("ospfv2", "ospfv3"), row[2:]):
            named[folder] |= set(re.findall(r"\b[0-9]{3}\b", cell))
        for name in re.findall(r"`([a-z0-9_-]+\.(?:c|txt))`", "|".join(row)):
            if not (CODE / name).exists() and not (GOLDEN / "ospf" / name).exists():
                wrong.append(f"{name} is named, and is not there")
    for folder, numbers in named.items():
        there = {path.name[:3] for path in (GOLDEN / folder).glob("*.txt")}
        wrong += [f"{folder}/{each} is named, and is not there" for each in sorted(numbers - there)]
        wrong += [f"{folder}/{each} is not named" for each in sorted(there - numbers)]
    print("\n".join(wrong) or "all that is named is there")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
