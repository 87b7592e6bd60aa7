#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traces of each layout that was shipped are run again: the VIPs are where they were.

    trace_golden.py VIPD-REPLAY

`02-first` is a life that binds five VIPs, unbinds one and hands over; `02-second` the next one, which takes the
others over, is purged and stops. tools/trace_upgrade.py brings them to the tagged layout, 04, which stays: what it made
of them on the first day is kept too, and read as it is.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRACES = ROOT / "tests/golden/trace"
REPLAY = sys.argv.pop(1)

KEPT = {"2001:db8:9::1": "announced", "10.9.2.1": "announced", "10.9.2.2": "healthy",
        "2001:db8:9::7": "announced"}


FIRST, SECOND = ("02-first", "04-first"), ("02-second", "04-second")


def replay(name: str, cut: int = 0) -> list[str]:
    """The lines of the replay of a trace; the last one is the verdict."""
    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder, "old"), Path(folder, "new")
        data = (TRACES / name).read_bytes()
        if name.startswith("02"):
            old.write_bytes(data[:len(data) - cut])
            subprocess.run([sys.executable, "-B", ROOT / "tools/trace_upgrade.py", old, new], check=True)
        else:
            new.write_bytes(data[:len(data) - cut])
        done = subprocess.run([REPLAY, "--print", new], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def states(lines: list[str]) -> dict[str, str]:
    """The state that each VIP is in after these lines."""
    found = (re.search(r"< event vip=(\S+) from=\S+ to=(\S+)", line) for line in lines)
    return {each[1]: each[2] for each in found if each}


def before(lines: list[str], what: str) -> list[str]:
    """The lines before the one that has these words."""
    return lines[:next(i for i, line in enumerate(lines) if what in line)]


class OldTraces(unittest.TestCase):
    """Both of them."""

    def test_the_first_life_binds_what_it_has_bound(self) -> None:
        """One of the configuration is unbound by hand; each of the others is given to the kernel."""
        for name in FIRST:
            lines = replay(name)
            self.assertEqual(states(lines), KEPT | {"10.9.1.1": "absent"})
            for address in KEPT:
                self.assertTrue(any(re.search(rf"< object-add .*object=(address|local) .*address={address}/", line)
                                    for line in lines), address)
            self.assertEqual(lines[-1], f"106 inputs, {sum(' < ' in line for line in lines)} effects: "
                                        "none was recorded to compare them with")

    def test_the_second_life_takes_them_over_and_lets_them_go(self) -> None:
        """Nothing of a VIP is put anew or taken away until somebody purges it all."""
        for name in SECOND:
            lines = replay(name)
            calm = before(lines, "> purge")
            self.assertEqual({vip: state for vip, state in states(calm).items() if vip in KEPT}, KEPT)
            self.assertNotRegex("\n".join(calm), r"< object-(add|remove) .*object=(address|local|silence)")
            self.assertEqual({state for vip, state in states(lines).items() if vip in KEPT}, {"absent"})

    def test_nothing_of_them_is_unknown_here(self) -> None:
        """No field is lost, and no value refused."""
        for name in FIRST + SECOND:
            self.assertNotIn("another version", "\n".join(replay(name)[-2:]))

    def test_one_that_was_cut_is_good_up_to_its_last_whole_record(self) -> None:
        """A daemon was killed while it wrote."""
        for name in FIRST:
            self.assertEqual(states(before(replay(name, 40), " inputs, ")), states(replay(name)))


if __name__ == "__main__":
    unittest.main()
