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
