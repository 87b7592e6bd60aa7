# SPDX-License-Identifier: Apache-2.0
"""Each test of Meson is in one of the suites, or `make quick` and the lab would run it by mistake.

usage: suites_test.py FOLDER (the build folder)
"""

from __future__ import annotations

import json
import subprocess
import sys

SUITES = {"quick", "sim", "fuzz", "lab"}


def main() -> int:
    """Name each test that is in none, or in two."""
    told = subprocess.run(["meson", "introspect", sys.argv[1], "--tests"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    tests = json.loads(told)
    wrong = [test["name"] for test in tests
             if len(SUITES & {suite.rpartition(":")[2] for suite in test["suite"]}) != 1]
    for name in wrong:
        print(f"not in one suite of {', '.join(sorted(SUITES))}: {name}")
    print(f"{len(tests)} tests, {len(wrong)} of them not in one suite")
    return 1 if wrong or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
