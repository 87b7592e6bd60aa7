# SPDX-License-Identifier: Apache-2.0
"""What the guard's BFD sessions and its echo bear and cost.

Two guards stand on one LAN, each in a namespace of its own, and this program is vipd to both: it
wants sessions of them and hears of each change of state. Both run on this machine, so a flap is the
fault of one of them or of the machine. Pairs with other intervals stand beside them, each on a LAN
and with guards of its own, and all are watched for the same time: idle, then with a busy process for
each core. Then many sessions of one pair, without the others. The echo comes last, in the same way: one
guard a LAN, whose packets a router's kernel sends back.

Beside them a metronome sleeps and wakes on each core, before all others, and nothing else: how late it
is, the machine is late. STOOD STILL counts what of that was longer than two intervals of a row, which
is what three times the interval may bear in the worst case.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from lab import containment, deadline, guard, tagged
from lab.namespace import Namespace
from lab.network import Network
from lab.process import Process
from lab.scratch import program, scratch
from lab.terminal import table
from lab.topology import SERVER, Port, Topology

MULTIPLIER = 3
# What says a state, and which state is up: src/proto/bfd/bfd.h, src/proto/echo/echo.h
UP = {guard.BFD_STATE: 3, guard.ECHO_STATE: 1}
# Of the guard's counters, src/guard/message.c
WORST, DELAYS = 1, 3

# src/node/counters.h
DELAY_BOUNDS_MS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, float("inf"))

FIRST = 20
UP_LIMIT_S = 30.0
BUSY = "while True: pass"


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
        self.worst_us = 0
        self.delays = [0] * len(DELAY_BOUNDS_MS)
        self.channel = guard.Channel(state)

    def want(self, peer: str, local: str, row: Row) -> None:
        """Ask for a session, three times the interval, without authentication; or for the echo."""
        interval, times = tagged.number(row.interval_ms * 1000), tagged.number(MULTIPLIER)
        path = guard.path(self.index, peer, local)
        if row.echo:
            self.channel.send(guard.ECHO_SET, {guard.PATH: path, guard.ECHO: tagged.encode({1: interval, 2: times})})
        else:
            self.channel.send(guard.BFD_SET, {guard.PATH: path, guard.BFD: tagged.encode({1: interval, 2: interval, 3: times})})

    def listen(self) -> None:
        """Take what the guard has said."""
        while heard := self.channel.hear():
            kind, record = heard
            if kind == guard.COUNTERS:
                counters = tagged.decode(record.get(guard.COUNTED, [b""])[0])
                self.worst_us = tagged.first_number(counters, WORST)
                delays = [int.from_bytes(each, "big") for each in counters.get(DELAYS, [])]
                # Zeros at the end of a list are not said.
                self.delays = delays + [0] * (len(DELAY_BOUNDS_MS) - len(delays))
            elif kind in UP:
                key, up = record[guard.PATH][0], tagged.first_number(record, guard.STATE) == UP[kind]
                self.flaps += self.up.get(key, False) and not up
                self.up[key] = up

    def cpu_s(self) -> float:
        """The processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").split(")")[1]
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def is_urgent(self) -> bool:
        """Say whether it was allowed to run before all that is not of real time."""
        policy = os.sched_getscheduler(self.process.pid) & ~os.SCHED_RESET_ON_FORK
        return policy == os.SCHED_FIFO

    def rss_kb(self) -> int:
        """The memory that it has."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines()
                    if line.startswith("VmRSS"))

    def stop(self) -> None:
        """Send it away and wait for its end."""
        self.channel.close()
        self.process.stop()
        self.channel.hang_up()


@dataclass(frozen=True)
class Row:
    """A pair of guards, and what they are to hold; or a guard and a router that sends back."""

    interval_ms: int
    sessions: int = 1
    echo: bool = False


ROWS = (Row(300), Row(50), Row(20), Row(10), Row(5), Row(3), Row(2), Row(1))
ECHO_ROWS = (Row(50, echo=True), Row(20, echo=True), Row(10, echo=True))
MANY = Row(50, 200)
MANY_MINUTES_MAX = 1.0
HEAD = ["WATCH", "SESSIONS", "INTERVAL", "MACHINE", "FIFO", "SECONDS", "FLAPS", "STOOD STILL",
        "WORST DELAY ms", "99.9 % ms", "CPU %", "RSS MB"]


def pairs(count: int) -> Topology:
    """Two machines that share as many LANs."""
    return Topology(
        nodes=("r1", SERVER), routers=("r1",), routes=(),
        lans=tuple(f"lan-{k}" for k in range(count)),
        ports=tuple(port for k in range(count) for port in (
            Port("r1", f"la{k}", f"lan-{k}", (f"10.1.{k}.1/24",)),
            Port(SERVER, f"eth{k}", f"lan-{k}", ()))))


class Metronome:
    """How late the machine runs a program that only sleeps, core by core."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "metronome"
        with self._path.open("wb") as output:
            self._process = subprocess.Popen([program("bench/vipd-metronome")],
                                             stdin=subprocess.PIPE, stdout=output)
        self._late: dict[str, list[float]] = {}

    def stop(self) -> None:
        """End it."""
        self._process.communicate()
        for line in self._path.read_text(encoding="ascii").splitlines():
            core, late_us = line.split()
            self._late.setdefault(core, []).append(int(late_us) / 1000)

    def worst_ms(self) -> float:
        """The latest that it was."""
        return max((late for core in self._late.values() for late in core), default=0.0)

    def longer_than(self, ms: float) -> int:
        """How often the core that was worse off stood still for longer than that."""
        return max((sum(late > ms for late in core) for core in self._late.values()), default=0)


