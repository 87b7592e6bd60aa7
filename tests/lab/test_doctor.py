# SPDX-License-Identifier: Apache-2.0
"""`vip doctor`: what stands between a VIP and its clients is found, and what is said mends it."""

from __future__ import annotations

import json
import socket
import subprocess
from typing import Any, Iterator

import pytest

from lab import deadline
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import SERVER, VIP

PATIENCE_S = 30.0

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="scene")
def well_scene() -> Iterator[Scene]:
    """A server with two paths, all well."""
    with Scene("bird", "vipd", scratch("doctor")) as scene:
        deadline.until(scene.routes_settled, 60.0, "the routers know the way")
        deadline.until(lambda: len(scene.vipd.show(VIP)["accepted_by"]) == 2, 2 * PATIENCE_S,
                       "the VIP is accepted by both routers")
        yield scene


def examine(scene: Scene, *words: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the findings."""
    done = scene.vipd.attempt("--json", "doctor", *words)
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return done.returncode, findings


def problems(scene: Scene) -> list[str]:
    """What is found that is a problem."""
    code, findings = examine(scene)
    found = [each["finding"] for each in findings if each["severity"] == "problem"]
    assert code == (5 if found else 0)
    return found


def test_a_server_that_is_well_has_no_problem_and_its_silence_is_proven(scene: Scene) -> None:
    assert not problems(scene)
    code, findings = examine(scene, VIP)
    assert code == 0
    said = [each["finding"] for each in findings]
    assert "asked by ARP, the host is silent about it" in said
    assert "2 interfaces speak RIP" in said
    assert any("10.1.0.1 on eth1" in each and "10.2.0.2 on eth2" in each for each in said)
    assert "the kernel holds it on vnic0, as an address" in said
    # Nothing of the trial is left.
    assert "vipdtrial" not in str(scene.network.nodes[SERVER].ip_json("link", "show"))


def mend(scene: Scene, finding: dict[str, Any]) -> None:
    """Do what the finding says."""
    subprocess.run(scene.vipd.where.command(*finding["fix"].split()), check=True,
                   capture_output=True)


def scrape(server: VipdServer) -> str:
    """What /metrics says."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(server.socket))
        connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return answer.decode("utf-8").partition("\r\n\r\n")[2]


def test_strict_reverse_path_filtering_is_found_and_the_fix_mends_it(scene: Scene) -> None:
    scene.vipd.where.sysctl({"net.ipv4.conf.eth2.rp_filter": "1"})
    _, findings = examine(scene)
    found = [each for each in findings if "rp_filter" in each["finding"]]
    assert [each["interface"] for each in found] == ["eth2"]
    assert problems(scene)
    mend(scene, found[0])
    assert not problems(scene)


def test_a_filter_that_drops_is_shown_with_the_rule_that_lets_rip_in(scene: Scene) -> None:
    where = scene.vipd.where
    where.run("nft", "add", "table", "inet", "wall")
    where.run("nft", "add", "chain", "inet", "wall", "in",
              "{ type filter hook input priority 0; policy accept; }")
    where.run("nft", "add", "rule", "inet", "wall", "in", "ip", "saddr", "10.0.0.0/8", "accept")
    where.run("nft", "chain", "inet", "wall", "in", "{ policy drop; }")
    _, findings = examine(scene)
    found = [each for each in findings if "inet wall in" in each["finding"]]
    assert found and found[0]["severity"] == "note"
    mend(scene, found[0])
    where.run("nft", "delete", "table", "inet", "wall")


def test_a_vip_inside_of_what_a_router_announces_is_noted(scene: Scene) -> None:
    # LAN C is the client's: both routers announce it.
    scene.vipd.vip("bind", "10.0.0.77")
    _, findings = examine(scene, "10.0.0.77")
    scene.vipd.unbind("10.0.0.77")
    assert any("10.0.0.77/32 overlaps with 10.0.0.0/24" in each["finding"] for each in findings)


def test_another_program_on_the_port_is_found(scene: Scene) -> None:
    other = subprocess.Popen(scene.vipd.where.command(
        "/usr/bin/python3", "-c",
        "import socket, sys\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'lo')\n"
        "s.bind(('127.0.0.1', 520))\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None and other.stdout.readline() == "ready\n"
    assert "another program has UDP port 520 open" in problems(scene)
    other.communicate("")
    assert not problems(scene)


def test_a_path_that_is_lost_is_degraded_until_the_fix_has_brought_it_back(scene: Scene) -> None:
    assert scene.vipd.attempt("status", "--exit-code").returncode == 0
    scene.vipd.where.ip("link", "set", "eth2", "down")
    deadline.until(lambda: scene.vipd.attempt("status", "--exit-code").returncode == 5,
                   PATIENCE_S, "the status is degraded")
    status = json.loads(scene.vipd.vip("--json", "status"))
    assert status["degraded"] and (status["ways"], status["ways_lost"]) == (2, 1)
    assert status["reasons"] == ["1 of 2 ways is lost: eth2 does not speak RIP: it is down"]
    assert "degraded: 1 of 2 ways is lost" in scene.vipd.vip("status")
    assert "vipd_degraded 1\n" in scrape(scene.vipd)
    assert "vipd_ways_lost 1\n" in scrape(scene.vipd)
    _, findings = examine(scene)
    found = [each for each in findings if "does not speak" in each["finding"]]
    assert [(each["severity"], each["interface"]) for each in found] == [("problem", "eth2")]
    mend(scene, found[0])
    deadline.until(lambda: scene.vipd.attempt("status", "--exit-code").returncode == 0,
                   60.0, "nothing is lost any more")
    assert "vipd_ways_lost 0\n" in scrape(scene.vipd)


@pytest.mark.parametrize("family, port", [("ip", 520), ("inet", 520)])
def test_what_the_hosts_own_filter_does_not_let_out_is_not_announced(
        scene: Scene, family: str, port: int) -> None:
    where, vipd = scene.vipd.where, scene.vipd
    where.run("nft", "add", "table", family, "wall")
    where.run("nft", "add", "chain", family, "wall", "out",
              "{ type filter hook output priority 0; }")
    where.run("nft", "add", "rule", family, "wall", "out", "oifname", "eth2", "udp", "dport",
              str(port), "drop")
    vipd.vip("bind", "10.9.5.1")
    deadline.until(lambda: "refuses" in vipd.interface("eth2")["reason"], PATIENCE_S,
                   "the kernel refuses what is sent on eth2")
    assert vipd.interface("eth2")["refused"] > 0
    assert "refuses" not in vipd.interface("eth1")["reason"]
    status = json.loads(vipd.vip("--json", "status"))
    assert status["reasons"] == [
        "1 of 2 ways is lost: eth2 does not speak RIP: the kernel refuses what is sent"]
    where.run("nft", "delete", "table", family, "wall")
    vipd.unbind("10.9.5.1")
    deadline.until(lambda: vipd.attempt("status", "--exit-code").returncode == 0, 60.0,
                   "nothing is lost any more")


def test_one_path_is_a_note_and_no_router_is_a_problem(scene: Scene) -> None:
    scene.network.nic_down(SERVER, "eth1")
    _, findings = examine(scene)
    assert "one path only" in [each["finding"] for each in findings]
    scene.network.nic_up(SERVER, "eth1")
    scene.routers["r1"].stop()
    deadline.until(lambda: scene.vipd.interface("eth1")["rip"]["speaking"], PATIENCE_S,
                   "eth1 speaks again")


def test_a_vip_that_there_is_not_is_refused(scene: Scene) -> None:
    done = scene.vipd.attempt("doctor", "10.9.99.1")
    assert done.returncode == 1 and "no such VIP" in done.stderr
    assert "problem" in scene.vipd.attempt("doctor").stdout or problems(scene) == []
