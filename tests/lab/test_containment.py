# SPDX-License-Identifier: Apache-2.0
"""Whatever ends a run of the lab, nothing of it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab import containment, deadline
from lab.frr import Frr
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import one_router

MARKER = 987_654


def sleepers() -> list[str]:
    """Processes of the contained command, wherever they are."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"sleep") and str(MARKER).encode() in words:
            found.append(str(path))
    return found


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM, signal.SIGKILL))
def test_no_process_outlives_its_supervisor(number: signal.Signals) -> None:
    environment = {name: value for name, value in os.environ.items()
                   if name not in (containment.MARK,)}
    with subprocess.Popen(
            [sys.executable, "-m", "lab.containment", "sh", "-c",
             f"ip netns add left-over; sleep {MARKER} & exec sleep {MARKER}"],
            env=environment, cwd=containment.ROOT) as supervisor:
        deadline.until(lambda: len(sleepers()) == 2, 10.0, "the contained processes run")
        supervisor.send_signal(number)
        supervisor.wait(15.0)
    deadline.until(lambda: not sleepers(), 5.0, "all contained processes are gone")
    assert not Path("/run/netns/left-over").exists()


def test_the_exit_status_of_the_contained_command_comes_out() -> None:
    environment = {name: value for name, value in os.environ.items()
                   if name != containment.MARK}
    done = subprocess.run([sys.executable, "-m", "lab.containment", "sh", "-c", "exit 7"],
                          env=environment, cwd=containment.ROOT, check=False)
    assert done.returncode == 7


def test_a_root_that_is_no_mount_point_is_named(tmp_path: Path,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "mountinfo"
    table.write_text("22 1 0:21 / /proc rw - proc proc rw\n", "ascii")
    with pytest.raises(SystemExit) as left:
        containment.require_mount_point("the lab", table)
    assert "mount --bind ROOT ROOT" in str(left.value)
    table.write_text("21 1 254:0 / / rw - ext4 /dev/vda rw\n", "ascii")
    containment.require_mount_point("the lab", table)
    with pytest.raises(SystemExit) as left:
        containment.require_mount_point("the lab", tmp_path / "none")
    assert "/proc" in str(left.value)
    assert capsys.readouterr().err == ""


def test_what_a_router_was_asked_is_not_kept_at_home(monkeypatch: pytest.MonkeyPatch,
                                                     tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with Scene("frr", "static", scratch("history"), topology=one_router()) as scene:
        router = scene.routers["r1"]
        assert isinstance(router, Frr)
        assert "Routing Protocol is" in router.ask("show ip rip status")
    assert not list(tmp_path.iterdir())


def test_a_source_tree_below_a_covered_place_stays_visible() -> None:
    tree = Path("/var/tmp/tree/below")
    tree.mkdir(parents=True)
    (tree / "file").touch()
    program = ("from pathlib import Path; from lab import containment; "
               f"containment.cover('/var/tmp', Path('{tree}')); "
               f"assert Path('{tree}/file').exists() and not Path('/var/tmp/other').exists()")
    Path("/var/tmp/other").touch()
    subprocess.run(["unshare", "--mount", sys.executable, "-B", "-c", program], check=True,
                   cwd=containment.ROOT)
