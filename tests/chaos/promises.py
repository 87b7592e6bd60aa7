# SPDX-License-Identifier: Apache-2.0
"""What must come true after each action, and what is wrong while it is not."""

from __future__ import annotations

import json
from typing import Iterator

from lab import deadline, sanitizer
from lab.states import TOLD

from .model import Fate
from .world import LANS, World

SETTLE_LIMIT_S = 60.0
QUIET_S = 1.0
WELL = TOLD
ABSENT = "absent"


class Broken(AssertionError):
    """A promise that did not come true in time."""


def listed(world: World) -> dict[str, dict[str, object]]:
    """The VIPs that vipd has, by address; an empty table while it does not answer.

    What a hand has unbound of the file stands in the list as absent.
    """
    done = world.vipd.attempt("--json", "list")
    if done.returncode != 0:
        return {}
    return {str(vip["address"]): vip for vip in json.loads(done.stdout)["vips"]
            if vip["state"] != ABSENT}


def is_drained(vip: dict[str, object]) -> bool:
    """Say whether a VIP is being drained, or has been."""
    return "drain" in vip


def silent(world: World) -> set[str]:
    """The IPv4 addresses about which the kernel keeps silent."""
    done = world.server.attempt("nft", "-j", "list", "set", "arp", "vipd", "silent")
    if done.returncode != 0:
        return set()
    return {element for each in json.loads(done.stdout)["nftables"] if "set" in each
            for element in each["set"].get("elem", ())}


def learn(world: World) -> None:
    """Settle what nothing was promised of, when the daemon has made up its mind.

    What an earlier life has left may stand in the list for a moment before it leaves.
    """
    def made_up() -> bool:
        world.require_alive()
        before = {address: vip["state"] for address, vip in listed(world).items()}
        deadline.watch(QUIET_S, lambda: None)
        after = listed(world)
        if not after or before != {address: vip["state"] for address, vip in after.items()}:
            return False
        world.model.learn({address: is_drained(vip) for address, vip in after.items()})
        return True

    if world.model.having(Fate.EITHER):
        deadline.until(made_up, SETTLE_LIMIT_S, "the list is quiet")


def missing(world: World) -> Iterator[str]:
    """All that is not as it should be, a sentence each."""
    world.require_alive()
    vips = listed(world)
    if not vips:
        yield "vipd does not answer"
        return
    yield from _list_differs(world, vips)
    bound = set(world.model.having(Fate.BOUND, Fate.DRAINED))
    if world.held() != bound:
        yield f"the kernel holds {_difference(world.held(), bound)}"
    still = {address for address in bound if ":" not in address}
    if silent(world) != still:
        yield f"silent are {_difference(silent(world), still)}"
    yield from _routes_differ(world)
    if len(world.guards()) != 1:
        yield f"there are {len(world.guards())} guards"


def _list_differs(world: World, vips: dict[str, dict[str, object]]) -> Iterator[str]:
    for address, fate in world.model.fates.items():
        vip = vips.get(address)
        if (vip is None) is not (fate is Fate.ABSENT):
            yield f"{address} should be {fate.value}, and is {vip and vip['state']}"
        elif vip is not None and is_drained(vip) is not (fate is Fate.DRAINED):
            yield f"{address} should be {fate.value}, and its drain is {vip.get('drain')}"
        elif fate is Fate.BOUND and vip is not None and vip["state"] not in WELL:
            yield f"{address} is {vip['state']}: {vip.get('reason')}"


def _routes_differ(world: World) -> Iterator[str]:
    """Each router reaches what is bound, one of them at least by its own LAN; nothing else.

    A rescue keeps the other one on the way round for a while: that is by design.
    """
    for address, fate in world.model.fates.items():
        ways = {router: world.routed(router, address) for router in LANS}
        if fate is Fate.BOUND and not (
                all(ways.values()) and any(ways[each] == lan for each, lan in LANS.items())):
            yield f"{address} is bound, and the routers reach it by {ways}"
        elif fate is not Fate.BOUND and any(ways.values()) and not (
                fate is Fate.DRAINED and _drains(world, address)):
            yield f"{address} is {fate.value}, and the routers reach it by {ways}"


def _drains(world: World, address: str) -> bool:
    """Say whether a VIP is still announced to those who use it."""
    return bool(listed(world).get(address, {}).get("state") == "draining")


def _difference(found: set[str], wanted: set[str]) -> str:
    return f"{sorted(found - wanted)} too many and lacks {sorted(wanted - found)}"


def settle(world: World, limit: float = SETTLE_LIMIT_S) -> None:
    """Wait until every promise is true; raise with what is not."""
    learn(world)
    if not deadline.comes_true(lambda: not list(missing(world)), limit, interval=0.2):
        raise Broken("; ".join(missing(world)) or "it settled in the last moment")
    reports = sanitizer.take_reports()
    if reports:
        raise Broken(reports)
