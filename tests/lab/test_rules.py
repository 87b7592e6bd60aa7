# SPDX-License-Identifier: Apache-2.0
"""What vipd refuses, with which sentence and which exit code.

A virtual network must differ from every physical network. The server has 10.1.0.10/24 on eth1.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Iterator

import pytest

from lab.scene import Scene
from lab.scratch import program, scratch
from lab.states import TOLD
from lab.topology import PHYSICAL, one_router

REFUSED, USAGE, CONFIG, UNREACHABLE = 1, 2, 3, 4
BOUND = "10.9.1.1"

# What is refused, and what the sentence must name.
REFUSALS = {
    "10.1.0.77/24": ("10.1.0.0/24", "eth1", " is the physical network"),
    "10.1.0.130/25": ("10.1.0.128/25", "10.1.0.0/24", "eth1", "inside"),
    "10.1.77.1/16": ("10.1.0.0/16", "10.1.0.0/24", "eth1", "contains"),
    PHYSICAL: (PHYSICAL, "eth1"),
    f"{PHYSICAL}/24": (PHYSICAL, "eth1"),
    BOUND: (BOUND, "bound already", "vnic0"),
    "224.0.0.9": ("224.0.0.9", "multicast"),
    "ff02::9": ("ff02::9", "multicast"),
    "127.0.0.7": ("127.0.0.7", "loopback"),
    "::1": ("::1", "loopback"),
    "169.254.1.1": ("169.254.1.1", "link-local"),
    "fe80::1": ("fe80::1", "link-local"),
    "255.255.255.255": ("255.255.255.255", "broadcast"),
    "10.9.7.255/24": ("10.9.7.255", "10.9.7.0/24", "broadcast"),
    "10.9.7.0/24": ("10.9.7.0", "10.9.7.0/24", "network"),
    "0.0.0.0": ("0.0.0.0",),
    "::ffff:10.9.1.1": ("::ffff:10.9.1.1", "IPv4-mapped"),
    "::10.9.1.1": ("::10.9.1.1", "IPv4-compatible"),
    "::2": ("::2", "::/64"),
    "fec0::1/9": ("fe80::/9", "link-local"),
}

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="scene")
def scene_of_one_lan() -> Iterator[Scene]:
    """A server on one LAN, with one VIP."""
    with Scene("bird", "vipd", scratch("rules"), topology=one_router(), vips=(BOUND,)) as scene:
        yield scene


def assert_sentence(done: subprocess.CompletedProcess[str], *names: str) -> None:
    """What was refused is said in one line that has these names in it."""
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for name in names:
        assert name in done.stderr


def bound(scene: Scene) -> set[str]:
    """The addresses of all VIPs."""
    return {vip["address"] for vip in scene.vipd.vips()}


@pytest.mark.parametrize("address", REFUSALS)
def test_a_vip_that_clashes_is_refused_with_a_sentence_that_names_the_clash(
        scene: Scene, address: str) -> None:
    done = scene.vipd.attempt("bind", address)
    assert done.returncode == REFUSED
    assert_sentence(done, *REFUSALS[address])
    assert bound(scene) == {BOUND}


def test_a_host_mask_may_repeat_an_address_of_a_physical_network(scene: Scene) -> None:
    done = scene.vipd.attempt("bind", "10.1.0.77")
    assert (done.returncode, done.stderr) == (0, "")
    assert scene.vipd.show("10.1.0.77")["state"] in TOLD
    scene.vipd.unbind("10.1.0.77")


def test_a_board_that_is_not_there_is_refused_with_what_to_do(scene: Scene) -> None:
    done = scene.vipd.attempt("bind", "10.9.8.1", "--board", "web")
    assert done.returncode == REFUSED
    assert_sentence(done, "there is no board web", "vip board add web")


def test_a_physical_interface_is_no_board(scene: Scene) -> None:
    done = scene.vipd.attempt("bind", "10.9.8.1", "--board", "eth1")
    assert done.returncode == REFUSED
    assert_sentence(done, "eth1", "not a virtual board")


def test_several_vips_are_bound_together_or_not_at_all(scene: Scene) -> None:
    for addresses in (("10.9.5.1", PHYSICAL), (PHYSICAL, "10.9.5.1"), ("10.9.5.1", "10.9.5.1")):
        done = scene.vipd.attempt("bind", *addresses)
        assert done.returncode == REFUSED
        assert_sentence(done)
        assert bound(scene) == {BOUND}
    assert scene.vipd.attempt("bind", "10.9.5.1", "10.9.5.2").returncode == 0
    assert bound(scene) == {BOUND, "10.9.5.1", "10.9.5.2"}
    scene.vipd.vip("unbind", "10.9.5.1", "10.9.5.2")


def test_an_address_that_is_not_bound_cannot_be_unbound(scene: Scene) -> None:
    done = scene.vipd.attempt("unbind", "10.9.6.1")
    assert done.returncode == REFUSED
    assert_sentence(done, "10.9.6.1", "not bound")


@pytest.mark.parametrize("words", (
    (), ("bind",), ("unbind",), ("show",), ("frobnicate",), ("bind", "--metric", "few", "10.9.6.1"),
    ("bind", "--no-such-option", "10.9.6.1"), ("board",), ("config",),
), ids=" ".join)
def test_wrong_usage_is_told_apart_from_a_refusal(scene: Scene, words: tuple[str, ...]) -> None:
    done = scene.vipd.attempt(*words)
    assert done.returncode == USAGE
    assert done.stderr
    assert bound(scene) == {BOUND}


def test_a_daemon_that_does_not_run_is_told_apart_from_a_refusal(scene: Scene) -> None:
    done = scene.vipd.where.attempt(program("vip"), "--socket", "/run/nobody.sock", "status")
    assert done.returncode == UNREACHABLE
    assert_sentence(done, "/run/nobody.sock", "not running")


def check(path: Path) -> subprocess.CompletedProcess[str]:
    """Let vipd check a configuration."""
    return subprocess.run([program("vipd"), "--check", "--config", str(path)], check=False,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_good_configuration_is_checked_without_a_word() -> None:
    path = scratch("check") / "good.yaml"
    path.write_text("vips: [10.9.1.1]\ninterfaces:\n  \"*\": {rip: {}}\n", encoding="ascii")
    done = check(path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_fits_nothing_on_this_host_is_told_by_check_and_apply(scene: Scene) -> None:
    before = scene.vipd.config.read_text(encoding="ascii")
    wrong = before.replace("interfaces:\n", "interfaces:\n  eht1: {rip: {}}\n", 1)
    assert wrong != before
    scene.vipd.config.write_text(wrong, encoding="ascii")
    sentence = "'eht1' fits no interface that is there now (did you mean 'eth1'?)"
    for command in ("check", "apply"):
        done = scene.vipd.attempt("config", command)
        assert done.returncode == 0 and sentence in done.stderr
    assert sentence in (scene.vipd.scratch / "vipd.log").read_text(encoding="utf-8")
    scene.vipd.config.write_text(before, encoding="ascii")
    scene.vipd.vip("config", "apply")


@pytest.mark.parametrize("text, line, column", (
    ("vips: [10.9.1.1]\ninterfaces:\n  eth1: {rap: {}}\n", 3, 10),
    ("vips:\n  - 10.9.1.1\n  - 10.9.1.1\n", 3, 5),
    ("vips: [224.0.0.9]\n", 1, 8),
    ("rip: {update: 30}\n", 1, 15),
    ("vips: [10.9.1.1\n", 2, 1),
), ids=("unknown key", "twice", "multicast", "no unit", "no end"))
def test_a_mistake_in_the_configuration_is_named_by_file_line_and_column(
        text: str, line: int, column: int) -> None:
    path = scratch("check") / "bad.yaml"
    path.write_text(text, encoding="ascii")
    done = check(path)
    assert done.returncode == CONFIG
    assert_sentence(done)
    assert re.match(rf"{re.escape(str(path))}:{line}:{column}: \S", done.stderr), done.stderr


def test_a_wrong_configuration_is_not_applied_and_the_old_one_stays(scene: Scene) -> None:
    good = scene.vipd.config.read_text(encoding="ascii")
    scene.vipd.config.write_text("vips: [10.9.4.1]\ninterfaces: {eth1: {rap: {}}}\n",
                                 encoding="ascii")
    done = scene.vipd.attempt("config", "apply")
    scene.vipd.config.write_text(good, encoding="ascii")
    assert done.returncode == CONFIG
    assert_sentence(done, f"{scene.vipd.config}:2:21:")
    assert bound(scene) == {BOUND}


def test_a_list_of_vips_may_begin_with_a_byte_order_mark(scene: Scene) -> None:
    listed = scene.vipd.scratch / "vips.txt"
    listed.write_bytes(b"\xef\xbb\xbf10.9.3.1\r\n\xef\xbb\xbf10.9.3.2\r\n")
    done = scene.vipd.attempt("bind", "-f", str(listed))
    # It is one in front only: further behind nobody can have meant it.
    assert (done.returncode, bound(scene)) == (REFUSED, {BOUND})
    listed.write_bytes(b"\xef\xbb\xbf10.9.3.1\r\n10.9.3.2\r\n")
    assert scene.vipd.attempt("bind", "-f", str(listed)).returncode == 0
    assert bound(scene) == {BOUND, "10.9.3.1", "10.9.3.2"}
    scene.vipd.vip("unbind", "10.9.3.1", "10.9.3.2")


def test_a_vip_that_is_on_lo_too_is_bound_and_that_is_said(scene: Scene) -> None:
    where = scene.vipd.where
    for address, length in (("10.9.6.1", 32), ("fd00:9::6", 128)):
        where.ip("address", "add", f"{address}/{length}", "dev", "lo")
        done = scene.vipd.attempt("bind", address)
        assert (done.returncode, done.stdout) == (0, "")
        assert f"vip: note: {address} is on lo too" in done.stderr
        doctor = scene.vipd.attempt("doctor", address).stdout
        assert f"{address}: lo has it too" in doctor
        assert f"ip address del {address}/{length} dev lo" in doctor
        scene.vipd.vip("unbind", address)
        where.ip("address", "del", f"{address}/{length}", "dev", "lo")
