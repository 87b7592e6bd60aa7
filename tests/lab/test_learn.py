# SPDX-License-Identifier: Apache-2.0
"""Learned routes with real routers: in the kernel, by both of them, and by one where the other dies.

What the server sends is watched on its way alone: many addresses of one client, because Linux
spreads flows by their addresses, and each datagram has its number. Whether the answer would come
back is another matter (test_rescue.py, test_bfd.py).
"""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from typing import Any, Callable, Iterator

import pytest

from lab import deadline
from lab.bird import Bird
from lab.frr import Frr
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import CLIENT, SERVER, figure_two

LEARN_LIMIT_S = 20.0
PORT = 7777
FLOWS = 16
TICK_S = 0.001
BEFORE_S = 0.2
AFTER_S = 0.6
MANY = 1000
NETWORK = "10.0.0.0/24"
BY = {"eth1": "10.1.0.1", "eth2": "10.2.0.2"}

# Each interval is 10 ms in doc/learn.md; beside other tests sessions of that pace flap by
# themselves. 150 ms on an idle machine.
BFD = "50ms"
SILENT_LIMIT_MS = 400.0
CARRIER_LIMIT_MS = 100.0

# It measures milliseconds.
pytestmark = [pytest.mark.vipd, pytest.mark.release]


def make_scene(kind: str, learn: str, name: str) -> Scene:
    """Figure 2 with a server that has no routes of its own, and learns."""
    topology = figure_two()
    topology = dataclasses.replace(
        topology, routes=tuple(route for route in topology.routes if route.node != SERVER))
    scene = Scene(kind, "vipd", scratch(name), topology=topology)
    scene.vipd.speaker = f"rip: {{}}, learn: {learn}"
    scene.vipd.settings = "guard: {grace: 20s}\n"
    return scene


def destinations() -> list[str]:
    """The addresses of the client."""
    return [f"10.0.0.{200 + k}" for k in range(FLOWS)]


def learned(scene: Scene, network: str = NETWORK) -> dict[str, Any] | None:
    """What vipd says of a learned route."""
    return next((row for row in scene.vipd.ask("routes")["routes"]
                 if row["learned"] and row["network"] == network), None)


def used(scene: Scene, network: str = NETWORK) -> set[str]:
    """The interfaces by which vipd says that a learned route goes."""
    row = learned(scene, network)
    return {via["interface"] for via in row["via"] if via["state"] == "used"} if row else set()


def kernel(scene: Scene, network: str = NETWORK) -> set[str]:
    """The interfaces by which the kernel has it."""
    rows = scene.network.nodes[SERVER].ip_json("route", "show", network, "proto", "118")
    return {hop["dev"] for row in rows for hop in row.get("nexthops", [row])}


def wait_for_both(scene: Scene) -> None:
    """Wait until the client's network is reached by both routers."""
    deadline.until(lambda: used(scene) == set(BY) and kernel(scene) == set(BY), LEARN_LIMIT_S,
                   "the network is learned from both routers")


class Stream:
    """Datagrams from the server to all addresses of the client, one in a tick to each."""

    def __init__(self, scene: Scene) -> None:
        client, server = scene.network.nodes[CLIENT], scene.network.nodes[SERVER]
        for address in destinations():
            client.attempt("ip", "addr", "add", f"{address}/24", "dev", "eth0")
        with client.entered():
            self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with server.entered():
            self.mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)  # SO_RCVBUFFORCE
        self.ear.setblocking(False)
        self.ear.bind(("", PORT))
        self.mouth.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    def close(self) -> None:
        """Let go of the sockets."""
        self.ear.close()
        self.mouth.close()

    def run(self, harm: Callable[[], None], after: float = AFTER_S) -> float:
        """Send, do the harm, go on; the longest outage of a flow in milliseconds.

        It is told by when the datagrams were sent: from the first that was lost to the first that
        was not.
        """
        sent: list[float] = []
        begin = time.monotonic()
        # Beside the stream, which goes on all the time.
        hand = threading.Timer(BEFORE_S, harm)
        hand.start()
        while time.monotonic() - begin < BEFORE_S + after:
            number = len(sent)
            sent.append(time.monotonic())
            for flow, address in enumerate(destinations()):
                try:
                    self.mouth.sendto(f"{flow} {number}".encode(), (address, PORT))
                except OSError:
                    pass  # No route: that is a datagram that was lost.
            left = sent[-1] + TICK_S - time.monotonic()
            if left > 0:
                time.sleep(left)
        hand.join()
        return max(self._outage(sent, heard) for heard in self._heard())

    def _heard(self) -> list[set[int]]:
        heard: list[set[int]] = [set() for _ in range(FLOWS)]
        time.sleep(0.05)
        while True:
            try:
                flow, number = self.ear.recv(64).split()
            except BlockingIOError:
                return heard
            heard[int(flow)].add(int(number))

    @staticmethod
    def _outage(sent: list[float], heard: set[int]) -> float:
        longest = 0.0
        lost_from: float | None = None
        for number, at in enumerate(sent):
            if number not in heard:
                lost_from = at if lost_from is None else lost_from
                longest = max(longest, at + TICK_S - lost_from)
            else:
                if lost_from is not None:
                    longest = max(longest, at - lost_from)
                lost_from = None
        return longest * 1000


