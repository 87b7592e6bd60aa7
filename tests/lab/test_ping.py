# SPDX-License-Identifier: Apache-2.0
"""ping: no. The host answers no echo request to such a VIP, whatever becomes of vipd, and all else works."""

from __future__ import annotations

import socket
from typing import Iterator

import pytest

from lab import deadline
from lab.namespace import Namespace
from lab.network import Network
from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import PHYSICAL, SERVER, VIP, one_router

QUIET = {"10.9.8.1": PHYSICAL, "fd09:8::1": "fd00:77::10"}
PORT = 7777
PATIENCE_S = 5.0

pytestmark = [pytest.mark.vipd]


@pytest.fixture(name="lan")
def server_on_a_lan() -> Iterator[tuple[VipdServer, Namespace]]:
    """A server that answers pings to its VIP, and a neighbour with routes to it and to two more."""
    network = Network(one_router())
    keeper = VipdServer(network.nodes[SERVER], ["eth1"], scratch("ping"))
    neighbour = network.nodes["r1"]
    keeper.where.ip("address", "add", "fd00:77::10/64", "dev", "eth1", "nodad")
    neighbour.ip("address", "add", "fd00:77::1/64", "dev", "la", "nodad")
    for address, gateway in {VIP: PHYSICAL, **QUIET}.items():
        neighbour.ip("route", "add", address, "via", gateway)
    keeper.start()
    yield keeper, neighbour
    keeper.stop()
    network.close()


def answers(neighbour: Namespace, address: str) -> bool:
    """Say whether an echo request to the address is answered."""
    return neighbour.attempt("ping", "-n", "-c", "1", "-W", "1", address).returncode == 0


def table(keeper: VipdServer) -> str:
    """What our table of the family inet holds; empty when there is none."""
    return keeper.where.attempt("nft", "list", "table", "inet", "vipd").stdout


def serves(keeper: VipdServer, neighbour: Namespace, address: str) -> bool:
    """Say whether the neighbour can connect to a service at the address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with keeper.where.entered():
        service = socket.create_server((address, PORT), family=family)
    with service, neighbour.entered():
        with socket.create_connection((address, PORT), timeout=PATIENCE_S):
            return True


def test_a_vip_answers_pings_unless_it_is_told_not_to(lan: tuple[VipdServer, Namespace]) -> None:
    keeper, neighbour = lan
    assert answers(neighbour, VIP)
    assert not table(keeper)
    keeper.vip("bind", *QUIET, "--no-ping")
    for address in QUIET:
        assert keeper.show(address)["ping"] is False
        assert not answers(neighbour, address)
        assert serves(keeper, neighbour, address)
        # What the host asks itself is answered: a health check may.
        assert answers(keeper.where, address)
    assert answers(neighbour, VIP)
    assert "ping        no" in keeper.vip("show", next(iter(QUIET)))


def test_a_reload_changes_it_without_a_disturbance(lan: tuple[VipdServer, Namespace]) -> None:
    keeper, neighbour = lan
    before = keeper.show(VIP)["since"]
    for keys, answered in ((", ping: no", False), ("", True), (", ping: no", False)):
        keeper.keys = keys
        keeper.configure()
        changes = keeper.ask("config", "diff")["changes"]
        assert [each["name"] for each in changes] == [VIP]
        keeper.vip("config", "apply")
        deadline.until(lambda wanted=answered: answers(neighbour, VIP) == wanted, PATIENCE_S,
                       "it is as the file says")
        assert bool(table(keeper)) != answered
        assert keeper.show(VIP)["since"] == before
        assert ("ping: no" in keeper.vip("config", "show")) != answered


def test_it_outlives_the_daemon_and_what_others_do(lan: tuple[VipdServer, Namespace]) -> None:
    keeper, neighbour = lan
    keeper.vip("bind", *QUIET, "--no-ping")
    keeper.kill()
    assert not any(answers(neighbour, address) for address in QUIET)
    keeper.restart()
    assert not any(answers(neighbour, address) for address in QUIET)
    assert all(keeper.show(address)["ping"] is False for address in QUIET)
    keeper.where.run("nft", "flush", "ruleset")
    deadline.until(lambda: all(address in table(keeper) for address in QUIET), PATIENCE_S,
                   "the table is put back")
    assert not any(answers(neighbour, address) for address in QUIET)


def test_nothing_is_left(lan: tuple[VipdServer, Namespace]) -> None:
    keeper, neighbour = lan
    keeper.vip("bind", *QUIET, "--no-ping")
    keeper.vip("unbind", next(iter(QUIET)))
    deadline.until(lambda: next(iter(QUIET)) not in table(keeper), PATIENCE_S, "one is gone")
    assert not answers(neighbour, "fd09:8::1")
    keeper.vip("purge", "--yes")
    deadline.until(lambda: not table(keeper), PATIENCE_S, "purge leaves nothing")
    keeper.vip("bind", *QUIET, "--no-ping")
    keeper.vip("stop")
    deadline.until(lambda: not table(keeper), PATIENCE_S, "stop leaves nothing")
