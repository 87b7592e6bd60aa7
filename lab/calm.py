# SPDX-License-Identifier: Apache-2.0
"""A machine that has time.

A client at a thousand packets a second sees each millisecond for which a router does not run:
while it changes over from one route to another, while it asks for a new neighbour's address. On a
machine whose cores are all busy that is as long as the kernel lets others run. What must lose no
packet by real routers says that it needs a calm machine, and waits for one.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from . import deadline

REASON = "the machine was busy all the time: its routers lose packets by themselves"
WINDOW_S = 0.5
# So many cores must have been idle, on the whole, for a window.
IDLE_CORES = 0.8
IDLE, WAITING = 3, 4


def _idle_s() -> float:
    """For how long the cores have been idle since the start of the machine, added up."""
    words = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    return (int(words[IDLE]) + int(words[WAITING])) / os.sysconf("SC_CLK_TCK")


def is_calm() -> bool:
    """Say whether the machine has time, after having looked for a moment."""
    idle, begin = _idle_s(), time.monotonic()
    deadline.watch(WINDOW_S, lambda: None)
    return (_idle_s() - idle) / (time.monotonic() - begin) >= IDLE_CORES


def comes(seconds: float = 90.0) -> bool:
    """Wait for a calm machine; say whether it came."""
    return deadline.comes_true(is_calm, seconds)