def watched_scene(networks: int = 0) -> Scene:
    """Two BIRD routers, watched by BFD, and a server that learns all of them."""
    scene = make_scene("bird", "all", "learn")
    scene.vipd.speaker += f", bfd: {{interval: {BFD}, multiplier: 3}}"
    for router in scene.routers.values():
        assert isinstance(router, Bird)
        router.bfd = BFD.replace("ms", " ms")
        router.networks = [f"10.{64 + k // 256}.{k % 256}.0/24" for k in range(networks)]
    return scene


def wait_for_sessions(scene: Scene) -> None:
    """Wait until the client's network is learned, and both routers are watched."""
    wait_for_both(scene)
    deadline.until(lambda: [(row["bfd"] or {}).get("state") for row in scene.vipd.neighbors()]
                   == ["up", "up"], LEARN_LIMIT_S, "both sessions are up")


@pytest.fixture(name="scene")
def learning_scene() -> Iterator[Scene]:
    """Two BIRD routers, watched by BFD, and a server that learns all of them."""
    with watched_scene() as scene:
        wait_for_sessions(scene)
        yield scene


@pytest.fixture(name="stream")
def stream_of_datagrams(scene: Scene) -> Iterator[Stream]:
    """What the server sends to the client."""
    stream = Stream(scene)
    stream.run(lambda: None, 0.1)
    yield stream
    stream.close()


def test_both_routers_are_one_route_and_flows_are_spread(scene: Scene, stream: Stream) -> None:
    wait_for_both(scene)
    row = learned(scene)
    assert row is not None and row["kernel"] and row["reason"] == ""
    assert {via["interface"]: via["address"] for via in row["via"]} == BY
    assert "learned" in scene.vipd.vip("routes")
    before = {name: scene.network.counters(SERVER, name) for name in BY}
    assert stream.run(lambda: None) == 0.0
    for name in BY:
        assert (scene.network.counters(SERVER, name) - before[name]).sent > 1000


def test_a_silent_link_leaves_the_group_in_time(scene: Scene, stream: Stream) -> None:
    outage = stream.run(lambda: scene.network.silence(SERVER, "eth1"))
    print(f"silent: {outage:.1f} ms")
    assert 0.0 < outage <= SILENT_LIMIT_MS
    assert kernel(scene) == {"eth2"}


def test_a_link_without_carrier_leaves_at_once_and_returns(scene: Scene, stream: Stream) -> None:
    outage = stream.run(lambda: scene.network.unplug(SERVER, "eth1"))
    print(f"unplugged: {outage:.1f} ms")
    assert outage <= CARRIER_LIMIT_MS
    assert kernel(scene) == {"eth2"}
    scene.network.plug_in(SERVER, "eth1")
    deadline.until(lambda: used(scene) == set(BY), 40.0, "the first link is used again")


def test_a_thousand_routes_leave_a_silent_link_as_one() -> None:
    with watched_scene(MANY) as scene:
        server = scene.network.nodes[SERVER]

        def all_by_both() -> bool:
            rows = server.ip_json("route", "show", "proto", "118")
            return len(rows) == MANY + 1 and all(len(row.get("nexthops", [])) == 2
                                                 for row in rows)

        wait_for_sessions(scene)
        deadline.until(all_by_both, 40.0, "all networks are learned from both routers")
        groups = server.run("ip", "nexthop", "show", "groups", "proto", "118").splitlines()
        assert len(groups) == 1
        stream = Stream(scene)
        stream.run(lambda: None, 0.1)
        outage = stream.run(lambda: scene.network.silence(SERVER, "eth1"))
        stream.close()
        print(f"silent, {MANY} routes: {outage:.1f} ms")
        assert outage <= SILENT_LIMIT_MS
        assert kernel(scene) == {"eth2"}
        # It is the same group, by its number.
        after = server.run("ip", "nexthop", "show", "groups", "proto", "118").split()
        assert after[:2] == groups[0].split()[:2]


