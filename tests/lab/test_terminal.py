# SPDX-License-Identifier: Apache-2.0
"""`vip` in an administrator's hands: what it asks before it acts, and how much it says."""

from __future__ import annotations

import os
import pty
import select
import subprocess

import pytest

from lab import deadline
from lab.scratch import program
from lab.server import VipdServer
from lab.topology import VIP

MANY = [f"10.9.7.{k}" for k in range(1, 256)]
PATIENCE_S = 20.0

pytestmark = pytest.mark.vipd


@pytest.fixture(name="keeper")
def started(lone_vipd: VipdServer) -> VipdServer:
    """A vipd with one VIP, on a LAN without routers."""
    lone_vipd.start()
    return lone_vipd


def on_terminal(keeper: VipdServer, answer: str, *words: str) -> tuple[int, str]:
    """Run vip on a terminal and answer what it asks: its exit code, and what was to be read."""
    master, slave = pty.openpty()
    command = keeper.where.command(program("vip"), "--socket", str(keeper.socket), *words)
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        read = b""
        while select.select([master], [], [], PATIENCE_S)[0]:
            try:
                read += os.read(master, 4096)
            except OSError:
                break
            if read.endswith(b"[y/N] "):
                os.write(master, answer.encode("ascii"))
        code = process.wait(PATIENCE_S)
    os.close(master)
    return code, read.decode("utf-8")


@pytest.mark.parametrize("command", [("purge",), ("board", "del", "vnic0")])
def test_what_takes_all_away_is_asked_about_on_a_terminal(keeper: VipdServer,
                                                          command: tuple[str, ...]) -> None:
    for answer in ("n\n", "\n", "\x04", "nay\n"):
        code, said = on_terminal(keeper, answer, *command)
        assert (code, [vip["address"] for vip in keeper.vips()]) == (1, [VIP])
        assert "(1)" in said and "[y/N]" in said and "nothing was done" in said
    code, said = on_terminal(keeper, "YES\n", *command)
    assert code == 0, said
    deadline.until(lambda: not keeper.vips(), PATIENCE_S, "the VIP is gone")


@pytest.mark.parametrize("words", [("purge", "--yes"), ("purge",)])
def test_who_has_said_yes_and_scripts_are_not_asked(keeper: VipdServer,
                                                    words: tuple[str, ...]) -> None:
    if "--yes" in words:
        code, said = on_terminal(keeper, "", *words)
        assert (code, "[y/N]" in said) == (0, False)
    else:
        keeper.vip(*words)
    deadline.until(lambda: not keeper.vips(), PATIENCE_S, "the VIP is gone")


def test_an_empty_board_goes_unasked(keeper: VipdServer) -> None:
    keeper.vip("board", "add", "vnic7")
    code, said = on_terminal(keeper, "n\n", "board", "del", "vnic7")
    assert (code, "[y/N]" in said) == (0, False)


def test_what_holds_for_many_vips_is_said_once(keeper: VipdServer) -> None:
    keeper.vip("bind", *MANY)
    deadline.until(lambda: len(keeper.vips()) == 256 and all(
        vip["state"] == "announced" for vip in keeper.vips()), PATIENCE_S, "all are announced")
    said = keeper.attempt("doctor").stdout.splitlines()
    assert len(said) < 40, "\n".join(said)
    assert any("256 VIPs (" in line and ", ...): each: the kernel holds it on vnic0, as an address"
               in line for line in said)
    problems = keeper.attempt("doctor", "--problems")
    assert problems.returncode == 5
    lines = problems.stdout.splitlines()
    assert lines and not [line for line in lines if line.startswith(("good", "note"))]
    assert any("256 VIPs" in line and "no neighbour has shown" in line for line in lines)
    assert "ADDRESS" not in keeper.attempt("doctor", VIP).stdout


def test_sources_are_chosen_where_the_types_of_the_kernel_are_hidden(lone_vipd: VipdServer) -> None:
    """The kernel looks at its own; nobody needs to read them for it."""
    lone_vipd.wrapper = ("unshare", "--mount", "sh", "-c",
                         'mount -t tmpfs none /sys/kernel/btf && exec "$@"', "sh")
    lone_vipd.start()
    deadline.until(lambda: lone_vipd.ask("source")["ready"], PATIENCE_S, "sources are chosen")


def test_a_kernel_without_its_types_is_named_as_the_reason(lone_vipd: VipdServer) -> None:
    """Where the programs are refused, here for want of the right, and no types are to be seen."""
    lone_vipd.wrapper = ("unshare", "--mount", "sh", "-c",
                         'mount -t tmpfs none /sys/kernel/btf && '
                         'exec setpriv --bounding-set=-bpf,-sys_admin "$@"', "sh")
    lone_vipd.start()
    deadline.until(lambda: lone_vipd.ask("source")["ready"] is not None, PATIENCE_S,
                   "it is known whether sources can be chosen")
    said = lone_vipd.vip("source")
    assert "cannot read /sys/kernel/btf/vmlinux (CONFIG_DEBUG_INFO_BTF)" in said
