# SPDX-License-Identifier: Apache-2.0
"""OSPF where the two ends of a link differ: addresses, MTUs, TTLs, and who says how many hellos."""

from __future__ import annotations

import pytest

from lab import deadline
from lab.ospf_scene import (PATIENCE_S, QUICK, assert_goes_well, full, ospf_scene, rows)
from lab.scene import Scene
from lab.topology import SERVER

pytestmark = [pytest.mark.vipd, pytest.mark.patient]


def spoken_from(scene: Scene) -> str:
    """The address from which OSPFv2 is spoken on eth1; empty: none."""
    return next((row["address"] for row in scene.vipd.ask("ospf", "interfaces")["interfaces"]
                 if (row["interface"], row["protocol"]) == ("eth1", "ospf")), "")


def advice(scene: Scene) -> str:
    """What `vip doctor` says."""
    return scene.vipd.attempt("doctor").stdout


def larger_packets(scene: Scene) -> None:
    """What r1 sends to the server may be larger than that takes."""
    scene.network.nodes["r1"].ip("link", "set", "la", "mtu", "1600")


@pytest.mark.parametrize("routers", ["bird", "frr"])
class TestEach:
    """With BIRD, and with FRR."""

    def test_an_address_comes_late_and_changes(self, routers: str) -> None:
        def prepare(scene: Scene) -> None:
            scene.network.nodes[SERVER].batch(["address del 10.1.0.10/24 dev eth1"])

        with ospf_scene(routers, versions=(2,), prepare=prepare) as scene:
            server = scene.network.nodes[SERVER]
            deadline.until(lambda: full(scene, 1), PATIENCE_S, "the other interface is well")
            assert "no IPv4 address" in scene.vipd.vip("interfaces")
            server.batch(["address add 10.1.0.77/24 dev eth1"])
            assert_goes_well(scene, (2,))
            server.batch(["address del 10.1.0.77/24 dev eth1", "address add 10.1.0.10/24 dev eth1"])
            deadline.until(lambda: spoken_from(scene) == "10.1.0.10", PATIENCE_S,
                           "it speaks from the other one")
            assert_goes_well(scene, (2,))

    def test_secondary_addresses_are_no_harm(self, routers: str) -> None:
        def prepare(scene: Scene) -> None:
            scene.network.nodes[SERVER].batch(["address add 10.11.0.10/24 dev eth1"])
            scene.network.nodes["r1"].batch(["address add 10.11.0.1/24 dev la"])

        with ospf_scene(routers, versions=(2,), prepare=prepare) as scene:
            assert_goes_well(scene, (2,))
            assert spoken_from(scene) == "10.1.0.10"
            # The router speaks in both networks, and is one neighbour.
            deadline.until(lambda: len(rows(scene)) == 2, PATIENCE_S, "each router is there once")

    def test_another_mtu_is_told_with_the_fix(self, routers: str) -> None:
        with ospf_scene(routers, prepare=larger_packets) as scene:
            deadline.until(lambda: full(scene, 2), PATIENCE_S, "the other router is full")
            deadline.until(lambda: "set 'mtu-ignore'" in advice(scene), PATIENCE_S, "it is told")
            assert not full(scene, 4)


def test_another_mtu_may_be_ignored_while_it_runs() -> None:
    # BIRD, and FRR's ospf6d, take nobody who has another one, and FRR's ospfd a smaller one.
    with ospf_scene("frr", versions=(2,), prepare=larger_packets) as scene:
        deadline.until(lambda: full(scene, 1), PATIENCE_S, "the other router is full")
        scene.vipd.speaker = scene.vipd.speaker.replace(QUICK, f"{QUICK}, mtu-ignore: yes")
        scene.vipd.configure()
        scene.vipd.vip("config", "apply")
        assert_goes_well(scene, (2,))


def test_ttl_security() -> None:
    with ospf_scene("bird", ", ttl-security: yes", more="ttl security yes;") as scene:
        assert_goes_well(scene)


def test_without_ttl_security_there_is_nobody_and_it_is_told() -> None:
    # FRR has none for OSPF.
    with ospf_scene("frr", ", ttl-security: yes") as scene:
        deadline.until(lambda: "take 'ttl-security' away" in advice(scene), PATIENCE_S, "it is told")
        deadline.watch(3.0, lambda: None)
        assert not rows(scene)


def test_many_hellos_in_a_second() -> None:
    # BIRD has no such thing, and FRR has it for OSPFv2.
    with ospf_scene("frr", ", hello-multiplier: 4", times="dead: 1s", versions=(2,),
                    hellos=4) as scene:
        assert_goes_well(scene, (2,))
        scene.routers["r1"].kill()
        deadline.until(lambda: full(scene, 1), 2.0, "it is missed within its dead interval")
