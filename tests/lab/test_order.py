# SPDX-License-Identifier: Apache-2.0
"""The order in which a VIP comes and goes, on the wire and in the kernel.

vipd runs in slow motion here: each of its sends, to the kernel as well as to the network, is
followed by a pause. So what it does one after the other is also seen one after the other: a
moment in the kernel may be read late by some milliseconds, never by a whole pause.
"""

from __future__ import annotations

import time
from typing import Callable, Iterator

import pytest

from lab import deadline, rip
from lab.capture import Capture, Datagram
from lab.kernel import KernelWatch
from lab.namespace import find_tool
from lab.probe import PORT, Echo, UdpProbe
from lab.scene import Scene
from lab.scratch import scratch
from lab.states import ROUTED
from lab.topology import PHYSICAL, SERVER

PAUSE_S = 0.1
PATIENCE_S = 20.0
RATE = 1000
SENDS = "sendto,sendmsg,sendmmsg"
# With -D the daemon is our child, and strace its.
SLOW_MOTION = (find_tool("strace"), "-D", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={SENDS}",
               "-e", f"inject={SENDS}:delay_exit={PAUSE_S * 1e6:.0f}")
ADDRESS_OF = {"eth1": PHYSICAL, "eth2": "10.2.0.10"}

# The daemon is traced, and so cannot look for leaks itself.
pytestmark = [pytest.mark.vipd, pytest.mark.release]


@pytest.fixture(scope="module", name="scene")
def slow_scene() -> Iterator[Scene]:
    """Figure 2 with BIRD routers and a vipd in slow motion."""
    made = Scene("bird", "vipd", scratch("order"))
    made.vipd.wrapper = SLOW_MOTION
    with made as scene:
        deadline.until(scene.routes_settled, PATIENCE_S, "the routers know the way")
        yield scene


class Film:
    """All that is seen of one VIP: in the server's kernel, and on each of its wires."""

    def __init__(self, scene: Scene, vip: str) -> None:
        self.vip = vip
        server = scene.network.nodes[SERVER]
        self.kernel = KernelWatch(server)
        self.wires = {name: Capture(server, name, rip.PORT) for name in ADDRESS_OF}

    def close(self) -> None:
        """End it."""
        for wire in self.wires.values():
            wire.close()
        self.kernel.close()

    def said(self, interface: str, metric: Callable[[int], bool]) -> list[float]:
        """When the server said the VIP there with such a metric."""
        def says(datagram: Datagram) -> bool:
            if datagram.source != ADDRESS_OF[interface]:
                return False
            message = rip.decode(datagram.payload)
            return message.command == rip.RESPONSE and any(
                entry.prefix == f"{self.vip}/32" and metric(entry.metric)
                for entry in message.entries)

        return [datagram.at for datagram in list(self.wires[interface].datagrams)
                if says(datagram)]

    def announced(self) -> list[float]:
        """When it was first announced on each wire, where it was."""
        return [min(said) for said in (self.said(name, lambda metric: metric < rip.INFINITY)
                                       for name in self.wires) if said]

    def withdrawn(self) -> list[float]:
        """When it was first withdrawn on each wire, where it was."""
        return [min(said) for said in (self.said(name, lambda metric: metric >= rip.INFINITY)
                                       for name in self.wires) if said]

    def once(self, what: str, came: bool) -> float:
        """When the kernel told that; it did so exactly once."""
        moments = self.kernel.moments(what, came, self.vip)
        assert len(moments) == 1, (what, came, moments)
        return moments[0]


def filmed(scene: Scene, vip: str, act: Callable[[], object],
           over: Callable[[Film], bool]) -> Film:
    """Film an act until it is over."""
    film = Film(scene, vip)
    act()
    try:
        deadline.until(lambda: over(film), PATIENCE_S, f"all has happened to {vip}")
    finally:
        film.close()
    return film


def on_all_wires(times: list[float]) -> bool:
    """Say whether there is one of each wire."""
    return len(times) == len(ADDRESS_OF)


def test_a_bind_is_silence_then_the_address_then_the_announcement(scene: Scene) -> None:
    film = filmed(scene, "10.9.3.1", lambda: scene.vipd.bind("10.9.3.1"),
                  lambda film: on_all_wires(film.announced()))
    silent, there = film.once("silent", True), film.once("address", True)
    assert silent < there < min(film.announced())
    assert not film.withdrawn()


def test_an_unbind_is_the_withdrawal_on_every_interface_then_the_address_then_the_silence(
        scene: Scene) -> None:
    scene.vipd.bind("10.9.3.2")
    deadline.until(lambda: scene.vipd.show("10.9.3.2")["state"] in ROUTED, PATIENCE_S,
                   "the VIP is accepted")
    film = filmed(scene, "10.9.3.2", lambda: scene.vipd.unbind("10.9.3.2"),
                  lambda film: bool(film.kernel.moments("silent", False, "10.9.3.2")))
    gone, loud = film.once("address", False), film.once("silent", False)
    assert on_all_wires(film.withdrawn())
    assert max(film.withdrawn()) < gone < loud


def test_a_bind_to_be_answered_for_asks_for_no_silence(scene: Scene) -> None:
    film = filmed(scene, "10.9.3.3", lambda: scene.vipd.vip("bind", "10.9.3.3", "--arp"),
                  lambda film: on_all_wires(film.announced()))
    assert film.once("address", True) < min(film.announced())
    assert not film.kernel.moments("silent", True, "10.9.3.3")


def answered_share(datagrams: list[Datagram], vip: str, begin: float, end: float
                   ) -> tuple[int, int]:
    """How many probes went to the VIP in that time, and how many of them were answered."""
    asked = {d.payload for d in datagrams if d.destination == vip and begin <= d.at <= end}
    answers = {d.payload for d in datagrams if d.source == vip}
    return len(asked), len(asked & answers)


def test_whoever_believes_an_announcement_is_answered_until_it_is_withdrawn(scene: Scene) -> None:
    vip, router = "10.9.3.4", scene.network.nodes["r1"]
    # This route by hand stands before any announcement and after any withdrawal.
    router.ip("route", "add", vip, "via", PHYSICAL)
    echo = Echo(scene.network.nodes[SERVER], vip)
    wire = Capture(scene.network.nodes[SERVER], "eth1", int(PORT))
    probe = UdpProbe(router, vip, RATE)
    film = Film(scene, vip)

    def live() -> None:
        scene.vipd.bind(vip)
        deadline.until(lambda: on_all_wires(film.announced()), PATIENCE_S, "it is announced")
        deadline.until(probe.flowing_since(time.monotonic()), PATIENCE_S, "it is answered")
        scene.vipd.unbind(vip)
        deadline.until(lambda: bool(film.kernel.moments("address", False, vip)), PATIENCE_S,
                       "it is gone")

    try:
        live()
    finally:
        for each in (probe, echo):
            each.stop()
        for watch in (film, wire):
            watch.close()
    asked, answered = answered_share(wire.datagrams, vip, min(film.announced()),
                                     max(film.withdrawn()))
    assert asked >= RATE / 10
    assert answered == asked


def test_a_stop_withdraws_on_every_interface_before_any_address_goes(scene: Scene) -> None:
    """The last of the file: the scene has no vipd any more after it."""
    vip = scene.server.address
    film = filmed(scene, vip, scene.vipd.stop,
                  lambda film: bool(film.kernel.moments("address", False, vip)))
    assert on_all_wires(film.withdrawn())
    assert max(film.withdrawn()) < film.once("address", False)
