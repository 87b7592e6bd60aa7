# SPDX-License-Identifier: Apache-2.0
"""Scripts of a NetWare business-continuance cluster, and a service that they move.

The scripts are those of a cluster resource for the volume HOMES: what only means something on
NetWare stands between the lines that are about the address.

    cluster = Cluster(scene, folder)
    cluster.boot()
    cluster.load(scene.old)
    cluster.move(scene.old, scene.new)
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from .move import TwoServers
from .server import VipdServer
from .topology import VIP

AUTOEXEC = """\
# AUTOEXEC.NCF of each node
SET TIME ZONE = EST5EDT
LOAD VNIC NAME=VNIC
SET RIP2 AGGREGATION OVERRIDE=ON
LOAD NILE.NLM
"""

LOAD = f"""\
nss /poolactivate=HOMES
mount HOMES VOLID=254
CLUSTER CVSBIND ADD BCC_HOMES_SERVER {VIP}
NUDP ADD BCC_HOMES_SERVER {VIP}
BIND IP VNIC Mask=255.255.255.255 Address={VIP}
"""

UNLOAD = f"""\
UNBIND IP VNIC Address={VIP}
CLUSTER CVSBIND DEL BCC_HOMES_SERVER {VIP}
NUDP DEL BCC_HOMES_SERVER {VIP}
nss /pooldeactivate=HOMES /overridetype=question
"""


def write(folder: Path, name: str, text: str) -> Path:
    """A script in a file, with the line ends of DOS."""
    path = folder / name
    path.write_text(text.replace("\n", "\r\n"), encoding="latin-1", newline="")
    return path


def run(server: VipdServer, script: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a script on a server; it may well fail."""
    return server.attempt(*words, "run-ncf", str(script))


class Cluster:
    """The scripts of one resource, run as a cluster runs them."""

    def __init__(self, scene: TwoServers, folder: Path) -> None:
        self.scene = scene
        self.autoexec = write(folder, "AUTOEXEC.NCF", AUTOEXEC)
        self.load_script = write(folder, "LOAD.NCF", LOAD)
        self.unload_script = write(folder, "UNLOAD.NCF", UNLOAD)

    @staticmethod
    def _require(done: subprocess.CompletedProcess[str]) -> None:
        if done.returncode != 0:
            raise RuntimeError(f"a script failed: {done.stderr}")

    def boot(self) -> None:
        """What both nodes do when they start."""
        for server in (self.scene.old, self.scene.new):
            self._require(run(server, self.autoexec))

    def load(self, server: VipdServer) -> None:
        """Bring the resource up on a node."""
        self._require(run(server, self.load_script))

    def unload(self, server: VipdServer) -> None:
        """Take the resource down on a node."""
        self._require(run(server, self.unload_script))

    def move(self, source: VipdServer, target: VipdServer) -> float:
        """Move the resource in the order of a cluster; returns when it began."""
        begin = time.monotonic()
        self.unload(source)
        self.load(target)
        return begin
