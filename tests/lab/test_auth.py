# SPDX-License-Identifier: Apache-2.0
"""RIP with keys: routers that have them believe us and are believed, and nobody else.

BIRD counts the digest of MD5 otherwise than FRR does, and chooses among keys otherwise than vipd;
both are talked to here as they are.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from lab import deadline, rip
from lab.bird import Bird
from lab.capture import Capture, send_datagram
from lab.frr import Frr
from lab.scene import Scene
from lab.scratch import program, scratch
from lab.server import VipdServer
from lab.states import ROUTED
from lab.topology import VIP, figure_two, one_router

PATIENCE_S = 60.0
ROUTER = "10.1.0.1"
SECRET, OTHER = "open-sesame", "melon-seeds"
# The routers speak every 30 s.
FAST = "rip: {update: 2s, timeout: 100s}\n"
SceneWithKeys = Callable[..., Scene]

pytestmark = pytest.mark.vipd


def bird_speaker(kind: str, *secrets: str) -> str:
    """What BIRD's interface says of keys 1, 2 and so on."""
    if kind == "simple":
        return f'authentication plaintext; password "{secrets[0]}";'
    algorithm = {"md5": "keyed md5", "hmac-sha-256": "hmac sha256",
                 "hmac-sha-512": "hmac sha512"}[kind]
    return "authentication cryptographic; " + " ".join(
        f'password "{secret}" {{ id {number}; algorithm {algorithm}; }};'
        for number, secret in enumerate(secrets, start=1))


def secret_file(where: Path, name: str, secret: str) -> str:
    """A file with a secret that only its owner reads, as the configuration names it."""
    path = where / name
    path.write_text(f"{secret}\n", encoding="ascii")
    path.chmod(0o600)
    return f"file:{path}"


def give_keys(router: Bird | Frr, kind: str, *secrets: str) -> None:
    """A router with keys on all its interfaces.

    FRR asks for tables without its key, so it is heard only when it has routes of its own to tell.
    """
    if isinstance(router, Bird):
        router.speaker = bird_speaker(kind, *secrets)
        return
    mode = "text" if kind == "simple" else kind
    router.prologue = f"key chain K\n key 1\n  key-string {secrets[0]}\n exit\nexit\n"
    router.speaker = (f" ip rip authentication mode {mode}\n"
                      " ip rip authentication key-chain K\nexit\n")


@pytest.fixture(name="keyed")
def make_keyed_scene() -> Iterator[SceneWithKeys]:
    """Makes a server and a router on one LAN, each with a key."""
    made: list[Scene] = []

    def make(routers: str, kind: str, theirs: str = SECRET, settings: str = FAST,
             theirs_too: tuple[str, ...] = (), ours: bool = True) -> Scene:
        scene = Scene(routers, "vipd", scratch("auth"), topology=figure_two() if routers == "frr" else one_router())
        made.append(scene)
        for router in scene.routers.values():
            give_keys(router, kind, theirs, *theirs_too)
        path = secret_file(scene.scratch, "rip.key", SECRET)
        scene.vipd.settings = settings
        if ours:
            scene.vipd.speaker = f"rip: {{auth: {{type: {kind}, secret: {path!r}}}}}"
        return scene.__enter__()

    yield make
    for scene in made:
        scene.__exit__()


def accepted(scene: Scene) -> bool:
    """Say whether the router has taken the VIP and vipd knows it."""
    return scene.vipd.show(VIP)["state"] in ROUTED and scene.route_device("r1") == "la"


def neighbor(scene: Scene) -> dict[str, Any]:
    """What vipd says of the router; empty when it has not heard a thing."""
    return next((each for each in scene.vipd.neighbors() if each["address"] == ROUTER), {})


def check(keeper: VipdServer) -> subprocess.CompletedProcess[str]:
    """What vipd says of a configuration without starting."""
    return subprocess.run([program("vipd"), "--check", "--config", str(keeper.config)],
                          check=False, capture_output=True, text=True)


