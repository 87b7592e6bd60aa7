# SPDX-License-Identifier: Apache-2.0
"""VIPs of IPv6 are proven through real routers, with addresses that they forward from and without."""

from __future__ import annotations

import pytest

from lab import deadline
from lab.proofs import PATIENCE_S, THROUGH, WALL, is_well, liars, proven_by, steadily, wait_well
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import SERVER, VIP, VIP6

SECOND6 = "fd00:9::1:2"

pytestmark = pytest.mark.vipd


def in_ipv6(routers: str, name: str) -> Scene:
    """Figure 2 in both families, with two VIPs of IPv6."""
    made = Scene(routers, "vipd", scratch(f"{name}-{routers}"), ipv6=True)
    made.vipd.addresses = (VIP, VIP6, SECOND6)
    made.vipd.speaker = f"rip: {{}}, ripng: {{}}, {THROUGH}"
    return made


def test_vips_of_ipv6_are_proven_through_link_local_neighbours(routers: str) -> None:
    with in_ipv6(routers, "truth6") as scene:
        keeper, router = scene.vipd, scene.network.nodes["r1"]
        wait_well(keeper, VIP, VIP6, SECOND6)
        said = keeper.vip("prove", VIP6)
        neighbor = scene.network.link_local("r1", "la")
        assert f"{neighbor} is asked on eth1 from fd00:1::" in said
        assert said.count(", 1 router passed\n") == 2
        router.run("nft", WALL % ("ip6", VIP6))
        steadily(lambda: proven_by(keeper, VIP6) == {"eth2": "eth2"}, "one router proves it")
        assert liars(keeper, VIP6) == {"eth1"}
        assert is_well(keeper, VIP) and is_well(keeper, SECOND6)
        refused = keeper.attempt("prove", VIP6)
        assert refused.returncode == 1
        assert f"{VIP6} is not forwarded to us by {neighbor}\n" in refused.stdout
        router.run("nft", "delete", "table", "inet", "wall")
        wait_well(keeper, VIP6)


def test_with_link_local_addresses_alone_the_vip_itself_is_the_source(routers: str) -> None:
    """There is no echo then, and no packet to an address of ours to compare with."""
    made = in_ipv6(routers, "truth-link-local")
    made.vipd.speaker = "rip: {}, ripng: {}"
    for name in ("eth1", "eth2"):
        made.network.nodes[SERVER].ip("-6", "address", "flush", "dev", name, "scope", "global")
    with made as scene:
        keeper, router = scene.vipd, scene.network.nodes["r1"]
        deadline.until(lambda: is_well(keeper, VIP6) and is_well(keeper, SECOND6), PATIENCE_S,
                       "both routers bring them")
        neighbor = scene.network.link_local("r1", "la")
        assert f"{neighbor} is asked on eth1 from {VIP6}: came back by eth1" in keeper.vip("prove", VIP6)
        router.run("nft", WALL % ("ip6", VIP6))
        # The other VIP comes back through it.
        deadline.until(lambda: liars(keeper, VIP6) == {"eth1"}, PATIENCE_S, "it is found out")
        assert proven_by(keeper, VIP6) == {"eth2": "eth2"} and is_well(keeper, SECOND6)
        keeper.vip("unbind", SECOND6)
        # Now nothing is there to compare with: it is not proven, and nobody is a liar for it.
        deadline.until(lambda: not liars(keeper, VIP6), PATIENCE_S, "nothing can be concluded")
        assert proven_by(keeper, VIP6) == {"eth2": "eth2"}
        assert "unknown" in keeper.attempt("prove", VIP6, "--neighbor", neighbor).stdout
