# SPDX-License-Identifier: Apache-2.0
"""Health checks decide whether a VIP is announced, and what they run leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Iterator

import pytest

from lab import deadline, rip
from lab.capture import Capture
from lab.https import https_server, page_server, trusted
from lab.probe import PORT, Echo
from lab.process import Process
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.states import TOLD
from lab.topology import PHYSICAL, SERVER, VIP

PATIENCE_S = 15.0
EVERY_S = 0.2
FALL = 3
# A router may hold news back for this long after other news (RFC 2453 3.10.1).
HOLD_S = 5.0
LAST_RESORT = 8
NOBODY = 65534
NAME = "shop.example.com"

pytestmark = pytest.mark.vipd


class Service:
    """What listens on the VIP, and can be ended and started again."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.echo: Echo | None = None

    def start(self) -> None:
        """Listen on the VIP."""
        self.echo = Echo(self.scene.network.nodes[SERVER], VIP)

    def stop(self) -> None:
        """Let connections be refused."""
        if self.echo is not None:
            self.echo.stop()
        self.echo = None


def checked_scene(routers: str, more: str = "") -> Scene:
    """A scene whose VIP is asked for a connection."""
    scene = Scene(routers, "vipd", scratch(f"checks-{routers}"))
    scene.vipd.keys = ", check: service"
    scene.vipd.settings = (f"checks: {{service: {{tcp: {PORT}, every: 200ms, timeout: 150ms, "
                           f"fall: {FALL}{more}}}}}\n")
    return scene


@pytest.fixture(name="service")
def service_that_is_well(routers: str) -> Iterator[Service]:
    """A scene that has settled, since the service behind the VIP is well."""
    scene = checked_scene(routers)
    service = Service(scene)
    service.start()
    with scene:
        deadline.until(scene.routes_settled, 60.0, "the routers know the way")
        yield service
        service.stop()


def routed(scene: Scene) -> bool:
    """Say whether some router still leads to the VIP."""
    return any(scene.route_device(name) for name in scene.routers)


def test_a_vip_is_withdrawn_while_its_service_is_dead(service: Service) -> None:
    scene = service.scene
    scene.wait_for_silence()
    service.stop()
    died = time.monotonic()
    deadline.until(lambda: not routed(scene), PATIENCE_S, "the VIP is withdrawn")
    assert time.monotonic() - died < FALL * EVERY_S * 1.1 + 1.5
    shown = scene.vipd.show(VIP)
    assert shown["state"] == "bound"
    assert "the check 'service' fails: connection refused" in shown["reason"]
    # The service can come back, because the address has stayed.
    service.start()
    deadline.until(scene.routes_settled, PATIENCE_S + HOLD_S, "the routers lead to it again")


def test_a_vip_is_not_announced_before_its_service_is_well(lone_vipd: VipdServer) -> None:
    capture = Capture(lone_vipd.where, "eth1", rip.PORT)
    lone_vipd.keys = ", check: flag"
    flag = Path(lone_vipd.scratch, "in-service")
    lone_vipd.settings = f"checks: {{flag: {{file: {flag}, every: 100ms}}}}\n"
    lone_vipd.configure()
    lone_vipd.launch()
    deadline.until(lambda: "no such file" in lone_vipd.show(VIP)["reason"], PATIENCE_S,
                   "the check fails")
    assert lone_vipd.show(VIP)["state"] == "bound"
    assert not announced(capture)
    flag.touch()
    deadline.until(lambda: announced(capture), PATIENCE_S, "the VIP is announced")
    flag.unlink()
    deadline.until(lambda: announced(capture)[-1:] == [rip.INFINITY], PATIENCE_S,
                   "the VIP is withdrawn")
    capture.close()


def test_examinations_of_the_host_keep_no_check_waiting(lone_vipd: VipdServer) -> None:
    flag = Path(lone_vipd.scratch, "in-service")
    flag.touch()
    lone_vipd.keys = ", check: flag"
    lone_vipd.settings = f"checks: {{flag: {{file: {flag}, every: 300ms, timeout: 250ms}}}}\n"
    lone_vipd.start()
    before = lone_vipd.ask("checks")["checks"][0]["failures"]
    doctors = [subprocess.Popen(lone_vipd.where.command(*lone_vipd.command("doctor")),
                                stdout=subprocess.DEVNULL) for _ in range(12)]
    deadline.until(lambda: all(each.poll() is not None for each in doctors), 60.0,
                   "all examinations have ended")
    # It exits with 5, for there is no router; but it has an answer.
    assert {each.returncode for each in doctors} == {5}
    row = lone_vipd.ask("checks")["checks"][0]
    assert (row["failures"], row["state"]) == (before, "passing")


