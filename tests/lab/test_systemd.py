# SPDX-License-Identifier: Apache-2.0
"""The units of vipd under a real systemd: what the manual promises of them."""

from __future__ import annotations

import re
import shutil
import signal
from pathlib import Path
from typing import Iterator

import pytest

from lab import deadline
from lab.containment import ROOT
from lab.manager import SHOW_CGROUPS
from lab.network import Network
from lab.process import Process
from lab.scratch import program
from lab.systemd import Systemd, why_not
from lab.topology import SERVER, VIP, one_router

PATIENCE_S = 30.0
CONFIG = f"vips: [{VIP}]\ninterfaces: {{eth1: {{rip: {{}}}}}}\nguard: {{grace: 60s}}\n"

# A sanitizer asks more of the kernel than the unit's filter allows.
pytestmark = [pytest.mark.vipd, pytest.mark.release]


@pytest.fixture(name="systemd")
def running_systemd() -> Iterator[Systemd]:
    """A systemd that has started vipd."""
    if why_not():
        pytest.skip(why_not())
    place = Path("/run/vipd-systemd")
    place.mkdir()
    network = Network(one_router())
    try:
        made = Systemd(network.nodes[SERVER], place, CONFIG)
        try:
            assert made.systemctl("start", "vipd.service") == 0, made.process.log_text()
            yield made
        finally:
            made.close()
    finally:
        network.close()
        shutil.rmtree(place)


CHECKED = f"""
vips: [{{address: {VIP}, check: c}}]
interfaces: {{eth1: {{rip: {{}}}}}}
checks: {{c: {{exec: [/bin/sh, -c, "id -un; exit 1"], user: daemon, every: 200ms}}}}
"""


def held(systemd: Systemd) -> bool:
    """Say whether the VIP is in the kernel."""
    return VIP in systemd.command("ip", "address", "show").stdout


def test_start_returns_when_the_vips_are_there_and_status_says_how_it_is(systemd: Systemd) -> None:
    assert held(systemd)
    deadline.until(lambda: systemd.property("vipd", "StatusText")
                   == "1 of 1 VIPs announced, 0 accepted; 0 neighbours up", PATIENCE_S,
                   "systemd knows how it is")
    users = systemd.command("ps", "-o", "user=", "-p", str(systemd.pid("vipd"))).stdout
    assert users.strip() == "vipd"


def test_a_reload_fails_when_the_configuration_is_refused(systemd: Systemd) -> None:
    vip = program("vip")
    assert systemd.command(vip, "bind", "10.9.2.1", "--save").returncode == 0
    assert "10.9.2.1/32" in systemd.saved.read_text("ascii")
    assert systemd.systemctl("reload", "vipd") == 0
    systemd.config.write_text("vipz: []\n", "ascii")
    assert systemd.systemctl("reload", "vipd") != 0
    assert systemd.property("vipd", "ActiveState") == "active"
    assert held(systemd)


def test_a_vipd_that_dies_or_hangs_is_started_again_under_the_same_guard(systemd: Systemd) -> None:
    guard = systemd.pid("vipd-guard")
    for number, restarts in ((signal.SIGKILL, "1"), (signal.SIGSTOP, "2")):
        systemd.kill("vipd", number)
        deadline.until(lambda wanted=restarts: systemd.property("vipd", "NRestarts") == wanted
                       and systemd.property("vipd", "SubState") == "running", PATIENCE_S,
                       "it is started again")
        assert held(systemd)
    assert systemd.pid("vipd-guard") == guard
    assert "good-bye" not in systemd.log.read_text("utf-8")


def test_a_restart_loses_nothing_and_a_stop_withdraws(systemd: Systemd) -> None:
    guard = systemd.pid("vipd-guard")
    watch = Process(systemd.where, ["ip", "monitor", "address", "route"], systemd.config.parent / "monitor.log")
    before = systemd.pid("vipd")
    for verb in ("restart", "try-restart", "reload-or-restart"):
        assert systemd.systemctl(verb, "vipd") == 0
        assert held(systemd)
    assert systemd.pid("vipd") != before
    assert systemd.pid("vipd-guard") == guard
    watch.stop()
    assert VIP not in watch.log_text()
    assert "is restarted" in systemd.log.read_text("utf-8")
    assert systemd.systemctl("stop", "vipd") == 0
    assert not held(systemd)
    deadline.until(lambda: systemd.property("vipd-guard", "ActiveState") == "inactive", PATIENCE_S,
                   "the guard is stopped")
    assert "has died" not in systemd.log.read_text("utf-8")


