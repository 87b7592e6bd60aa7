# SPDX-License-Identifier: Apache-2.0
"""The state directory when the disk is full, cannot be written, or what is in it is damaged."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Callable, Iterator

import pytest

from lab import deadline
from lab.network import Network
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.states import TOLD
from lab.topology import SERVER, VIP, one_router

SceneMaker = Callable[[str, str], Scene]

PATIENCE_S = 30.0
DEGRADED = 5
BOARD = "vnic0"
DISK_BYTES = 64 << 10
# A guard that speaks in between would put right what is to be looked at.
PATIENT_GUARD = "guard: {grace: 60s}\n"
# A router that is not told believes for so long what it has heard last (RFC 2453 3.8).
TOLD_LIMIT_S = 20.0

pytestmark = pytest.mark.vipd


def state_of(keeper: VipdServer) -> Path:
    """The state directory of a daemon."""
    return keeper.scratch / "vipd-state"


def mount(*words: str) -> None:
    """Mount in the containment's own mount namespace."""
    subprocess.run(["mount", *words], check=True)


@pytest.fixture(name="keeper")
def vipd_on_a_small_disk() -> Iterator[VipdServer]:
    """A server on a LAN without routers, whose state directory is a disk of 64 KiB."""
    network = Network(one_router())
    made = VipdServer(network.nodes[SERVER], ["eth1"], scratch("state"), addresses=())
    made.settings = PATIENT_GUARD
    state_of(made).mkdir(mode=0o700)
    mount("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "vipd-state", str(state_of(made)))
    made.configure()
    yield made
    made.stop()
    network.close()
    subprocess.run(["umount", "--lazy", str(state_of(made))], check=True)


def held(keeper: VipdServer) -> set[str]:
    """The addresses that the kernel holds on the board."""
    links = keeper.where.ip_json("-4", "address", "show", "dev", BOARD)
    return {each["local"] for link in links for each in link.get("addr_info", ())}


def fill(keeper: VipdServer) -> None:
    """Leave no byte free on the disk."""
    with open(state_of(keeper) / "ballast", "ab", buffering=0) as ballast:
        for size in (4096, 1):
            try:
                while True:
                    ballast.write(b"x" * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC


def fill_to_the_last_record(keeper: VipdServer) -> None:
    """Fill the disk, and the file's own last page with binds that still fit."""
    fill(keeper)
    number = 1
    while keeper.attempt("bind", f"10.9.200.{number}").returncode == 0:
        number += 1
        assert number < 200


def make_room(keeper: VipdServer) -> None:
    """Free the disk."""
    (state_of(keeper) / "ballast").unlink()


def status(keeper: VipdServer) -> dict[str, object]:
    """What vipd says of itself."""
    return keeper.ask("status")


def unsaved_metric(keeper: VipdServer) -> str:
    """The line of the metric."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(keeper.socket))
        connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        text = b"".join(iter(lambda: connection.recv(65536), b"")).decode("utf-8")
    return next(line for line in text.splitlines() if line.startswith("vipd_state_unsaved "))


def kill_and_start(keeper: VipdServer) -> None:
    """Kill the daemon and start it again."""
    keeper.kill()
    keeper.launch()


def log_of(keeper: VipdServer) -> str:
    """All that the daemon has said."""
    assert keeper.process is not None
    return keeper.process.log_text()


def test_a_disk_that_was_full_once_loses_nothing_that_came_after(keeper: VipdServer) -> None:
    keeper.launch()
    keeper.vip("bind", "10.9.1.1", "10.9.1.2", "10.9.1.3")
    fill_to_the_last_record(keeper)
    for words in (("bind", "10.9.2.1"), ("unbind", "10.9.1.1"), ("drain", "10.9.1.2")):
        done = keeper.attempt(*words)
        assert done.returncode == DEGRADED and "No space left on device" in done.stderr, words
    assert status(keeper)["degraded"] and "No space left" in str(status(keeper)["reasons"])
    assert keeper.attempt("status", "--exit-code").returncode == DEGRADED
    assert "state directory cannot be written" in keeper.attempt("doctor").stdout
    make_room(keeper)
    deadline.until(lambda: "state directory" not in str(status(keeper)["reasons"]), PATIENCE_S,
                   "all is written down again")
    keeper.vip("bind", "10.9.3.1", "10.9.3.2", "10.9.3.3")
    before = held(keeper)
    kill_and_start(keeper)
    assert {"10.9.2.1", "10.9.3.1", "10.9.3.2", "10.9.3.3"} <= held(keeper) == before
    assert "10.9.1.1" not in held(keeper)
    assert keeper.show("10.9.1.2")["state"] == "drained"
    assert {vip["address"] for vip in keeper.vips()} == before


def test_what_is_bound_right_after_there_is_room_is_not_lost(keeper: VipdServer) -> None:
    keeper.launch()
    fill_to_the_last_record(keeper)
    assert keeper.attempt("bind", "10.9.2.1").returncode == DEGRADED
    make_room(keeper)
    # The command says whether it counts, whenever it comes.
    bound = {f"10.9.3.{n}" for n in range(1, 6)
             if keeper.attempt("bind", f"10.9.3.{n}").returncode == 0}
    kill_and_start(keeper)
    assert bound <= held(keeper)


def test_the_first_start_on_a_full_disk_serves_and_says_why_it_is_degraded(
        keeper: VipdServer) -> None:
    (state_of(keeper) / "lock").touch(mode=0o600)
    (state_of(keeper) / "guard.lock").touch(mode=0o600)
    fill(keeper)
    keeper.launch()
    assert keeper.attempt("bind", "10.9.1.1").returncode == DEGRADED
    assert "10.9.1.1" in held(keeper)
    assert "No space left on device" in log_of(keeper)
    assert "Input/output error" not in log_of(keeper)
    make_room(keeper)
    deadline.until(lambda: "state directory" not in str(status(keeper)["reasons"]), PATIENCE_S,
                   "all is written down")
    kill_and_start(keeper)
    assert "10.9.1.1" in held(keeper)


def test_a_disk_that_becomes_read_only_is_told_and_made_good(keeper: VipdServer) -> None:
    keeper.launch()
    keeper.vip("bind", "10.9.1.1")
    state = state_of(keeper)
    # A writer would keep the disk from becoming read-only; its descriptor fails all the same.
    mount("-o", "bind", str(state), str(state))
    mount("-o", "remount,ro,bind", str(state))
    kill_and_start(keeper)
    assert "10.9.1.1" in held(keeper)
    done = keeper.attempt("bind", "10.9.1.2")
    assert done.returncode == DEGRADED and "Read-only file system" in done.stderr
    assert "Read-only file system" in str(status(keeper)["reasons"])
    mount("-o", "remount,rw,bind", str(state))
    deadline.until(lambda: "state directory" not in str(status(keeper)["reasons"]), PATIENCE_S,
                   "all is written down")
    kill_and_start(keeper)
    assert {"10.9.1.1", "10.9.1.2"} <= held(keeper)
    subprocess.run(["umount", "--lazy", str(state)], check=True)


def test_the_metric_follows(keeper: VipdServer) -> None:
    keeper.launch()
    assert unsaved_metric(keeper).endswith(" 0")
    fill_to_the_last_record(keeper)
    assert unsaved_metric(keeper).endswith(" 1")


def test_one_damaged_record_does_not_hide_the_others(keeper: VipdServer) -> None:
    keeper.launch()
    keeper.vip("bind", "10.9.1.1", "10.9.1.2", "10.9.1.3")
    keeper.kill()
    path = state_of(keeper) / "state"
    bytes_ = bytearray(path.read_bytes())
    at = bytes_.index(bytes((10, 9, 1, 2)))
    bytes_[at + 3] ^= 0x40
    path.write_bytes(bytes_)
    keeper.launch()
    deadline.until(lambda: held(keeper) == {"10.9.1.1", "10.9.1.3"}, PATIENCE_S,
                   "what is not known any more has gone")
    assert "the state file is damaged" in log_of(keeper)
    assert (state_of(keeper) / "state.damaged").exists()


def spoil(path: Path, how: str) -> None:
    """Make a state file unreadable."""
    if how == "truncated":
        os.truncate(path, 20)
    elif how == "another layout":
        path.write_bytes(b"VIPDST77" + path.read_bytes()[8:])
    elif how == "noise":
        path.write_bytes(os.urandom(4096))
    else:
        path.unlink()


def test_the_guard_says_good_bye_for_what_no_record_knows(make_scene: SceneMaker,
                                                         routers: str) -> None:
    scene = make_scene(routers, "vipd")
    scene.settle()
    keeper = scene.vipd
    keeper.settings = "guard: {grace: 1s}\n"
    keeper.configure()
    keeper.vip("config", "apply")
    keeper.vip("bind", "10.9.77.1")
    router = scene.network.nodes["r1"]
    deadline.until(lambda: bool(router.route("10.9.77.1")), PATIENCE_S, "it is routed to")
    path = state_of(keeper) / "state"
    bytes_ = path.read_bytes()
    path.write_bytes(bytes_.replace(bytes((10, 9, 77, 1)), bytes((10, 9, 77, 0x81))))
    keeper.kill()
    deadline.until(lambda: not router.route("10.9.77.1"), TOLD_LIMIT_S, "the router has heard")
    deadline.until(lambda: not held(keeper), PATIENCE_S, "it is gone")
    assert "in the kernel and in no record: good-bye is said" in log_of(keeper)


@pytest.mark.parametrize("how", ("truncated", "another layout", "noise", "removed"))
def test_routers_are_told_of_what_a_spoiled_state_has_forgotten(make_scene: SceneMaker,
                                                               how: str) -> None:
    scene = make_scene("bird", "vipd")
    scene.settle()
    keeper = scene.vipd
    keeper.vip("bind", "10.9.77.1/24")
    router = scene.network.nodes["r1"]
    deadline.until(lambda: bool(router.route("10.9.77.0/24")), PATIENCE_S, "it is routed to")
    keeper.kill()
    spoil(state_of(keeper) / "state", how)
    keeper.launch()
    deadline.until(lambda: not router.route("10.9.77.0/24"), TOLD_LIMIT_S, "the router has heard")
    deadline.until(lambda: "10.9.77.1" not in held(keeper), PATIENCE_S, "it is gone")
    assert keeper.show(VIP)["state"] in TOLD
    assert json.dumps(keeper.vips()).count("10.9.77.1") == 0
