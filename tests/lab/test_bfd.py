# SPDX-License-Identifier: Apache-2.0
"""BFD with real routers: a silent failure costs fractions of a second, a crash of vipd nothing.

A switch that goes on giving carrier while it forwards nothing is the failure that RIP notices after
180 s only.
"""

from __future__ import annotations

import sys
from typing import Iterator

import pytest

from lab import deadline
from lab.bird import Bird
from lab.frr import Frr
from lab.process import Process
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import PHYSICAL, SERVER, one_router

UP_LIMIT_S = 15.0
OUTAGE_LIMIT_MS = 1000.0

# Has UDP port 3784, as a user who has no rights.
TAKER = """
import os, socket, time
os.setuid(65534)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 3784))
time.sleep(3600)
"""

pytestmark = pytest.mark.vipd


def with_bfd(scene: Scene, interval: str) -> Scene:
    """The same scene, before its start, with BFD between the server and its routers."""
    scene.vipd.speaker = f"rip: {{}}, bfd: {{interval: {interval}, multiplier: 3}}"
    scene.vipd.settings = "guard: {grace: 20s}\n"
    for router in scene.routers.values():
        assert isinstance(router, Bird)
        router.bfd = interval.replace("ms", " ms")
    return scene


@pytest.fixture(name="pair")
def pair_of_machines() -> Iterator[Scene]:
    """A server and one router, which watch each other."""
    with with_bfd(Scene("bird", "vipd", scratch("bfd"), topology=one_router()), "100ms") as scene:
        deadline.until(lambda: bfd_state(scene) == "up", UP_LIMIT_S, "the session is up")
        yield scene


def bfd_state(scene: Scene) -> str:
    """What vipd says of the session with its only neighbour."""
    rows = scene.vipd.neighbors()
    return str((rows[0]["bfd"] or {}).get("state")) if rows else "no neighbour"


def bird_up_since(scene: Scene) -> float | None:
    """The time of day, in seconds, since which BIRD has the session up; None while it has not."""
    router = scene.routers["r1"]
    assert isinstance(router, Bird)
    for line in router.ask("show bfd sessions").splitlines():
        words = line.split()
        if words[:1] == [PHYSICAL] and words[2] == "Up":
            hours, minutes, seconds = words[3].split(":")
            return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    return None


def test_a_session_comes_up_and_a_killed_vipd_is_not_noticed(pair: Scene) -> None:
    keeper = pair.vipd
    assert keeper.process is not None
    # vipd's end is up first: BIRD's is when it has heard so.
    before = deadline.until(lambda: bird_up_since(pair), UP_LIMIT_S, "BIRD's end is up too")
    keeper.process.kill()
    keeper.launch()
    deadline.until(lambda: bfd_state(pair) == "up", UP_LIMIT_S, "vipd has its session again")
    since = bird_up_since(pair)
    # BIRD works its times out anew for each answer; they differ by a millisecond.
    assert since is not None and before is not None and abs(since - before) < 0.05
    row = keeper.neighbors()[0]
    assert row["bfd"]["flaps"] == 0


def listens(scene: Scene) -> bool:
    """Say whether somebody at the server has BFD's port open."""
    return bool(scene.vipd.where.run("ss", "-Hlun", "sport = 3784").strip())


def set_speaker(scene: Scene, speaker: str) -> None:
    """Let vipd speak so from now on."""
    scene.vipd.speaker = speaker
    scene.vipd.configure()
    scene.vipd.vip("config", "apply")


def is_deaf(scene: Scene) -> bool:
    """Say whether the status tells that BFD's port is somebody else's."""
    return any("BFD is deaf on 1 interface:" in reason
               for reason in scene.vipd.ask("status")["reasons"])


def test_the_port_is_closed_with_bfd_and_who_takes_it_then_is_told(pair: Scene) -> None:
    speaker = pair.vipd.speaker
    assert listens(pair)
    set_speaker(pair, "rip: {}")
    # Three good-byes go out first, 10 ms apart.
    deadline.until(lambda: not listens(pair), 0.5, "the port is closed")
    taker = Process(pair.vipd.where, [sys.executable, "-c", TAKER], pair.scratch / "taker")
    deadline.until(lambda: listens(pair), UP_LIMIT_S, "the port is taken")
    set_speaker(pair, speaker)
    deadline.until(lambda: is_deaf(pair), UP_LIMIT_S, "the status says so")
    assert pair.vipd.attempt("status", "--exit-code").returncode == 5
    taker.kill()
    # BIRD makes its session anew only with our next update: 30 s are too long to wait for that.
    deadline.until(lambda: not is_deaf(pair), UP_LIMIT_S, "the status is well again")
    assert listens(pair)


def test_a_stop_is_told_as_one_and_not_as_a_failure(pair: Scene) -> None:
    router = pair.routers["r1"]
    assert isinstance(router, Bird)
    pair.vipd.stop()
    deadline.until(lambda: "AdminDown" in router.log.read_text(encoding="utf-8"), UP_LIMIT_S,
                   "BIRD has heard AdminDown")
    assert "control detection time expired" not in router.log.read_text(encoding="utf-8").lower()


