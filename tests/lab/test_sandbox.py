# SPDX-License-Identifier: Apache-2.0
"""Everything that vipd does, once, under the sandbox that its units promise.

No systemd is needed: lab/sandbox.py reads the units and does the same.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Iterator

import pytest

from lab import deadline
from lab.bird import Bird
from lab.https import https_server, trusted
from lab.manager import USER
from lab.network import Network
from lab.process import Process
from lab.sandboxed import SandboxedServer
from lab.scene import Scene
from lab.scratch import scratch
from lab.source import wait_for_source
from lab.states import ROUTED
from lab.topology import PHYSICAL, SERVER, VIP, VIP6, one_router
from lab.units import CHECK_USER

PATIENCE_S = 20.0
NAME = "shop.example.com"
# Longer than a start takes on a busy machine.
GRACE = "guard: {grace: 60s}\n"
NOBODY = 65534
# What the kernel says to whom it forbids something.
FORBIDDEN = ("Operation not permitted", "Permission denied", "Read-only file system",
             "not supported by protocol")

# A sanitizer asks more of the kernel than the unit's filter allows.
pytestmark = [pytest.mark.vipd, pytest.mark.release]


@pytest.fixture(name="place")
def short_place() -> Iterator[Path]:
    """A folder with a short path."""
    made = Path("/run/vipd-sandbox")
    made.mkdir()
    yield made
    shutil.rmtree(made)


@pytest.fixture(name="lone")
def lone_server(place: Path) -> Iterator[SandboxedServer]:
    """A sandboxed vipd on a LAN without routers. The test itself starts it."""
    network = Network(one_router())
    keeper = SandboxedServer(network.nodes[SERVER], ["eth1"], place)
    yield keeper
    keeper.stop()
    network.close()


@pytest.fixture(name="scene")
def sandboxed_scene(place: Path) -> Iterator[Scene]:
    """BIRD in both families, watched by BFD, and a sandboxed vipd."""
    made = Scene("bird", "vipd", scratch("sandbox"), topology=one_router(), ipv6=True)
    keeper = SandboxedServer(made.network.nodes[SERVER], ["eth1"], place)
    made.server = keeper
    keeper.addresses = (VIP, VIP6)
    keeper.speaker = "rip: {}, ripng: {}, bfd: {interval: 100ms}, learn: all"
    keeper.settings = f"{GRACE}source: on\n"
    router = made.routers["r1"]
    assert isinstance(router, Bird)
    router.bfd = "100 ms"
    router.speaker = "update time 2;"
    router.networks = ["192.0.2.0/24"]
    with made as entered:
        deadline.until(lambda: all(vip["state"] in ROUTED for vip in keeper.vips()),
                       PATIENCE_S, "BIRD accepts the VIPs")
        yield entered


def sandboxed(scene: Scene) -> SandboxedServer:
    """The server of a scene."""
    assert isinstance(scene.server, SandboxedServer)
    return scene.server


def assert_nothing_was_forbidden(keeper: SandboxedServer) -> None:
    """Nobody has complained of the sandbox."""
    said = keeper.logs()
    assert not any(words in said for words in FORBIDDEN), said


def test_it_binds_announces_learns_watches_and_proves(scene: Scene) -> None:
    keeper = sandboxed(scene)
    assert keeper.process is not None
    status = Path(f"/proc/{keeper.process.pid}/status").read_text("ascii")
    assert f"Uid:\t{USER}" in status and "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status
    keeper.vip("bind", "10.9.2.1/24", "2001:db8:9::1", "10.9.3.1", "10.9.6.1", "--label", "more")
    assert "10.9.3.1" in keeper.where.run("nft", "list", "set", "arp", "vipd", "silent")
    keeper.vip("bind", "10.9.4.1", "--hold", "route", "--arp", "--take")
    keeper.vip("board", "add", "vnic5")
    keeper.vip("drain", "10.9.3.1", "--no-wait")
    deadline.until(lambda: keeper.show("10.9.3.1")["drain"]["connections"] is not None, PATIENCE_S,
                   "its connections are counted")
    for row in ("rip", "ripng"):
        deadline.until(lambda row=row: any(each["protocol"] == row and (each["bfd"] or {}).get("state") == "up"
                                           for each in keeper.neighbors()),
                       PATIENCE_S, f"the session with the neighbour of {row} is up")
    deadline.until(lambda: keeper.where.route("192.0.2.0/24"), PATIENCE_S,
                   "the kernel has what is learned")
    if keeper.ask("source")["ready"]:
        wait_for_source(keeper.where, VIP)
    examined = keeper.attempt("doctor").stdout
    assert "problem" in examined or "good" in examined
    assert not any(words in examined for words in FORBIDDEN), examined
    assert keeper.attempt("bind", "10.1.0.1").returncode == 1  # the router answers for it
    keeper.vip("unbind", "10.9.4.1", "10.9.2.1")
    assert_nothing_was_forbidden(keeper)


def test_what_it_is_told_by_its_unit_works(scene: Scene) -> None:
    keeper = sandboxed(scene)
    keeper.vip("bind", "10.9.5.1", "--save")
    assert "10.9.5.1/32" in keeper.installed.saved.read_text("ascii")
    done = keeper.do("ExecReload")
    assert done.returncode == 0, done.stderr
    good = keeper.config.read_text("ascii")
    keeper.config.write_text("vipz: []\n", "ascii")
    assert keeper.do("ExecReload").returncode != 0
    keeper.config.write_text(good, "ascii")
    assert keeper.vip("config", "apply", "--confirm", "60s")
    keeper.vip("config", "confirm")
    assert keeper.process is not None
    done = keeper.do("ExecStop")
    assert done.returncode == 0, done.stderr
    assert keeper.process.child.wait(PATIENCE_S) == 0
    assert VIP not in keeper.where.run("ip", "address", "show")
    assert not scene.network.nodes["r1"].route(f"{VIP}/32")
    assert_nothing_was_forbidden(keeper)


def test_a_death_is_survived_or_seen_off(scene: Scene) -> None:
    keeper = sandboxed(scene)
    assert keeper.process is not None and keeper.guard is not None
    keeper.process.kill()
    keeper.launch()
    assert VIP in keeper.where.run("ip", "address", "show")
    keeper.vip("stop", "--hand-over")
    keeper.process.child.wait()
    keeper.launch()
    assert "has died" in keeper.guard.log_text()
    assert "good-bye" not in keeper.guard.log_text()
    keeper.settings = keeper.settings.replace(GRACE, "guard: {grace: 1s}\n")
    keeper.configure()
    assert keeper.do("ExecReload").returncode == 0
    keeper.signal(signal.SIGKILL)
    deadline.until(lambda: "good-bye is said" in keeper.guard.log_text(), PATIENCE_S,
                   "the will is said")
    deadline.until(lambda: VIP not in keeper.where.run("ip", "address", "show"), PATIENCE_S,
                   "nothing is left")
    assert_nothing_was_forbidden(keeper)


HTTP_PORT, HTTPS_PORT, DNS_PORT = 8080, 8443, 5300
HTTP_SERVER = ["/usr/bin/python3", "-m", "http.server", "--directory", "/usr/share/doc", str(HTTP_PORT)]
DNS_SERVER = ["/usr/bin/python3", "-c", """
import socket, sys
made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
made.bind(("", int(sys.argv[1])))
while True:
    asked, who = made.recvfrom(512)
    answer = bytearray(asked)
    answer[2:4] = b"\\x81\\x80"
    answer[6:8] = b"\\0\\1"
    end = asked.index(b"\\0", 12) + 5
    made.sendto(bytes(answer[:end]) + b"\\xc0\\x0c" + asked[end - 4:end] + b"\\0\\0\\0\\1\\0\\4\\x0a\\x09\\1\\1", who)
