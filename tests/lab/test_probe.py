# SPDX-License-Identifier: Apache-2.0
"""The probe with real routers, which know nothing of it: no BFD runs anywhere.

A switch that goes on giving carrier while it forwards nothing is the failure that RIP notices after
180 s only.
"""

from __future__ import annotations

import sys
from typing import Iterator

import pytest

from lab import deadline
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import PHYSICAL, SERVER, one_router

UP_LIMIT_S = 15.0
OUTAGE_LIMIT_MS = 500.0

# Sends an ARP reply of 10.1.0.77 to 10.1.0.10.
STRANGER = """
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("la", 0))
mac = bytes((2, 0, 0, 0, 0, 77))
s.send(bytes(6 * (255,)) + mac + bytes.fromhex("0806000108000604" "0002") + mac
       + bytes((10, 1, 0, 77)) + bytes(6) + bytes((10, 1, 0, 10)))
"""

pytestmark = pytest.mark.vipd


def with_probe(scene: Scene, probe: str = "on") -> Scene:
    """The same scene, before its start, with a server that probes its routers."""
    scene.vipd.speaker = f"rip: {{}}, probe: {probe}"
    # The probe alone is looked at: proofs ask where routers are, too.
    scene.vipd.settings = "guard: {grace: 20s}\nproof: {forwarding: off}\n"
    return scene


@pytest.fixture(name="pair")
def pair_of_machines() -> Iterator[Scene]:
    """A server that probes its only router."""
    with with_probe(Scene("bird", "vipd", scratch("probe"), topology=one_router()),
                    "{interval: 10ms}") as scene:
        deadline.until(lambda: probe_state(scene) == "up", UP_LIMIT_S, "the router answers")
        yield scene


def probe_state(scene: Scene) -> str:
    """What vipd says of the probe of its only neighbour."""
    rows = scene.vipd.neighbors()
    return str((rows[0]["probe"] or {}).get("state")) if rows else "no neighbour"


def events(keeper: VipdServer) -> list[str]:
    """The journal's lines about the probe."""
    return [line for line in keeper.vip("events", "-n", "500").splitlines() if " probe " in line]


def test_a_killed_vipd_is_no_flap(pair: Scene) -> None:
    keeper = pair.vipd
    assert keeper.process is not None
    for _ in range(3):
        keeper.process.kill()
        keeper.launch()
        deadline.until(lambda: probe_state(pair) == "up", UP_LIMIT_S, "vipd has its probe again")
        assert keeper.neighbors()[0]["probe"]["flaps"] == 0
        assert not any("down" in line for line in events(keeper))


def test_a_router_that_gets_another_mac_address_is_not_down(pair: Scene) -> None:
    router = pair.network.nodes["r1"]
    for last in range(3):
        router.ip("link", "set", "dev", "la", "address", f"02:00:00:00:77:0{last}")
        deadline.watch(0.3, lambda: None)
    probe = pair.vipd.neighbors()[0]["probe"]
    assert probe["state"] == "up" and probe["flaps"] == 0


def test_another_configuration_is_taken_without_a_flap(pair: Scene) -> None:
    keeper = pair.vipd
    keeper.speaker = "rip: {}, probe: {interval: 50ms, multiplier: 5}"
    keeper.configure()
    keeper.vip("config", "apply")
    row = keeper.neighbors()[0]["probe"]
    assert (row["interval"], row["multiplier"], row["flaps"]) == (0.05, 5, 0)
    keeper.speaker = "rip: {}"
    keeper.configure()
    keeper.vip("config", "apply")
    assert keeper.neighbors()[0]["probe"] is None


def test_the_metrics_know_the_guards_delay_and_its_drops(pair: Scene) -> None:
    def value(name: str) -> float:
        text = pair.vipd.scrape()
        return sum(float(line.split()[-1]) for line in text.splitlines()
                   if line.startswith(f"vipd_{name}"))

    deadline.until(lambda: value("guard_delay_seconds_count") > 100, UP_LIMIT_S,
                   "the guard has told its delays")
    assert value("guard_sessions") == 1 and value("guard_session_changes_total") == 1
    assert 0 < value("guard_delay_worst_seconds") < 1
    assert value('guard_packets_dropped_total{protocol="probe",reason="no-session"}') == 0
    # Somebody answers for an address that nobody has asked for.
    pair.network.nodes["r1"].run(sys.executable, "-c", STRANGER)
    deadline.until(lambda: value('guard_packets_dropped_total{protocol="probe",'
                                 'reason="no-session"}') == 1, UP_LIMIT_S, "it was dropped")


def test_it_comes_from_the_interfaces_own_address(pair: Scene) -> None:
    mac = pair.network.nodes["r1"].ip_json("link", "show", "dev", "la")[0]["address"]
    asked = pair.network.nodes["r1"].run(
        "tcpdump", "-i", "la", "-n", "-e", "-c", "20", "arp[6:2] == 1", check=False)
    lines = [line for line in asked.splitlines() if "who-has 10.1.0.1" in line]
    assert len(lines) >= 10
    assert all(f"tell {PHYSICAL}" in line for line in lines)
    # To the router alone.
    assert all(f"> {mac}" in line for line in lines)


def test_a_switch_that_fails_in_silence_costs_fractions_of_a_second(routers: str) -> None:
    with with_probe(Scene(routers, "vipd", scratch(f"probe-silent-{routers}"))) as scene:
        # vipd learns no routes here, so the way back is not its affair: it is the other LAN.
        scene.network.nodes[SERVER].ip("route", "del", "default", "via", "10.1.0.1")
        scene.settle(calm=True)

        def all_up() -> bool:
            rows = scene.vipd.neighbors()
            return len(rows) == 2 and all((row["probe"] or {}).get("state") == "up"
                                          for row in rows)

        deadline.until(all_up, UP_LIMIT_S, "both routers answer")
        outcome = scene.fail(lambda: scene.network.silence(SERVER, "eth1"))
        assert outcome.recovered
        assert outcome.outage_ms is not None and outcome.outage_ms <= OUTAGE_LIMIT_MS
        assert outcome.carried_after == "Router 2"
        row = next(row for row in scene.vipd.neighbors() if row["interface"] == "eth1")
        assert row["state"] == "down" and row["probe"]["flaps"] == 1
        assert row["bfd"] is None
        states = {each["interface"]: (each["protocol"], each["state"])
                  for each in scene.vipd.sessions()}
        assert states == {"eth1": ("probe", "down"), "eth2": ("probe", "up")}
        assert scene.vipd.interface("eth2")["rip"]["lift"] > 0
