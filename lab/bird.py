# SPDX-License-Identifier: Apache-2.0
"""BIRD, as a router or at the server, speaking RIP with its default timers, or BGP for scale.

The same file serves both. A router passes on what it learns and its own networks; a server
announces the networks of its virtual board only, and prefers its first interface.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from . import deadline
from .namespace import Namespace, find_tool
from .ospf import Ospf
from .process import Process

START_LIMIT_S = 10.0


@dataclass(frozen=True)
class BgpSession:
    """One neighbour of another system, on a network of both."""

    local: str
    system: int
    neighbor: str
    neighbor_system: int


class Bird:
    """One BIRD daemon."""

    name = "BIRD"

    def __init__(self, where: Namespace, scratch: Path, router_id: str) -> None:
        self.where = where
        self.config = scratch / f"{where.name}-bird.conf"
        self.log = scratch / f"{where.name}-bird.log"
        # The path of a Unix socket must be short, the build folder's need not be.
        self.control = Path(f"/run/bird-{where.name}.ctl")
        self.router_id = router_id
        # What it routes; with ipv6 it speaks RIPng too.
        self.families: Sequence[str] = ("ipv4",)
        # What each interface has beyond its name, such as its keys.
        self.speaker = ""
        # Networks that a router announces beyond its own.
        self.networks: list[str] = []
        self.process: Process | None = None
        # The interval of BFD with RIP neighbours, such as "50 ms"; three times; empty: none.
        self.bfd = ""
        # What else its sessions have, such as a password.
        self.bfd_more = ""
        # Its neighbours when it speaks BGP and no RIP; a server prefers the first.
        self.bgp: Sequence[BgpSession] = ()
        # How it speaks OSPF, and no RIP.
        self.ospf: Ospf | None = None

    def start_router(self, interfaces: list[str]) -> None:
        """Route between `interfaces`."""
        direct = ", ".join(f'"{name}"' for name in interfaces)
        self._start(direct, self._sessions("source ~ [RTS_DEVICE, RTS_BGP]", step=0)
                    or self._ospf("source = RTS_STATIC", interfaces)
                    or self._rip("source ~ [RTS_DEVICE, RTS_RIP, RTS_STATIC]",
                                 dict.fromkeys(interfaces, 1)))

    def start_server(self, interfaces: list[str], board: str) -> None:
        """Announce what is bound to `board` on `interfaces`, the first of which is preferred."""
        costs = {name: cost for cost, name in enumerate(interfaces, start=1)}
        self._start(f'"{board}"', self._sessions("source = RTS_DEVICE", step=10)
                    or self._ospf("source = RTS_DEVICE", interfaces, board)
                    or self._rip("source = RTS_DEVICE", costs))

    def route_ipv6(self) -> None:
        """Route IPv6 too, from the next start on."""
        self.families = ("ipv4", "ipv6")

    def _ospf(self, export: str, interfaces: list[str], board: str = "") -> str:
        if self.ospf is None:
            return ""
        if not (self.ospf.stub and board):
            return self.ospf.bird(interfaces, export)
        return self.ospf.bird(interfaces, "false", board)

    def _rip(self, export: str, costs: dict[str, int]) -> str:
        """RIP-2 and, for IPv6, RIPng. One way at a time: what goes there fails as a whole."""
        watch = "bfd on; " if self.bfd else ""
        speakers = "".join(f'  interface "{name}" {{ metric {cost}; {watch}{self.speaker} }};\n'
                           for name, cost in costs.items())
        return "".join(f"""
protocol rip{" ng" if family == "ipv6" else ""} {{
  ecmp off;
  {family} {{ import all; export where {export}; }};
{speakers}}}
""" for family in self.families)

    def _start(self, direct: str, protocol: str) -> None:
        kernel = "".join(f"""
protocol kernel {{ scan time 20; {family} {{ import none; export where source != RTS_DEVICE; }}; }}
""" for family in self.families)
        told = ("log stderr all;\ndebug protocols { events, states };\n"
                if self.bfd or self.ospf else "")
        self.config.write_text(f"""{told}router id {self.router_id};
protocol device {{ scan time 10; }}
protocol direct {{ {"; ".join(self.families)}; interface {direct}; }}
{kernel}{self._static()}{self._bfd()}{protocol}""", encoding="ascii")
        self.start_again()

    def start_again(self) -> None:
        """Start the daemon with the configuration that it has."""
        self.process = Process(self.where, [find_tool("bird"), "-f", "-c", str(self.config),
                                            "-s", str(self.control)], self.log)
        deadline.until(self._answers, START_LIMIT_S, f"BIRD on {self.where.name} answers")

    def rewrite(self, before: str, after: str) -> None:
        """Change something in the configuration; the daemon does not know of it yet."""
        text = self.config.read_text(encoding="ascii")
        assert before in text
        self.config.write_text(text.replace(before, after), encoding="ascii")

    def _sessions(self, export: str, step: int) -> str:
        """The BGP sessions, each less preferred than the one before by a step."""
        return "".join(f"""
protocol bgp {{
  local {session.local} as {session.system};
  neighbor {session.neighbor} as {session.neighbor_system};
  direct; connect delay time 1; connect retry time 2; error wait time 1, 2;
  {"bfd on;" if self.bfd else ""}
  ipv4 {{
    import filter {{ bgp_local_pref = {100 - step * number}; accept; }};
    export where {export};
  }};
}}
""" for number, session in enumerate(self.bgp))
    def _static(self) -> str:
        routes = "".join(f"  route {network} unreachable;\n" for network in self.networks)
        return f"protocol static {{ ipv4;\n{routes}}}\n" if routes else ""

    def _bfd(self) -> str:
        if not self.bfd:
            return ""
        return f"""protocol bfd {{
  debug all;
  interface "*" {{ interval {self.bfd}; multiplier 3; {self.bfd_more} }};
}}"""

    def _answers(self) -> bool:
        assert self.process is not None
        self.process.require_running()
        return self.control.exists() and "Daemon is up" in self.ask("show status")

    def ask(self, question: str) -> str:
        """What birdc answers."""
        return self.where.run(find_tool("birdc"), "-s", str(self.control), question, check=False)

    def route_count(self) -> int:
        """How many routes BIRD has in its own table."""
        words = self.ask("show route count").split()
        return int(words[words.index("of") + 1]) if "of" in words else 0

    def log_text(self) -> str:
        """All that the daemon has said, in this life and in earlier ones."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def pids(self) -> list[int]:
        """The process ids of the daemon."""
        return [self.process.pid] if self.process is not None else []

    def signal(self, number: signal.Signals) -> None:
        """Send the daemon a signal."""
        if self.process is not None:
            self.process.signal(number)

    def kill(self) -> None:
        """End the daemon without a chance to say good-bye."""
        if self.process is not None:
            self.process.kill()
            self.control.unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the daemon cleanly."""
        if self.process is not None:
            self.process.stop()
            self.process = None
