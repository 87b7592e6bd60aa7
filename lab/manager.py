# SPDX-License-Identifier: Apache-2.0
"""A stand-in for a service manager: hears what a daemon says by sd_notify(3), and with what powers
it starts one.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

# A user that is in no list of users, and all that vipd.service lets it do.
USER = 61234
CAPABILITIES = ("net_admin", "net_raw", "net_bind_service", "sys_nice", "bpf", "perfmon")

# A service sees the control groups; `ip netns exec` puts a new /sys over them. The mount is in the
# namespace of mounts that it makes for the command, and goes with it.
SHOW_CGROUPS = ["sh", "-c", 'mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null; exec "$@"', "sh"]


def may_lift_limits() -> bool:
    """Say whether a limit of memory that may be locked can be lifted here, as a unit does."""
    return subprocess.run(["prlimit", "--memlock=unlimited", "true"], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


def unprivileged() -> list[str]:
    """The words in front of a command that let it run as vipd.service does."""
    wanted = ",".join(f"+{name}" for name in CAPABILITIES)
    limits = ["prlimit", "--memlock=unlimited"] if may_lift_limits() else []
    return [*SHOW_CGROUPS, *limits, "setpriv", f"--reuid={USER}", f"--regid={USER}",
            "--clear-groups", "--no-new-privs", f"--bounding-set=-all,{wanted}",
            f"--inh-caps=-all,{wanted}", f"--ambient-caps=-all,{wanted}"]


@dataclass(frozen=True)
class Heard:
    """One message."""

    at: float
    lines: tuple[str, ...]


class Manager:
    """The socket that NOTIFY_SOCKET names, and all that came to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: list[Heard] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        os.chmod(path, 0o777)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            text = self._socket.recv(4096).decode("utf-8")
            self.heard.append(Heard(time.monotonic(), tuple(text.splitlines())))

    def environment(self, watchdog_s: float | None = None) -> list[str]:
        """The words in front of a command that give it this manager."""
        words = ["env", f"NOTIFY_SOCKET={self.path}"]
        if watchdog_s is not None:
            words.append(f"WATCHDOG_USEC={int(watchdog_s * 1e6)}")
        return words

    def said(self, line: str, since: float = 0.0) -> list[float]:
        """When a line was heard."""
        return [each.at for each in list(self.heard) if each.at >= since and line in each.lines]

    def lines(self) -> list[str]:
        """All lines but the signs of life, in their order."""
        return [line for each in list(self.heard) for line in each.lines if line != "WATCHDOG=1"]
