# SPDX-License-Identifier: Apache-2.0
"""Many reloads of an unchanged configuration under a 1 kHz probe, with each kind of router."""

from __future__ import annotations

import argparse
import statistics
import sys
import time

from lab import containment, deadline
from lab.scene import SETTLE_LIMIT_S, Scene
from lab.scratch import scratch
from lab.terminal import table

WHAT = "An unchanged configuration is applied again and again under a 1 kHz probe"


def measure(routers: str, count: int) -> tuple[int, int, list[float]]:
    """What was lost, of how many, and how long each reload took in milliseconds."""
    took: list[float] = []
    with Scene(routers, "vipd", scratch("reload")) as scene:
        deadline.until(scene.routes_settled, SETTLE_LIMIT_S, "the routers know the way")
        scene.wait_for_silence()

        def reload() -> None:
            for _ in range(count):
                begun = time.monotonic()
                scene.vipd.vip("config", "apply")
                took.append((time.monotonic() - begun) * 1000)

        losses = scene.losses_during(reload)
    return losses.lost, losses.sent, took


def main() -> int:
    """The bench as a command."""
    parser = argparse.ArgumentParser(description=WHAT)
    parser.add_argument("--count", type=int, default=1000, help="of reloads")
    options = parser.parse_args()
    containment.require_root("bench/reload")
    containment.enter(sys.argv)
    print(f"{WHAT} ({options.count} times)", flush=True)
    rows = [("routers", "lost", "of", "a reload", "longest")]
    lost_at_all = 0
    for routers in ("bird", "frr"):
        lost, sent, took = measure(routers, options.count)
        lost_at_all += lost
        rows.append((routers, str(lost), str(sent), f"{statistics.median(took):.1f} ms",
                     f"{max(took):.1f} ms"))
    print(table(rows))
    print(f"   {'reached' if lost_at_all == 0 else 'MISSED '}  no packet is lost")
    return 0 if lost_at_all == 0 else 1
