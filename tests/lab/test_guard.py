# SPDX-License-Identifier: Apache-2.0
"""The guard: what becomes of the VIPs when vipd dies without a word."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Callable

import pytest

from lab import deadline, rip
from lab.bird import Bird
from lab.capture import Capture, Datagram
from lab.frr import Frr
from lab.guard import guards as guards_of
from lab.process import Process
from lab.routes import RouteWatch
from lab.scene import Scene
from lab.scratch import program, scratch
from lab.server import VipdServer
from lab.topology import PHYSICAL, SERVER, VIP, one_router

SceneMaker = Callable[[str, str], Scene]

GRACE_S = 1.0
GRACE = "guard: {grace: 1s}\n"
LONG = "guard: {grace: 60s}\n"
PATIENCE_S = 30.0
PROTOCOL = "118"
MANY = [f"10.{20 + i // 65536}.{i // 256 % 256}.{i % 256}" for i in range(8000)]

pytestmark = pytest.mark.vipd


def state_of(keeper: VipdServer) -> Path:
    """The state directory of a daemon."""
    return keeper.scratch / "vipd-state"


def guards(keeper: VipdServer) -> list[int]:
    """The process ids of the guards of a daemon's state directory."""
    return guards_of(state_of(keeper))


def the_guard(keeper: VipdServer) -> int:
    """The process id of the one guard that there is."""
    found = guards(keeper)
    assert len(found) == 1
    return found[0]


def kill(keeper: VipdServer) -> float:
    """Kill the daemon; when that was."""
    assert keeper.process is not None
    killed_at = time.monotonic()
    keeper.process.kill()
    return killed_at


def log_of(keeper: VipdServer) -> str:
    """All that the daemon and its guard have said."""
    assert keeper.process is not None
    return keeper.process.log_text()


def wait_said(keeper: VipdServer, words: str, seconds: float = PATIENCE_S) -> None:
    """Wait until the daemon or its guard has said something."""
    deadline.until(lambda: words in log_of(keeper), seconds, f"'{words}' is said")


def wait_ended(keeper: VipdServer) -> int:
    """Wait for the end of the daemon; its exit status."""
    assert keeper.process is not None
    return keeper.process.child.wait(PATIENCE_S)


def remains(keeper: VipdServer) -> list[str]:
    """What of vipd is in the kernel."""
    where = keeper.where
    links = [link["ifname"] for link in where.ip_json("link", "show")
             if link.get("ifalias") == "vipd"]
    # ip(8) does not show whose an address is; with a host mask only a VIP is found here.
    addresses = [address["local"] for link in where.ip_json("address", "show")
                 for address in link["addr_info"]
                 if link["ifname"] != "lo" and address["prefixlen"] in (32, 128)]
    routes = [route["dst"] for family in ("-4", "-6")
              for route in where.ip_json(family, "route", "show", "table", "all",
                                         "protocol", PROTOCOL)]
    tables = [line for line in where.run("nft", "list", "tables").splitlines() if "vipd" in line]
    return links + addresses + routes + tables


