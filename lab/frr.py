# SPDX-License-Identifier: Apache-2.0
"""FRR's zebra, ripd and ripngd, as a router or at the server, with RIP's default timers.

Each set gets a directory of its own for its sockets, since FRR's default one belongs to the
machine. It lies on the private /run: the path of a Unix socket must be short, and the daemons,
which give up root for their own user, may not be able to read below the build folder.
"""

from __future__ import annotations

import shutil
import signal
import socket
from pathlib import Path

from . import deadline
from .namespace import Namespace, find_tool
from .ospf import Ospf
from .process import Process

DAEMONS = "/usr/lib/frr"
USER = "frr"
START_LIMIT_S = 15.0


class Frr:
    """One set of FRR daemons."""

    name = "FRR"

    def __init__(self, where: Namespace, scratch: Path, router_id: str) -> None:
        self.where = where
        self.scratch = scratch
        self.directory = Path(f"/run/frr-{where.name}")
        self.router_id = router_id
        self.version = 2
        # Whether it routes IPv6 too, with ripngd.
        self.ipv6 = False
        # What a router has beside its RIP, such as key chains, and on each of its interfaces.
        self.prologue = ""
        self.speaker = ""
        # Its timers as ripd has them, such as "5 5 5"; empty: its own.
        self.timers = ""
        # What a router has in its RIP beyond its networks.
        self.more = ""
        # How it speaks OSPF, and no RIP.
        self.ospf: Ospf | None = None
        self.processes: list[Process] = []

    def start_router(self, interfaces: list[str]) -> None:
        """Route between `interfaces`."""
        if self.ospf is not None:
            self._start_ospf(self.ospf, interfaces)
            return
        speakers = "".join(f"interface {name}\n{self.speaker}" for name in interfaces)
        networks = "".join(f" network {name}\n" for name in interfaces)
        self._start(f"{self.prologue}{speakers if self.speaker else ''}"
                    f"router rip\n version {self.version}\n{self._timers()}{networks}{self.more}",
                    f"router ripng\n{self._timers()}{networks}")

    def start_server(self, interfaces: list[str], board: str) -> None:
        """Announce what is bound to `board` on `interfaces`, the first of which is preferred."""
        if self.ospf is not None:
            if self.ospf.stub:
                self._start_ospf(self.ospf, interfaces, board=board)
                return
            self._start_ospf(self.ospf, interfaces, f"""route-map board permit 10
 match interface {board}
exit
""", " redistribute connected route-map board\n")
            return
        offsets = "".join(f" offset-list any in {cost} {name}\n"
                          for cost, name in enumerate(interfaces) if cost > 0)
        networks = "".join(f" network {name}\n" for name in (*interfaces, board))
        own = f"{networks} passive-interface {board}\n{offsets}"
        self._start(f"access-list any seq 5 permit any\nrouter rip\n version 2\n"
                    f"{self._timers()}{own}",
                    f"ipv6 access-list any seq 5 permit any\nrouter ripng\n{self._timers()}{own}")

    def route_ipv6(self) -> None:
        """Route IPv6 too, from the next start on."""
        self.ipv6 = True

    def _start_ospf(self, ospf: Ospf, interfaces: list[str], maps: str = "", own: str = "",
                    board: str = "") -> None:
        self._start_zebra()
        if ospf.bfd_ms:
            self._start_bfdd(ospf.frr_bfd())
        for version in ospf.versions:
            self._start_daemon("ospfd" if version == 2 else "ospf6d", self.prologue + maps
                               + ospf.frr(interfaces, self.router_id, version, board) + own
                               + self.more)

    def _timers(self) -> str:
        return f" timers basic {self.timers}\n" if self.timers else ""

    def _start_zebra(self) -> None:
        self.directory.mkdir(exist_ok=True)
        shutil.chown(self.directory, USER, USER)
        self._start_daemon("zebra", f"ip router-id {self.router_id}\n")

    def _start(self, rip: str, ripng: str) -> None:
        self._start_zebra()
        self._start_daemon("ripd", rip)
        if self.ipv6:
            self._start_daemon("ripngd", ripng)

    def start_bfd(self, interface: str, local: str, peer: str, interval_ms: int) -> None:
        """Watch one peer with BFD, three times the interval. It asks nobody else to believe it."""
        self._start_bfdd(f"""bfd
 peer {peer} local-address {local} interface {interface}
  detect-multiplier 3
  receive-interval {interval_ms}
  transmit-interval {interval_ms}
""")

    def _start_bfdd(self, config: str) -> None:
        self._start_daemon("bfdd", config, "--bfdctl", str(self.directory / "bfdd.sock"))

    def _start_daemon(self, daemon: str, config: str, *options: str) -> None:
        stem = f"{self.where.name}-{daemon}"
        path = self.directory / f"{daemon}.conf"
        path.write_text(f"hostname {self.where.name}\n{config}", encoding="ascii")
        process = Process(self.where, [
            f"{DAEMONS}/{daemon}", "-f", str(path), "-u", USER, "-g", USER, "-P", "0",
            "-i", str(self.directory / f"{daemon}.pid"), "-z", str(self.directory / "zserv.api"),
            "--vty_socket", str(self.directory), *options], self.scratch / f"{stem}.log")
        self.processes.append(process)

        def listening() -> bool:
            process.require_running()
            # A ripd that finds zebra deaf comes back only ten seconds later.
            return (self.directory / f"{daemon}.vty").exists() and self._zebra_listens()

        deadline.until(listening, START_LIMIT_S, f"{daemon} on {self.where.name} answers")

    def _zebra_listens(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            return client.connect_ex(str(self.directory / "zserv.api")) == 0

    def ask(self, question: str) -> str:
        """What vtysh answers. It would keep what it was asked in the home of its user."""
        return self.where.run("env", "VTYSH_HISTFILE=/dev/null", find_tool("vtysh"),
                              "--vty_socket", str(self.directory), "-c", question, check=False)

    def log_text(self) -> str:
        """All that the daemons have said, in this life and in earlier ones."""
        return "".join(path.read_text(encoding="utf-8", errors="replace")
                       for path in sorted(self.scratch.glob(f"{self.where.name}-*.log")))

    def configure(self, *lines: str) -> None:
        """Configure a daemon while it runs."""
        words = [word for line in ("configure terminal", *lines) for word in ("-c", line)]
        self.where.run("env", "VTYSH_HISTFILE=/dev/null", find_tool("vtysh"),
                       "--vty_socket", str(self.directory), *words)

    def pids(self) -> list[int]:
        """The process ids of the daemons."""
        return [process.pid for process in self.processes]

    def signal(self, number: signal.Signals) -> None:
        """Send both daemons a signal, ripd first so that it can still use zebra."""
        for process in reversed(self.processes):
            process.signal(number)

    def kill(self) -> None:
        """End both daemons without a good-bye; what they left is not taken for them."""
        for process in self.processes:
            process.kill()
        self.processes = []
        for left in (*self.directory.glob("*.vty"), *self.directory.glob("*.api")):
            left.unlink()

    def stop(self) -> None:
        """Stop the daemons cleanly, ripd first so that it can still use zebra."""
        for process in reversed(self.processes):
            process.stop()
        self.processes = []
