# SPDX-License-Identifier: Apache-2.0
"""Who looks after the address at the server.

Four keepers with one surface, so that a scene does not care which one it has:

    static   nobody: the physical address of figure 1
    bird     an empty bridge as the board, the address put on it by hand, BIRD to announce it
    frr      the same with FRR
    vipd     vipd alone does it all

The peers hold the address as their manuals have it: on an interface without hardware. This is
an empty bridge, because not every kernel has the dummy driver.
"""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any, Sequence

from . import deadline
from .bird import Bird
from .frr import Frr
from .namespace import Namespace
from .process import Process
from .scratch import program
from .states import TOLD
from .topology import PHYSICAL, PHYSICAL6, VIP, host_prefix

KINDS = ("static", "bird", "frr", "vipd")
PEER_BOARD = "vip0"
START_LIMIT_S = 10.0


class StaticServer:
    """A server that has its physical addresses and nothing else."""

    name = "no VIP"

    def __init__(self, address: str = PHYSICAL) -> None:
        self.address = address

    def start(self) -> None:
        """Nothing needs to run."""

    def stop(self) -> None:
        """Nothing runs."""

    def signal(self, number: signal.Signals) -> None:
        """Nothing runs."""

    def pids(self) -> list[int]:
        """Nothing runs."""
        return []


class PeerServer:
    """A VIP kept by hand, announced by a routing daemon."""

    def __init__(self, daemon: Bird | Frr, where: Namespace, interfaces: list[str],
                 addresses: Sequence[str] = (VIP,)) -> None:
        self.name = daemon.name
        self.daemon = daemon
        self.where = where
        self.interfaces = interfaces
        self.addresses = addresses
        self.address = next(iter(addresses), VIP)

    def start(self) -> None:
        """Make the board, bind the address, start the daemon."""
        self.where.batch([f"link add {PEER_BOARD} type bridge", f"link set {PEER_BOARD} up"])
        for address in self.addresses:
            self.bind(address)
        self.daemon.start_server(self.interfaces, PEER_BOARD)

    def bind(self, address: str) -> None:
        """Put an address on the board."""
        self.where.ip("address", "add", host_prefix(address), "dev", PEER_BOARD)

    def unbind(self, address: str) -> None:
        """Take an address off the board."""
        self.where.ip("address", "del", host_prefix(address), "dev", PEER_BOARD)

    def kill(self) -> None:
        """End the routing daemon without a chance to say good-bye; the address stays."""
        self.daemon.kill()

    def restart(self) -> None:
        """Start the routing daemon again."""
        self.daemon.start_server(self.interfaces, PEER_BOARD)

    def signal(self, number: signal.Signals) -> None:
        """Send the routing daemon a signal."""
        self.daemon.signal(number)

    def stop(self) -> None:
        """Stop the routing daemon cleanly."""
        self.daemon.stop()

    def pids(self) -> list[int]:
        """The process ids of the routing daemon."""
        return self.daemon.pids()


