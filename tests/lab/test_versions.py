# SPDX-License-Identifier: Apache-2.0
"""RIP-1, RIP-2, and RIP-2 that RIP-1 routers can hear.

The router is FRR, which reads RIP-1 as RFC 1058 has it. BIRD takes the absent mask for /0 and
drops the route, whoever announces it.
"""

from __future__ import annotations

from typing import Any, Iterator

import pytest

from lab import deadline, rip
from lab.capture import Capture, Datagram, send_datagram
from lab.frr import Frr
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import PHYSICAL, SERVER, VIP, one_router

PATIENCE_S = 40.0
ROUTER = "10.1.0.1"
BROADCAST = "10.1.0.255"

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="scene")
def scene_of_version_one() -> Iterator[Scene]:
    """An FRR router that speaks RIP-1, and a vipd that does."""
    made = Scene("frr", "vipd", scratch("versions"), topology=one_router())
    router = made.routers["r1"]
    assert isinstance(router, Frr)
    router.version = 1
    made.vipd.speaker = "rip: {version: 1}"
    with made as scene:
        yield scene


def speak(scene: Scene, version: str) -> None:
    """Let vipd speak another version from now on."""
    scene.vipd.speaker = f"rip: {{version: {version}}}"
    scene.vipd.configure()
    scene.vipd.vip("config", "apply")
    speaker = scene.vipd.interface("eth1")["rip"]
    assert str(speaker["version"]) == version


def carries(datagram: Datagram, address: bytes) -> bool:
    """Say whether a datagram of the server is a response that names the address."""
    return (datagram.source == PHYSICAL and datagram.payload[0] == rip.RESPONSE
            and address in datagram.payload)


def announcement(scene: Scene, address: str) -> Datagram:
    """The datagram by which vipd announces an address that is bound now."""
    capture = Capture(scene.network.nodes[SERVER], "eth1", rip.PORT)
    scene.vipd.bind(address)
    wanted = bytes(int(part) for part in address.split("."))
    found = capture.wait_for(lambda d: carries(d, wanted), PATIENCE_S, f"{address} is announced")
    capture.close()
    scene.vipd.unbind(address)
    return found


def router_of(scene: Scene) -> dict[str, Any]:
    """What vipd says of the router."""
    return next((each for each in scene.vipd.neighbors() if each["address"] == ROUTER), {})


def test_a_host_route_reaches_a_rip_1_router(scene: Scene) -> None:
    speak(scene, "1")
    deadline.until(lambda: scene.route_device("r1", VIP) == "la", PATIENCE_S,
                   "the router has the host route")
    deadline.until(lambda: router_of(scene).get("state") == "up", PATIENCE_S,
                   "the router is heard")
    assert router_of(scene)["version"] == 1


def test_rip_1_goes_out_by_broadcast_without_masks(scene: Scene) -> None:
    speak(scene, "1")
    said = announcement(scene, "10.9.1.11")
    assert said.destination == BROADCAST
    assert said.payload[1] == 1
    entry = said.payload[rip.HEADER.size:]
    _, must_be_zero, _, mask, next_hop, _ = rip.ENTRY.unpack_from(entry)
    assert (must_be_zero, mask, next_hop) == (0, bytes(4), bytes(4))


def test_compatible_goes_out_as_rip_2_by_broadcast(scene: Scene) -> None:
    speak(scene, "compatible")
    said = announcement(scene, "10.9.1.12")
    assert said.destination == BROADCAST
    assert said.payload[1] == 2
    assert "10.9.1.12/32" in {entry.prefix for entry in rip.decode(said.payload).entries}


def test_compatible_accepts_both_versions(scene: Scene) -> None:
    speak(scene, "compatible")
    for version in (1, 2):
        heard = router_of(scene).get("packets", 0)
        send_version(scene, version)
        deadline.until(lambda before=heard: router_of(scene)["packets"] > before, PATIENCE_S,
                       f"version {version} is accepted")


def send_version(scene: Scene, version: int) -> None:
    """Put a response of some version on the wire as if the router had sent it."""
    entry = rip.Entry("10.0.0.0/8", 2)
    payload = bytearray(rip.response(entry, version=version))
    if version == 1:
        payload[rip.HEADER.size + 8:rip.HEADER.size + 12] = bytes(4)
    send_datagram(scene.network.nodes["r1"], "la", ROUTER, rip.PORT, rip.GROUP, rip.PORT,
                  bytes(payload))


def test_a_version_1_packet_is_dropped_and_counted_where_version_2_is_spoken(
        scene: Scene) -> None:
    speak(scene, "2")
    before = router_of(scene).get("drops", {}).get("version", 0)
    send_version(scene, 1)
    deadline.until(lambda: router_of(scene)["drops"]["version"] > before, PATIENCE_S,
                   "the packet is counted as one of another version")


def test_version_2_goes_out_by_multicast(scene: Scene) -> None:
    speak(scene, "2")
    said = announcement(scene, "10.9.1.13")
    assert said.destination == rip.GROUP
    assert said.payload[1] == 2
