# SPDX-License-Identifier: Apache-2.0
"""A daemon that is killed in the middle of ten thousand binds, and started again.

What the command has reported as bound is there afterwards, and has been all the time; the kernel
holds exactly what `vip list` shows, and nothing is left when the daemon is stopped.
"""

from __future__ import annotations

import ipaddress
import json
import threading
from pathlib import Path
from typing import Callable, Iterator

import pytest

from lab import deadline
from lab.kernel import KernelWatch
from lab.network import Network
from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import SERVER, one_router

FIRST = ipaddress.IPv4Address("10.20.0.1")
COUNT = 10_000
BOARD = "vnic0"
PATIENCE_S = 60.0

pytestmark = pytest.mark.vipd


@pytest.fixture(name="keeper")
def vipd_without_vips() -> Iterator[VipdServer]:
    """A server on a LAN without routers, and vipd on it."""
    network = Network(one_router())
    made = VipdServer(network.nodes[SERVER], ["eth1"], scratch("crash"), addresses=())
    made.start()
    yield made
    made.stop()
    network.close()


class Binder:
    """Binds all addresses, some in each command, until a command fails; notes what was reported."""

    def __init__(self, keeper: VipdServer, together: int) -> None:
        self.keeper = keeper
        self.reported: set[str] = set()
        self.files = [self._file(start, together) for start in range(0, COUNT, together)]
        self._runner = threading.Thread(target=self._run)
        self._runner.start()

    def _file(self, start: int, together: int) -> Path:
        path = self.keeper.scratch / f"addresses-{start}"
        path.write_text("".join(f"{FIRST + start + step}\n" for step in range(together)),
                        encoding="ascii")
        return path

    def _run(self) -> None:
        for path in self.files:
            if self.keeper.attempt("bind", "-f", str(path)).returncode != 0:
                return
            self.reported.update(path.read_text(encoding="ascii").split())

    def wait(self) -> None:
        """Wait for the last command."""
        self._runner.join(PATIENCE_S)


def held(keeper: VipdServer) -> list[str]:
    """What the kernel holds on the board, an address and its own route as one."""
    links = keeper.where.ip_json("-4", "address", "show", "dev", BOARD)
    addresses = [each["local"] for link in links for each in link.get("addr_info", ())]
    routes = keeper.where.ip_json("-4", "route", "show", "table", "local", "dev", BOARD,
                                  "protocol", "118")
    return addresses + [each["dst"] for each in routes]


def silenced(keeper: VipdServer) -> list[str]:
    """The addresses that the kernel keeps silent about."""
    done = keeper.where.attempt("nft", "-j", "list", "set", "arp", "vipd", "silent")
    if done.returncode != 0:
        return []
    return next(list(each["set"].get("elem", ())) for each in json.loads(done.stdout)["nftables"]
                if "set" in each)


def settled(keeper: VipdServer) -> bool:
    """Say whether all that is listed is announced."""
    return all(vip["state"] == "announced" for vip in keeper.vips())


def kill_when(keeper: VipdServer, moment: Callable[[], bool], what: str) -> None:
    """Kill the daemon as soon as the moment has come."""
    assert keeper.process is not None
    deadline.until(moment, PATIENCE_S, what, interval=0.0005)
    keeper.process.kill()


def killed_while_binding(keeper: VipdServer, together: int, after: int) -> set[str]:
    """Kill the daemon when the kernel has so many; what was reported as bound by then."""
    before = keeper.where.route_count("Local")
    binder = Binder(keeper, together)
    kill_when(keeper, lambda: keeper.where.route_count("Local") >= before + after,
              f"the kernel has {after} of them")
    binder.wait()
    return binder.reported


def assert_kernel_is_as_listed(keeper: VipdServer) -> list[str]:
    """Each VIP is listed once, held once and silent; nothing else is. All that is listed."""
    listed = [vip["address"] for vip in keeper.vips()]
    assert len(set(listed)) == len(listed)
    assert sorted(held(keeper)) == sorted(listed)
    assert sorted(silenced(keeper)) == sorted(listed)
    return listed


def assert_stop_leaves_nothing(keeper: VipdServer) -> None:
    """Stop it: neither an address, nor a silence, nor the board remains."""
    keeper.stop()
    assert not held(keeper) and not silenced(keeper)
    assert not keeper.where.ip_json("link", "show", "dev", BOARD)


@pytest.mark.parametrize(("together", "after"), (
    (COUNT, 1), (COUNT, 9000), (500, 4100), (500, 9800),
), ids=lambda number: str(number))
def test_nothing_that_is_bound_is_lost_doubled_or_orphaned(keeper: VipdServer, together: int,
                                                           after: int) -> None:
    reported = killed_while_binding(keeper, together, after)
    watch = KernelWatch(keeper.where)
    keeper.launch()
    deadline.until(lambda: settled(keeper), PATIENCE_S, "all are announced")
    watch.close()
    assert not [event for event in watch.events if not event.came]
    assert reported <= set(assert_kernel_is_as_listed(keeper))
    assert_stop_leaves_nothing(keeper)


def test_silences_without_their_addresses_are_not_orphaned(keeper: VipdServer) -> None:
    watch = KernelWatch(keeper.where)
    binder = Binder(keeper, COUNT)
    kill_when(keeper, lambda: len(watch.events) >= COUNT / 2, "half of them are silent")
    binder.wait()
    watch.close()
    keeper.launch()
    deadline.until(lambda: settled(keeper), PATIENCE_S, "all are announced")
    assert_kernel_is_as_listed(keeper)
    assert_stop_leaves_nothing(keeper)


@pytest.mark.parametrize("after", (1, 5000))
def test_what_was_about_to_leave_leaves(keeper: VipdServer, after: int) -> None:
    Binder(keeper, COUNT).wait()
    before = keeper.where.route_count("Local")
    purge = threading.Thread(target=lambda: keeper.attempt("purge"))
    purge.start()
    kill_when(keeper, lambda: keeper.where.route_count("Local") <= before - after,
              f"{after} of them are gone")
    purge.join(PATIENCE_S)
    keeper.launch()
    deadline.until(lambda: not keeper.vips(), PATIENCE_S, "all are gone")
    assert not held(keeper) and not silenced(keeper)
    assert_stop_leaves_nothing(keeper)
