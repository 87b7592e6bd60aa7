# SPDX-License-Identifier: Apache-2.0
"""The ways in which the network of figures 1 and 2 fails, and is well again.

    failure = FAILURES["silent"]
    failure.inflict(scene)
    failure.heal(scene)

All but the last hit the way over Router 1, by which the client's traffic goes. What matters most is
who is told by a carrier that goes: a failure that nobody is told of must be noticed by somebody.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable

from .scene import Scene
from .server import StaticServer
from .topology import SERVER

ROUTER = "r1"
LAN = "lan-a"
INTERFACE = "eth1"
FLAP_HZ = 10
FLAPPING_S = 10.0
KEEPER_DOWN_S = 1.0


@dataclass(frozen=True)
class Failure:
    """One way to fail. `told` are those who see a carrier or an interface go.

    Where the client's own gateway dies, it must be a router itself to find another one.
    """

    name: str
    title: str
    told: str
    inflict: Callable[[Scene], None]
    heal: Callable[[Scene], None]
    client_routes: bool = False


def _nic_down(scene: Scene) -> None:
    scene.network.nic_down(SERVER, INTERFACE)


def _nic_up(scene: Scene) -> None:
    scene.network.nic_up(SERVER, INTERFACE)


def _silence(scene: Scene) -> None:
    scene.network.silence(SERVER, INTERFACE)


def _unsilence(scene: Scene) -> None:
    scene.network.unsilence(SERVER, INTERFACE)


def _mute(scene: Scene) -> None:
    scene.network.mute(SERVER, INTERFACE)


def _deafen(scene: Scene) -> None:
    scene.network.deafen(SERVER, INTERFACE)


def _hear_both(scene: Scene) -> None:
    scene.network.hear_both(SERVER, INTERFACE)


def _kill_daemon(scene: Scene) -> None:
    scene.routers[ROUTER].kill()


def _start_daemon(scene: Scene) -> None:
    scene.start_router(ROUTER)


def _cut_off(scene: Scene) -> None:
    # The client's side first: with the server's gone the daemon would still tell the other router.
    for interface in reversed(scene.interfaces(ROUTER)):
        scene.network.silence(ROUTER, interface)


def _join(scene: Scene) -> None:
    for interface in scene.interfaces(ROUTER):
        scene.network.unsilence(ROUTER, interface)


def _lose_lan(scene: Scene) -> None:
    scene.network.lan_down(LAN)


def _find_lan(scene: Scene) -> None:
    scene.network.lan_up(LAN)


def _flap(scene: Scene) -> None:
    """Ten times a second, for ten seconds; it ends with the cable plugged in."""
    half_s = 0.5 / FLAP_HZ
    begin = time.monotonic()
    for number in range(int(2 * FLAP_HZ * FLAPPING_S)):
        time.sleep(max(0.0, begin + number * half_s - time.monotonic()))
        if number % 2 == 0:
            scene.network.unplug(SERVER, INTERFACE)
        else:
            scene.network.plug_in(SERVER, INTERFACE)


def _restart_keeper(scene: Scene) -> None:
    """The daemon at the server itself: killed without a good-bye, and back a second later."""
    assert not isinstance(scene.server, StaticServer)
    scene.server.kill()
    time.sleep(KEEPER_DOWN_S)
    scene.server.restart()


def _stop_forwarding(scene: Scene) -> None:
    scene.network.nodes[ROUTER].sysctl({"net.ipv4.ip_forward": "0",
                                        "net.ipv6.conf.all.forwarding": "0"})


def _forward(scene: Scene) -> None:
    scene.network.nodes[ROUTER].sysctl({"net.ipv4.ip_forward": "1",
                                        "net.ipv6.conf.all.forwarding": "1"})


def _nothing(_scene: Scene) -> None:
    """It is over by itself."""


FAILURES = {each.name: each for each in (
    Failure("nic-down", "the server's NIC is set down", "the server", _nic_down, _nic_up),
    Failure("silent", "the switch forwards nothing, carrier stays", "nobody",
            _silence, _unsilence),
    Failure("mute", "what the server sends is dropped", "nobody", _mute, _hear_both),
    Failure("deaf", "what the server should get is dropped", "nobody", _deafen, _hear_both),
    Failure("daemon-killed", "the router's daemon is killed, its routes stay", "nobody",
            _kill_daemon, _start_daemon),
    Failure("router-cut", "the router is cut off from all its networks", "nobody",
            _cut_off, _join, client_routes=True),
    Failure("forwarding", "the router forwards nothing, and answers and speaks all the while",
            "nobody", _stop_forwarding, _forward, client_routes=True),
    Failure("lan-lost", "the server's LAN loses its switch", "the server and the router",
            _lose_lan, _find_lan),
    Failure("flapping", f"the server's cable flaps, {FLAP_HZ} Hz for {FLAPPING_S:g} s",
            "the server", _flap, _nothing),
    Failure("keeper-killed", f"the server's daemon is killed, and back {KEEPER_DOWN_S:g} s later",
            "nobody", _restart_keeper, _nothing),
)}
