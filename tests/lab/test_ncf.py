# SPDX-License-Identifier: Apache-2.0
"""NetWare scripts run as they are, alone and as those of a cluster."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

from lab import calm, deadline, ncf
from lab.move import TwoServers
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import OTHER, PHYSICAL, SERVER, VIP, one_router

pytestmark = pytest.mark.vipd

OUTAGE_LIMIT_MS = 6000
SERVICES = ("10.9.2.1", "10.9.2.2", "10.9.2.3")


@pytest.fixture(scope="module", name="scene")
def scene_of_one_lan() -> Iterator[Scene]:
    """A server on one LAN, with one VIP of its configuration on the board vnic0."""
    with Scene("bird", "vipd", scratch("ncf"), topology=one_router(), vips=(VIP,)) as scene:
        yield scene


@pytest.fixture(name="folder")
def folder_of_scripts() -> Path:
    """Where a test writes its scripts."""
    return scratch("scripts")


@pytest.fixture(name="server")
def server_without_boards(scene: Scene) -> Iterator[VipdServer]:
    """The server, from which what a test has bound by hand goes at its end."""
    yield scene.vipd
    scene.vipd.attempt("board", "del", "vnic")
    scene.vipd.attempt("board", "del", "VNIC")


def outcomes(server: VipdServer, script: Path) -> tuple[int, dict[int, dict[str, Any]]]:
    """Run a script with --json: the exit code, and its lines by their number."""
    done = ncf.run(server, script, "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == 1
    assert document["done"] == (done.returncode == 0)
    return done.returncode, {line["line"]: line for line in document["lines"]}


def bound(server: VipdServer) -> dict[str, str]:
    """The VIPs with masks that were bound by hand, and the board of each."""
    return {f"{vip['address']}/{vip['length']}": vip["board"] for vip in server.vips()
            if not vip["configured"]}


def test_a_service_moves_between_two_nodes(routers: str, folder: Path) -> None:
    with TwoServers(routers, "vipd", scratch(f"ncf-{routers}")) as scene:
        cluster = ncf.Cluster(scene, folder)
        cluster.boot()
        cluster.load(scene.old)
        scene.wait_for_all(SERVER)
        scene.start_probe()
        cluster.move(scene.old, scene.new)
        scene.wait_for_all(OTHER)
        scene.wait_for_answers()
        assert not scene.old.vips()
        assert scene.new.show(VIP)["board"] == "vnic"
        assert scene.losses().outage_ms < OUTAGE_LIMIT_MS


@pytest.mark.release
def test_a_service_that_is_loaded_first_and_unloaded_then_loses_nothing(routers: str,
                                                                        folder: Path) -> None:
    with TwoServers(routers, "vipd", scratch(f"ncf-first-{routers}")) as scene:
        cluster = ncf.Cluster(scene, folder)
        cluster.boot()
        begun = time.monotonic()
        cluster.load(scene.old)
        scene.wait_for_all(SERVER)
        # In its first ten seconds a node insists on what it was told to take.
        deadline.until(lambda: time.monotonic() - begun > 11.0, 20.0, "the old node is calm")
        scene.wait_until_heard(VIP)
        if not calm.comes():
            pytest.skip(calm.REASON)
        scene.start_probe()
        cluster.load(scene.new)
        cluster.unload(scene.old)
        scene.wait_for_all(OTHER)
        scene.wait_for_answers()
        assert scene.losses().lost == 0


def test_the_services_of_a_dead_node_do_not_wait_for_each_other(folder: Path) -> None:
    """A take-over is answered after six seconds: three in a row would take eighteen."""
    load = ncf.write(folder, "load.ncf", "".join(
        f"BIND IP VNIC ADDRESS={address} MASK=FF.FF.FF.FF\nNUDP ADD X {address}\n"
        for address in SERVICES))
    with TwoServers("frr", "vipd", scratch("ncf-dead")) as scene:
        for server in (scene.old, scene.new):
            server.vip("board", "add", "vnic")
        assert ncf.run(scene.old, load).returncode == 0
        for address in SERVICES:
            deadline.until(lambda a=address: scene.leads_to("r2", a) == SERVER, 40.0,
                           "Router 2 knows the services")
            scene.wait_until_heard(address)
        # Nobody can say good-bye for a server whose cable is cut.
        scene.network.unplug(SERVER, "eth1")
        begin = time.monotonic()
        done = ncf.run(scene.new, load)
        assert done.returncode == 0, done.stderr
        assert time.monotonic() - begin < 12.0
        for address in SERVICES:
            for router in scene.routers:
                assert scene.leads_to(router, address) == OTHER


def test_a_script_may_run_twice(server: VipdServer, folder: Path) -> None:
    load = ncf.write(folder, "load.ncf", ncf.AUTOEXEC + "BIND IP VNIC ADDR=10.9.2.1\n"
                                                        "BIND IP VNIC ADDR=10.9.2.1\n")
    unload = ncf.write(folder, "unload.ncf", "UNBIND IP VNIC ADDRESS=10.9.2.1\nUNLOAD VNIC\n")
    first, second = outcomes(server, load), outcomes(server, load)
    assert first[0] == second[0] == 0
    assert [line["outcome"] for line in first[1].values()] == [
        "skipped", "loaded", "noted", "skipped", "bound", "unchanged"]
    assert [line["outcome"] for line in second[1].values()] == [
        "skipped", "unchanged", "noted", "skipped", "unchanged", "unchanged"]
    assert bound(server) == {"10.9.2.1/32": "vnic"}
    first, second = outcomes(server, unload), outcomes(server, unload)
    assert first[0] == second[0] == 0
    assert [line["outcome"] for line in first[1].values()] == ["unbound", "unloaded"]
    assert [line["outcome"] for line in second[1].values()] == ["unchanged", "unchanged"]
    assert not bound(server)


def test_a_line_that_fails_does_not_hold_up_the_others(server: VipdServer, folder: Path) -> None:
    script = ncf.write(folder, "load.ncf", f"""\
