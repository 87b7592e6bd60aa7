# SPDX-License-Identifier: Apache-2.0
"""What vipd says of who forwards to its VIPs, in the terms of figure 2."""

from __future__ import annotations

from typing import Callable

import pytest

from . import deadline
from .server import VipdServer
from .topology import VIP

PATIENCE_S = 80.0
# The quick round, what confirms it, and the look at it.
FOUND_LIMIT_S = 2.0
STEADY_S = 3.0
# How an interface watches its routers.
THROUGH = "probe: {through: router, interval: 10ms}"
# A router that says that it routes to a VIP, and drops what it should forward to it.
WALL = "table inet wall { chain f { type filter hook forward priority 0; %s daddr %s drop; }; }"


def proven_by(keeper: VipdServer, vip: str = VIP) -> dict[str, str]:
    """By which of our interfaces it comes in, through the router on which of them."""
    return {each["interface"]: each["way_in"] for each in keeper.show(vip)["proven_by"]}


def liars(keeper: VipdServer, vip: str = VIP) -> set[str]:
    """Where the routers are that say that they route to it, and do not forward to us."""
    return {each["interface"] for each in keeper.show(vip)["not_forwarded_by"] if each["belied"]}


def is_well(keeper: VipdServer, vip: str = VIP) -> bool:
    """Both routers have accepted it, and each brings it by its own LAN."""
    return (proven_by(keeper, vip) == {"eth1": "eth1", "eth2": "eth2"} and not liars(keeper, vip)
            and {each["interface"] for each in keeper.show(vip)["accepted_by"]} == {"eth1", "eth2"})


def echo_is_up(keeper: VipdServer) -> bool:
    """Each neighbour is watched by what comes back through it."""
    rows = [row for row in keeper.neighbors() if not row.get("plain")]
    return bool(rows) and all((row["echo"] or {}).get("state") == "up" for row in rows)


def steadily(condition: Callable[[], bool], what: str) -> None:
    """It is so, and remains so."""
    deadline.until(condition, FOUND_LIMIT_S, what)
    deadline.watch(STEADY_S, lambda: condition() or pytest.fail(f"no longer: {what}"))


def wait_well(keeper: VipdServer, *vips: str) -> None:
    """Wait until nothing is wrong with them."""
    deadline.until(lambda: echo_is_up(keeper) and all(is_well(keeper, vip) for vip in vips),
                   PATIENCE_S, "both routers have accepted it, and forward")
