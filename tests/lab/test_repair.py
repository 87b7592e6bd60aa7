# SPDX-License-Identifier: Apache-2.0
"""What somebody takes from the kernel by hand is put back before the routers could notice.

One VIP is an address of its board, the other a local route to a board without addresses. What is
found is told in the journal, and what is somebody else's is left alone.
"""

from __future__ import annotations

import time
from typing import Iterator

import pytest

from lab import deadline, states
from lab.namespace import RENAMES_LIVE
from lab.probe import Losses
from lab.routes import RouteWatch
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import SERVER, VIP

REPAIR_LIMIT_MS = 200.0
PATIENCE_S = 10.0
ROUTED, COMPANION = "10.9.2.1", "10.9.2.2"
BOARD_OF = {VIP: "vnic0", ROUTED: "routed0"}

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="scene")
def scene_with_both() -> Iterator[Scene]:
    """A settled scene with both VIPs, each on a board of its own."""
    with Scene("bird", "vipd", scratch("repair")) as scene:
        scene.vipd.vip("board", "add", BOARD_OF[ROUTED])
        scene.vipd.vip("bind", ROUTED, "--board", BOARD_OF[ROUTED], "--hold", "route")
        for vip in BOARD_OF:
            deadline.until(lambda vip=vip: known(scene, vip), PATIENCE_S,
                           f"the routers know the way to {vip}")
        yield scene


def known(scene: Scene, vip: str) -> bool:
    """Say whether both routers have the route that they should have."""
    return scene.route_device("r1", vip) == "la" and scene.route_device("r2", vip) == "lb"


def held(scene: Scene, vip: str, board: str = "") -> bool:
    """Say whether the server's kernel answers to the VIP, and its board is up."""
    server = scene.network.nodes[SERVER]
    board = board or BOARD_OF[vip]
    links = server.ip_json("link", "show", "dev", board)
    routes = server.ip_json("route", "show", "table", "local", "exact", vip)
    return bool(links) and "UP" in links[0]["flags"] and bool(routes) \
        and routes[0]["dev"] == board


class Repair:
    """One harm done with `ip`, and what was seen of it until the VIP was back."""

    def __init__(self, scene: Scene, vip: str, *words: str) -> None:
        self.scene = scene
        self.vip = vip
        self.words = words
        self.repaired_ms = 0.0
        self.watches = [RouteWatch(scene.network.nodes[name]) for name in ("r1", "r2")]
        told = len(scene.vipd.vip("events").splitlines())
        self.repairs = -int(scene.vipd.ask("status")["repairs"])
        self.losses: Losses = scene.losses_during(self._harm, vip)
        self.repairs += scene.vipd.ask("status")["repairs"]
        self.told = "\n".join(line for line in scene.vipd.vip("events").splitlines()[told:]
                              if "repair" in line)
        for watch in self.watches:
            watch.close()

    def _harm(self) -> None:
        self.scene.network.nodes[SERVER].ip(*self.words)
        harmed_at = time.monotonic()
        deadline.until(lambda: held(self.scene, self.vip), PATIENCE_S, f"{self.vip} is put back",
                       interval=0.001)
        self.repaired_ms = (time.monotonic() - harmed_at) * 1000

    def assert_unnoticed(self) -> None:
        """It was put back at once, the routers kept their routes and the client lost little."""
        assert self.repaired_ms <= REPAIR_LIMIT_MS
        for watch in self.watches:
            assert f"{self.vip}/32" not in {change.prefix for change in watch.changes}
        assert self.losses.lost <= self.scene.rate * REPAIR_LIMIT_MS / 1000
        deadline.until(lambda: self.scene.vipd.show(self.vip)["state"] in states.ROUTED, PATIENCE_S,
                       "the VIP is accepted as before")


@pytest.mark.parametrize(("words", "found"), (
    (("address", "del", f"{VIP}/32", "dev", BOARD_OF[VIP]), f"the address {VIP}/32 is gone"),
    (("link", "del", BOARD_OF[VIP]), "the board is gone"),
), ids=("address del", "link del"))
def test_a_vip_held_as_an_address_is_put_back(scene: Scene, words: tuple[str, ...],
                                              found: str) -> None:
    repair = Repair(scene, VIP, *words)
    repair.assert_unnoticed()
    assert repair.repairs >= 1
    assert found in repair.told


@pytest.mark.parametrize(("words", "found"), (
    (("route", "del", "table", "local", "local", f"{ROUTED}/32", "dev", BOARD_OF[ROUTED]),
     f"the local route {ROUTED}/32 is gone"),
    (("link", "del", BOARD_OF[ROUTED]), "the board is gone"),
), ids=("route del", "link del"))
def test_a_vip_held_as_a_route_is_put_back(scene: Scene, words: tuple[str, ...],
                                           found: str) -> None:
    repair = Repair(scene, ROUTED, *words)
    repair.assert_unnoticed()
    assert repair.repairs >= 1
    assert found in repair.told


@pytest.mark.parametrize("vip", (VIP, ROUTED), ids=("held as an address", "held as a route"))
def test_a_board_that_is_set_down_is_set_up_again(scene: Scene, vip: str) -> None:
    Repair(scene, vip, "link", "set", BOARD_OF[vip], "down").assert_unnoticed()


@pytest.mark.skipif(not RENAMES_LIVE,
                    reason="this kernel does not rename an interface that is up")