class VipdServer:
    """A VIP kept by vipd."""

    name = "vipd"

    def __init__(self, where: Namespace, interfaces: list[str], scratch: Path,
                 addresses: Sequence[str] = (VIP,)) -> None:
        self.where = where
        self.scratch = scratch
        self.config = scratch / "vipd.yaml"
        # What the configuration says beyond the VIPs and how each interface speaks.
        self.settings = ""
        # What each VIP has beyond its address, such as ", check: web".
        self.keys = ""
        self.speaker = "rip: {}"
        self.options: Sequence[str] = ()
        # What is in front of it on the command line; it must become vipd, not have it as a child.
        self.wrapper: Sequence[str] = ()
        self.interfaces = interfaces
        self.addresses = addresses
        self.address = next(iter(addresses), VIP)
        # The path of a Unix socket must be short, the build folder's need not be.
        self.socket = Path(f"/run/vipd-{where.name}.sock")
        self.process: Process | None = None

    def start(self) -> None:
        """Start vipd and wait until it answers and has all its VIPs."""
        self.configure()
        self.launch()
        deadline.until(self._ready, START_LIMIT_S, "vipd answers and announces its VIPs")

    def configure(self) -> None:
        """Write the configuration."""
        vips = "".join(f"  - {{address: {host_prefix(address)}{self.keys}}}\n"
                       for address in self.addresses)
        speakers = "".join(f'  "{name}": {{{self.speaker}}}\n' for name in self.interfaces)
        self.config.write_text((f"vips:\n{vips}" if vips else "")
                               + f"interfaces:\n{speakers}{self.settings}", encoding="ascii")

    def launch(self) -> None:
        """Start vipd and wait for nothing but its first answer."""
        self.spawn()
        deadline.until(self._answers, START_LIMIT_S, "vipd answers")

    def spawn(self) -> None:
        """Start vipd and wait for nothing at all."""
        self.process = Process(self.where, [
            *self.wrapper, program("vipd"),
            "--config", str(self.config), "--socket", str(self.socket),
            "--state-dir", str(self.scratch / "vipd-state"), *self.options],
            self.scratch / "vipd.log")

    def _answers(self) -> bool:
        assert self.process is not None
        self.process.require_running()
        return self.socket.exists() and self.attempt("status").returncode == 0

    def _ready(self) -> bool:
        assert self.process is not None
        self.process.require_running()
        vips = self.vips()
        return (len(vips) == len(self.addresses)
                and all(vip["state"] in TOLD for vip in vips))

    def command(self, *words: str) -> list[str]:
        """The words of a `vip` command for this daemon."""
        return [program("vip"), "--socket", str(self.socket), *words]

    def vip(self, *words: str) -> str:
        """Run the `vip` command and return what it printed."""
        return self.where.run(*self.command(*words))

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the `vip` command where it may be refused, and return how it ended."""
        return self.where.attempt(*self.command(*words))

    def ask(self, *words: str) -> dict[str, Any]:
        """Run the `vip` command and return its JSON."""
        answer: dict[str, Any] = json.loads(self.vip("--json", *words))
        return answer

    def scrape(self) -> str:
        """What Prometheus gets: GET /metrics over the daemon's socket."""
        connection = http.client.HTTPConnection("vipd")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.socket))
        connection.request("GET", "/metrics")
        with connection.getresponse() as answer:
            assert answer.status == 200
            return answer.read().decode()

    def vips(self) -> list[dict[str, Any]]:
        """The VIPs that vipd has, with their states."""
        return [vip for vip in self.ask("list")["vips"] if vip["state"] != "absent"]

    def show(self, address: str) -> dict[str, Any]:
        """What vipd says of one VIP."""
        found: dict[str, Any] = self.ask("show", address)["vips"][0]
        return found

    def interface(self, name: str) -> dict[str, Any]:
        """What vipd says of one interface, empty when it has none of that name."""
        return next((each for each in self.ask("interfaces")["interfaces"]
                     if each["name"] == name), {})

    def neighbors(self) -> list[dict[str, Any]]:
        """The neighbours that vipd hears."""
        return [row for row in self.ask("neighbors")["neighbors"] if "version" in row]

    def sessions(self) -> list[dict[str, Any]]:
        """The sessions by which it watches them."""
        return [row for row in self.ask("neighbors")["neighbors"] if "version" not in row]

    def bind(self, address: str) -> None:
        """Bind an address, with a host mask unless it has one."""
        self.vip("bind", address)

    def unbind(self, address: str) -> None:
        """Unbind an address."""
        self.vip("unbind", address)

    def stop(self) -> None:
        """Stop vipd cleanly."""
        if self.process is not None:
            self.process.stop()
            self.process = None

    def kill(self) -> None:
        """End vipd without a chance to say good-bye."""
        assert self.process is not None
        self.process.kill()

    def restart(self) -> None:
        """Start vipd again, with the configuration and the state that it had."""
        self.launch()

    def signal(self, number: signal.Signals) -> None:
        """Send vipd a signal."""
        assert self.process is not None
        self.process.signal(number)

    def pids(self) -> list[int]:
        """The process id of vipd."""
        return [self.process.pid] if self.process is not None else []


Server = StaticServer | PeerServer | VipdServer


def make_server(kind: str, where: Namespace, interfaces: list[str], router_id: str, scratch: Path,
                addresses: Sequence[str] = (VIP,)) -> Server:
    """A keeper by its kind."""
    if kind == "static":
        return StaticServer(PHYSICAL6 if any(":" in each for each in addresses) else PHYSICAL)
    if kind == "vipd":
        return VipdServer(where, interfaces, scratch, addresses)
    daemon = make_router(kind, where, scratch, router_id)
    return PeerServer(daemon, where, interfaces, addresses)


def make_router(kind: str, where: Namespace, scratch: Path, router_id: str) -> Bird | Frr:
    """A routing daemon by its kind."""
    if kind == "bird":
        return Bird(where, scratch, router_id)
    if kind == "frr":
        return Frr(where, scratch, router_id)
    raise ValueError(f"no router is called {kind}")