def objects(scene: Scene) -> list[str]:
    """What the kernel has of ours: next hops, groups and learned routes."""
    server = scene.network.nodes[SERVER]
    return sorted([*server.run("ip", "nexthop", "show", "proto", "118").splitlines(),
                   *server.run("ip", "route", "show", "proto", "118").splitlines()])


def test_a_killed_vipd_loses_nothing_and_a_later_one_touches_nothing(scene: Scene,
                                                                     stream: Stream) -> None:
    before = objects(scene)
    assert any("group" in line for line in before)

    def kill_and_launch() -> None:
        scene.vipd.kill()
        scene.vipd.launch()

    assert stream.run(kill_and_launch, 2.0) == 0.0
    wait_for_both(scene)
    assert objects(scene) == before


def test_a_stop_takes_all_of_it_and_nothing_of_others(scene: Scene) -> None:
    server = scene.network.nodes[SERVER]
    server.ip("route", "add", "10.70.0.0/16", "via", BY["eth1"], "metric", "20")
    server.ip("nexthop", "add", "id", "5", "via", BY["eth1"], "dev", "eth1")
    scene.vipd.stop()
    assert objects(scene) == []
    assert server.route("10.70.0.0/16") != []
    assert server.run("ip", "nexthop").startswith("id 5 ")


def test_what_a_hand_takes_away_is_put_back(scene: Scene) -> None:
    before = objects(scene)
    scene.network.nodes[SERVER].ip("nexthop", "flush", "proto", "118")
    deadline.until(lambda: objects(scene) == before, LEARN_LIMIT_S, "all is back")


def test_without_a_later_life_the_guard_takes_it_away() -> None:
    scene = make_scene("bird", "all", "learn-guard")
    scene.vipd.settings = "guard: {grace: 1s}\n"
    with scene:
        wait_for_both(scene)
        scene.vipd.kill()
        deadline.until(lambda: objects(scene) == [], LEARN_LIMIT_S, "nothing is left")


def test_the_default_route_alone_of_frr() -> None:
    scene = make_scene("frr", "default", "learn-frr")
    server = scene.network.nodes[SERVER]
    # An administrator's own: the same route with a worse metric, and another's of our metric.
    server.ip("route", "add", "default", "via", BY["eth1"], "metric", "500")
    for router in scene.routers.values():
        assert isinstance(router, Frr)
        router.more = " default-information originate\n"
    with scene:
        deadline.until(lambda: used(scene, "0.0.0.0/0") == set(BY), 40.0,
                       "the default route is learned from both routers")
        assert learned(scene) is None
        assert kernel(scene, "default") == set(BY)
        # One that an administrator has set without a metric goes before it, and that is said.
        doctor = scene.vipd.attempt("doctor").stdout
        assert "is not used" not in doctor
        server.ip("route", "add", "default", "via", BY["eth2"], "dev", "eth2")
        doctor = scene.vipd.attempt("doctor").stdout
        assert "the learned route to 0.0.0.0/0 is not used: one of somebody else with metric 0" \
            in doctor
        server.ip("route", "del", "0.0.0.0/0", "metric", "0")
        assert "is not used" not in scene.vipd.attempt("doctor").stdout
        assert server.ip_json("route", "get", "10.99.0.1")[0]["dev"] in BY
        scene.vipd.stop()
        assert [row.get("metric") for row in server.ip_json("route", "show", "default")] == [500]


def test_a_route_with_our_metric_is_left_alone() -> None:
    scene = make_scene("bird", "all", "learn-foreign")
    server = scene.network.nodes[SERVER]
    server.ip("route", "add", NETWORK, "via", BY["eth2"], "metric", "20")
    with scene:
        row = deadline.until(lambda: learned(scene), LEARN_LIMIT_S, "the network is heard")
        row = deadline.until(lambda: (learned(scene) or {}).get("reason"), LEARN_LIMIT_S,
                             "vipd says why not")
        assert "same metric" in row
        assert kernel(scene) == set()
        # When it goes, ours comes.
        server.ip("route", "del", NETWORK, "via", BY["eth2"], "metric", "20")
        deadline.until(lambda: kernel(scene) == set(BY), 70.0, "the network is learned")