def announced(capture: Capture) -> list[int]:
    """The metrics with which the server has announced the VIP so far."""
    messages = [rip.decode(datagram.payload) for datagram in list(capture.datagrams)
                if datagram.source == PHYSICAL]
    return [entry.metric for message in messages if message.command == rip.RESPONSE
            for entry in message.entries if entry.prefix == f"{VIP}/32"]


def test_a_vip_that_worsens_stays_a_last_resort() -> None:
    scene = checked_scene("bird", ", failing: worsen")
    service = Service(scene)
    service.start()
    with scene:
        deadline.until(scene.routes_settled, 60.0, "the routers know the way")
        capture = Capture(scene.network.nodes[SERVER], "eth1", rip.PORT)
        service.stop()
        deadline.until(lambda: LAST_RESORT in announced(capture), PATIENCE_S,
                       "it is announced as a last resort")
        assert rip.INFINITY not in announced(capture)
        assert scene.routes_settled()
        assert "last resort" in scene.vipd.show(VIP)["reason"]
        service.start()
        deadline.until(lambda: announced(capture)[-1] < LAST_RESORT, PATIENCE_S,
                       "it is announced as before")
        capture.close()


# Name of the check, script, how its failure is told. Each run leaves a mark.
HOSTILE = (
    ("hangs", "sleep 1000", "no answer within 100ms: killed"),
    ("deaf", "trap '' TERM HUP INT; while :; do sleep 1000; done", "no answer within 100ms: killed"),
    ("forks", "setsid sleep 1000 & setsid sh -c 'sleep 1000 & sleep 1000' & exit 7",
     "exited with 7"),
    ("breeds", "n=0; while [ $n -lt 40 ]; do setsid sleep 1000 & n=$((n+1)); done; sleep 1000",
     "no answer within 100ms: killed"),
    ("floods", "exec yes not well", "no answer within 100ms: killed"),
    ("dies", "kill -SEGV $$", "killed by signal 11"),
)
RUNS = 200


