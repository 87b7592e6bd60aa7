# SPDX-License-Identifier: Apache-2.0
"""Clients of the API that are slow, greedy, broken or not allowed to: the daemon goes on."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, Iterator

import pytest

from lab import deadline
from lab.namespace import find_tool
from lab.scene import Scene
from lab.scratch import program, scratch
from lab.topology import VIP

STATUS_LIMIT_S = 1.0
PATIENCE_S = 20.0
NOBODY = 65534
MEGABYTE = 1 << 20
READ = b"GET /v1/vips HTTP/1.1\r\nHost: vipd\r\n\r\n"
BIND = (b"POST /v1/vips HTTP/1.1\r\nHost: vipd\r\nContent-Type: application/json\r\n"
        b"Content-Length: 27\r\n\r\n" + b'{"address":"10.9.6.66/32"}\n')

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="scene")
def scene_of_bird() -> Iterator[Scene]:
    """A settled scene."""
    with Scene("bird", "vipd", scratch("api")) as scene:
        deadline.until(scene.routes_settled, PATIENCE_S, "the routers know the way")
        yield scene


def connect(scene: Scene) -> socket.socket:
    """A connection to the daemon's socket."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.settimeout(PATIENCE_S)
    made.connect(str(scene.vipd.socket))
    return made


def answer(connection: socket.socket) -> bytes:
    """The first line of the answer; empty when the daemon closes without one."""
    line = b""
    with contextlib.suppress(ConnectionResetError):
        while b"\r\n" not in line:
            piece = connection.recv(4096)
            if not piece:
                break
            line += piece
    return line.split(b"\r\n")[0]


def stop_half_way(scene: Scene) -> list[socket.socket]:
    """Clients that say a part of a request and then nothing more; they stay connected."""
    beginnings = (b"", b"G", READ[:-2], BIND[:40], BIND[:-5])
    connections = [connect(scene) for _ in beginnings]
    for connection, beginning in zip(connections, beginnings):
        connection.sendall(beginning)
    return connections


def flood(scene: Scene) -> list[socket.socket]:
    """Fifty clients at once that ask, and ask again as soon as they are answered."""
    def ask(_: int) -> set[bytes]:
        answers: set[bytes] = set()
        for _ in range(20):
            with connect(scene) as connection:
                connection.sendall(READ)
                answers.add(answer(connection))
        return answers

    with ThreadPoolExecutor(50) as clients:
        answers = list(clients.map(ask, range(50)))
    assert all(each == {b"HTTP/1.1 200 OK"} for each in answers)
    return []


