# SPDX-License-Identifier: Apache-2.0
"""vipd and its helpers as their units let them run, without systemd (lab/sandbox.py)."""

from __future__ import annotations

import subprocess
from pathlib import Path

from . import deadline
from .containment import ROOT
from .manager import SHOW_CGROUPS, Manager
from .namespace import Namespace
from .process import Process
from .server import VipdServer
from .units import Installed

PATIENCE_S = 20.0
CHECKS = Path("/run/vipd-check.sock")


class SandboxedServer(VipdServer):
    """A VIP kept by vipd, its guard and the place of its checks, each in the sandbox of its unit.

    There is one at a time: it has the paths that the units have.
    """

    def __init__(self, where: Namespace, interfaces: list[str], place: Path) -> None:
        super().__init__(where, interfaces, place)
        place.chmod(0o755)
        self.installed = Installed(place, "")
        self.socket = Path("/run/vipd/vipd.sock")
        self.manager = Manager(place / "notify")
        self.guard: Process | None = None
        self.checks: Process | None = None

    def words(self, unit: str, *rest: str) -> list[str]:
        """What runs a unit's program, or a command, in the unit's sandbox."""
        return [*SHOW_CGROUPS, *self.manager.environment(), "/usr/bin/python3", "-B",
                str(ROOT / "lab" / "sandbox.py"), str(self.installed.units / unit),
                str(self.installed.place), *rest]

    def configure(self) -> None:
        """Write the configuration, readable by the service."""
        super().configure()
        self.config.chmod(0o644)

    def spawn(self) -> None:
        """Start what the units start."""
        if self.guard is None:
            self.guard = Process(self.where, self.words("vipd-guard.service"),
                                 self.installed.place / "guard.log")
            deadline.until(lambda: self.manager.said("READY=1"), PATIENCE_S, "the guard is ready")
        # The first check comes after vipd, and only then its place is started on a machine.
        Path("/run/vipd").mkdir(exist_ok=True)
        if self.checks is None and (self.installed.units / "vipd-check.service").exists():
            self.checks = Process(self.where, self.words("vipd-check.service"),
                                  self.installed.place / "check.log")
            deadline.until(CHECKS.exists, PATIENCE_S, "checks have a place")
        self.process = Process(self.where, self.words("vipd.service"), self.installed.log)

    def do(self, key: str) -> subprocess.CompletedProcess[str]:
        """Carry out ExecReload or ExecStop as the unit says."""
        return self.where.attempt(*self.words("vipd.service", key))

    def within(self, unit: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the sandbox of a unit."""
        return self.where.attempt(*self.words(unit, "--", *words))

    def stop(self) -> None:
        """Stop all, in the units' order."""
        super().stop()
        for each in (self.checks, self.guard):
            if each is not None:
                each.stop()
        self.checks = self.guard = None
        CHECKS.unlink(missing_ok=True)

    def logs(self) -> str:
        """All that they have said."""
        return "".join(path.read_text("utf-8", "replace")
                       for path in sorted(self.installed.place.glob("*.log")))