@pytest.mark.parametrize("vip", (VIP, ROUTED), ids=("held as an address", "held as a route"))
def test_a_board_that_is_renamed_is_made_anew_and_the_renamed_one_removed(scene: Scene,
                                                                          vip: str) -> None:
    server = scene.network.nodes[SERVER]
    repair = Repair(scene, vip, "link", "set", BOARD_OF[vip], "name", "stray0")
    deadline.until(lambda: not server.ip_json("link", "show", "dev", "stray0"), PATIENCE_S,
                   "the renamed board is gone")
    deadline.until(lambda: held(scene, vip), PATIENCE_S, f"{vip} is on its own board")
    repair.assert_unnoticed()
    assert repair.repairs >= 1


def test_setting_a_board_up_again_is_counted_and_told_as_a_repair(scene: Scene) -> None:
    repair = Repair(scene, VIP, "link", "set", BOARD_OF[VIP], "down")
    assert repair.repairs >= 1
    assert "the board was set down" in repair.told and BOARD_OF[VIP] in repair.told


def test_a_route_that_goes_with_the_last_address_of_its_board_is_put_back(scene: Scene) -> None:
    scene.vipd.vip("bind", COMPANION, "--board", BOARD_OF[ROUTED], "--hold", "address")
    repair = Repair(scene, ROUTED, "address", "del", f"{COMPANION}/32", "dev", BOARD_OF[ROUTED])
    deadline.until(lambda: scene.vipd.show(COMPANION)["state"] in states.TOLD,
                   PATIENCE_S, "the address is back as well")
    scene.vipd.unbind(COMPANION)
    repair.assert_unnoticed()


def test_a_route_outlives_the_last_address_that_is_unbound_beside_it(scene: Scene) -> None:
    def come_and_go() -> None:
        scene.vipd.vip("bind", COMPANION, "--board", BOARD_OF[ROUTED], "--hold", "address")
        scene.vipd.unbind(COMPANION)

    losses = scene.losses_during(come_and_go, ROUTED)
    assert losses.lost <= scene.rate * REPAIR_LIMIT_MS / 1000
    deadline.until(lambda: held(scene, ROUTED), PATIENCE_S, "the route is there")


def test_what_a_foreign_manager_puts_on_a_board_is_removed_and_told(scene: Scene) -> None:
    server, board = scene.network.nodes[SERVER], BOARD_OF[VIP]
    told = len(scene.vipd.vip("events").splitlines())
    for foreign in ("192.0.2.7/32", "192.0.2.8/24"):
        server.ip("address", "add", foreign, "dev", board)
        added_at = time.monotonic()
        deadline.until(lambda foreign=foreign: foreign.split("/")[0] not in str(
            server.ip_json("address", "show", "dev", board)), PATIENCE_S, f"{foreign} is gone",
            interval=0.001)
        assert (time.monotonic() - added_at) * 1000 <= REPAIR_LIMIT_MS
        assert f"the address {foreign} is there and was not asked for" in "\n".join(
            scene.vipd.vip("events").splitlines()[told:])
    assert held(scene, VIP)


def by_hand(server: Namespace) -> dict[str, str]:
    """All of the server's configuration that is none of vipd's."""
    chains = server.run("nft", "list", "table", "inet", "theirs")
    return {
        "addresses": "".join(server.run("ip", "-o", "address", "show", "dev", name)
                             for name in ("lo", "eth1", "eth2", "theirs0")),
        "links": server.run("ip", "-o", "link", "show", "dev", "theirs0"),
        "routes": "\n".join(line for line in server.run(
            "ip", "route", "show", "table", "all").splitlines() if "proto 118" not in line
            and not any(board in line for board in (*BOARD_OF.values(), "own0"))),
        "rules": server.run("ip", "rule", "show"),
        "nftables": chains,
        "qdiscs": server.run("tc", "qdisc", "show", "dev", "eth1"),
        "neighbours": server.run("ip", "neigh", "show", "nud", "permanent"),
    }


def test_what_an_administrator_configured_elsewhere_is_not_touched(scene: Scene) -> None:
    server = scene.network.nodes[SERVER]
    server.batch([
        "link add theirs0 type bridge", "link set theirs0 up",
        "address add 192.0.2.33/24 dev theirs0",
        "address add 10.9.8.8/32 dev lo", "address add 10.1.0.77/24 dev eth1",
        "route add 203.0.113.0/24 via 10.1.0.1", "route add local 10.9.8.9/32 dev lo",
        "route add unreachable 10.9.8.0/28 metric 7", "rule add from 192.0.2.33 lookup 77",
        "neigh add 10.1.0.200 lladdr 02:00:00:00:00:c8 dev eth1 nud permanent"])
    server.run("nft", "add", "table", "inet", "theirs")
    server.run("nft", "add", "chain", "inet", "theirs", "mine",
               "{ type filter hook input priority 0; }")
    server.run("nft", "add", "rule", "inet", "theirs", "mine", "ip", "saddr", "192.0.2.99", "drop")
    server.run("tc", "qdisc", "replace", "dev", "eth1", "root", "tbf", "rate", "1gbit", "burst",
               "1mbit", "latency", "50ms")
    before = by_hand(server)
    # A board of its own: the others have been harmed so often that this might be a fight.
    scene.vipd.vip("board", "add", "own0")
    scene.vipd.vip("bind", COMPANION, "10.9.8.1/28", "--board", "own0")
    for words in (("address", "del", f"{COMPANION}/32", "dev", "own0"),
                  ("link", "del", "own0"), ("link", "set", "own0", "down")):
        server.ip(*words)
        deadline.until(lambda: held(scene, COMPANION, "own0"), PATIENCE_S, "it is repaired")
    scene.vipd.unbind(COMPANION)
    scene.vipd.unbind("10.9.8.1")
    scene.vipd.vip("board", "del", "own0")
    deadline.until(lambda: not server.ip_json("link", "show", "dev", "own0"), PATIENCE_S,
                   "all of it is gone")
    assert by_hand(server) == before