def auth(keeper: VipdServer) -> dict[str, Any]:
    """What vipd says of its keys."""
    said: dict[str, Any] = keeper.interface("eth1")["rip"]["auth"]
    return said


@pytest.mark.parametrize("kind", ["md5", "simple"])
def test_frr_with_the_same_key_routes_to_the_vip_and_is_heard(keyed: SceneWithKeys,
                                                              kind: str) -> None:
    """With keys FRR answers no question, so it has no way to show that it accepts."""
    scene = keyed("frr", kind)
    deadline.until(lambda: scene.route_device("r1") == "la", PATIENCE_S, "the router has a route")
    deadline.until(lambda: neighbor(scene).get("packets", 0) > 0, PATIENCE_S, "it is heard")
    drops = {reason for reason, count in neighbor(scene)["drops"].items() if count}
    assert drops <= {"auth-missing"}


@pytest.mark.parametrize("kind", ["md5", "hmac-sha-256", "hmac-sha-512", "simple"])
def test_bird_with_the_same_key_accepts_the_vip(keyed: SceneWithKeys, kind: str) -> None:
    scene = keyed("bird", kind)
    deadline.until(lambda: accepted(scene), PATIENCE_S, "the VIP is accepted")
    assert neighbor(scene)["state"] == "up"
    assert auth(scene.vipd) == {"type": kind, "keys": 1, "keys_missing": 0, "key": 1,
                                "mute": False}


def test_a_router_with_another_key_is_not_heard_and_the_doctor_says_so(
        keyed: SceneWithKeys) -> None:
    scene = keyed("bird", "hmac-sha-256", theirs=OTHER)
    deadline.until(lambda: neighbor(scene).get("drops", {}).get("auth-digest", 0) > 0, PATIENCE_S,
                   "its packets are counted")
    assert neighbor(scene)["state"] == "down"
    assert scene.route_device("r1") is None
    done = scene.vipd.attempt("--json", "doctor")
    findings = [each["finding"] for each in json.loads(done.stdout)["findings"]]
    assert any(ROUTER in each and "auth-digest" in each for each in findings), findings


@pytest.mark.parametrize("kind", ["hmac-sha-256", "hmac-sha-512", "simple"])
def test_a_router_that_authenticates_where_we_do_not_is_named_as_that(keyed: SceneWithKeys,
                                                                     kind: str) -> None:
    scene = keyed("bird", kind, ours=False)
    deadline.until(lambda: neighbor(scene).get("drops", {}).get("authentication", 0) > 0,
                   PATIENCE_S, "its packets are counted")
    assert {reason for reason, count in neighbor(scene)["drops"].items() if count} \
        == {"authentication"}
    done = scene.vipd.attempt("--json", "doctor")
    findings = json.loads(done.stdout)["findings"]
    said = [each for each in findings if ROUTER in each["finding"]
            and "authentication" in each["finding"]]
    assert said and "give the interface its 'auth'" in said[0]["fix"], findings


def test_a_router_without_a_key_is_not_heard(keyed: SceneWithKeys) -> None:
    scene = keyed("bird", "md5")
    deadline.until(lambda: accepted(scene), PATIENCE_S, "the VIP is accepted")
    router = scene.routers["r1"]
    router.stop()
    assert isinstance(router, Bird)
    router.speaker = ""
    router.start_router(["la"])
    deadline.until(lambda: neighbor(scene).get("drops", {}).get("auth-missing", 0) > 0,
                   PATIENCE_S, "its packets are counted")