def is_executing(keeper: VipdServer) -> bool:
    """Say whether somebody holds the state directory; that is the guard when vipd is dead."""
    with open(state_of(keeper) / "lock", "rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.fixture(name="keeper")
def short_grace(lone_vipd: VipdServer) -> VipdServer:
    """A vipd on a LAN without routers, with a short grace time. The test starts it."""
    lone_vipd.settings = GRACE
    return lone_vipd


def settled(make_scene: SceneMaker, routers: str) -> Scene:
    """A scene whose vipd has a short grace time, with all routes in place."""
    scene = make_scene(routers, "vipd")
    scene.vipd.settings = GRACE
    scene.vipd.configure()
    scene.vipd.vip("config", "apply")
    scene.settle()
    return scene


def test_routers_drop_the_route_when_vipd_is_killed_and_not_back(make_scene: SceneMaker,
                                                                 routers: str) -> None:
    scene = settled(make_scene, routers)
    scene.vipd.vip("bind", "10.9.2.1/24", "2001:db8:9::1")
    watches = [RouteWatch(scene.network.nodes[name]) for name in ("r1", "r2")]
    killed_at = kill(scene.vipd)
    gone = [watch.wait_gone(f"{VIP}/32", killed_at, PATIENCE_S) for watch in watches]
    for watch in watches:
        watch.close()
    assert min(gone) >= killed_at + GRACE_S
    assert max(gone) <= killed_at + GRACE_S + 1
    deadline.until(lambda: not guards(scene.vipd), PATIENCE_S, "the guard has ended")
    assert not remains(scene.vipd)
    wait_said(scene.vipd, "good-bye is said for 2 VIPs on 2 interfaces")


def test_the_good_bye_is_said_where_an_interface_is_left_to_say_it_on(
        make_scene: SceneMaker) -> None:
    scene = settled(make_scene, "bird")
    watch = RouteWatch(scene.network.nodes["r1"])
    killed_at = kill(scene.vipd)
    scene.vipd.where.ip("link", "del", "eth2")
    gone = watch.wait_gone(f"{VIP}/32", killed_at, PATIENCE_S)
    watch.close()
    assert gone <= killed_at + GRACE_S + 1
    wait_said(scene.vipd, "the interface is gone")
    deadline.until(lambda: not guards(scene.vipd), PATIENCE_S, "the guard has ended")
    assert not remains(scene.vipd)


@pytest.mark.parametrize("after_s", (0.03, 0.06, 0.1, 0.3))
def test_a_vipd_that_is_killed_amid_a_large_bind_leaves_nothing(after_s: float) -> None:
    made = Scene("bird", "vipd", scratch("guard"), topology=one_router())
    router = made.routers["r1"]
    assert isinstance(router, Bird)
    made.vipd.settings = GRACE
    with made as scene:
        before = router.route_count()
        words = scene.vipd.where.command(program("vip"), "--socket", str(scene.vipd.socket),
                                         "bind", *MANY)
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as binder:
            deadline.watch(after_s, lambda: None)
            killed_at = kill(scene.vipd)
            binder.wait(PATIENCE_S)
        deadline.until(lambda: not guards(scene.vipd), PATIENCE_S, "the guard has ended")
        took = time.monotonic() - killed_at
        assert not remains(scene.vipd)
        # Three passes of 320 packets, at 400 a second.
        assert took <= GRACE_S + 4
        deadline.until(lambda: router.route_count() < before, 1.0,
                       "the router has none of the routes")


def test_routers_keep_the_route_when_vipd_is_back_in_time(make_scene: SceneMaker,
                                                          routers: str) -> None:
    scene = settled(make_scene, routers)
    guard = the_guard(scene.vipd)
    watches = [RouteWatch(scene.network.nodes[name]) for name in ("r1", "r2")]
    index = scene.vipd.where.ip_json("link", "show", "dev", "vnic0")[0]["ifindex"]
    killed_at = kill(scene.vipd)
    scene.vipd.launch()
    deadline.watch(killed_at + GRACE_S + 1 - time.monotonic(), lambda: None)
    for watch in watches:
        watch.close()
        assert f"{VIP}/32" not in {change.prefix for change in watch.changes if not change.added}
    assert the_guard(scene.vipd) == guard
    assert scene.vipd.where.ip_json("link", "show", "dev", "vnic0")[0]["ifindex"] == index
    assert "is back, after" in log_of(scene.vipd)
    assert "good-bye is said" not in log_of(scene.vipd)


def test_a_clean_stop_leaves_no_guard(keeper: VipdServer) -> None:
    keeper.start()
    the_guard(keeper)
    keeper.signal(signal.SIGTERM)
    assert wait_ended(keeper) == 0
    assert not guards(keeper)
    assert not remains(keeper)
    assert not (state_of(keeper) / "guard.sock").exists()
    assert "has died" not in log_of(keeper)


def test_a_hand_over_leaves_everything_but_the_guard(keeper: VipdServer) -> None:
    keeper.start()
    before, guard = sorted(remains(keeper)), the_guard(keeper)
    keeper.vip("stop", "--hand-over")
    assert wait_ended(keeper) == 0
    assert not guards(keeper)
    deadline.watch(GRACE_S + 0.5, lambda: None)
    assert sorted(remains(keeper)) == before
    keeper.launch()
    assert the_guard(keeper) != guard
    assert sorted(remains(keeper)) == before


def test_a_guard_that_is_killed_is_followed_by_another(keeper: VipdServer) -> None:
    keeper.start()
    first = the_guard(keeper)
    os.kill(first, signal.SIGKILL)
    deadline.until(lambda: [pid for pid in guards(keeper) if pid != first], PATIENCE_S,
                   "there is another guard")
    wait_said(keeper, "the guard is gone: another is started")
    deadline.until(lambda: log_of(keeper).count("guards vipd") == 2, PATIENCE_S,
                   "it guards vipd")
    kill(keeper)
    deadline.until(lambda: not remains(keeper), PATIENCE_S, "nothing is left")
    deadline.until(lambda: not guards(keeper), PATIENCE_S, "the guard has ended")


def test_a_stopped_guard_does_not_hold_up_the_start_of_vipd_for_long(keeper: VipdServer) -> None:
    keeper.settings = LONG
    keeper.start()
    guard = the_guard(keeper)
    kill(keeper)
    os.kill(guard, signal.SIGSTOP)
    try:
        keeper.launch()
        assert [vip["address"] for vip in keeper.vips()] == [VIP]
    finally:
        os.kill(guard, signal.SIGCONT)
    wait_said(keeper, "is back, after")


def test_a_stopped_vipd_is_not_a_dead_one(keeper: VipdServer) -> None:
    keeper.start()
    keeper.signal(signal.SIGSTOP)
    deadline.watch(GRACE_S + 1, lambda: None)
    before = remains(keeper)
    keeper.signal(signal.SIGCONT)
    assert VIP in before
    assert [vip["state"] for vip in keeper.vips()] == ["announced"]
    assert "has died" not in log_of(keeper)


def test_a_new_grace_time_holds_when_it_is_applied(keeper: VipdServer) -> None:
    keeper.settings = LONG
    keeper.start()
    keeper.settings = "guard: {grace: 300ms}\n"
    keeper.configure()
    keeper.vip("config", "apply")
    kill(keeper)
    deadline.until(lambda: not remains(keeper), 3.0, "nothing is left")


def test_a_grace_time_of_a_refused_configuration_does_not_hold(keeper: VipdServer) -> None:
    keeper.settings = LONG
    keeper.start()
    keeper.config.write_text("vips: [224.0.0.1]\n"
                             "guard: {grace: 300ms}\n", encoding="ascii")
    assert keeper.attempt("config", "apply").returncode != 0
    kill(keeper)
    deadline.watch(1.0, lambda: None)
    assert VIP in remains(keeper)
    os.kill(the_guard(keeper), signal.SIGTERM)
    deadline.until(lambda: not remains(keeper), 3.0, "the will is carried out at once")


def test_what_was_bound_by_hand_is_bound_again_after_the_will(keeper: VipdServer) -> None:
    keeper.start()
    keeper.vip("bind", "10.9.2.1/24")
    kill(keeper)
    deadline.until(lambda: not guards(keeper), PATIENCE_S, "the guard has ended")
    assert not remains(keeper)
    keeper.launch()
    deadline.until(lambda: sorted((vip["address"], vip["state"]) for vip in keeper.vips())
                   == [(VIP, "announced"), ("10.9.2.1", "announced")], PATIENCE_S,
                   "both are announced")


def test_a_vipd_that_starts_during_the_will_waits_for_its_end(keeper: VipdServer) -> None:
    keeper.addresses = MANY
    keeper.settings = "guard: {grace: 100ms}\n"
    keeper.start()
    guard = the_guard(keeper)
    kill(keeper)
    deadline.until(lambda: is_executing(keeper), PATIENCE_S, "the will is carried out")
    keeper.launch()
    log = log_of(keeper)
    said = log.index(f"good-bye is said for {len(MANY)} VIPs")
    assert log.index("waiting for its end") < said < log.index("removed 1 boards")
    assert the_guard(keeper) == guard
    deadline.until(lambda: {vip["state"] for vip in keeper.vips()} == {"announced"}, PATIENCE_S,
                   "all are announced again")
    assert len(keeper.vips()) == len(MANY)


def test_a_second_vipd_is_refused_and_changes_nothing(keeper: VipdServer) -> None:
    keeper.start()
    guard = the_guard(keeper)
    second = Process(keeper.where, [program("vipd"), "--config", str(keeper.config), "--socket",
                                    "/run/second.sock", "--state-dir", str(state_of(keeper))],
                     keeper.scratch / "second.log")
    assert second.child.wait(5.0) == 1
    assert "another vipd uses this directory" in second.log_text()
    deadline.watch(GRACE_S + 0.5, lambda: None)
    assert the_guard(keeper) == guard
    assert VIP in remains(keeper)


def test_who_reads_stderr_does_not_wait_for_the_guard(keeper: VipdServer) -> None:
    keeper.settings = LONG
    keeper.configure()
    words = [program("vipd"), "--config", str(keeper.config), "--socket", str(keeper.socket),
             "--state-dir", str(state_of(keeper))]
    with subprocess.Popen(keeper.where.command(*words), stderr=subprocess.PIPE) as child:
        deadline.until(lambda: keeper.attempt("status").returncode == 0, PATIENCE_S,
                       "vipd answers")
        child.kill()
        child.communicate(timeout=5.0)
    os.kill(the_guard(keeper), signal.SIGTERM)
    deadline.until(lambda: not guards(keeper), PATIENCE_S, "the guard has ended")
    assert not remains(keeper)


def test_a_vipd_without_a_guard_says_so_and_runs(keeper: VipdServer) -> None:
    alone = keeper.scratch / "alone"
    alone.mkdir()
    shutil.copy(program("vipd"), alone / "vipd")
    keeper.configure()
    keeper.process = Process(keeper.where, [
        str(alone / "vipd"), "--config", str(keeper.config), "--socket", str(keeper.socket),
        "--state-dir", str(state_of(keeper))], keeper.scratch / "vipd.log")
    deadline.until(lambda: keeper.attempt("status").returncode == 0, PATIENCE_S, "vipd answers")
    wait_said(keeper, "vipd has no guard (cannot start vipd-guard: ")
    assert [vip["address"] for vip in keeper.vips()] == [VIP]
    keeper.signal(signal.SIGTERM)
    assert wait_ended(keeper) == 0
    assert not remains(keeper)


def farewells(capture: Capture, destination: str) -> list[Datagram]:
    """The datagrams of the server that withdraw the VIP."""
    wanted = bytes(int(part) for part in VIP.split("."))
    return [d for d in capture.datagrams
            if d.source == PHYSICAL and d.destination == destination
            and d.payload[0] == rip.RESPONSE and wanted in d.payload
            and d.payload[-4:] == rip.INFINITY.to_bytes(4, "big")]


@pytest.mark.parametrize("speaker, version, destination", (
    ("rip: {version: 1}", 1, "10.1.0.255"),
    ("rip: {version: compatible}", 2, "10.1.0.255"),
    ("rip: {passive: yes, neighbors: [10.1.0.1]}", 2, "10.1.0.1"),
))
def test_the_good_bye_is_said_as_everything_else_was(speaker: str, version: int,
                                                     destination: str) -> None:
    made = Scene("frr", "vipd", scratch("guard"), topology=one_router())
    router = made.routers["r1"]
    assert isinstance(router, Frr)
    router.version = version
    made.vipd.speaker = speaker
    made.vipd.settings = GRACE
    with made as scene:
        deadline.until(lambda: scene.route_device("r1", VIP) == "la", PATIENCE_S,
                       "the router has the route")
        watch = RouteWatch(scene.network.nodes["r1"])
        capture = Capture(scene.network.nodes[SERVER], "eth1", rip.PORT)
        killed_at = kill(scene.vipd)
        gone = watch.wait_gone(f"{VIP}/32", killed_at, PATIENCE_S)
        deadline.until(lambda: not guards(scene.vipd), PATIENCE_S, "the guard has ended")
        watch.close()
        capture.close()
    assert gone <= killed_at + GRACE_S + 1
    said = farewells(capture, destination)
    assert len(said) == 3
    assert {d.payload[1] for d in said} == {version}
