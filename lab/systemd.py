# SPDX-License-Identifier: Apache-2.0
"""A real systemd that runs vipd's units and nothing else.

It is process 1 of namespaces of its own, inside those of the lab: its units are those of dist/ with the
paths of the build, every target that they name is empty, and what it would write is on a tmpfs. Where
a machine does not let us have a control group it cannot run; then `why_not` says so.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from . import deadline
from .containment import run_folder
from .namespace import Namespace
from .process import Process
from .units import Installed

PROGRAM = "/usr/lib/systemd/systemd"
START_LIMIT_S = 20.0
TARGETS = ("sysinit", "basic", "sockets", "network", "network-online", "shutdown", "umount", "lab")

# What is in front of process 1: the places that it sees.
PREPARE = """
set -e
echo 0 > "$CGROUP/cgroup.procs"
exec unshare --mount --pid --ipc --uts --cgroup --fork --kill-child sh -ec '
mount --make-rprivate /
mount -t proc proc /proc
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount --bind "$PLACE/passwd" /etc/passwd
mount --bind "$PLACE/group" /etc/group
mount --bind "$PLACE/units" /usr/lib/systemd/system
mount --bind "$PLACE/units" /etc/systemd/system
mount -t tmpfs tmpfs /usr/lib/systemd/system-generators
mount -t tmpfs tmpfs /var/lib
mkdir -p /run/systemd
mount -t tmpfs -o mode=755 tmpfs /run/systemd
exec env -i container=lab PATH="$PATH" %s --system --unit=lab.target --log-target=console
'
""" % PROGRAM


def _cgroups() -> Path | None:
    """Where control groups of version 2 are, and can be made."""
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        where, kind = line.split()[1:3]
        if kind == "cgroup2" and os.access(where, os.W_OK):
            return Path(where)
    return None


def why_not() -> str:
    """Why systemd cannot run here; empty when it can."""
    if not Path(PROGRAM).exists():
        return "there is no systemd"
    if _cgroups() is None:
        return "control groups of version 2 cannot be made here"
    return ""


class Systemd:
    """Process 1 and how to talk to it."""

    def __init__(self, where: Namespace, place: Path, config: str) -> None:
        self.where = where
        self.installed = Installed(place, config)
        self.config, self.saved = self.installed.config, self.installed.saved
        self.log = self.installed.log
        cgroups = _cgroups()
        assert cgroups is not None
        self.cgroup = cgroups / f"vipd-lab-{run_folder().name}"
        self.cgroup.mkdir()
        self._targets_make()
        words = ["env", f"CGROUP={self.cgroup}", f"PLACE={place}", "sh", "-c", PREPARE]
        self.process = Process(where, words, place / "systemd.log")
        try:
            deadline.until(self._answers, START_LIMIT_S, "systemd answers")
        except (RuntimeError, AssertionError):
            self.close()
            raise

    def _targets_make(self) -> None:
        for name in TARGETS:
            (self.installed.units / f"{name}.target").write_text(
                "[Unit]\nDefaultDependencies=no\n", "ascii")

    def _inside(self) -> int:
        """Process 1, as it is called outside: the child of unshare, once it is systemd."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            words = found.read_text(encoding="ascii").split()
        except OSError:
            return 0
        return int(words[0]) if words else 0

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command where systemd is; its root may be a chroot's."""
        return subprocess.run(["nsenter", "--mount", "--root", "--wd", "--pid", "--net",
                               f"--target={self._inside()}", *words], check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)

    def _answers(self) -> bool:
        self.process.require_running()
        return bool(self._inside()) and self.systemctl("is-active", "lab.target") == 0

    def systemctl(self, *words: str) -> int:
        """Run systemctl; its exit status."""
        return self.command("systemctl", *words).returncode

    def property(self, unit: str, name: str) -> str:
        """A property of a unit."""
        return self.command("systemctl", "show", "--property", name, "--value", unit).stdout.strip()

    def pid(self, unit: str) -> int:
        """The main process of a unit, as it is called inside."""
        return int(self.property(unit, "MainPID"))

    def kill(self, unit: str, number: signal.Signals) -> None:
        """Send the main process of a unit a signal, behind systemd's back."""
        self.command("kill", f"-{int(number)}", str(self.pid(unit)))

    def close(self) -> None:
        """End systemd and all that it has started, and take its control groups away."""
        inside = self._inside()
        if inside:
            os.kill(inside, signal.SIGKILL)
        self.process.child.wait()
        for folder, _, _ in os.walk(self.cgroup, topdown=False):
            deadline.until(lambda path=folder: _removed(path), START_LIMIT_S, f"{folder} is free")


def _removed(path: str) -> bool:
    try:
        os.rmdir(path)
    except OSError:
        return False
    return True