AUTH = {
    "simple": "authentication simple;",
    "md5": "authentication keyed md5;",
    "meticulous-md5": "authentication meticulous keyed md5;",
    "sha1": "authentication keyed sha1;",
    "meticulous-sha1": "authentication meticulous keyed sha1;",
}
SECRET = "not to be seen"


def test_a_session_is_authenticated_and_a_restart_is_no_flap() -> None:
    for kind, words in AUTH.items():
        folder = scratch(f"bfd-{kind}")
        key = folder / "bfd.key"
        key.write_text(SECRET, encoding="ascii")
        key.chmod(0o600)
        scene = with_bfd(Scene("bird", "vipd", folder, topology=one_router()), "50ms")
        scene.vipd.speaker = (f"rip: {{}}, bfd: {{interval: 50ms, auth: {{type: {kind}, id: 7, "
                              f"secret: 'file:{key}'}}}}")
        router = scene.routers["r1"]
        assert isinstance(router, Bird)
        router.bfd_more = f'{words} password "{SECRET}" {{ id 7; }};'
        with scene:
            deadline.until(lambda: bfd_state(scene) == "up", UP_LIMIT_S, "it is up")
            deadline.until(lambda: bird_up_since(scene), UP_LIMIT_S, "BIRD's end is up too")
            assert scene.vipd.process is not None
            scene.vipd.process.kill()
            scene.vipd.launch()
            deadline.until(lambda: bfd_state(scene) == "up", UP_LIMIT_S, "it is up again")
            assert scene.vipd.neighbors()[0]["bfd"]["flaps"] == 0
            files = [file for file in folder.rglob("*") if file.is_file() and "bird" not in
                     file.name and file != key]
            assert any(file.name == "state" for file in files)
            assert not any(SECRET.encode() in file.read_bytes() for file in files)


def test_a_wrong_secret_or_none_fails_closed() -> None:
    folder = scratch("bfd-closed")
    key = folder / "bfd.key"
    key.write_text("another", encoding="ascii")
    key.chmod(0o600)
    scene = with_bfd(Scene("bird", "vipd", folder, topology=one_router()), "50ms")
    keeper, router = scene.vipd, scene.routers["r1"]
    keeper.speaker = (f"rip: {{}}, bfd: {{interval: 50ms, auth: {{type: sha1, "
                      f"secret: 'file:{key}'}}}}")
    assert isinstance(router, Bird)
    router.bfd_more = f'authentication keyed sha1; password "{SECRET}" {{ id 1; }};'
    with scene:
        deadline.until(lambda: bfd_state(scene) in ("down", "init"), UP_LIMIT_S, "it is wanted")
        deadline.watch(3.0, lambda: None)
        assert bfd_state(scene) in ("down", "init")
        # The right one, in the same file, is read when the configuration is applied.
        key.write_text(SECRET, encoding="ascii")
        keeper.vip("config", "apply")
        deadline.until(lambda: bfd_state(scene) == "up", UP_LIMIT_S, "it is up")
        # One that cannot be read is refused, and the session runs on.
        key.chmod(0o644)
        refused = keeper.attempt("config", "apply")
        assert refused.returncode != 0 and "chmod 640" in refused.stderr
        assert bfd_state(scene) == "up"


def test_a_session_comes_up_with_frr_too() -> None:
    scene = Scene("frr", "vipd", scratch("bfd-frr"), topology=one_router())
    scene.vipd.speaker = "rip: {}, bfd: {interval: 50ms}"
    with scene:
        router = scene.routers["r1"]
        assert isinstance(router, Frr)
        router.start_bfd("la", "10.1.0.1", PHYSICAL, 50)
        deadline.until(lambda: bfd_state(scene) == "up", UP_LIMIT_S, "vipd has the session")
        deadline.until(lambda: "Status: up" in router.ask("show bfd peers"), UP_LIMIT_S,
                       "FRR has the session")


def test_a_switch_that_fails_in_silence_costs_fractions_of_a_second() -> None:
    with with_bfd(Scene("bird", "vipd", scratch("bfd-silent")), "50ms") as scene:
        # Nothing is learned here, so the way back is not vipd's affair: it is the other LAN.
        scene.network.nodes[SERVER].ip("route", "del", "default", "via", "10.1.0.1")
        scene.settle(calm=True)

        def all_up() -> bool:
            rows = scene.vipd.neighbors()
            return len(rows) == 2 and all((row["bfd"] or {}).get("state") == "up" for row in rows)

        deadline.until(all_up, UP_LIMIT_S, "both sessions are up")
        outcome = scene.fail(lambda: scene.network.silence(SERVER, "eth1"))
        assert outcome.recovered
        assert outcome.outage_ms is not None and outcome.outage_ms <= OUTAGE_LIMIT_MS
        assert outcome.carried_after == "Router 2"
        row = next(row for row in scene.vipd.neighbors() if row["interface"] == "eth1")
        assert row["state"] == "down" and row["bfd"]["flaps"] >= 1
        assert scene.vipd.interface("eth2")["rip"]["lift"] > 0
