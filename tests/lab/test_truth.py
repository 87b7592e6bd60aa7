# SPDX-License-Identifier: Apache-2.0
"""`accepted` is true for as long as it is true, and no packet of a stranger makes it so."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Any, Callable, Iterator

import pytest

from lab import deadline, rip
from lab.bird import Bird
from lab.capture import Capture, Datagram, send_datagram
from lab.frr import Frr
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import PHYSICAL, SERVER, VIP, figure_two, one_router

PATIENCE_S = 60.0
ROUTER = "10.1.0.1"
STRANGER = "10.1.0.66"
SHORT = "rip: {update: 1s, timeout: 20s, garbage: 4s}\n"

pytestmark = pytest.mark.vipd


def accepted_by(scene: Scene) -> set[str]:
    """The neighbours that have shown that they took the VIP."""
    return {each["neighbor"] for each in scene.vipd.show(VIP)["accepted_by"]}


def neighbor(scene: Scene, address: str) -> dict[str, Any]:
    """What vipd says of a neighbour; empty when it knows of none."""
    return next((each for each in scene.vipd.neighbors() if each["address"] == address), {})


def heard_more(scene: Scene, packets: int) -> Callable[[], bool]:
    """Whether the router has been heard so many times more."""
    before = neighbor(scene, ROUTER)["packets"]
    return lambda: neighbor(scene, ROUTER)["packets"] >= before + packets


def say(scene: Scene, payload: bytes, source: str = STRANGER) -> None:
    """Put a RIP packet for all on LAN A, whoever it is said to be of."""
    send_datagram(scene.network.nodes["r1"], "la", source, rip.PORT, rip.GROUP, rip.PORT, payload)


def say_to_us(scene: Scene, payload: bytes, source: str) -> None:
    """The same for the server alone."""
    mac = scene.network.nodes[SERVER].ip_json("link", "show", "dev", "eth1")[0]["address"]
    send_datagram(scene.network.nodes["r1"], "la", source, rip.PORT, PHYSICAL, rip.PORT, payload,
                  to_mac=str(mac))


def refused(scene: Scene, source: str) -> bool:
    """Whether a default route of a source that was not asked, sent to us alone, is dropped."""
    def unasked() -> int:
        return int(scene.vipd.interface("eth1")["rip"]["drops"].get("unasked", 0))

    before, packets = unasked(), neighbor(scene, source).get("packets", 0)
    say_to_us(scene, rip.response(rip.Entry("0.0.0.0/0", 1)), source)
    deadline.until(lambda: unasked() > before
                   or neighbor(scene, source).get("packets", 0) > packets, PATIENCE_S,
                   "it is read")
    return unasked() > before


@pytest.fixture(name="bird")
def scene_of_bird() -> Iterator[Scene]:
    """One BIRD router with short timers, that has accepted the VIP."""
    made = Scene("bird", "vipd", scratch("truth"), topology=one_router())
    router = made.routers["r1"]
    assert isinstance(router, Bird)
    router.speaker = "update time 2; timeout time 20; garbage time 3;"
    made.vipd.settings = SHORT
    with made as scene:
        deadline.until(lambda: accepted_by(scene) == {ROUTER}, PATIENCE_S, "BIRD accepts it")
        yield scene


def bird_of(scene: Scene) -> Bird:
    """The router."""
    router = scene.routers["r1"]
    assert isinstance(router, Bird)
    return router


def reconfigure(router: Bird, before: str, after: str) -> None:
    """Change the router's configuration while it runs."""
    router.rewrite(before, after)
    assert "Reconfigur" in router.ask("configure")


def test_bird_that_imports_nothing_any_more_has_not_accepted(bird: Scene) -> None:
    reconfigure(bird_of(bird), "import all", "import none")
    deadline.until(lambda: not accepted_by(bird), PATIENCE_S, "it is accepted no more")
    assert neighbor(bird, ROUTER)["state"] == "up"
    assert bird.vipd.show(VIP)["state"] == "announced"
    reconfigure(bird_of(bird), "import none", "import all")
    deadline.until(lambda: accepted_by(bird) == {ROUTER}, PATIENCE_S, "it is accepted again")


def test_bird_that_is_started_anew_without_the_route_has_not_accepted(bird: Scene) -> None:
    bird_of(bird).kill()
    bird_of(bird).rewrite("import all", "import none")
    bird_of(bird).start_again()
    deadline.until(lambda: not accepted_by(bird), PATIENCE_S, "it is accepted no more")
    assert neighbor(bird, ROUTER)["state"] == "up"


def test_packets_that_are_lost_now_and_then_change_nothing(bird: Scene) -> None:
    """A tenth of what the router says is lost; what is missing is asked for."""
    for words in (("table", "inet", "loss"),
                  ("chain", "inet", "loss", "in", "{ type filter hook input priority 0; }"),
                  ("rule", "inet", "loss", "in", "udp", "dport", "520", "numgen", "random", "mod",
                   "10", "<", "1", "drop")):
        bird.vipd.where.run("nft", "add", *words)
    enough = heard_more(bird, 12)
    seen: list[set[str]] = []

    def look() -> bool:
        seen.append(accepted_by(bird))
        return enough()

    deadline.until(look, PATIENCE_S, "the router has spoken a while")
    assert all(each == {ROUTER} for each in seen)