class Pair:
    """Two guards that watch each other, or one that watches a router."""

    def __init__(self, row: Row, number: int, network: Network, folder: Path) -> None:
        self.row = row
        router, server = network.nodes["r1"], network.nodes[SERVER]
        peer = f"10.1.{number}.1"
        locals_ = [f"10.1.{number}.{FIRST + k}" for k in range(row.sessions)]
        server.batch([f"address add {each}/24 dev eth{number}" for each in locals_])
        self.guards = [Guard(f"server-{number}", server, f"eth{number}", folder)]
        for each in locals_:
            self.guards[0].want(peer, each, row)
        if not row.echo:
            self.guards.append(Guard(f"router-{number}", router, f"la{number}", folder))
            for each in locals_:
                self.guards[1].want(each, peer, row)
        self.began = 0.0
        self.before: list[tuple[int, float, list[int]]] = []

    def listen(self) -> None:
        """Take what they have said."""
        for guard in self.guards:
            guard.listen()

    def is_up(self) -> bool:
        """Say whether all sessions are up, at both ends where there are two."""
        self.listen()
        return all(sum(guard.up.values()) == self.row.sessions for guard in self.guards)

    def begin(self) -> None:
        """From now on it counts."""
        self.began = time.monotonic()
        self.before = [(guard.flaps, guard.cpu_s(), guard.delays) for guard in self.guards]

    def result(self, machine: str, metronome: Metronome) -> list[str]:
        """The row of the table; of two guards the worse one."""
        took = time.monotonic() - self.began
        flaps = max(g.flaps - first[0] for g, first in zip(self.guards, self.before))
        share = max(g.cpu_s() - first[1] for g, first in zip(self.guards, self.before)) / took
        late = max(percentile([now - then for now, then in zip(g.delays, first[2])], 0.999)
                   for g, first in zip(self.guards, self.before))
        worst = max(guard.worst_us for guard in self.guards) / 1000
        return ["echo" if self.row.echo else "BFD", str(self.row.sessions), f"{self.row.interval_ms} ms x 3", machine,
                "yes" if all(guard.is_urgent() for guard in self.guards) else "no", f"{took:.0f}",
                str(flaps), str(metronome.longer_than(2 * self.row.interval_ms)),
                f"{worst:.2f}", f"<= {late:g}", f"{100 * share:.1f}",
                f"{max(guard.rss_kb() for guard in self.guards) / 1024:.1f}"]

    def stop(self) -> None:
        """Send them away."""
        for guard in self.guards:
            guard.stop()


def percentile(counts: list[int], part: float) -> float:
    """The bound, in ms, below which such a part of the delays was."""
    so_far = 0
    for count, bound in zip(counts, DELAY_BOUNDS_MS):
        so_far += count
        if so_far >= part * sum(counts):
            return bound
    return float("inf")


def measure(rows: Sequence[Row], busy: bool, seconds: float) -> list[list[str]]:
    """Watch all of them for the same time."""
    network = Network(pairs(len(rows)))
    folder = scratch(f"bfd-{len(rows)}-{busy}")
    watched: list[Pair] = []
    load: list[subprocess.Popen[bytes]] = []
    try:
        for number, row in enumerate(rows):
            watched.append(Pair(row, number, network, folder))
        for pair in watched:
            # What cannot even come up is in the table with its flaps.
            deadline.comes_true(pair.is_up, UP_LIMIT_S)
        if busy:
            load = [subprocess.Popen([sys.executable, "-c", BUSY])
                    for _ in range(os.cpu_count() or 1)]
        metronome = Metronome(folder)
        for pair in watched:
            pair.begin()
        deadline.watch(seconds, lambda: [pair.listen() for pair in watched])
        metronome.stop()
        machine = "busy" if busy else "idle"
        print(f"{machine}: the metronome was late by {metronome.worst_ms():.1f} ms at worst",
              file=sys.stderr)
        return [pair.result(machine, metronome) for pair in watched]
    finally:
        for process in load:
            process.kill()
            process.wait()
        for pair in watched:
            pair.stop()
        network.close()


def main() -> int:
    """Run all of them and print the table."""
    parser = argparse.ArgumentParser(prog="bench/bfd", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0, help="of each phase")
    parser.add_argument("--only", choices=("idle", "busy", "many", "echo-idle", "echo-busy"), help="one phase alone")
    options = parser.parse_args()
    containment.require_root("bench/bfd")
    containment.enter(["-m", "bench.bfd_guards", *sys.argv[1:]])
    table_rows = [HEAD]
    for phase, rows, busy, minutes in (
            ("idle", ROWS, False, options.minutes), ("busy", ROWS, True, options.minutes),
            ("many", (MANY,), False, min(options.minutes, MANY_MINUTES_MAX)),
            ("echo-idle", ECHO_ROWS, False, options.minutes), ("echo-busy", ECHO_ROWS, True, options.minutes)):
        if options.only not in (None, phase):
            continue
        for row in measure(rows, busy, 60 * minutes):
            table_rows.append(row)
            print("  ".join(row), file=sys.stderr, flush=True)
    print(table(table_rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
