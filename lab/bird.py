# SPDX-License-Identifier: Apache-2.0
"""BIRD, as a router or at the server, speaking RIP-2 with its default timers.

The same file serves both. A router passes on what it learns and its own networks; a server
announces the networks of its virtual board only, and prefers its first interface.
"""

from __future__ import annotations

import signal
from pathlib import Path

from . import deadline
from .namespace import Namespace, find_tool
from .process import Process

START_LIMIT_S = 10.0


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
        # What each interface of a router has beyond its name, such as its keys.
        self.speaker = ""
        # Networks that a router announces beyond its own.
        self.networks: list[str] = []
        self.process: Process | None = None
        # The interval of BFD with RIP neighbours, such as "50 ms"; three times; empty: none.
        self.bfd = ""

    def start_router(self, interfaces: list[str]) -> None:
        """Route between `interfaces`."""
        watch = "bfd on; " if self.bfd else ""
        speakers = "".join(f'  interface "{name}" {{ {watch}{self.speaker} }};\n'
                           for name in interfaces)
        direct = ", ".join(f'"{name}"' for name in interfaces)
        self._start(direct, f"""
protocol rip {{
  ipv4 {{ import all; export where source ~ [RTS_DEVICE, RTS_RIP, RTS_STATIC]; }};
{speakers}}}
""")

    def start_server(self, interfaces: list[str], board: str) -> None:
        """Announce what is bound to `board` on `interfaces`, the first of which is preferred."""
        speakers = "".join(f'  interface "{name}" {{ metric {cost}; }};\n'
                           for cost, name in enumerate(interfaces, start=1))
        self._start(f'"{board}"', f"""
protocol rip {{
  ipv4 {{ import all; export where source = RTS_DEVICE; }};
{speakers}}}
""")

    def _start(self, direct: str, protocol: str) -> None:
        self.config.write_text(f"""router id {self.router_id};
protocol device {{ scan time 10; }}
protocol direct {{ ipv4; interface {direct}; }}
protocol kernel {{ scan time 20; ipv4 {{ import none; export where source != RTS_DEVICE; }}; }}
{self._static()}{self._bfd()}{protocol}""", encoding="ascii")
        self.process = Process(self.where, [find_tool("bird"), "-f", "-c", str(self.config),
                                            "-s", str(self.control)], self.log)
        deadline.until(self._answers, START_LIMIT_S, f"BIRD on {self.where.name} answers")

    def _static(self) -> str:
        routes = "".join(f"  route {network} unreachable;\n" for network in self.networks)
        return f"protocol static {{ ipv4;\n{routes}}}\n" if routes else ""

    def _bfd(self) -> str:
        if not self.bfd:
            return ""
        return f"""log "{self.log}" all;
debug protocols {{ events, states }};
protocol bfd {{
  debug all;
  interface "*" {{ interval {self.bfd}; multiplier 3; }};
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