def test_a_stranger_is_not_believed_for_one_packet(bird: Scene) -> None:
    """A host that does not exist poisons the VIP, one announces it, one sends a default route."""
    say(bird, rip.response(rip.Entry(f"{VIP}/32", rip.INFINITY)))
    deadline.until(lambda: neighbor(bird, STRANGER).get("packets", 0) > 0, PATIENCE_S,
                   "the stranger is heard")
    # Soon after the start vipd has asked everybody; then nobody any more.
    deadline.until(lambda: refused(bird, "10.1.0.67"), PATIENCE_S,
                   "what comes to us alone is counted")
    assert refused(bird, "10.1.0.68")
    assert not neighbor(bird, "10.1.0.68")
    deadline.until(heard_more(bird, 3), PATIENCE_S, "the router goes on")
    assert accepted_by(bird) == {ROUTER}


@pytest.fixture(name="frr", params=("no ip rip split-horizon",
                                    "ip rip split-horizon poisoned-reverse"))
def scene_of_frr(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """FRR routers that show what they take in their updates, in one way or another."""
    made = Scene("frr", "vipd", scratch("truth"), topology=figure_two())
    for router in made.routers.values():
        assert isinstance(router, Frr)
        router.timers = "5 20 10"
        router.speaker = f" {request.param}\nexit\n"
    made.vipd.settings = SHORT
    with made as scene:
        deadline.until(lambda: ROUTER in accepted_by(scene), PATIENCE_S, "FRR accepts it")
        yield scene


def test_frr_is_not_doubted_for_its_split_horizon(frr: Scene) -> None:
    enough = heard_more(frr, 12)
    seen: list[bool] = []

    def look() -> bool:
        seen.append(ROUTER in accepted_by(frr))
        return enough()

    deadline.until(look, PATIENCE_S, "the router has spoken and answered a while")
    assert all(seen)


def test_frr_of_rip_1_that_finds_nothing_does_not_ignore_host_routes() -> None:
    """It answers each question with 16, and poisons what it has taken."""
    made = Scene("frr", "vipd", scratch("truth"), topology=one_router())
    router = made.routers["r1"]
    assert isinstance(router, Frr)
    router.version = 1
    router.timers = "5 20 10"
    router.speaker = " ip rip split-horizon poisoned-reverse\nexit\n"
    made.vipd.speaker = "rip: {version: 1}"
    made.vipd.settings = SHORT
    with made as scene:
        deadline.until(lambda: accepted_by(scene) == {ROUTER}, PATIENCE_S, "it is accepted")
        deadline.until(heard_more(scene, 10), PATIENCE_S, "it has been asked, and has answered")
        assert accepted_by(scene) == {ROUTER}
        assert neighbor(scene, ROUTER)["proof"] != "hosts-ignored"


FLOOD_A_SECOND = 5000
DELAY_LIMIT_S = 0.5


class Flood:
    """Questions of a host on LAN A, 5,000 a second."""

    def __init__(self, scene: Scene) -> None:
        self.stopped = threading.Event()
        with scene.network.nodes["r1"].entered():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.thread = threading.Thread(target=self._ask, daemon=True)
        self.thread.start()

    def _ask(self) -> None:
        question = rip.Message(rip.REQUEST, 2, (rip.Entry(f"{VIP}/32", rip.INFINITY),)).encode()
        begun, sent = time.monotonic(), 0
        while not self.stopped.wait(0.001):
            due = int((time.monotonic() - begun) * FLOOD_A_SECOND)
            for _ in range(sent, due):
                self.socket.sendto(question, (PHYSICAL, rip.PORT))
            sent = due

    def stop(self) -> None:
        """End it."""
        self.stopped.set()
        self.thread.join()
        self.socket.close()


def test_a_flood_of_questions_delays_no_rescue() -> None:
    def is_better(d: Datagram) -> bool:
        return (d.source == PHYSICAL and d.destination == rip.GROUP
                and any(entry.prefix == f"{VIP}/32" and entry.metric < 3
                        for entry in rip.decode(d.payload).entries))

    with Scene("bird", "vipd", scratch("truth")) as scene:
        deadline.until(lambda: len(accepted_by(scene)) == 2, PATIENCE_S, "both routers accept it")
        flood = Flood(scene)
        deadline.until(lambda: scene.vipd.interface("eth1")["rip"]["drops"].get("answer-limit", 0)
                       > FLOOD_A_SECOND, PATIENCE_S, "what is beyond the budget is counted")
        capture = Capture(scene.network.nodes["r1"], "la", rip.PORT)
        failed_at = time.time()
        scene.network.nodes[SERVER].ip("link", "set", "eth2", "down")
        delay = capture.wait_for(is_better, PATIENCE_S, "the better metric is out").at - failed_at
        capture.close()
        flood.stop()
    print(f"the better metric under {FLOOD_A_SECOND} questions a second: {delay * 1000:.1f} ms")
    assert delay < DELAY_LIMIT_S


def test_who_speaks_to_us_alone_must_be_named_and_the_doctor_says_so(bird: Scene) -> None:
    """As FRR does with `neighbor` on a passive interface; nobody else is heard any more."""
    def fixes() -> list[str]:
        findings = json.loads(bird.vipd.attempt("--json", "doctor").stdout)["findings"]
        return [each["fix"] for each in findings if "unasked" in each["finding"]
                and each["severity"] == "problem"]

    bird_of(bird).kill()
    deadline.until(lambda: neighbor(bird, ROUTER)["state"] == "down", PATIENCE_S, "it is gone")
    assert refused(bird, STRANGER)
    assert fixes() == ["list the router in 'neighbors' of the interface"]
    bird.vipd.speaker = f"rip: {{neighbors: [{STRANGER}]}}"
    bird.vipd.configure()
    bird.vipd.vip("config", "apply")
    say_to_us(bird, rip.response(rip.Entry("10.66.0.0/24", 1)), STRANGER)
    deadline.until(lambda: neighbor(bird, STRANGER).get("state") == "up", PATIENCE_S,
                   "it is heard")