""", str(DNS_PORT)]
KINDS = {"tcp": f"tcp: {HTTP_PORT}", "http": f"http: /, port: {HTTP_PORT}",
         "https": f"https: /health, port: {HTTPS_PORT}, host: {NAME}", "icmp": "icmp: 10.1.0.1",
         "dns": f"dns: www.example.com, port: {DNS_PORT}", "exec": "exec: [/bin/true]",
         "named": "exec: [/bin/sh, -c, 'test $(id -un) = daemon'], user: daemon",
         "jit": "exec: [/usr/bin/python3, -c, 'import mmap; mmap.mmap(-1, 4096, prot=7)']",
         "file": "file: /etc/passwd"}


def test_every_kind_of_check_passes(lone: SandboxedServer) -> None:
    with trusted(NAME) as authority:
        servers = [Process(lone.where, words, lone.scratch / f"{name}.out") for name, words in
                   (("http", HTTP_SERVER), ("dns", DNS_SERVER), ("https", https_server(authority, HTTPS_PORT)))]
        checks = ", ".join(f"{name}: {{{words}, every: 500ms}}" for name, words in KINDS.items())
        vips = ", ".join(f"{{address: 10.9.1.{number}, check: {name}}}"
                         for number, name in enumerate(KINDS, 1))
        lone.addresses = ()
        lone.settings = f"checks: {{{checks}}}\nvips: [{vips}]\n"
        lone.configure()
        lone.launch()
        deadline.until(lambda: all(vip["state"] == "announced" for vip in lone.vips()), PATIENCE_S,
                       "all checks pass")
        for each in servers:
            each.stop()
    assert_nothing_was_forbidden(lone)


SPY = """#!/bin/sh
exec >/tmp/report 2>&1
id -u
grep -E 'Cap(Prm|Eff|Inh|Amb)|NoNewPrivs' /proc/self/status
{vip} --socket /run/vipd/vipd.sock bind 10.9.8.8 && echo BOUND
cat {secret} {place}/state/* /var/lib/vipd/* && echo READ
for f in {place}/state/spy /var/lib/vipd/spy {place}/conf.d/spy.yaml /etc/spy /run/spy; do echo spy >$f && echo WROTE $f; done
kill -TERM $(pgrep -x vipd) $(pgrep -x vipd-check) && echo KILLED
cd /home && ls && echo HOME
ls /run/vipd && echo SAW
echo spy >/tmp/spy && echo OWN TMP
test -e {marked} && echo THEIR TMP
echo done
"""


@pytest.mark.parametrize("user", ("nobody", "daemon"))
def test_a_check_has_nothing_that_is_vipds(lone: SandboxedServer, user: str) -> None:
    secret = lone.scratch / "rip.key"
    secret.write_text("open-sesame\n", "ascii")
    os.chown(secret, 0, USER)
    secret.chmod(0o640)
    marked = Path("/tmp") / f"vipd-lab-{os.getpid()}"
    marked.touch()
    script = lone.scratch / "spy"
    script.write_text(SPY.format(vip=lone.installed.programs / "vip",
                                 place=lone.scratch, secret=secret, marked=marked), "ascii")
    script.chmod(0o755)
    lone.keys = ", check: spy"
    lone.speaker = f"rip: {{auth: {{type: md5, secret: 'file:{secret}'}}}}"
    lone.settings = f"checks: {{spy: {{exec: [{script}], user: {user}, timeout: 5s, every: 6s}}}}\n"
    lone.configure()
    lone.launch()
    try:
        deadline.until(lambda: lone.show(VIP)["state"] == "announced", PATIENCE_S, "the spy has run")
        assert lone.checks is not None
        said = Path(f"/proc/{lone.checks.pid}/root/tmp/report").read_text("utf-8")
    finally:
        marked.unlink()
    lines = said.splitlines()
    assert lines[-1] == "done"
    assert int(lines[0]) not in (0, USER, CHECK_USER)
    assert [line.split()[1] for line in lines[1:6]] == ["0000000000000000"] * 4 + ["1"], said
    assert not any(word in said for word in ("BOUND", "READ", "WROTE", "KILLED", "HOME", "SAW", "THEIR")), said
    assert "OWN TMP" in said and not Path("/tmp/spy").exists()
    assert "10.9.8.8" not in lone.where.run("ip", "address", "show")
    assert not list((lone.scratch / "state").glob("spy"))


@pytest.mark.parametrize("user", ("root", "vipd", "vipd-check"))
def test_no_check_runs_as_root_or_as_vipd(lone: SandboxedServer, user: str) -> None:
    lone.keys = ", check: c"
    lone.settings = f"checks: {{c: {{exec: [/bin/true], user: {user}, every: 100ms}}}}\n"
    lone.configure()
    lone.launch()
    deadline.until(lambda: f"a check of this service is not run as '{user}'"
                   in lone.show(VIP)["reason"], PATIENCE_S, "it is refused")


def test_nobody_but_vipd_can_have_a_check_run(lone: SandboxedServer) -> None:
    lone.configure()
    lone.launch()
    ask = ["/usr/bin/python3", "-c", "import socket; socket.socket(socket.AF_UNIX, "
           "socket.SOCK_SEQPACKET).connect('/run/vipd-check.sock')"]
    assert lone.where.attempt(*ask).returncode == 0
    for user in (NOBODY, CHECK_USER):
        done = lone.where.attempt("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups",
                                  *ask)
        assert "PermissionError" in done.stderr


def test_without_a_place_no_check_runs_as_vipd(lone: SandboxedServer) -> None:
    (lone.installed.units / "vipd-check.service").unlink()
    lone.keys = ", check: c"
    lone.settings = "checks: {c: {exec: [/bin/true], every: 100ms}}\n"
    lone.configure()
    lone.launch()
    deadline.until(lambda: "vipd may not become another user, and no place for checks"
                   in lone.show(VIP)["reason"], PATIENCE_S, "it is refused")


def test_a_check_that_hangs_is_ended_there(lone: SandboxedServer) -> None:
    lone.keys = ", check: c"
    seconds = 10**6 + os.getpid()
    lone.settings = (f"checks: {{c: {{exec: [/bin/sh, -c, 'trap \"\" TERM; setsid sleep {seconds} & sleep {seconds}'], "
                     "every: 300ms, timeout: 200ms}}\n")
    lone.configure()
    lone.launch()
    deadline.until(lambda: "no answer within 200ms: killed" in lone.show(VIP)["reason"], PATIENCE_S,
                   "it is ended")
    lone.signal(signal.SIGKILL)

    def left() -> list[str]:
        return [path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline")
                if str(seconds).encode() in path.read_bytes()]

    deadline.until(lambda: not left(), PATIENCE_S, "nothing is left of it")


def test_a_secret_of_the_group_is_read(lone: SandboxedServer) -> None:
    secret = lone.scratch / "rip.key"
    secret.write_text("open-sesame\n", "ascii")
    os.chown(secret, 0, USER)
    secret.chmod(0o640)
    lone.speaker = f"rip: {{auth: {{type: hmac-sha-256, secret: 'file:{secret}'}}}}"
    lone.configure()
    lone.launch()
    deadline.until(lambda: lone.show(VIP)["state"] == "announced", PATIENCE_S, "it is announced")
    assert PHYSICAL in str(lone.interface("eth1"))
    assert_nothing_was_forbidden(lone)


def degraded(keeper: SandboxedServer) -> str:
    """What status says of a mute interface, with its exit status."""
    done = keeper.attempt("status", "--exit-code")
    return f"{done.returncode} {done.stdout}"


@pytest.mark.parametrize("flaw", ("root alone", "others too", "missing", "empty", "a folder"))
def test_a_secret_that_cannot_be_read_makes_mute_and_takes_no_vip(lone: SandboxedServer,
                                                                 flaw: str) -> None:
    folder = lone.scratch / "keys"
    folder.mkdir()
    secret = folder / "rip.key"
    secret.write_text("" if flaw == "empty" else "open-sesame\n", "ascii")
    os.chown(secret, 0, USER)
    secret.chmod({"root alone": 0o600, "others too": 0o644}.get(flaw, 0o640))
    if flaw == "missing":
        secret.unlink()
    if flaw == "a folder":
        folder.chmod(0o700)
    lone.speaker = f"rip: {{auth: {{type: md5, secret: 'file:{secret}'}}}}"
    lone.configure()
    lone.launch()
    deadline.until(lambda: VIP in lone.where.run("ip", "address", "show"), PATIENCE_S,
                   "the VIP is bound")
    deadline.until(lambda: "mute" in degraded(lone), PATIENCE_S, "it says that it is mute")
    assert degraded(lone).startswith("5 ")
    assert str(secret) in lone.interface("eth1")["reason"]
    said = lone.installed.log.read_text("utf-8")
    assert "vipd.yaml:4:" in said and str(secret) in said
    # The old configuration is there to go on with now: a new one is refused.
    refused = lone.do("ExecReload")
    assert refused.returncode != 0 and str(secret) in refused.stderr
    folder.chmod(0o755)
    secret.write_text("open-sesame\n", "ascii")
    os.chown(secret, 0, USER)
    secret.chmod(0o640)
    assert lone.do("ExecReload").returncode == 0
    deadline.until(lambda: lone.show(VIP)["state"] == "announced", PATIENCE_S, "it speaks")


def test_a_secret_of_bfd_that_cannot_be_read_takes_no_vip(lone: SandboxedServer) -> None:
    secret = lone.scratch / "bfd.key"
    secret.write_text("open-sesame\n", "ascii")
    secret.chmod(0o600)
    lone.speaker = f"rip: {{}}, bfd: {{auth: {{type: sha1, secret: 'file:{secret}'}}}}"
    lone.configure()
    lone.launch()
    deadline.until(lambda: lone.show(VIP)["state"] == "announced", PATIENCE_S, "it is announced")
    assert str(secret) in lone.installed.log.read_text("utf-8")


@pytest.fixture(name="known")
def user_that_is_known(lone: SandboxedServer) -> Iterator[SandboxedServer]:
    """The user of the service is in the list of users."""
    mounts = [(lone.installed.place / name, f"/etc/{name}") for name in ("passwd", "group")]
    for source, target in mounts:
        subprocess.run(["mount", "--bind", source, target], check=True)
    yield lone
    for _, target in mounts:
        subprocess.run(["umount", target], check=True)


def test_root_checks_as_the_service_will_read(known: SandboxedServer) -> None:
    secret = known.scratch / "rip.key"
    secret.write_text("open-sesame\n", "ascii")
    secret.chmod(0o600)
    known.speaker = f"rip: {{auth: {{type: md5, secret: 'file:{secret}'}}}}"
    known.configure()
    words = [str(known.installed.programs / "vipd"), "--check"]
    # Another file may be for a vipd that root runs; the default one is the service's.
    done = known.where.attempt(*words, "--config", str(known.config))
    assert done.returncode == 0 and "chown root:vipd, chmod 640" in done.stderr
    assert "the user 'vipd'" in done.stderr
    default = ["unshare", "--mount", "sh", "-ec", 'mount -t tmpfs -o mode=755 tmpfs "$1"; mkdir "$1/vipd"; '
               'cp "$2" "$1/vipd/vipd.yaml"; cp "$3/passwd" "$3/group" "$1"; shift 3; exec "$@"', "sh", "/etc",
               str(known.config), str(known.installed.place), *words]
    done = known.where.attempt(*default)
    assert done.returncode == 3 and f"{secret} cannot be read" in done.stderr
    os.chown(secret, 0, USER)
    secret.chmod(0o640)
    done = known.where.attempt(*default)
    assert done.returncode == 0 and done.stderr == ""
    known.config.chmod(0o600)
    done = known.where.attempt(*words, "--config", str(known.config))
    assert "vipd.yaml: cannot be read: Permission denied" in done.stderr


def test_ipv6_is_enabled_on_a_board(lone: SandboxedServer) -> None:
    lone.where.sysctl({"net.ipv6.conf.default.disable_ipv6": "1"})
    lone.speaker = "rip: {}, ripng: {}"
    lone.addresses = (VIP, VIP6)
    lone.configure()
    lone.launch()
    deadline.until(lambda: VIP6 in lone.where.run("ip", "address", "show"), PATIENCE_S,
                   f"{VIP6} is bound: {lone.logs()}")
    assert_nothing_was_forbidden(lone)


def test_who_writes_and_who_reads_is_as_without_a_sandbox(lone: SandboxedServer) -> None:
    lone.configure()
    lone.launch()
    for groups, code in ((str(USER), 0), (str(NOBODY), 1)):
        done = lone.where.attempt("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", f"--groups={groups}",
                                  str(lone.installed.programs / "vip"), "bind", "10.9.7.1")
        assert done.returncode == code, done.stderr
        lone.attempt("unbind", "10.9.7.1")
    assert lone.vip("purge", "--yes") is not None
    assert VIP not in lone.where.run("ip", "address", "show")
    assert_nothing_was_forbidden(lone)


def test_sources_are_chosen_by_unit_and_by_user_and_probes_are_sent(scene: Scene) -> None:
    keeper = sandboxed(scene)
    keeper.speaker = "rip: {}, ripng: {}, probe: {interval: 50ms, multiplier: 5}"
    keeper.settings = (f"{GRACE}source: {{mode: on, rules: [{{user: nobody, use: none}}, "
                       f"{{unit: postgresql.service, use: {VIP}}}, {{to: 192.0.2.0/24, use: {VIP}}}]}}\n")
    keeper.configure()
    done = keeper.do("ExecReload")
    assert done.returncode == 0, done.stderr
    deadline.until(lambda: any(each["probe"] and each["probe"]["state"] == "up" for each in keeper.neighbors()),
                   PATIENCE_S, "the router is probed")
    why = keeper.attempt("source", "why", "192.0.2.7", "--user", "nobody")
    assert why.returncode == 0, why.stderr
    assert keeper.attempt("source", "why", "192.0.2.7", "--unit", "postgresql.service").returncode == 0
    assert_nothing_was_forbidden(keeper)