def test_keys_are_changed_without_losing_anything(keyed: SceneWithKeys) -> None:
    """The router has both keys; it goes on sending with the first."""
    scene = keyed("bird", "hmac-sha-256", theirs_too=(OTHER,))
    deadline.until(lambda: accepted(scene), PATIENCE_S, "the VIP is accepted")
    first = secret_file(scene.scratch, "rip.key", SECRET)
    second = secret_file(scene.scratch, "new.key", OTHER)
    scene.vipd.speaker = (
        f"rip: {{auth: {{type: hmac-sha-256, keys: [{{id: 1, secret: {first!r}}}, "
        f"{{id: 2, secret: {second!r}}}]}}}}")
    up_since = neighbor(scene)["since"]
    before = neighbor(scene)["packets"]
    scene.vipd.configure()
    scene.vipd.vip("config", "apply")
    deadline.until(lambda: auth(scene.vipd)["key"] == 2, PATIENCE_S, "the new key seals")
    router = scene.routers["r1"]
    assert isinstance(router, Bird)
    sent = scene.vipd.interface("eth1")["rip"]["sent"]
    deadline.until(lambda: scene.vipd.interface("eth1")["rip"]["sent"] > sent + 3
                   and accepted(scene), PATIENCE_S, "updates go out with the new key")
    assert neighbor(scene)["since"] == up_since
    assert neighbor(scene)["packets"] >= before
    assert neighbor(scene)["dropped"] == 0
    assert "Authentication failed" not in router.log.read_text(encoding="utf-8")


def test_good_byes_of_a_dead_vipd_are_said_with_its_key(keyed: SceneWithKeys) -> None:
    scene = keyed("bird", "hmac-sha-256", settings=FAST + "guard: {grace: 1s}\n")
    deadline.until(lambda: accepted(scene), PATIENCE_S, "the VIP is accepted")
    scene.vipd.kill()
    # BIRD would believe in its route for 180 s.
    deadline.until(lambda: scene.route_device("r1") is None, PATIENCE_S, "the route is gone")


def test_a_vipd_that_is_killed_and_started_again_is_believed_at_once(keyed: SceneWithKeys) -> None:
    scene = keyed("bird", "md5")
    deadline.until(lambda: accepted(scene), PATIENCE_S, "the VIP is accepted")
    scene.vipd.kill()
    scene.vipd.restart()
    deadline.until(lambda: accepted(scene), PATIENCE_S, "the VIP is accepted again")
    router = scene.routers["r1"]
    assert isinstance(router, Bird)
    assert "Authentication failed" not in router.log.read_text(encoding="utf-8")


def replayed(scene: Scene) -> int:
    """How many packets of the router were refused because they had been heard before."""
    return int(neighbor(scene).get("drops", {}).get("auth-replay", 0))


def test_a_packet_is_believed_once_after_a_restart_too(keyed: SceneWithKeys) -> None:
    scene = keyed("bird", "hmac-sha-256")
    router, lan = scene.routers["r1"], scene.network.nodes["r1"]
    assert isinstance(router, Bird)
    capture = Capture(lan, "la", rip.PORT)

    def said() -> list[bytes]:
        return [each.payload for each in list(capture.datagrams)
                if each.source == ROUTER and each.payload[0] == rip.RESPONSE]

    deadline.until(lambda: accepted(scene) and said(), PATIENCE_S,
                   "the VIP is accepted, and the router has spoken")
    router.signal(signal.SIGSTOP)
    capture.close()
    old = said()

    def replay() -> None:
        for payload in old:
            send_datagram(lan, "la", ROUTER, rip.PORT, rip.GROUP, rip.PORT, payload)

    def refused(more: int) -> bool:
        replay()
        return replayed(scene) >= more

    packets = neighbor(scene)["packets"]
    deadline.until(lambda: refused(20), PATIENCE_S, "it is sent again, and refused")
    assert neighbor(scene)["packets"] == packets
    scene.vipd.kill()
    scene.vipd.restart()
    deadline.until(lambda: refused(20), PATIENCE_S, "the next vipd refuses it, too")
    assert neighbor(scene)["packets"] == 0 and neighbor(scene)["state"] == "down"
    router.signal(signal.SIGCONT)
    deadline.until(lambda: neighbor(scene)["state"] == "up", PATIENCE_S, "the router is heard")
    deadline.until(lambda: accepted(scene), PATIENCE_S, "and has accepted the VIP")