def processes_of(user: int) -> int:
    """How many processes the user has, the dead ones that nobody has reaped included."""
    count = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            words = status.read_text(encoding="utf-8").split("Uid:")[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        count += int(words[0]) == user
    return count


def launchers() -> int:
    """How many of the processes that run checks there are."""
    count = 0
    for name in Path("/proc").glob("[0-9]*/comm"):
        try:
            count += name.read_text(encoding="utf-8").strip() == "vipd-check"
        except (FileNotFoundError, ProcessLookupError):
            continue
    return count


@pytest.fixture(name="hostile")
def vipd_with_hostile_checks(lone_vipd: VipdServer) -> Iterator[tuple[VipdServer, Path]]:
    """One VIP for each hostile script and one for a program that is not there."""
    # The scripts' user must be able to reach them, which he is not in the folder of the run.
    folder = Path(tempfile.mkdtemp(dir="/run"))
    folder.chmod(0o777)
    checks, vips = [], []
    for number, (name, script, _) in enumerate(HOSTILE):
        path = folder / name
        path.write_text(f"#!/bin/sh\necho >>{folder}/{name}.runs\n{script}\n", encoding="ascii")
        path.chmod(0o755)
        checks.append(f"{name}: {{exec: [{path}], every: 100ms}}")
        vips.append(f"{{address: 10.9.2.{number + 1}, check: {name}}}")
    checks.append("missing: {exec: [/nonexistent/program], every: 100ms}")
    vips.append("{address: 10.9.3.1, check: missing}")
    lone_vipd.addresses = ()
    lone_vipd.settings = f"checks: {{{', '.join(checks)}}}\nvips: [{', '.join(vips)}]\n"
    lone_vipd.configure()
    lone_vipd.launch()
    yield lone_vipd, folder
    shutil.rmtree(folder)


def runs(folder: Path, name: str) -> int:
    """How many times a script has been started."""
    marks = folder / f"{name}.runs"
    return marks.stat().st_size if marks.exists() else 0


# A sanitizer asks more of the kernel than the filter of this program allows.
@pytest.mark.release
def test_a_hostile_script_fails_with_its_reason_and_leaves_nothing(
        hostile: tuple[VipdServer, Path]) -> None:
    keeper, folder = hostile
    assert keeper.process is not None
    descriptors = Path(f"/proc/{keeper.process.pid}/fd")

    def all_ran(times: int) -> bool:
        return all(runs(folder, name) >= times for name, _, _ in HOSTILE)

    deadline.until(lambda: all_ran(RUNS // 3), 60.0, "each script has had some of its runs")
    before = len(os.listdir(descriptors))
    deadline.until(lambda: all_ran(RUNS), 60.0, "each script has had its runs")
    assert len(os.listdir(descriptors)) < before + 2 * len(HOSTILE) + 4
    for number, (name, _, reason) in enumerate(HOSTILE):
        deadline.until(
            lambda number=number, name=name, reason=reason: f"the check '{name}' fails: {reason}"
            in keeper.show(f"10.9.2.{number + 1}")["reason"],
            PATIENCE_S, f"the reason of {name} is told")
    assert "/nonexistent/program cannot be run: No such file or directory" \
        in keeper.show("10.9.3.1")["reason"]
    assert all(vip["state"] == "bound" for vip in keeper.vips())
    keeper.stop()
    deadline.until(lambda: processes_of(NOBODY) == 0 and launchers() == 0, PATIENCE_S,
                   "nothing is left of the scripts")


def test_a_daemon_that_is_killed_leaves_no_check_behind(
        hostile: tuple[VipdServer, Path]) -> None:
    keeper, folder = hostile
    deadline.until(lambda: all(runs(folder, name) for name, _, _ in HOSTILE), PATIENCE_S,
                   "each script has run")
    deadline.until(lambda: processes_of(NOBODY) > 0, PATIENCE_S, "one of them is running")
    keeper.signal(signal.SIGKILL)
    deadline.until(lambda: processes_of(NOBODY) == 0 and launchers() == 0, PATIENCE_S,
                   "nothing is left of the scripts")


@pytest.fixture(name="authority")
def trusted_certificate() -> Iterator[Path]:
    """A certificate for the name that this world, and no other, trusts, with its key."""
    with trusted(NAME) as both:
        yield both


HTTPS_PORT = 8443


def listens(keeper: VipdServer, port: int) -> bool:
    """Say whether a connection to the server's own port is accepted."""
    with keeper.where.entered(), socket.socket() as client:
        return client.connect_ex((PHYSICAL, port)) == 0


@pytest.mark.release
def test_https_wants_a_certificate_for_the_name(lone_vipd: VipdServer, authority: Path) -> None:
    server = Process(lone_vipd.where, https_server(authority, HTTPS_PORT),
                     lone_vipd.scratch / "https.log")
    deadline.until(lambda: listens(lone_vipd, HTTPS_PORT), PATIENCE_S, "the server listens")
    kinds = {"10.9.2.1": f"https: /health, host: {NAME}, expect: '{NAME}:{HTTPS_PORT}'",
             "10.9.2.2": "https: /health, host: www.example.com",
             "10.9.2.3": "https: /health",
             "10.9.2.4": f"https: /missing, host: {NAME}"}
    checks = [f"c{address[-1]}: {{{words}, port: {HTTPS_PORT}}}"
              for address, words in kinds.items()]
    vips = [f"{{address: {address}, check: c{address[-1]}}}" for address in kinds]
    lone_vipd.addresses = ()
    lone_vipd.settings = f"checks: {{{', '.join(checks)}}}\nvips: [{', '.join(vips)}]\n"
    lone_vipd.configure()
    lone_vipd.launch()
    reasons = {"10.9.2.2": "certificate:", "10.9.2.3": "certificate:", "10.9.2.4": "status 404"}
    for address, reason in reasons.items():
        deadline.until(lambda address=address, reason=reason: reason
                       in lone_vipd.show(address)["reason"],
                       PATIENCE_S, f"the check of {address} fails: {reason}")
    deadline.until(lambda: lone_vipd.show("10.9.2.1")["state"] in TOLD,
                   PATIENCE_S, "what is trusted is announced")
    server.stop()


@pytest.mark.release
def test_https_leaves_in_good_order(lone_vipd: VipdServer, authority: Path) -> None:
    server = Process(lone_vipd.where, page_server(authority, HTTPS_PORT),
                     lone_vipd.scratch / "page.log")
    lone_vipd.keys = ", check: page"
    lone_vipd.settings = (f"checks: {{page: {{https: /, host: {NAME}, port: {HTTPS_PORT}, expect: okok, "
                          "every: 200ms}}\n")
    lone_vipd.configure()
    lone_vipd.launch()
    deadline.until(lambda: server.log_text().count("\n") >= 5, PATIENCE_S, "it has been there")
    assert "ERROR" not in server.log_text()
    assert lone_vipd.show(VIP)["state"] == "announced"
    server.stop()


@pytest.mark.release
def test_https_names_a_server_that_speaks_http2_only(lone_vipd: VipdServer,
                                                     authority: Path) -> None:
    server = Process(lone_vipd.where, ["openssl", "s_server", "-accept", str(HTTPS_PORT), "-cert",
                                       str(authority), "-alpn", "h2", "-quiet"],
                     lone_vipd.scratch / "http2.log")
    lone_vipd.keys = ", check: c"
    lone_vipd.settings = (f"checks: {{c: {{https: /, host: {NAME}, port: {HTTPS_PORT}, "
                          "every: 200ms}}\n")
    lone_vipd.configure()
    lone_vipd.launch()
    deadline.until(lambda: "HTTP/1.1 is not spoken there" in lone_vipd.show(VIP)["reason"],
                   PATIENCE_S, "it is told")
    server.stop()
