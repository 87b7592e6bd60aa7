# SPDX-License-Identifier: Apache-2.0
"""The network of figure 2 in both families, with a BIRD and an FRR router, vipd, and a disk.

The disk is a small tmpfs over vipd's state directory: it can be filled, made read-only, and
damaged. It lives in the mount namespace of the containment and goes with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from lab import deadline, guard
from lab.bird import Bird
from lab.frr import Frr
from lab.namespace import find_tool
from lab.network import Network
from lab.probe import Echo, UdpProbe
from lab.server import VipdServer
from lab.topology import CLIENT, SERVER, figure_two, in_both_families

from .model import ANCHOR, Model

LANS = {"r1": "la", "r2": "lb"}
BOARD = "vnic0"
DISK_BYTES = 512 * 1024
START_LIMIT_S = 60.0
PROBE_RATE = 200
# Room for several rescues in a row, given back within seconds: failures come more often here than
# anywhere else.
SETTINGS = "rip: {metric: 7, update: 5s}\nguard: {grace: 2s}\n"
HEADROOM = 3
# What is taken away more often than that is left to whoever does it.
FIGHT_S = 12.0
FIGHT_DAMAGES = 4


class World:
    """Everything that an action can be done to."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.model = Model()
        self.network = Network(in_both_families(figure_two()))
        self.server = self.network.nodes[SERVER]
        # Else Linux takes the new address with the old one.
        self.server.sysctl({"net.ipv4.conf.all.promote_secondaries": "1"})
        self.routers: dict[str, Bird | Frr] = {
            "r1": Bird(self.network.nodes["r1"], scratch, "10.0.0.1"),
            "r2": Frr(self.network.nodes["r2"], scratch, "10.0.0.2")}
        self.vipd = VipdServer(self.server, ["eth1", "eth2"], scratch, (ANCHOR,))
        self.vipd.speaker = "rip: {}, ripng: {}"
        self.vipd.settings = SETTINGS
        self.state = scratch / "vipd-state"
        self.filler = self.state / "filler"
        # Who was killed by us; any other death by a signal is a finding.
        self.killed: set[int] = set()
        self.damaged: list[float] = []
        self.echo: Echo | None = None

    def __enter__(self) -> World:
        self.state.mkdir(mode=0o700)
        self._mount(f"size={DISK_BYTES}")
        for name in self.routers:
            self.start_router(name)
        self.vipd.start()
        self.echo = Echo(self.server, ANCHOR)
        return self

    def __exit__(self, *_: object) -> None:
        self.heal_disk()
        for stop in (*(router.stop for router in self.routers.values()), self.vipd.stop):
            stop()
        if self.echo is not None:
            self.echo.stop()
        subprocess.run([find_tool("umount"), "--lazy", str(self.state)], check=False)
        self.network.close()

    def _mount(self, *options: str) -> None:
        words = ",".join((*options, "mode=0700"))
        subprocess.run([find_tool("mount"), "-t", "tmpfs", "-o", words, "tmpfs", str(self.state)],
                       check=True)

    def start_router(self, name: str) -> None:
        """Start a router's daemon, for the first time or again."""
        self.routers[name].route_ipv6()
        ports = self.network.topology.ports_of(name)
        self.routers[name].start_router([port.interface for port in ports])

    def write_config(self, text: str = "") -> None:
        """Write the file as the model has it, or as it is given."""
        self.vipd.addresses = self.model.in_file
        self.vipd.configure()
        if text:
            self.vipd.config.write_text(text, encoding="ascii")

    def fill_disk(self) -> None:
        """Let nothing more be written."""
        with open(self.filler, "ab", buffering=0) as file:
            for size in (65536, 4096, 256, 1):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError:
                    continue

    def lock_disk(self) -> None:
        """Make the disk read-only, as a kernel does that has met an error on it."""
        self._mount("remount", "ro")

    def heal_disk(self) -> None:
        """Let everything be written again."""
        subprocess.run([find_tool("mount"), "-o", "remount,rw", str(self.state)], check=False)
        self.filler.unlink(missing_ok=True)

    def kill(self) -> None:
        """End vipd without a word."""
        assert self.vipd.process is not None
        self.killed.add(self.vipd.process.pid)
        self.vipd.kill()

    def require_alive(self) -> None:
        """Raise when vipd has ended and nobody asked it to."""
        assert self.vipd.process is not None
        if self.vipd.process.pid not in self.killed:
            self.vipd.process.require_running()

    def guards(self) -> list[int]:
        """The process ids of the guards of vipd's state directory."""
        return guard.guards(self.state)

    def signal_guard(self, number: signal.Signals) -> None:
        """Send the guard a signal, where there is one."""
        for pid in self.guards():
            os.kill(pid, number)

    def probe(self) -> UdpProbe:
        """A client that asks the anchor, and is answered when this returns."""
        probe = UdpProbe(self.network.nodes[CLIENT], ANCHOR, PROBE_RATE)
        deadline.until(lambda: probe.last("at"), START_LIMIT_S, "the client's probe runs")
        deadline.until(lambda: (probe.last("at") or {}).get("replies", 0) > 0, START_LIMIT_S,
                       "the client is answered")
        return probe

    def routed(self, router: str, address: str) -> str:
        """The interface by which a router reaches a VIP; empty when it does not."""
        length = 128 if ":" in address else 32
        routes = self.network.nodes[router].route(f"{address}/{length}")
        return str(routes[0].get("dev", "")) if routes else ""

    def has_headroom(self, interface: str) -> bool:
        """Say whether routers behind it could be won over by a better metric on the other one."""
        other = "eth2" if interface == "eth1" else "eth1"
        return int(self.vipd.interface(other)["rip"]["metric"]) > HEADROOM

    def may_damage(self) -> bool:
        """Say whether one more damage by hand is put right at once, and note it."""
        now = time.monotonic()
        self.damaged = [each for each in self.damaged if now - each < FIGHT_S]
        if len(self.damaged) >= FIGHT_DAMAGES:
            return False
        self.damaged.append(now)
        return True

    def held(self) -> set[str]:
        """What the kernel holds on the board."""
        links = self.server.ip_json("address", "show", "dev", BOARD)
        return {each["local"] for link in links for each in link.get("addr_info", ())
                if each.get("scope") != "link"}

    def status(self) -> dict[str, Any]:
        """How vipd says that it is."""
        return self.vipd.ask("status")
