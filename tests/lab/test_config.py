# SPDX-License-Identifier: Apache-2.0
"""The saved and the active configuration, and the step from one to the other."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from pathlib import Path
from typing import Callable, Iterator

import pytest

from lab import deadline, rip
from lab.capture import Capture
from lab.routes import RouteWatch
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.states import ROUTED
from lab.topology import PHYSICAL, VIP, one_router

SceneMaker = Callable[[str, str], Scene]

RELOADS = 1000
PATIENCE_S = 20.0
OTHERS = ("10.9.1.2", "10.9.1.3")
FRESH = "10.9.1.9"

pytestmark = pytest.mark.vipd


def states(keeper: VipdServer) -> dict[str, str]:
    """The VIPs and how they are."""
    return {vip["address"]: vip["state"] for vip in keeper.vips()}


def wait_vips(keeper: VipdServer, *addresses: str) -> None:
    """Wait until exactly these VIPs are there and announced."""
    deadline.until(lambda: states(keeper) == {address: "announced" for address in addresses},
                   PATIENCE_S, f"{addresses} are announced")


def saved(keeper: VipdServer) -> Path:
    """The file of vipd's own."""
    return keeper.scratch / "conf.d" / "saved.yaml"


def metric(keeper: VipdServer, name: str) -> str:
    """The value of a metric without labels."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(keeper.socket))
        connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    text = answer.decode("utf-8").partition("\r\n\r\n")[2]
    return next(line.split()[1] for line in text.splitlines() if line.split()[0] == name)


def said_of(capture: Capture, address: str) -> list[int]:
    """The metrics with which the server has announced an address, in their order."""
    return [entry.metric for datagram in list(capture.datagrams)
            if datagram.source == PHYSICAL and datagram.payload[0] == rip.RESPONSE
            for entry in rip.decode(datagram.payload).entries if entry.prefix == f"{address}/32"]


@pytest.fixture(name="keeper")
def started(lone_vipd: VipdServer) -> VipdServer:
    """A vipd with one VIP, on a LAN without routers."""
    lone_vipd.start()
    return lone_vipd


@pytest.fixture(name="scene")
def scene_with_three_vips() -> Iterator[Scene]:
    """BIRD, and a vipd with three VIPs that the router has accepted."""
    made = Scene("bird", "vipd", scratch("config"), topology=one_router(), vips=(VIP, *OTHERS))
    with made as scene:
        deadline.until(lambda: all(scene.route_device("r1", vip) == "la" for vip in (VIP, *OTHERS)),
                       PATIENCE_S, "the router has the routes")
        yield scene


def test_a_thousand_reloads_of_an_unchanged_file_lose_no_packet(make_scene: SceneMaker) -> None:
    scene = make_scene("bird", "vipd")
    deadline.until(scene.routes_settled, PATIENCE_S, "the routers know the way")
    scene.wait_for_silence()
    capture = Capture(scene.vipd.where, "eth1", rip.PORT)

    def reload() -> None:
        for _ in range(RELOADS):
            scene.vipd.vip("config", "apply")

    losses = scene.losses_during(reload)
    capture.close()
    assert losses.lost == 0
    assert losses.sent >= RELOADS
    assert set(said_of(capture, VIP)) <= {3}


def test_one_vip_is_added_changed_and_removed_and_the_others_are_left_alone(scene: Scene) -> None:
    keeper = scene.vipd
    before = keeper.config.read_text(encoding="ascii")
    capture = Capture(keeper.where, "eth1", rip.PORT)
    watch = RouteWatch(scene.network.nodes["r1"])
    for line, metric_said in ((f"  - {FRESH}\n", 3), (f"  - {{address: {FRESH}, metric: 7}}\n", 7),
                              ("", rip.INFINITY)):
        keeper.config.write_text(before.replace("interfaces:", f"{line}interfaces:"),
                                 encoding="ascii")
        keeper.vip("config", "apply")
        deadline.until(lambda said=metric_said: said in said_of(capture, FRESH), PATIENCE_S,
                       f"{line} is announced, or withdrawn")
    deadline.until(lambda: FRESH not in states(keeper), PATIENCE_S, "it is gone")
    capture.close()
    watch.close()
    for other in (VIP, *OTHERS):
        assert set(said_of(capture, other)) <= {3}
        assert f"{other}/32" not in {seen.prefix for seen in watch.changes}
        assert states(keeper)[other] in ROUTED


def test_a_vip_that_is_saved_is_there_after_everything_else_is_forgotten(
        keeper: VipdServer) -> None:
    main = keeper.config.read_bytes()
    keeper.vip("bind", "10.9.2.1/24", "--metric", "5", "--label", "web", "--save")
    keeper.vip("bind", "10.9.3.1")
    assert keeper.ask("config", "diff")["changes"] == []
    keeper.stop()
    shutil.rmtree(keeper.scratch / "vipd-state")
    keeper.launch()
    wait_vips(keeper, VIP, "10.9.2.1")
    assert keeper.show("10.9.2.1")["label"] == "web"
    keeper.vip("unbind", "10.9.2.1", "--save")
    assert "10.9.2.1" not in saved(keeper).read_text("utf-8")
    keeper.stop()
    shutil.rmtree(keeper.scratch / "vipd-state")
    keeper.launch()
    wait_vips(keeper, VIP)
    assert keeper.config.read_bytes() == main


def test_what_cannot_be_saved_is_not_done(keeper: VipdServer) -> None:
    done = keeper.attempt("unbind", VIP, "--save")
    assert done.returncode == 1
    assert f"{VIP} stands in {keeper.config}:2:" in done.stderr
    assert states(keeper) == {VIP: "announced"}
    (keeper.scratch / "conf.d").write_text("in the way", encoding="ascii")
    done = keeper.attempt("bind", "10.9.2.1", "--save")
    assert done.returncode == 1
    assert "nothing is done, for it cannot be saved" in done.stderr
    assert states(keeper) == {VIP: "announced"}


def test_what_a_node_refuses_is_not_saved(keeper: VipdServer) -> None:
    assert keeper.attempt("bind", "10.1.0.77/24", "--save").returncode == 1
    assert not saved(keeper).exists()


def test_a_wrong_file_leaves_the_old_one_in_force_and_everybody_can_see_it(
        keeper: VipdServer) -> None:
    good = keeper.config.read_text(encoding="ascii")
    assert metric(keeper, "vipd_config_valid") == "1"
    conf = keeper.scratch / "conf.d"
    conf.mkdir()
    wrong = conf / "more.yaml"
    wrong.write_text("vips:\n  - addres: 10.9.2.1\n", encoding="ascii")
    sentence = f"{wrong}:2:5: unknown key 'addres' (did you mean 'address'?)"
    for words in (("config", "check"), ("config", "apply"), ("config", "diff"),
                  ("config", "show", "--saved")):
        done = keeper.attempt(*words)
        assert (done.returncode, done.stderr.strip()) == (3, sentence)
    assert states(keeper) == {VIP: "announced"}
    assert f"degraded: the configuration file is not in force: {sentence}" in keeper.vip("status")
    assert keeper.attempt("status", "--exit-code").returncode == 5
    assert metric(keeper, "vipd_config_valid") == "0"
    wrong.write_text("vips:\n  - address: 10.9.2.1\n", encoding="ascii")
    keeper.signal(signal.SIGHUP)
    wait_vips(keeper, VIP, "10.9.2.1")
    assert keeper.ask("status")["config"]["valid"]
    assert metric(keeper, "vipd_config_valid") == "1"
    assert float(metric(keeper, "vipd_config_applied_timestamp_seconds")) > time.time() - 60
    assert good == keeper.config.read_text(encoding="ascii")


def test_a_check_is_not_seen_as_an_attempt(keeper: VipdServer) -> None:
    keeper.config.write_text("vips: [10.9.1.1\n", encoding="ascii")
    assert keeper.attempt("config", "check").returncode == 3
    assert keeper.ask("status")["config"]["valid"]


def test_the_difference_is_what_apply_changes_and_then_there_is_none(keeper: VipdServer) -> None:
    before = keeper.config.read_text(encoding="ascii")
    keeper.config.write_text("boards: [vnic0, vnic4]\nvips: [10.9.4.1]\n"
                             "interfaces: {eth1: {rip: {cost: 2}}}\nguard: {grace: 7s}\n",
                             encoding="ascii")
    keeper.vip("bind", "10.9.3.1")
    said = keeper.vip("config", "diff").splitlines()
    assert said == ["+ board vnic4: vnic4", f"- vip {VIP}: {{address: {VIP}/32}}",
                    "+ vip 10.9.4.1: {address: 10.9.4.1/32}",
                    "- interface eth1: {rip: {}}", "+ interface eth1: {rip: {cost: 2}}",
                    "- guard: {}", "+ guard: {grace: 7s}"]
    changes = keeper.ask("config", "diff")["changes"]
    assert [each["change"] for each in changes] == ["added", "removed", "added", "changed",
                                                    "changed"]
    assert states(keeper).keys() == {VIP, "10.9.3.1"}
    keeper.vip("config", "apply")
    wait_vips(keeper, "10.9.3.1", "10.9.4.1")
    assert keeper.vip("config", "diff") == ""
    keeper.config.write_text(before, encoding="ascii")
    assert len(keeper.ask("config", "diff")["changes"]) == 5


def test_what_is_active_reads_back_as_the_same(keeper: VipdServer) -> None:
    keeper.vip("bind", "10.9.2.1/24", "--metric", "4", "--arp", "--label", "a: b")
    keeper.vip("board", "add", "vnic3")
    keeper.vip("bind", "2001:db8:9::1", "--board", "vnic3")
    active = keeper.vip("config", "show")
    keeper.config.write_text(active, encoding="utf-8")
    assert keeper.vip("config", "diff") == ""
    assert keeper.vip("config", "show", "--saved") == active
    before = states(keeper)
    keeper.vip("config", "apply")
    assert states(keeper) == before
    assert keeper.vip("config", "show") == active


def trial(keeper: VipdServer, vips: str, time_s: str) -> None:
    """Apply other VIPs on trial."""
    keeper.config.write_text(f"vips: [{vips}]\ninterfaces: {{eth1: {{rip: {{}}}}}}\n",
                             encoding="ascii")
    assert "vip config confirm" in keeper.vip("config", "apply", "--confirm", time_s)


def test_what_is_not_confirmed_is_taken_back_without_anybody(keeper: VipdServer) -> None:
    keeper.vip("bind", "10.9.2.1", "--save")
    keeper.vip("bind", "10.9.3.1")
    trial(keeper, "10.9.3.1, 10.9.4.1", "1s")
    assert states(keeper).keys() >= {"10.9.2.1", "10.9.3.1", "10.9.4.1"}
    assert keeper.ask("status")["config"]["on_trial"]
    assert metric(keeper, "vipd_config_on_trial") == "1"
    wait_vips(keeper, VIP, "10.9.2.1", "10.9.3.1")
    status = keeper.ask("status")
    assert not status["config"]["on_trial"]
    assert "the configuration file is not in force: it was not confirmed in time" \
        in status["reasons"]
    assert keeper.attempt("config", "confirm").returncode == 1


@pytest.mark.parametrize("end", ("kill", "stop"))
def test_a_vipd_that_ends_during_a_trial_is_followed_by_one_that_goes_back(
        keeper: VipdServer, end: str) -> None:
    trial(keeper, "10.9.4.1", "60s")
    assert keeper.process is not None
    if end == "kill":
        keeper.process.kill()
    else:
        keeper.stop()
    keeper.launch()
    wait_vips(keeper, VIP)
    status = keeper.ask("status")
    assert not status["config"]["valid"]
    assert not status["config"]["on_trial"]
    keeper.vip("config", "apply")
    wait_vips(keeper, "10.9.4.1")
    keeper.stop()
    keeper.launch()
    wait_vips(keeper, "10.9.4.1")


def test_a_metric_that_a_failing_check_lends_is_nobodys_wish(lone_vipd: VipdServer) -> None:
    keeper = lone_vipd
    mark = keeper.scratch / "well"
    mark.touch()
    keeper.keys = ", check: web"
    keeper.settings = (f"checks: {{web: {{file: {mark}, failing: worsen, every: 100ms, "
                       "timeout: 100ms, rise: 1, fall: 1}}\n")
    keeper.start()
    mark.unlink()
    deadline.until(lambda: keeper.show(VIP)["metric"] == 8, PATIENCE_S, "it is a last resort")
    assert keeper.show(VIP)["own_metric"] == 3
    assert "with metric 8 in place of its own 3" in keeper.vip("show", VIP)
    assert "metric" not in keeper.vip("config", "show").partition("interfaces")[0]
    assert keeper.ask("config", "diff")["changes"] == []
    before = keeper.config.read_text(encoding="ascii")
    keeper.config.write_text(before.replace("interfaces:", f"  - {FRESH}\ninterfaces:"),
                             encoding="ascii")
    keeper.vip("config", "apply", "--confirm", "1s")
    wait_vips(keeper, VIP, FRESH)
    wait_vips(keeper, VIP)
    mark.touch()
    deadline.until(lambda: keeper.show(VIP)["metric"] == 3, PATIENCE_S, "it has its own again")
    assert "metric" not in keeper.vip("config", "show").partition("interfaces")[0]


def test_what_was_drained_is_drained_when_a_trial_is_taken_back(keeper: VipdServer) -> None:
    keeper.vip("bind", "10.9.3.1")
    for vip in (VIP, "10.9.3.1"):
        keeper.vip("drain", "--timeout", "1s", vip)
    drained = {VIP: "drained", "10.9.3.1": "drained"}
    assert states(keeper) == drained
    trial(keeper, "10.9.4.1", "1s")
    deadline.until(lambda: VIP not in states(keeper), PATIENCE_S, "it has left")
    deadline.until(lambda: states(keeper) == drained, PATIENCE_S, "both are drained again")


def test_what_is_confirmed_stays(keeper: VipdServer) -> None:
    trial(keeper, "10.9.4.1", "1s")
    keeper.vip("config", "confirm")
    deadline.watch(1.5, lambda: None)
    assert states(keeper) == {"10.9.4.1": "announced"}
    assert not (keeper.scratch / "vipd-state" / "before.yaml").exists()
    assert keeper.ask("status")["config"] | {"applied": ""} == {
        "valid": True, "error": None, "applied": "", "on_trial": False}


def test_a_second_trial_takes_the_place_of_the_first_and_goes_back_beyond_it(
        keeper: VipdServer) -> None:
    trial(keeper, "10.9.4.1", "1s")
    trial(keeper, "10.9.5.1", "2s")
    deadline.watch(1.3, lambda: None)
    assert "10.9.5.1" in states(keeper)
    wait_vips(keeper, VIP)


def test_applying_for_good_ends_a_trial(keeper: VipdServer) -> None:
    trial(keeper, "10.9.4.1", "1s")
    keeper.vip("config", "apply")
    deadline.watch(1.5, lambda: None)
    assert states(keeper) == {"10.9.4.1": "announced"}


def test_a_wrong_file_does_not_end_a_trial(keeper: VipdServer) -> None:
    trial(keeper, "10.9.4.1", "1s")
    keeper.config.write_text("vipz: []\n", encoding="ascii")
    assert keeper.attempt("config", "apply", "--confirm", "60s").returncode == 3
    wait_vips(keeper, VIP)


def test_the_saved_file_is_written_by_a_vipd_that_owns_nothing_else(keeper: VipdServer) -> None:
    os.chmod(keeper.config, 0o640)
    keeper.vip("bind", "10.9.2.1", "--save")
    assert saved(keeper).stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in saved(keeper).parent.iterdir()) == ["saved.yaml"]
