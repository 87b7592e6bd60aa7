# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition, with a limit.

A fixed sleep is either too short on a busy machine or too long on a fast one. So whoever waits
here names the condition and how long it may take, and gets a sentence if it never comes true.
"""

from __future__ import annotations

import time
from typing import Callable, TypeVar

T = TypeVar("T")

POLL_INTERVAL_S = 0.01


class Missed(AssertionError):
    """A condition did not become true in time."""


def until(condition: Callable[[], T], seconds: float, what: str,
          interval: float = POLL_INTERVAL_S) -> T:
    """Poll `condition` until it returns something true, and return that."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise Missed(f"not within {seconds:g} s: {what}")
        time.sleep(interval)


def comes_true(condition: Callable[[], T], seconds: float,
               interval: float = POLL_INTERVAL_S) -> bool:
    """Say whether `condition` becomes true in time, for a condition that may well not."""
    try:
        until(condition, seconds, "a condition", interval)
    except Missed:
        return False
    return True


def watch(seconds: float, look: Callable[[], None]) -> None:
    """Spend a stated time looking on, for example at something that must stay dead."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        look()
        time.sleep(min(0.1, max(0.0, end - time.monotonic())))
