# SPDX-License-Identifier: Apache-2.0
"""A VIP that is drained: it loses its connections before it is withdrawn."""

from __future__ import annotations

import signal
import socket
from typing import Iterator

import pytest

from lab import deadline
from lab.process import Process
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import CLIENT, VIP

PATIENCE_S = 15.0
PORT = 7100

pytestmark = pytest.mark.vipd


@pytest.fixture(name="scene")
def client_with_connections(routers: str) -> Iterator[Scene]:
    """A client that has two connections to the VIP."""
    with Scene(routers, "vipd", scratch(f"drain-{routers}")) as scene:
        deadline.until(scene.routes_settled, 60.0, "the routers know the way")
        yield scene


def connect(scene: Scene, listener: socket.socket) -> list[socket.socket]:
    """Two connections from the client, both ends."""
    with scene.network.nodes[CLIENT].entered():
        clients = [socket.create_connection((VIP, PORT), 5.0) for _ in range(2)]
    return clients + [listener.accept()[0] for _ in clients]


def routed(scene: Scene) -> bool:
    """Say whether some router still leads to the VIP."""
    return any(scene.route_device(name) for name in scene.routers)


def connections(scene: Scene) -> int | None:
    """How many connections vipd says are left."""
    left: int | None = scene.vipd.show(VIP).get("drain", {}).get("connections")
    return left


def test_a_drained_vip_is_withdrawn_when_its_connections_have_ended(scene: Scene) -> None:
    with scene.vipd.where.entered():
        listener = socket.create_server((VIP, PORT))
    ends = connect(scene, listener)
    draining = Process(scene.vipd.where, [*scene.vipd.command("drain", VIP, "--timeout", "1h")],
                       scene.scratch / "drain.log")
    deadline.until(lambda: connections(scene) == 2, PATIENCE_S, "both connections are counted")
    assert scene.vipd.show(VIP)["state"] == "draining"
    for end in (ends[0], ends[2]):
        end.close()
    deadline.until(lambda: connections(scene) == 1, PATIENCE_S, "one connection is left")
    assert routed(scene)
    # It goes on where it was when the daemon is another one.
    assert scene.vipd.process is not None
    draining.signal(signal.SIGKILL)
    scene.vipd.process.kill()
    scene.vipd.launch()
    deadline.until(lambda: connections(scene) == 1, PATIENCE_S, "it still drains")
    for end in ends:
        end.close()
    deadline.until(lambda: not routed(scene), PATIENCE_S, "the VIP is withdrawn")
    assert scene.vipd.show(VIP)["drain"]["done"]
    assert scene.vipd.show(VIP)["state"] == "drained"
    assert "announced   not now" in scene.vipd.vip("show", VIP)
    scene.vipd.vip("undrain", VIP)
    deadline.until(scene.routes_settled, PATIENCE_S, "the routers lead to it again")
    listener.close()


def test_the_command_returns_when_it_is_drained(scene: Scene) -> None:
    said = scene.vipd.vip("drain", VIP)
    assert f"{VIP} is drained" in said
    deadline.until(lambda: not routed(scene), PATIENCE_S, "the VIP is withdrawn")
    scene.vipd.unbind(VIP)
    assert not scene.vipd.vips()
