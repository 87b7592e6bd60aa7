# SPDX-License-Identifier: Apache-2.0
"""A wall clock that jumps changes nothing that does not tell the time of day.

The clock of vipd alone is set: a library in front of it lies about CLOCK_REALTIME, and leaves
CLOCK_MONOTONIC as it is. That of the machine is never touched.
"""

from __future__ import annotations

import datetime
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

from lab import deadline
from lab.onlooker import Onlooker
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import VIP

PATIENCE_S = 20.0
AFTERWARDS_S = 2.0
HOUR_S = 3600.0
AGE_TOLERANCE_S = 1.0
LIARS = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))

# Its clock is a library that must come first, as a sanitizer must.
pytestmark = [pytest.mark.vipd, pytest.mark.release,
              pytest.mark.skipif(not LIARS, reason="libfaketime is not installed")]


@pytest.fixture(scope="module", name="clock")
def file_of_the_clock() -> Path:
    """By how much the wall clock of vipd is off stands in this file."""
    path = scratch("clock") / "clock"
    path.write_text("+0", encoding="ascii")
    return path


@pytest.fixture(scope="module", name="scene")
def scene_with_a_clock_of_its_own(clock: Path) -> Iterator[Scene]:
    """Figure 2 with BIRD routers; vipd is accepted by both."""
    made = Scene("bird", "vipd", scratch("stall"))
    made.vipd.wrapper = ("/usr/bin/env", f"LD_PRELOAD={LIARS[0]}", "FAKETIME_NO_CACHE=1",
                         f"FAKETIME_TIMESTAMP_FILE={clock}", "FAKETIME_DONT_FAKE_MONOTONIC=1")
    with made as scene:
        scene.settle(calm=True)
        deadline.until(lambda: len(scene.vipd.show(VIP)["accepted_by"]) == 2, PATIENCE_S,
                       "both routers have accepted the VIP")
        yield scene


def seconds_of(stamp: str) -> float:
    """A time as the JSON has it, in seconds since 1970."""
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def step(clock: Path, seconds: float) -> None:
    """Set the wall clock of vipd, and of nothing else."""
    clock.write_text(f"{seconds:+.0f}", encoding="ascii")


def assert_same_but_for_the_clock(before: dict[str, Any], after: dict[str, Any], passed: float,
                                  off: float) -> None:
    """Ages have grown by what really passed; a time of day is as the wall clock has it now."""
    assert after["state"] == before["state"]
    # Their order is that in which they have shown it.
    assert (sorted(after["accepted_by"], key=lambda row: str(row["neighbor"]))
            == sorted(before["accepted_by"], key=lambda row: str(row["neighbor"])))
    assert abs(after["age"] - before["age"] - passed) < AGE_TOLERANCE_S
    assert abs(seconds_of(after["since"]) - seconds_of(before["since"]) - off) < AGE_TOLERANCE_S


@pytest.mark.parametrize("off", (HOUR_S, -HOUR_S), ids=("forward", "back"))
def test_a_wall_clock_that_jumps_by_an_hour_changes_no_age_and_no_route(
        scene: Scene, clock: Path, off: float) -> None:
    before, sight, begun = scene.vipd.show(VIP), Onlooker(scene), time.monotonic()
    step(clock, off)
    deadline.until(lambda: abs(seconds_of(scene.vipd.show(VIP)["since"]) - off
                               - seconds_of(before["since"])) < AGE_TOLERANCE_S, PATIENCE_S,
                   "vipd sees the other time")
    deadline.watch(AFTERWARDS_S, lambda: None)
    sight.assert_nothing_happened()
    assert_same_but_for_the_clock(before, scene.vipd.show(VIP), time.monotonic() - begun, off)
    scene.vipd.bind("10.9.5.1")
    assert scene.vipd.show("10.9.5.1")["age"] < AGE_TOLERANCE_S
    scene.vipd.unbind("10.9.5.1")
    step(clock, 0)
    assert_same_but_for_the_clock(before, scene.vipd.show(VIP), time.monotonic() - begun, 0)
