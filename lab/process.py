# SPDX-License-Identifier: Apache-2.0
"""One program of the lab: started in a namespace, logged to a file, stopped by its process id.

Nothing is ever stopped by name: another daemon of that name may belong to the user.
"""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Sequence

from .namespace import Namespace

STOP_LIMIT_S = 10.0


class Process:
    """A daemon in the foreground, whose output goes to a file of its own."""

    def __init__(self, where: Namespace, words: Sequence[str], log: Path) -> None:
        self.log = log
        self.words = list(words)
        with open(log, "ab") as output:
            self.child = subprocess.Popen(where.command(*words), stdin=subprocess.DEVNULL,
                                          stdout=output, stderr=subprocess.STDOUT)

    @property
    def pid(self) -> int:
        """The daemon's process id: nsenter replaces itself by the daemon."""
        return self.child.pid

    def running(self) -> bool:
        """Say whether the daemon still lives."""
        return self.child.poll() is None

    def require_running(self) -> None:
        """Raise with the end of its log if the daemon has ended."""
        if not self.running():
            raise RuntimeError(f"{self.words[0]} ended with {self.child.returncode}:\n"
                               + self.log_text()[-2000:])

    def signal(self, number: signal.Signals) -> None:
        """Send a signal if the daemon still lives."""
        if self.running():
            self.child.send_signal(number)

    def stop(self) -> int:
        """Ask the daemon to end, and insist after a while."""
        self.signal(signal.SIGTERM)
        try:
            return self.child.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()

    def kill(self) -> None:
        """End the daemon without a chance to say good-bye."""
        self.child.kill()
        self.child.wait()

    def log_text(self) -> str:
        """All that the daemon has said."""
        return self.log.read_text(encoding="utf-8", errors="replace")
