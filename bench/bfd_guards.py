# SPDX-License-Identifier: Apache-2.0
"""What the guard's BFD sessions bear and cost.

Two guards stand on one LAN, each in a namespace of its own, and this program is vipd to both: it
wants sessions of them and hears of each change of state. Both run on this machine, so a flap is the
fault of one of them or of the machine.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import select
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from lab import containment, deadline
from lab.namespace import Namespace
from lab.network import Network
from lab.process import Process
from lab.scratch import program, scratch
from lab.terminal import table
from lab.topology import SERVER, one_router

# src/guard/message.h
VERSION = 3
HELLO, WELCOME, BYE, BFD_SET, BFD_STATE = 1, 2, 4, 6, 8
UP = 3

ROUTER = "10.1.0.1"
FIRST = 20
UP_LIMIT_S = 30.0
BUSY = "while True: pass"


def address(text: str) -> bytes:
    """An IPv4 address as the guard reads it."""
    return b"\x04" + ipaddress.IPv4Address(text).packed


class Guard:
    """One guard, and the connection to it."""

    def __init__(self, name: str, where: Namespace, interface: str, folder: Path) -> None:
        state = folder / name
        state.mkdir()
        self.index = int(where.ip_json("link", "show", "dev", interface)[0]["ifindex"])
        self.process = Process(where, [program("vipd-guard"), "--state-dir", str(state),
                                       "--stay"], folder / f"{name}.log")
        self.flaps = 0
        self.up: dict[bytes, bool] = {}
        path = state / "guard.sock"
        deadline.until(path.exists, 5.0, "the guard listens")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(f"/proc/self/fd/{os.open(state, os.O_PATH)}/guard.sock")
        self.socket.send(struct.pack(">BBI", HELLO, VERSION, 60000))
        assert self.socket.recv(256)[:2] == bytes((WELCOME, VERSION))

    def want(self, peer: str, local: str, interval_us: int) -> None:
        """Ask for a session, three times the interval, without authentication."""
        key = struct.pack(">I", self.index) + address(peer) + address(local)
        self.socket.send(bytes((BFD_SET, VERSION)) + key
                         + struct.pack(">IIBBBBB", interval_us, interval_us, 3, 0, 0, 0, 0))

    def listen(self) -> None:
        """Take what the guard has said."""
        while select.select([self.socket], [], [], 0)[0]:
            message = self.socket.recv(256)
            if not message:
                raise RuntimeError("the guard has ended")
            if message[0] != BFD_STATE:
                continue
            key, state = message[2:16], message[16]
            self.flaps += self.up.get(key, False) and state != UP
            self.up[key] = state == UP

    def cpu_s(self) -> float:
        """The processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").split(")")[1]
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def rss_kb(self) -> int:
        """The memory that it has."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines()
                    if line.startswith("VmRSS"))

    def stop(self) -> None:
        """Send it away and wait for its end."""
        self.socket.send(bytes((BYE, VERSION)))
        self.process.stop()
        self.socket.close()


def measure(interval_ms: int, sessions: int, busy: bool, seconds: float) -> list[str]:
    """One row of the table."""
    network = Network(one_router())
    folder = scratch(f"bfd-{interval_ms}-{sessions}-{busy}")
    server = network.nodes[SERVER]
    locals_ = [f"10.1.0.{FIRST + k}" for k in range(sessions)]
    server.batch([f"address add {each}/24 dev eth1" for each in locals_])
    guards = [Guard("router", network.nodes["r1"], "la", folder),
              Guard("server", server, "eth1", folder)]
    load: list[subprocess.Popen[bytes]] = []
    try:
        for each in locals_:
            guards[0].want(each, ROUTER, interval_ms * 1000)
            guards[1].want(ROUTER, each, interval_ms * 1000)

        def all_up() -> bool:
            for guard in guards:
                guard.listen()
            return all(sum(guard.up.values()) == sessions for guard in guards)

        deadline.until(all_up, UP_LIMIT_S, "all sessions are up")
        if busy:
            load = [subprocess.Popen([sys.executable, "-c", BUSY])
                    for _ in range(os.cpu_count() or 1)]
        began, cpu = time.monotonic(), [guard.cpu_s() for guard in guards]
        before = [guard.flaps for guard in guards]
        deadline.watch(seconds, lambda: [guard.listen() for guard in guards])
        took = time.monotonic() - began
        flaps = max(guard.flaps - first for guard, first in zip(guards, before))
        share = max(guard.cpu_s() - first for guard, first in zip(guards, cpu)) / took
        return [str(sessions), f"{interval_ms} ms x 3", "busy" if busy else "idle", f"{took:.0f}",
                str(flaps), f"{100 * share:.1f}", f"{max(g.rss_kb() for g in guards) / 1024:.1f}"]
    finally:
        for process in load:
            process.kill()
            process.wait()
        for guard in guards:
            guard.stop()
        network.close()


def main() -> int:
    """Run all of them and print the table."""
    parser = argparse.ArgumentParser(prog="bench/bfd", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="of each row")
    options = parser.parse_args()
    containment.require_root("bench/bfd")
    containment.enter(["-m", "bench.bfd_guards", *sys.argv[1:]])
    rows = [["SESSIONS", "INTERVAL", "MACHINE", "SECONDS", "FLAPS", "CPU %", "RSS MB"]]
    for interval, sessions, busy in ((10, 1, False), (10, 1, True), (3, 1, False), (3, 1, True),
                                     (50, 200, False)):
        rows.append(measure(interval, sessions, busy, options.seconds))
        print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