LOAD VNIC NAME=VNIC
BIND IP VNIC ADDR=10.9.2.1 MASK=255.255.255.0
BIND IP VNIC ADDR={PHYSICAL} MASK=FF.FF.FF.FF
BIND IP NOBOARD ADDR=10.9.2.2
BIND IP VNIC ADDR=10.9.300.2
BIND IP VNIC ADDR=10.9.4.3
BIND IP VNIC ADDR={VIP}
UNBIND IP VNIC ADDR={VIP}
""")
    done = ncf.run(server, script)
    assert done.returncode == 1
    errors = done.stderr.splitlines()
    assert [line.partition(": ")[0] for line in errors] == [
        f"{script}:{place}" for place in ("3:19", "4:22", "5:19", "7:19", "8:21")]
    for error, word in zip(errors, ("eth1", "there is no board noboard", "10.9.300.2",
                                    "bound already", f"{VIP} is bound to vnic0, not to vnic")):
        assert word in error
    assert f"{script}:2: bound 10.9.2.1 mask 255.255.255.0 (FF.FF.FF.0) on vnic" \
        in done.stdout.splitlines()
    assert bound(server) == {"10.9.2.1/24": "vnic", "10.9.4.3/32": "vnic"}


def test_what_only_netware_has_is_skipped_with_a_note(server: VipdServer, folder: Path) -> None:
    script = ncf.write(folder, "skip.ncf", """\
REM Stra\xdfe
LOAD CE100B.LAN SLOT=3 NAME=CE100B_1
BIND IP TO CE100B_1 ADDR=10.1.0.10 MASK=FF.FF.FF.0
BIND IPX VNIC NET=1
nss /poolactivate=HOMES
""")
    done = ncf.run(server, script)
    assert (done.returncode, done.stdout) == (0, "")
    assert [line.partition(" skipped: ")[0] for line in done.stderr.splitlines()] == [
        f"{script}:{line}:" for line in (2, 3, 4, 5)]
    assert "nss /poolactivate=HOMES" in done.stderr
    assert not bound(server)


def test_what_netware_asks_about_is_done_unless_it_says_no(server: VipdServer,
                                                           folder: Path) -> None:
    script = ncf.write(folder, "ask.ncf", """\
? LOAD VNIC NAME=VNIC
?Y BIND IP VNIC ADDRESS=10.9.2.1
? BIND IP VNIC ADDRESS=10.9.2.2 MASK=FF.FF.FF.0
?N BIND IP VNIC ADDRESS=10.9.2.3
? UNBIND IP VNIC ADDRESS=10.9.2.1
""")
    code, lines = outcomes(server, script)
    assert (code, [line["outcome"] for line in lines.values()]) == (
        0, ["loaded", "bound", "bound", "skipped", "unbound"])
    assert bound(server) == {"10.9.2.2/24": "vnic"}


def test_a_script_runs_those_that_it_names(server: VipdServer, folder: Path) -> None:
    """By its suffix, by its name alone, and however deep; a file's lines are told as its own."""
    outer = ncf.write(folder, "START.NCF", """\
LOAD VNIC NAME=VNIC
SYS:SYSTEM\\VIPS.NCF
? more
mount HOMES
""")
    vips = ncf.write(folder, "vips.ncf", "BIND IP VNIC ADDR=10.9.2.1\nPROTECT Deep\n")
    ncf.write(folder, "MORE.NCF", "BIND IP VNIC ADDR=10.9.2.2\n")
    ncf.write(folder, "deep.ncf", "BIND IP VNIC ADDR=10.9.2.3\n")
    done = ncf.run(server, outer)
    assert done.returncode == 0, done.stderr
    assert f"{vips}:1: bound 10.9.2.1 mask 255.255.255.255" in done.stdout
    assert bound(server) == {f"10.9.2.{k}/32": "vnic" for k in (1, 2, 3)}
    document = json.loads(ncf.run(server, outer, "--json").stdout)
    assert [(line.get("file"), line["line"]) for line in document["lines"]][:3] == [
        (None, 1), (None, 2), (str(vips), 1)]