def test_a_hand_over_leaves_everything_for_the_next_start(systemd: Systemd) -> None:
    assert systemd.command(program("vip"), "stop", "--hand-over").returncode == 0
    deadline.until(lambda: systemd.property("vipd-guard", "ActiveState") == "inactive", PATIENCE_S,
                   "the guard is stopped")
    assert held(systemd)
    assert systemd.systemctl("start", "vipd") == 0
    assert held(systemd)


def test_when_systemd_gives_up_the_guard_says_good_bye_at_once(systemd: Systemd) -> None:
    def fails() -> bool:
        if systemd.pid("vipd"):
            systemd.kill("vipd", signal.SIGKILL)
        return systemd.property("vipd", "ActiveState") == "failed"

    deadline.until(fails, PATIENCE_S, "systemd gives up")
    deadline.until(lambda: not held(systemd), PATIENCE_S, "nothing is left")
    assert "good-bye is said for 1 VIPs" in systemd.log.read_text("utf-8")


def test_a_check_runs_as_its_user_beside_the_unit(systemd: Systemd) -> None:
    assert systemd.property("vipd-check", "ActiveState") == "inactive"
    systemd.config.write_text(CHECKED, "ascii")
    assert systemd.systemctl("reload", "vipd") == 0
    shown = [program("vip"), "show", VIP]
    deadline.until(lambda: "exited with 1: daemon" in systemd.command(*shown).stdout, PATIENCE_S,
                   "the check runs")
    assert systemd.property("vipd-check", "ActiveState") == "active"
    assert systemd.systemctl("restart", "vipd") == 0
    deadline.until(lambda: "exited with 1: daemon" in systemd.command(*shown).stdout, PATIENCE_S,
                   "the check runs again")
    assert systemd.systemctl("stop", "vipd") == 0
    deadline.until(lambda: systemd.property("vipd-check", "ActiveState") == "inactive", PATIENCE_S,
                   "the place of checks goes too")


def test_no_check_fails_because_of_a_restart(systemd: Systemd) -> None:
    # One answer is enough to withdraw, and there is always a run on its way.
    systemd.config.write_text(CHECKED.replace("id -un; exit 1", "sleep 0.05").replace("every: 200ms", "every: 100ms, fall: 1"),
                              "ascii")
    assert systemd.systemctl("reload", "vipd") == 0
    shown = [program("vip"), "show", VIP]
    for verb in ("restart", "try-restart", "restart"):
        deadline.until(lambda: "announced" in systemd.command(*shown).stdout, PATIENCE_S, "the check passes")
        assert systemd.systemctl(verb, "vipd") == 0
    assert "has said nothing" not in systemd.log.read_text("utf-8")
    assert "the check 'c' fails" not in systemd.log.read_text("utf-8")


def test_a_restart_into_a_wrong_configuration_says_good_bye(systemd: Systemd) -> None:
    systemd.config.write_text("vipz: []\n", "ascii")
    assert systemd.systemctl("restart", "vipd") != 0
    deadline.until(lambda: not held(systemd), PATIENCE_S, "nothing is left")
    assert "good-bye is said for 1 VIPs" in systemd.log.read_text("utf-8")


# Those that run in a sandbox of ours instead of systemd's (lab/sandbox.py).
@pytest.mark.parametrize("name", ("vipd", "vipd-guard", "vipd-check"))
def test_our_own_sandbox_is_what_systemd_makes_of_the_unit(systemd: Systemd, name: str) -> None:
    place = systemd.installed.place
    unit = (systemd.installed.units / f"{name}.service").read_text("ascii")
    text = re.sub(r"(?m)^(Exec\w+|Type|Watchdog\w+|Standard\w+|Restart\w*|StopWhenUnneeded|PartOf|Wants|After|Before)=.*\n",
                  "", unit)
    # A name that no folder of a service depends on.
    text = text.replace("[Service]\n", "[Service]\nType=oneshot\nStandardError=inherit\n"
                        f"StandardOutput=file:{place}/theirs\nExecStart=/usr/bin/python3 -B {place}/bin/trials\n")
    (systemd.installed.units / "trial.service").write_text(text, "ascii")
    assert systemd.systemctl("daemon-reload") == 0
    assert systemd.systemctl("start", "trial") == 0, systemd.process.log_text()
    theirs = (place / "theirs").read_text("ascii").splitlines()
    done = systemd.command(*SHOW_CGROUPS, "/usr/bin/python3", "-B", str(ROOT / "lab" / "sandbox.py"),
                           str(systemd.installed.units / f"{name}.service"), str(place), "--", "/usr/bin/python3",
                           "-B", f"{place}/bin/trials")
    assert done.returncode == 0, done.stderr
    ours = done.stdout.splitlines()
    assert len(ours) == len(theirs) > 60
    differ = [f"{our}, not {their}" for our, their in zip(ours, theirs) if our != their]
    assert not differ, "; ".join(differ)