def test_a_key_that_ends_makes_the_interface_mute_and_that_is_shouted(
        lone_vipd: VipdServer) -> None:
    path = secret_file(lone_vipd.scratch, "rip.key", SECRET)
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 8))
    lone_vipd.speaker = (f"rip: {{auth: {{type: md5, secret: {path!r}, "
                         f'send: {{until: "{end}"}}}}}}')
    lone_vipd.start()
    deadline.until(lambda: auth(lone_vipd)["mute"], PATIENCE_S, "the key ends")
    assert auth(lone_vipd)["key"] is None
    assert "none of its keys" in lone_vipd.interface("eth1")["reason"]
    assert lone_vipd.attempt("status", "--exit-code").returncode == 5
    assert "mute" in lone_vipd.vip("status")
    assert "none of the keys of eth1" in lone_vipd.attempt("doctor").stdout
    log = (lone_vipd.scratch / "vipd.log").read_text(encoding="utf-8")
    assert "none of its keys can be used now" in log
    # A key that goes on is enough, and nothing else has to be said.
    lone_vipd.speaker = f"rip: {{auth: {{type: md5, secret: {path!r}}}}}"
    lone_vipd.configure()
    lone_vipd.vip("config", "apply")
    deadline.until(lambda: not auth(lone_vipd)["mute"], PATIENCE_S, "it speaks again")
    assert lone_vipd.show(VIP)["state"] == "announced"


def test_a_secret_that_others_may_read_is_refused_with_its_place(lone_vipd: VipdServer) -> None:
    path = Path(secret_file(lone_vipd.scratch, "rip.key", SECRET).removeprefix("file:"))
    lone_vipd.speaker = f"rip: {{auth: {{type: md5, secret: 'file:{path}'}}}}"
    lone_vipd.configure()
    path.chmod(0o644)
    done = check(lone_vipd)
    assert done.returncode == 3
    assert "vipd.yaml:4:" in done.stderr and "is open to others: chmod 640" in done.stderr
    path.chmod(0o600)
    assert check(lone_vipd).returncode == 0


@pytest.mark.parametrize("secret", ["\ufeffsesame\n", "sesame\r\n"])
def test_a_secret_with_signs_that_nobody_sees_is_refused(lone_vipd: VipdServer,
                                                        secret: str) -> None:
    path = Path(secret_file(lone_vipd.scratch, "rip.key", "sesame").removeprefix("file:"))
    lone_vipd.speaker = f"rip: {{auth: {{type: md5, secret: 'file:{path}'}}}}"
    lone_vipd.configure()
    assert check(lone_vipd).returncode == 0
    path.write_bytes(secret.encode("utf-8"))
    done = check(lone_vipd)
    assert done.returncode == 3
    assert "vipd.yaml:4:" in done.stderr and "of an editor in it" in done.stderr


def test_a_secret_is_in_no_file_and_no_answer_of_vipd(lone_vipd: VipdServer) -> None:
    path = secret_file(lone_vipd.scratch, "rip.key", SECRET)
    trace = lone_vipd.scratch / "trace"
    lone_vipd.options = ("--record", str(trace))
    lone_vipd.speaker = f"rip: {{auth: {{type: simple, secret: {path!r}}}}}"
    lone_vipd.start()
    answers = [lone_vipd.vip(*words) for words in (
        ("--json", "interfaces"), ("--json", "status"), ("config", "show"), ("events",))]
    answers.append(lone_vipd.attempt("config", "diff").stdout)
    lone_vipd.vip("stop")
    files = [each for each in lone_vipd.scratch.rglob("*")
             if each.is_file() and each.name != "rip.key"]
    assert trace in files
    assert not [each for each in files if SECRET.encode() in each.read_bytes()]
    assert not [each for each in answers if SECRET in each]