def test_a_script_that_is_not_there_or_never_ends_fails(server: VipdServer, folder: Path) -> None:
    script = ncf.write(folder, "broken.ncf", "NOWHERE.NCF\nLOAD BROKEN.NCF\nPROTECT ELSE\n"
                                             "LOAD VNIC NAME=VNIC\nBIND IP VNIC ADDR=10.9.2.1\n")
    ncf.write(folder, "else.ncf", "broken\n?Y broken.ncf\n")
    done = ncf.run(server, script)
    assert done.returncode == 1
    assert f"{script}:1:1: there is no NOWHERE.NCF beside {script}" in done.stderr
    assert f"{script}:2:6: {script} would run itself for ever" in done.stderr
    assert f"{folder / 'else.ncf'}:2:4: {script} would run itself for ever" in done.stderr
    assert bound(server) == {"10.9.2.1/32": "vnic"}


def test_unbind_without_an_address_takes_all_of_the_board(server: VipdServer,
                                                          folder: Path) -> None:
    server.vip("board", "add", "vnic")
    server.vip("bind", "10.9.2.1", "10.9.2.2", "--board", "vnic")
    code, lines = outcomes(server, ncf.write(folder, "all.ncf", "unbind ip from vnic\n"))
    assert (code, lines[1]["outcome"]) == (0, "unbound")
    assert not bound(server)
    assert [vip["address"] for vip in server.vips()] == [VIP]


def test_unload_leaves_what_the_configuration_has(server: VipdServer, folder: Path) -> None:
    server.vip("board", "add", "vnic")
    server.vip("bind", "10.9.2.1", "--board", "vnic")
    code, lines = outcomes(server, ncf.write(folder, "unload.ncf", "UNLOAD SYS:SYSTEM\\VNIC.LAN\n"))
    assert (code, lines[1]["outcome"]) == (0, "unloaded")
    assert not bound(server)
    assert [vip["address"] for vip in server.vips()] == [VIP]


def test_a_board_of_exactly_that_name_is_meant_first(server: VipdServer, folder: Path) -> None:
    server.vip("board", "add", "VNIC")
    script = ncf.write(folder, "load.ncf", "BIND IP VNIC ADDR=10.9.2.1\n")
    assert ncf.run(server, script).returncode == 0
    assert bound(server) == {"10.9.2.1/32": "VNIC"}


def test_a_bind_does_not_pass_for_done_while_the_vip_is_drained(server: VipdServer,
                                                                folder: Path) -> None:
    """Nobody is sent to a node whose administrator has taken it out of service."""
    load = ncf.write(folder, "load.ncf", "LOAD VNIC\nBIND IP VNIC ADDR=10.9.2.1\n")
    unload = ncf.write(folder, "unload.ncf", "UNBIND IP VNIC ADDR=10.9.2.1\n")
    assert ncf.run(server, load).returncode == 0
    server.vip("drain", "10.9.2.1", "--no-wait")
    done = ncf.run(server, load)
    assert done.returncode == 1
    assert "vip undrain" in done.stderr
    assert ncf.run(server, unload).returncode == 0
    assert not bound(server)


def test_a_name_that_linux_does_not_take_is_cut_and_told(server: VipdServer,
                                                         folder: Path) -> None:
    script = ncf.write(folder, "load.ncf", "LOAD VNIC NAME=A_VERY_LONG_BOARD_NAME\n"
                                           "UNLOAD VNIC NAME=A_VERY_LONG_BOARD_NAME\n")
    code, lines = outcomes(server, script)
    assert code == 0
    assert [lines[number]["board"] for number in (1, 2)] == ["a_very_long_boa"] * 2
    assert "A_VERY_LONG_BOARD_NAME is called a_very_long_boa here" in lines[1]["note"]


def test_a_dry_run_does_nothing(server: VipdServer, folder: Path) -> None:
    script = ncf.write(folder, "load.ncf", ncf.AUTOEXEC + ncf.LOAD + ncf.UNLOAD)
    done = server.attempt("run-ncf", "--dry-run", str(script))
    assert done.returncode == 0
    assert [line.partition(" would ")[2].split()[0] for line in done.stdout.splitlines()] == [
        "make", "bind", "unbind"]
    assert not bound(server)


def test_without_a_daemon_a_script_ends_with_4_and_without_a_file_with_1(
        server: VipdServer, folder: Path) -> None:
    script = ncf.write(folder, "load.ncf", ncf.LOAD)
    done = server.attempt("--socket", str(folder / "nobody"), "run-ncf", str(script))
    assert done.returncode == 4
    assert server.attempt("run-ncf", str(folder / "missing.ncf")).returncode == 1
    assert server.attempt("run-ncf").returncode == 2
    wide = folder / "wide.ncf"
    wide.write_text(ncf.LOAD, encoding="utf-16")
    done = server.attempt("run-ncf", str(wide))
    assert done.returncode == 1
    assert "is not text" in done.stderr