def send_a_huge_body(scene: Scene) -> list[socket.socket]:
    """A body of a hundred megabytes, sent for as long as the daemon takes it."""
    connection = connect(scene)
    length = 100 * MEGABYTE
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(b"POST /v1/vips HTTP/1.1\r\nHost: vipd\r\n"
                           b"Content-Length: %d\r\n\r\n" % length)
        for _ in range(length // MEGABYTE):
            connection.sendall(b" " * MEGABYTE)
    assert answer(connection).split(b" ")[1:2] in ([b"413"], [])
    return [connection]


def send_garbage(scene: Scene) -> list[socket.socket]:
    """Bytes that are no HTTP, and HTTP whose body is no JSON."""
    pieces = (bytes(range(256)) * 64, b"\0" * 4096, b"\r\n" * 4096, b"A" * 100_000,
              BIND.replace(b'{"address"', b'{"addr\xff\0"'), b"\x16\x03\x01\x02\0\x01\0\x01\xfc")
    connections = [connect(scene) for _ in pieces]
    for connection, piece in zip(connections, pieces):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(piece)
    return connections


@pytest.mark.parametrize("harm", (stop_half_way, flood, send_a_huge_body, send_garbage),
                         ids=lambda harm: harm.__name__.replace("_", " "))
def test_a_client_that_misbehaves_harms_neither_the_api_nor_the_vip(
        scene: Scene, harm: Callable[[Scene], list[socket.socket]]) -> None:
    connections: list[socket.socket] = []
    seconds: list[float] = []

    def misbehave() -> None:
        connections.extend(harm(scene))
        begun = time.monotonic()
        assert scene.vipd.ask("status")["vips"] == 1
        seconds.append(time.monotonic() - begun)

    losses = scene.losses_during(misbehave)
    for connection in connections:
        connection.close()
    assert seconds[0] <= STATUS_LIMIT_S
    assert losses.lost == 0
    assert [vip["address"] for vip in scene.vipd.vips()] == [VIP]


def test_the_daemon_answers_others_while_it_is_flooded(scene: Scene) -> None:
    flooding = threading.Thread(target=flood, args=(scene,))
    flooding.start()
    slowest = 0.0
    while flooding.is_alive():
        begun = time.monotonic()
        scene.vipd.ask("status")
        slowest = max(slowest, time.monotonic() - begun)
    flooding.join()
    assert slowest <= STATUS_LIMIT_S


def test_a_huge_body_does_not_make_the_daemon_huge(scene: Scene) -> None:
    before = resident_bytes(scene)
    for connection in send_a_huge_body(scene):
        connection.close()
    assert resident_bytes(scene) - before < 8 * MEGABYTE


def test_bodies_of_those_who_may_only_read_take_no_memory(scene: Scene) -> None:
    before = resident_bytes(scene)
    head = b"GET /v1/status HTTP/1.1\r\nHost: vipd\r\nContent-Length: %d\r\n\r\n"
    os.seteuid(NOBODY)
    try:
        connections = [connect(scene) for _ in range(96)]
    finally:
        os.seteuid(0)
    for connection in connections:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(head % (4 * MEGABYTE))
            connection.sendall(b" " * (4 * MEGABYTE - 1))
    assert resident_bytes(scene) - before < 8 * MEGABYTE
    # The others are served all the while: root, and a user who is not that one.
    assert scene.vipd.ask("status")["vips"] == 1
    os.seteuid(NOBODY - 1)
    try:
        other = connect(scene)
    finally:
        os.seteuid(0)
    other.sendall(READ)
    assert answer(other) == b"HTTP/1.1 200 OK"
    for connection in (*connections, other):
        connection.close()


def test_a_socket_that_is_removed_is_made_again(scene: Scene) -> None:
    pid = scene.vipd.ask("status")["pid"]
    for signalled in (False, True):
        scene.vipd.socket.unlink()
        if signalled:
            scene.vipd.signal(signal.SIGHUP)
        deadline.until(lambda: scene.vipd.attempt("status").returncode == 0, PATIENCE_S,
                       "vipd is reached again")
        assert scene.vipd.ask("status")["pid"] == pid
    assert scene.vipd.process is not None
    assert "was removed by somebody: it is there again" in scene.vipd.process.log_text()


def resident_bytes(scene: Scene) -> int:
    """The memory of the daemon."""
    pages = Path(f"/proc/{scene.vipd.pids()[0]}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(scope="module", name="public_vip")
def vip_command_for_everybody() -> str:
    """The `vip` command in a place that everybody can get at, unlike perhaps the build folder."""
    return shutil.copy(program("vip"), "/run/vip")


def vip_of_nobody(scene: Scene, command: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the `vip` command as a user who has no rights at all."""
    return scene.vipd.where.attempt(
        find_tool("setpriv"), f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
        command, "--socket", str(scene.vipd.socket), *words)


@pytest.mark.parametrize("words", (
    ("status",), ("list",), ("show", VIP), ("board", "list"), ("interfaces",), ("neighbors",),
    ("routes",), ("events",),
), ids=" ".join)
def test_everybody_may_read(scene: Scene, public_vip: str, words: tuple[str, ...]) -> None:
    done = vip_of_nobody(scene, public_vip, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize("words", (
    ("bind", "10.9.6.66"), ("unbind", VIP), ("unbind", VIP, "--now"), ("board", "add", "web"),
    ("board", "del", "vnic0"), ("config", "apply"), ("config", "confirm"), ("config", "check"),
    ("config", "diff"), ("config", "show"), ("config", "show", "--saved"),
    ("bind", "10.9.6.66", "--save"), ("stop",), ("doctor",), ("doctor", VIP),
    ("source", "why", "10.2.0.1", "--user", "root"),
), ids=" ".join)
def test_not_everybody_may_change_anything_or_see_the_configuration(
        scene: Scene, public_vip: str, words: tuple[str, ...]) -> None:
    done = vip_of_nobody(scene, public_vip, *words)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert [vip["address"] for vip in scene.vipd.vips()] == [VIP]


def test_a_change_by_somebody_who_may_not_is_refused_with_403(scene: Scene) -> None:
    os.seteuid(NOBODY)
    try:
        connection = connect(scene)
    finally:
        os.seteuid(0)
    with connection:
        connection.sendall(BIND)
        assert answer(connection).split(b" ")[1] == b"403"
