# SPDX-License-Identifier: Apache-2.0
"""ARP: a VIP is silent on every LAN unless it is told to answer, and what somebody flushes is back."""

from __future__ import annotations

import time
from typing import Iterator

import pytest

from lab import deadline
from lab.namespace import Namespace
from lab.network import Network
from lab.scratch import scratch
from lab.server import VipdServer
from lab.states import TOLD
from lab.topology import PHYSICAL, SERVER, VIP, one_router

ANSWERING = "10.9.7.1"
PATIENCE_S = 5.0
REPAIR_LIMIT_S = 0.2

# It measures milliseconds.
pytestmark = [pytest.mark.vipd, pytest.mark.release]


@pytest.fixture(scope="module", name="lan")
def server_on_a_lan() -> Iterator[tuple[VipdServer, Namespace]]:
    """A server with a silent VIP and one that answers, and a neighbour that takes both for on-link."""
    network = Network(one_router())
    keeper = VipdServer(network.nodes[SERVER], ["eth1"], scratch("silence"))
    keeper.start()
    keeper.vip("bind", ANSWERING, "--arp")
    neighbour = network.nodes["r1"]
    for address in (VIP, ANSWERING):
        neighbour.ip("route", "add", address, "dev", "la")
    yield keeper, neighbour
    keeper.stop()
    network.close()


def resolves(neighbour: Namespace, address: str, interface: str = "la") -> bool:
    """Ask the LAN who has the address, and say whether somebody does."""
    neighbour.ip("neigh", "flush", "dev", interface)
    neighbour.attempt("ping", "-n", "-c", "1", "-W", "1", address)
    found = neighbour.ip_json("neigh", "show", "to", address, "dev", interface)
    return any("lladdr" in each for each in found)


def silenced(keeper: VipdServer) -> bool:
    """Say whether the kernel has the VIP in the set of those that are silent."""
    done = keeper.where.attempt("nft", "list", "set", "arp", "vipd", "silent")
    return VIP in done.stdout


def test_a_silent_vip_is_not_answered_for_and_the_servers_own_address_is(
        lan: tuple[VipdServer, Namespace]) -> None:
    _, neighbour = lan
    assert not resolves(neighbour, VIP)
    assert resolves(neighbour, PHYSICAL)


def test_a_vip_that_is_told_to_answer_is_answered_for(
        lan: tuple[VipdServer, Namespace]) -> None:
    _, neighbour = lan
    assert resolves(neighbour, ANSWERING)


@pytest.mark.parametrize("words", (
    ("flush", "ruleset"),
    ("delete", "table", "arp", "vipd"),
    ("flush", "chain", "arp", "vipd", "in"),
    ("delete", "element", "arp", "vipd", "silent", f"{{ {VIP} }}"),
), ids=" ".join)
def test_a_silence_that_somebody_takes_away_is_put_back(lan: tuple[VipdServer, Namespace],
                                                        words: tuple[str, ...]) -> None:
    keeper, neighbour = lan
    deadline.until(lambda: silenced(keeper), PATIENCE_S, "the VIP is silent")
    repairs = keeper.ask("status")["repairs"]
    keeper.where.run("nft", *words)
    harmed_at = time.monotonic()
    deadline.until(lambda: keeper.ask("status")["repairs"] > repairs and silenced(keeper),
                   PATIENCE_S, "the silence is back", interval=0.001)
    assert time.monotonic() - harmed_at <= REPAIR_LIMIT_S
    assert not resolves(neighbour, VIP)
    assert keeper.show(VIP)["state"] in TOLD


def test_a_foreign_table_is_left_alone(lan: tuple[VipdServer, Namespace]) -> None:
    keeper, _ = lan
    keeper.where.run("nft", "add", "table", "arp", "theirs")
    keeper.vip("unbind", ANSWERING)
    keeper.vip("bind", ANSWERING, "--arp")
    assert "table arp theirs" in keeper.where.run("nft", "list", "ruleset")


def test_a_request_does_not_carry_the_vip_as_its_sender(lan: tuple[VipdServer, Namespace]) -> None:
    keeper, neighbour = lan
    neighbour.ip("route", "replace", VIP, "via", PHYSICAL)
    neighbour.ip("neigh", "flush", "dev", "la")
    keeper.where.ip("neigh", "flush", "dev", "eth1")
    done = keeper.where.attempt("ping", "-n", "-c", "1", "-W", "2", "-I", VIP, "10.1.0.1")
    assert done.returncode == 0
    known = neighbour.ip_json("neigh", "show", "dev", "la")
    assert VIP not in {each["dst"] for each in known if "lladdr" in each}


def test_an_interface_that_appears_later_is_silent_too(lan: tuple[VipdServer, Namespace]) -> None:
    keeper, neighbour = lan
    keeper.where.ip("link", "add", "late0", "type", "veth", "peer", "name", "late1", "netns", "r1")
    keeper.where.batch(["address add 10.77.0.10/24 dev late0", "link set late0 up"])
    neighbour.batch(["address add 10.77.0.1/24 dev late1", "link set late1 up",
                     f"route replace {VIP} dev late1", f"route replace {ANSWERING} dev late1"])
    assert resolves(neighbour, "10.77.0.10", "late1")
    assert not resolves(neighbour, VIP, "late1")
    assert resolves(neighbour, ANSWERING, "late1")
    # In the name of the VIP nothing is asked there either, but in that of the interface.
    neighbour.ip("route", "replace", VIP, "via", "10.77.0.10")
    keeper.where.ip("neigh", "flush", "dev", "late0")
    neighbour.ip("neigh", "flush", "dev", "late1")
    done = keeper.where.attempt("ping", "-n", "-c", "1", "-W", "2", "-I", VIP, "10.77.0.1")
    assert done.returncode == 0
    known = neighbour.ip_json("neigh", "show", "dev", "late1")
    assert {each["dst"] for each in known if "lladdr" in each} == {"10.77.0.10"}
