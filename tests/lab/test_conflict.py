# SPDX-License-Identifier: Apache-2.0
"""Somebody on the server's own LAN has the VIP: before it is bound, and after."""

from __future__ import annotations

import time
from typing import Iterator

import pytest

from lab import deadline
from lab.namespace import Namespace
from lab.network import Network
from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import SERVER, one_router

PATIENCE_S = 5.0
ASKED_ANEW_S = 15.0

# A VIP that the neighbour has, too; one that is free; of each family.
FAMILIES = (("10.1.0.77", "10.1.0.78", 24), ("2001:db8:1::77", "2001:db8:1::78", 64))

pytestmark = pytest.mark.vipd


@pytest.fixture(name="lan")
def server_and_neighbour() -> Iterator[tuple[VipdServer, Namespace]]:
    """A server and a neighbour on one LAN, with both families."""
    network = Network(one_router())
    keeper = VipdServer(network.nodes[SERVER], ["eth1"], scratch("conflict"), ())
    neighbour = network.nodes["r1"]
    keeper.where.ip("address", "add", "2001:db8:1::10/64", "dev", "eth1", "nodad")
    neighbour.ip("address", "add", "2001:db8:1::1/64", "dev", "la", "nodad")
    for taken, _, length in FAMILIES:
        neighbour.ip("address", "add", f"{taken}/{length}", "dev", "la",
                     *(("nodad",) if ":" in taken else ()))
    keeper.start()
    yield keeper, neighbour
    keeper.stop()
    network.close()


def mac(where: Namespace, interface: str) -> str:
    """The Ethernet address of an interface."""
    return str(where.ip_json("link", "show", "dev", interface)[0]["address"])


@pytest.mark.parametrize(("taken", "free", "length"), FAMILIES)
def test_an_address_that_somebody_has_is_refused_and_one_that_is_free_is_bound(
        lan: tuple[VipdServer, Namespace], taken: str, free: str, length: int) -> None:
    keeper, neighbour = lan
    done = keeper.attempt("bind", taken)
    assert done.returncode == 1
    assert f"{mac(neighbour, 'la')} on eth1 has it too" in done.stderr
    assert not keeper.vips()
    assert f"{taken}/" not in str(keeper.where.ip_json("address", "show"))
    begun = time.monotonic()
    keeper.vip("bind", free)
    assert time.monotonic() - begun < 1.0
    assert length and [vip["address"] for vip in keeper.vips()] == [free]


@pytest.mark.parametrize(("taken", "free", "length"), FAMILIES)
def test_who_is_told_of_a_rival_only_is_bound_and_says_who_it_is(
        lan: tuple[VipdServer, Namespace], taken: str, free: str, length: int) -> None:
    keeper, neighbour = lan
    assert free and length
    keeper.vip("bind", taken, "--conflict", "warn")
    shown = keeper.show(taken)
    assert shown["state"] == "conflict"
    assert shown["rival"]["seen"] == "wire" and shown["rival"]["interface"] == "eth1"
    assert shown["rival"]["mac"] == mac(neighbour, "la")
    assert keeper.attempt("status", "--exit-code").returncode == 5


@pytest.mark.parametrize(("taken", "free", "length"), FAMILIES)
def test_a_vip_that_answers_tells_it_to_its_neighbours(
        lan: tuple[VipdServer, Namespace], taken: str, free: str, length: int) -> None:
    keeper, neighbour = lan
    assert taken and length
    # What the neighbour believes of the address is wrong, until it is told.
    neighbour.ip("neigh", "replace", free, "lladdr", "02:00:00:00:00:99", "dev", "la",
                 "nud", "stale")
    keeper.vip("bind", free, "--arp")

    def told() -> bool:
        known = neighbour.ip_json("neigh", "show", "to", free, "dev", "la")
        return bool(known) and known[0].get("lladdr") == mac(keeper.where, "eth1")

    deadline.until(told, PATIENCE_S, "the neighbour has been told")
    neighbour.ip("neigh", "flush", "dev", "la")
    assert neighbour.attempt("ping", "-n", "-c", "1", "-W", "2", free).returncode == 0


def test_who_comes_later_is_seen_and_takes_nothing_down(
        lan: tuple[VipdServer, Namespace]) -> None:
    keeper, neighbour = lan
    _, free, length = FAMILIES[0]
    keeper.vip("bind", free)
    neighbour.ip("address", "add", f"{free}/{length}", "dev", "la")
    neighbour.ip("neigh", "flush", "dev", "la")
    # A request in the name of the address shows who has it.
    neighbour.attempt("ping", "-n", "-c", "1", "-W", "1", "-I", free, "10.1.0.10")
    deadline.until(lambda: keeper.show(free)["state"] == "conflict", PATIENCE_S,
                   "the rival is seen")
    assert keeper.show(free)["rival"]["mac"] == mac(neighbour, "la")
    assert f"{free}" in str(keeper.where.ip_json("address", "show", "dev", "vnic0"))


def test_a_configured_vip_is_bound_when_its_rival_has_gone(
        lan: tuple[VipdServer, Namespace]) -> None:
    keeper, neighbour = lan
    taken, _, length = FAMILIES[0]
    keeper.addresses = (taken,)
    keeper.configure()
    keeper.vip("config", "apply")
    deadline.until(lambda: keeper.show(taken)["state"] == "conflict", PATIENCE_S,
                   "the VIP waits for its rival")
    neighbour.ip("address", "del", f"{taken}/{length}", "dev", "la")
    deadline.until(lambda: keeper.show(taken)["state"] == "announced", ASKED_ANEW_S,
                   "the VIP is bound")
