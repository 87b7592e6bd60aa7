# SPDX-License-Identifier: Apache-2.0
"""vipd as a service: what it tells the manager, with how little power it runs, and a guard that is a
service of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Iterator

import pytest

from lab import deadline
from lab.guard import guards
from lab.manager import SHOW_CGROUPS, USER, Manager, may_lift_limits, unprivileged
from lab.namespace import Namespace
from lab.process import Process
from lab.routes import RouteWatch
from lab.scene import Scene
from lab.scratch import program, scratch
from lab.server import VipdServer
from lab.source import wait_for_source
from lab.states import ROUTED
from lab.topology import PHYSICAL, VIP, one_router

PATIENCE_S = 20.0
WATCHDOG_S = 0.6
GRACE_S = 1.0
GRACE = "guard: {grace: 1s}\n"
OWN = "118"

pytestmark = pytest.mark.vipd


def boards(where: Namespace) -> list[str]:
    """The boards of vipd that are in the kernel."""
    return [link["ifname"] for link in where.ip_json("link", "show")
            if link.get("ifalias") == "vipd"]


def held(where: Namespace) -> bool:
    """Say whether the VIP is in the kernel."""
    return VIP in where.run("ip", "address", "show")


@pytest.fixture(name="manager")
def service_manager(request: pytest.FixtureRequest) -> Manager:
    """A manager that listens."""
    return Manager(Path(f"/run/manager-{abs(hash(request.node.name)) % 10**6}"))


@pytest.fixture(name="place")
def unprivileged_place() -> Iterator[Path]:
    """A folder that the unprivileged user has, short enough for a socket."""
    place = Path("/run/vipd-service")
    place.mkdir()
    os.chown(place, USER, USER)
    yield place
    shutil.rmtree(place)


@pytest.fixture(name="scene")
def unprivileged_scene(place: Path) -> Iterator[Scene]:
    """BIRD, and a vipd that runs as its unit lets it."""
    if subprocess.run([*unprivileged()[len(SHOW_CGROUPS):], "test", "-x",
                       program("vipd")], check=False).returncode:
        pytest.skip(f"an unprivileged user cannot reach {program('vipd')}")
    made = Scene("bird", "vipd", scratch("service"), topology=one_router())
    keeper = made.vipd
    keeper.scratch = place
    keeper.config, keeper.socket = place / "vipd.yaml", place / "vipd.sock"
    keeper.wrapper = unprivileged()
    keeper.settings = GRACE
    with made as entered:
        deadline.until(lambda: entered.route_device("r1") == "la", PATIENCE_S,
                       "the router has the route")
        yield entered


def test_the_manager_hears_ready_when_the_vips_are_there(lone_vipd: VipdServer,
                                                         manager: Manager) -> None:
    lone_vipd.wrapper = manager.environment()
    lone_vipd.configure()
    lone_vipd.launch()
    deadline.until(lambda: manager.said("READY=1"), PATIENCE_S, "it is ready")
    assert held(lone_vipd.where)
    deadline.until(lambda: manager.said("STATUS=1 of 1 VIPs announced, 0 accepted; "
                                        "0 neighbours up"), PATIENCE_S, "it says how it is")
    lone_vipd.stop()
    assert manager.lines()[-2:] == ["STOPPING=1", "STATUS=Withdrawing all VIPs"]
    assert manager.lines().count("READY=1") == 1


def test_ready_is_said_though_a_vip_is_refused(lone_vipd: VipdServer, manager: Manager) -> None:
    lone_vipd.wrapper = manager.environment()
    lone_vipd.addresses = ("10.1.0.1", VIP)  # the router has the first
    lone_vipd.configure()
    lone_vipd.launch()
    deadline.until(lambda: manager.said("READY=1"), PATIENCE_S, "it is ready")
    assert {vip["state"] for vip in lone_vipd.vips()} == {"conflict", "announced"}


def test_the_watchdog_is_fed_by_a_loop_that_runs_and_by_no_other(lone_vipd: VipdServer,
                                                                 manager: Manager) -> None:
    lone_vipd.wrapper = manager.environment(WATCHDOG_S)
    lone_vipd.start()
    begun = time.monotonic()
    deadline.until(lambda: len(manager.said("WATCHDOG=1", begun)) > 6, PATIENCE_S, "it is fed")
    signs = manager.said("WATCHDOG=1", begun)
    assert max(b - a for a, b in zip(signs, signs[1:])) < WATCHDOG_S
    lone_vipd.signal(signal.SIGSTOP)
    stopped = time.monotonic() + 0.05
    deadline.watch(2 * WATCHDOG_S, lambda: None)
    try:
        assert not manager.said("WATCHDOG=1", stopped)
    finally:
        lone_vipd.signal(signal.SIGCONT)


@pytest.mark.parametrize("way", ("signal", "command"))
def test_the_manager_hears_the_beginning_and_the_end_of_a_reload(
        lone_vipd: VipdServer, manager: Manager, way: str) -> None:
    lone_vipd.wrapper = manager.environment()
    lone_vipd.start()
    deadline.until(lambda: manager.said("READY=1"), PATIENCE_S, "it is ready")
    if way == "signal":
        lone_vipd.signal(signal.SIGHUP)
    else:
        lone_vipd.vip("config", "apply")
    deadline.until(lambda: len(manager.said("READY=1")) == 2, PATIENCE_S, "it is ready again")
    lines = manager.lines()
    begun = lines.index("RELOADING=1")
    assert lines[begun + 1].startswith("MONOTONIC_USEC=")
    assert int(lines[begun + 1].split("=")[1]) <= time.monotonic() * 1e6
    assert "READY=1" in lines[begun:]


def test_nobody_speaks_for_vipd_but_vipd(lone_vipd: VipdServer, manager: Manager) -> None:
    lone_vipd.wrapper = manager.environment(WATCHDOG_S)
    lone_vipd.start()
    environment = Path(f"/proc/{guards()[0]}/environ").read_bytes()
    assert b"NOTIFY_SOCKET" not in environment
    assert b"WATCHDOG_USEC" not in environment


def test_a_manager_that_is_gone_is_no_harm(lone_vipd: VipdServer) -> None:
    lone_vipd.wrapper = ["env", "NOTIFY_SOCKET=/run/nobody-listens", "WATCHDOG_USEC=100000"]
    lone_vipd.start()
    assert lone_vipd.vips()[0]["state"] == "announced"


def test_its_capabilities_are_enough_to_bind_announce_and_be_silent(scene: Scene) -> None:
    keeper = scene.vipd
    assert keeper.process is not None
    assert f"Uid:\t{USER}" in Path(f"/proc/{keeper.process.pid}/status").read_text("ascii")
    deadline.until(lambda: keeper.show(VIP)["state"] in ROUTED, PATIENCE_S, "BIRD accepts it")
    keeper.vip("bind", "10.9.2.1/24", "2001:db8:9::1", "10.9.3.1")
    assert "10.9.3.1" in keeper.where.run("nft", "list", "set", "arp", "vipd", "silent")
    router = scene.network.nodes["r1"]
    deadline.until(lambda: router.route("10.9.2.0/24"), PATIENCE_S, "the network is announced")
    keeper.vip("bind", "10.9.4.1", "--hold", "route", "--arp")
    assert keeper.attempt("bind", "10.1.0.1").returncode == 1  # the router answers for it
    keeper.vip("drain", "10.9.3.1", "--no-wait")
    deadline.until(lambda: keeper.show("10.9.3.1")["drain"]["connections"] is not None, PATIENCE_S,
                   "its connections are counted")
    if keeper.ask("source")["ready"]:
        wait_for_source(keeper.where, VIP)
    keeper.vip("unbind", "10.9.4.1")
    keeper.vip("board", "add", "vnic5")
    assert sorted(boards(keeper.where)) == ["vnic0", "vnic5"]
    keeper.stop()
    assert not boards(keeper.where)
    assert "Operation not permitted" not in (keeper.scratch / "vipd.log").read_text("utf-8")


def test_the_guard_of_an_unprivileged_vipd_has_what_it_needs(scene: Scene) -> None:
    guard = scene.vipd.process and guards()[0]
    urgent = subprocess.run(["chrt", "--fifo", "10", "true"], check=False).returncode == 0
    scheduler = os.sched_getscheduler(guard or 0) & ~os.SCHED_RESET_ON_FORK
    assert scheduler == (os.SCHED_FIFO if urgent else os.SCHED_OTHER)
    if not may_lift_limits():
        pytest.skip("memory cannot be locked without a limit here")
    status = Path(f"/proc/{guard}/status").read_text("ascii")
    locked = next(line for line in status.splitlines() if line.startswith("VmLck"))
    assert int(locked.split()[1]) > 0


def test_an_unprivileged_vipd_is_killed_and_comes_back_unnoticed(scene: Scene) -> None:
    keeper = scene.vipd
    watch = RouteWatch(scene.network.nodes["r1"])
    assert keeper.process is not None
    keeper.process.kill()
    keeper.launch()
    deadline.watch(GRACE_S + 1, lambda: None)
    watch.close()
    assert f"{VIP}/32" not in {change.prefix for change in watch.changes if not change.added}
    assert held(keeper.where)


def test_an_unprivileged_guard_carries_the_will_out(scene: Scene) -> None:
    keeper = scene.vipd
    watch = RouteWatch(scene.network.nodes["r1"])
    assert keeper.process is not None
    killed_at = time.monotonic()
    keeper.process.kill()
    gone = watch.wait_gone(f"{VIP}/32", killed_at, PATIENCE_S)
    watch.close()
    assert gone <= killed_at + GRACE_S + 1
    deadline.until(lambda: not guards(), PATIENCE_S, "the guard has ended")
    assert not boards(keeper.where)
    assert not keeper.where.ip_json("route", "show", "table", "all", "protocol", OWN)


# What `systemctl list-jobs` prints, and whether it is a restart.
JOBS = (("217 vipd.service restart running\\n", True),
        ("217 vipd.service stop running\\n", False),
        ("217 vipd-guard.service restart running\\n218 vipd.service stop waiting\\n", False),
        ("", False))


def stop_as_a_service(keeper: VipdServer, script: str) -> None:
    """What ExecStop does, where systemctl is a script."""
    folder = keeper.scratch / "bin"
    folder.mkdir(exist_ok=True)
    tool = folder / "systemctl"
    tool.write_text(f"#!/bin/sh\n{script}\n", "ascii")
    tool.chmod(0o755)
    done = keeper.where.attempt("env", f"PATH={folder}:{os.environ['PATH']}",
                                *keeper.command("stop", "--service", "vipd.service"))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("jobs, restarts", JOBS)
def test_a_stop_of_the_unit_withdraws_and_a_restart_does_not(
        served: tuple[Scene, Process], jobs: str, restarts: bool) -> None:
    scene, guard = served
    keeper = scene.vipd
    # Longer than a start takes on a busy machine.
    keeper.settings = "guard: {grace: 60s}\n"
    keeper.configure()
    keeper.vip("config", "apply")
    watch = RouteWatch(scene.network.nodes["r1"])
    stop_as_a_service(keeper, f"printf '{jobs}'")
    assert held(keeper.where) == restarts
    if restarts:
        keeper.launch()
        deadline.until(lambda: keeper.show(VIP)["state"] in ROUTED, PATIENCE_S, "it is accepted")
        assert "is restarted" in guard.log_text() and "is back" in guard.log_text()
    assert "has died" not in guard.log_text()
    watch.close()
    lost = f"{VIP}/32" in {change.prefix for change in watch.changes if not change.added}
    assert lost != restarts


def test_a_restart_after_which_nobody_comes_is_a_death(served: tuple[Scene, Process]) -> None:
    scene, guard = served
    stop_as_a_service(scene.vipd, "echo 217 vipd.service restart running")
    assert held(scene.vipd.where)
    deadline.until(lambda: not held(scene.vipd.where), PATIENCE_S, "nothing is left")
    assert "good-bye is said" in guard.log_text()


def test_a_manager_that_does_not_answer_is_not_waited_for(served: tuple[Scene, Process]) -> None:
    scene, _ = served
    begun = time.monotonic()
    stop_as_a_service(scene.vipd, "echo 217 vipd.service restart running; exec sleep 60")
    assert time.monotonic() - begun < 10
    assert not held(scene.vipd.where)


@pytest.fixture(name="served")
def vipd_with_a_guard_as_a_service(scene: Scene,
                                   manager: Manager) -> Iterator[tuple[Scene, Process]]:
    """The guard is there before vipd, and stays."""
    scene.vipd.stop()
    state = scene.vipd.scratch / "vipd-state"
    guard = Process(scene.vipd.where, [*manager.environment(), *unprivileged(),
                                       program("vipd-guard"), "--stay", "--state-dir", str(state)],
                    scene.vipd.scratch / "guard.log")
    deadline.until(lambda: manager.said("READY=1"), PATIENCE_S, "the guard is ready")
    scene.vipd.start()
    assert guards() == [guard.pid]
    yield scene, guard
    scene.vipd.stop()
    guard.stop()


def test_a_guard_that_stays_guards_one_vipd_after_the_other(
        served: tuple[Scene, Process]) -> None:
    scene, guard = served
    scene.vipd.stop()
    assert not boards(scene.vipd.where)
    deadline.watch(0.5, guard.require_running)
    scene.vipd.start()
    scene.vipd.vip("stop", "--hand-over")
    deadline.watch(GRACE_S + 0.5, guard.require_running)
    assert held(scene.vipd.where)
    scene.vipd.start()
    assert guards() == [guard.pid]
    assert "has died" not in guard.log_text()


def test_a_guard_that_is_stopped_by_hand_can_be_started_again(
        served: tuple[Scene, Process], manager: Manager) -> None:
    scene, guard = served
    guard.signal(signal.SIGTERM)
    guard.child.wait(PATIENCE_S)
    deadline.until(lambda: len(guards()) == 1, PATIENCE_S, "vipd has a guard of its own")
    said = len(manager.said("READY=1"))
    again = Process(scene.vipd.where, [*manager.environment(), *unprivileged(),
                                       program("vipd-guard"), "--stay", "--state-dir",
                                       str(scene.vipd.scratch / "vipd-state")],
                    scene.vipd.scratch / "again.log")
    deadline.until(lambda: len(manager.said("READY=1")) > said, PATIENCE_S, "it is ready")
    deadline.until(lambda: "guards vipd" in again.log_text(), PATIENCE_S, "vipd has found it")
    deadline.until(lambda: guards() == [again.pid], PATIENCE_S, "there is one guard")
    assert held(scene.vipd.where)
    assert "has died" not in again.log_text()
    scene.vipd.stop()
    again.require_running()
    again.stop()


def test_a_guard_that_stays_sees_a_death_and_outlives_the_will(
        served: tuple[Scene, Process]) -> None:
    scene, guard = served
    assert scene.vipd.process is not None
    scene.vipd.process.kill()
    deadline.until(lambda: "good-bye is said" in guard.log_text(), PATIENCE_S, "the will is said")
    deadline.until(lambda: not boards(scene.vipd.where), PATIENCE_S, "nothing is left")
    deadline.watch(0.5, guard.require_running)
    scene.vipd.start()
    assert guards() == [guard.pid]
    assert PHYSICAL in scene.vipd.where.run("ip", "address", "show")


def test_a_guard_that_is_to_stay_no_longer_says_good_bye_at_once(
        served: tuple[Scene, Process]) -> None:
    scene, guard = served
    scene.vipd.settings = "guard: {grace: 60s}\n"
    scene.vipd.configure()
    scene.vipd.vip("config", "apply")
    assert scene.vipd.process is not None
    scene.vipd.process.kill()
    deadline.until(lambda: "has died" in guard.log_text(), PATIENCE_S, "the death is noticed")
    guard.signal(signal.SIGTERM)
    assert guard.child.wait(PATIENCE_S) == 0
    assert not boards(scene.vipd.where)


def test_a_guard_without_a_vipd_ends_when_it_is_told_to(served: tuple[Scene, Process]) -> None:
    scene, guard = served
    scene.vipd.stop()
    guard.signal(signal.SIGTERM)
    assert guard.child.wait(PATIENCE_S) == 0


def test_an_unprivileged_vipd_saves_into_a_folder_that_is_not_its_own(scene: Scene) -> None:
    keeper = scene.vipd
    os.chown(keeper.config, 0, USER)
    os.chmod(keeper.config, 0o640)
    folder = keeper.scratch / "conf.d"
    folder.mkdir()
    os.chown(folder, 0, USER)
    os.chmod(folder, 0o1775)
    theirs = folder / "theirs.yaml"
    theirs.write_text("vips: [10.9.5.1]\n", encoding="ascii")
    keeper.vip("bind", "10.9.2.1", "--save")
    saved = folder / "saved.yaml"
    assert "10.9.2.1/32" in saved.read_text("ascii")
    assert (saved.stat().st_uid, saved.stat().st_mode & 0o777) == (USER, 0o640)
    keeper.vip("config", "apply")
    deadline.until(lambda: keeper.show("10.9.5.1")["state"] in ROUTED, PATIENCE_S,
                   "BIRD accepts it")
    keeper.vip("unbind", "10.9.2.1", "--save")
    assert "10.9.2.1" not in saved.read_text("ascii")
    assert theirs.read_text("ascii") == "vips: [10.9.5.1]\n"
