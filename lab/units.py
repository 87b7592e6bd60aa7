# SPDX-License-Identifier: Apache-2.0
"""vipd as a package would install it, in a folder of the lab: programs, units, users, configuration.

The units are those of dist/ with the paths of the folder. A real systemd (lab/systemd.py) and our own
sandbox (lab/sandbox.py) run the same copies.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .containment import BUILD, ROOT
from .manager import USER

UNITS = ("vipd.service", "vipd-guard.service", "vipd-check.service", "vipd-check.socket")
PROGRAMS = ("vipd", "vipd-guard", "vipd-check", "vipd-check-https", "vip")
CHECK_USER = USER + 1
USERS = (("vipd", USER), ("vipd-check", CHECK_USER))


class Installed:
    """Where everything is. The folder's path must be short enough for a socket."""

    def __init__(self, place: Path, config: str) -> None:
        self.place = place
        self.config = place / "vipd.yaml"
        self.saved = place / "conf.d" / "saved.yaml"
        self.log = place / "vipd.log"
        self.units = place / "units"
        # Where the sandbox of the units lets them be seen, wherever the build folder is.
        self.programs = place / "bin"
        self.config.write_text(config, encoding="ascii")
        self._users_add()
        self._folders_make()
        for name in UNITS:
            (self.units / name).write_text(self._unit(name), "ascii")

    def _users_add(self) -> None:
        for name, more in (("passwd", "::/:/usr/sbin/nologin\n"), ("group", "\n")):
            shutil.copy(f"/etc/{name}", self.place / name)
            with open(self.place / name, "a", encoding="utf-8") as to:
                for user, number in USERS:
                    middle = f"{number}:{number}" if name == "passwd" else f"{number}:"
                    to.write(f"{user}:x:{middle}{more}")

    def _folders_make(self) -> None:
        folder = self.saved.parent
        folder.mkdir()
        os.chown(folder, 0, USER)
        folder.chmod(0o1775)
        self.units.mkdir()
        self.programs.mkdir()
        for name in PROGRAMS:
            shutil.copy(BUILD / name, self.programs / name)
        # What a process may do, for those who compare.
        shutil.copy(ROOT / "lab" / "trials.py", self.programs / "trials")

    def _unit(self, name: str) -> str:
        text = (ROOT / "dist" / "systemd" / name).read_text("ascii")
        log = f"StandardOutput=append:{self.log}\nStandardError=append:{self.log}\n"
        return (text.replace("=/usr/sbin/vipd", f"={self.programs}/vipd --config {self.config}")
                .replace("/usr/bin/vip ", f"{self.programs}/vip ")
                .replace("=/usr/libexec/vipd/", f"={self.programs}/")
                .replace("/etc/vipd/conf.d", str(self.saved.parent))
                .replace("[Service]\n", f"[Service]\n{log}"))

