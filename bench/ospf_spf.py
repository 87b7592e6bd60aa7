# SPDX-License-Identifier: Apache-2.0
"""SPF: what a database costs, in time and in memory, on vipd's library and on BIRD.

A grid of routers, each with stub networks, is written as LSAs once. vipd-ospf-spf gives them to the library; BIRD gets
the same bytes from a neighbour, which is a few lines of Python: it knows just enough of RFC 2328 to become adjacent and
to hand out what it is asked for.

Then the cost of a link in the middle of the grid goes up and down, and each time a full run follows. Of BIRD it is the
processor time of the daemon for each change, less what it takes while nothing happens, until the routes are in its
table; of the library that from the LSA until what is learned has been taken. Memory is that of the heap, and what
BIRD says of its protocols.
"""

from __future__ import annotations

import argparse
import select
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from lab import containment, deadline
from lab.bird import Bird
from lab.namespace import Namespace
from lab.scratch import program, scratch
from lab.terminal import table

US, FEEDER = "10.0.0.1", "10.1.0.0"
GROUP = "224.0.0.5"
PROTOCOL = 89
HELLO, DESCRIPTION, REQUEST, UPDATE, ACKNOWLEDGMENT = range(1, 6)
MASTER, MORE, INIT = 1, 2, 4
OPTIONS = 2
HEADER_BYTES, LSA_HEADER_BYTES = 24, 20
ROOM = 1400
# BIRD computes at its tick, once a second, and the same LSA may come anew after one.
PERIOD_S = 2.5


def checksum(data: bytes) -> int:
    """The one of IP."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def split(data: bytes) -> list[bytes]:
    """LSAs that stand one behind the other."""
    lsas = []
    while data:
        length = struct.unpack_from("!H", data, 18)[0]
        lsas.append(data[:length])
        data = data[length:]
    return lsas


class Feeder(threading.Thread):
    """A neighbour on a point-to-point link that has a database, and says nothing of its own."""

    def __init__(self, where: Namespace, interface: str, address: str, lsas: list[bytes]) -> None:
        super().__init__(daemon=True)
        self.lsas = {lsa[3:12]: lsa for lsa in lsas}
        self.undescribed = [lsa[:LSA_HEADER_BYTES] for lsa in lsas]
        self.sequence = 1000
        self.ended = threading.Event()
        self.met = False
        with where.entered():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, PROTOCOL)
        mine = socket.inet_aton(address)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, mine)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + mine)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)

    def send(self, kind: int, body: bytes) -> None:
        """One packet to the neighbour."""
        head = struct.pack("!BBH4sI", 2, kind, HEADER_BYTES + len(body), socket.inet_aton(FEEDER), 0)
        packet = head + struct.pack("!HH", 0, 0) + body
        self.socket.sendto(head + struct.pack("!HHQ", checksum(packet), 0, 0) + body, (GROUP, 0))

    def hello(self) -> None:
        """We are there, and hear BIRD."""
        self.send(HELLO, struct.pack("!4sHBBIII", socket.inet_aton("255.255.255.0"), 1, OPTIONS, 1, 40, 0, 0)
                  + socket.inet_aton(US))

    def describe(self, flags: int, headers: list[bytes]) -> None:
        """A description, as the master."""
        self.send(DESCRIPTION, struct.pack("!HBBI", 1500, OPTIONS, flags | MASTER, self.sequence) + b"".join(headers))

    def described(self, body: bytes) -> None:
        """BIRD has answered, as the slave: the next one."""
        flags, sequence = struct.unpack_from("!BI", body, 3)
        if flags & (INIT | MASTER) or sequence != self.sequence or not self.undescribed:
            return
        self.sequence += 1
        count = ROOM // LSA_HEADER_BYTES
        headers, self.undescribed = self.undescribed[:count], self.undescribed[count:]
        self.describe(MORE if self.undescribed else 0, headers)

    def update(self, lsas: list[bytes]) -> None:
        """LSAs, in as many packets as they need."""
        while lsas:
            count, size = 0, 4
            while count < len(lsas) and (count == 0 or size + len(lsas[count]) <= ROOM):
                size += len(lsas[count])
                count += 1
            self.send(UPDATE, struct.pack("!I", count) + b"".join(lsas[:count]))
            lsas = lsas[count:]

    def change(self, lsa: bytes) -> None:
        """A newer instance."""
        self.lsas[lsa[3:12]] = lsa
        self.update([lsa])

    def received(self, kind: int, body: bytes) -> None:
        """What BIRD says."""
        if kind == HELLO and not self.met and socket.inet_aton(FEEDER) in body:
            self.met = True
            self.describe(INIT | MORE, [])
        elif kind == DESCRIPTION:
            self.described(body)
        elif kind == REQUEST:
            wanted = [body[at + 3:at + 12] for at in range(0, len(body), 12)]
            self.update([self.lsas[key] for key in wanted])
        elif kind == UPDATE:
            self.send(ACKNOWLEDGMENT, b"".join(lsa[:LSA_HEADER_BYTES] for lsa in split(body[4:])))

    def run(self) -> None:
        """Until it is told to end."""
        due = 0.0
        while not self.ended.is_set():
            if time.monotonic() >= due:
                self.hello()
                due = time.monotonic() + 1
            if select.select([self.socket], [], [], 0.1)[0]:
                packet = self.socket.recv(65536)
                packet = packet[(packet[0] & 15) * 4:]
                length = struct.unpack_from("!H", packet, 2)[0]
                if packet[4:8] == socket.inet_aton(US):
                    self.received(packet[1], packet[HEADER_BYTES:length])


class OspfBird(Bird):
    """BIRD, with one neighbour."""

    def start(self) -> None:
        """Speak OSPF, and have the routes in a table alone."""
        self.config.write_text(f"""router id {self.router_id};
protocol device {{ scan time 10; }}
protocol ospf v2 {{
  ipv4 {{ import all; export none; }};
  area 0 {{ interface "eth1" {{ type ptp; hello 1; dead 40; cost 10; }}; }};
}}""", encoding="ascii")
        self.start_again()

    def processor_s(self) -> float:
        """What the daemon has taken of the processor."""
        return sum(int(path.read_text(encoding="ascii").split()[0])
                   for pid in self.pids()
                   for path in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9

    def memory_kb(self) -> float:
        """What it says its protocols have: the database, and the routes of OSPF beside the table."""
        for line in self.ask("show memory").splitlines():
            words = line.split()
            if words and words[0] == "Protocols:":
                return float(words[1]) * {"B": 1 / 1024, "kB": 1, "MB": 1024}[words[2]]
        raise RuntimeError("BIRD does not say what memory its protocols have")


def bird_figures(plan: list[str], runs: int) -> dict[str, float]:
    """One BIRD that is fed, and what it takes."""
    lsas = split(subprocess.run([program("bench/vipd-ospf-spf"), *plan, "lsas"], check=True,
                                stdout=subprocess.PIPE).stdout)
    feeding, fed = Namespace("feeder"), Namespace("bird")
    feeding.ip("link", "add", "eth0", "type", "veth", "peer", "name", "eth1", "netns", fed.name)
    for where, interface, address in ((feeding, "eth0", "10.200.0.2"), (fed, "eth1", "10.200.0.1")):
        where.ip("address", "add", f"{address}/24", "dev", interface)
        where.ip("link", "set", interface, "up")
    bird = OspfBird(fed, scratch("bench-ospf-spf"), US)
    bird.start()
    before = bird.memory_kb()
    feeder = Feeder(feeding, "eth0", "10.200.0.2", lsas)
    feeder.start()
    try:
        routes = int(plan[1]) + int(plan[2])
        deadline.until(lambda: bird.route_count() >= routes, 120.0, f"BIRD has {routes} routes")
        time.sleep(2 * PERIOD_S)
        memory = bird.memory_kb() - before
        idle: list[float] = []
        busy: list[float] = []
        for change in range(1, runs + 1):
            for figures in (idle, busy):
                begun = bird.processor_s()
                if figures is busy:
                    feeder.change(subprocess.run([program("bench/vipd-ospf-spf"), *plan, "link", str(change)],
                                                 check=True, stdout=subprocess.PIPE).stdout)
                time.sleep(PERIOD_S)
                figures.append(bird.processor_s() - begun)
    finally:
        feeder.ended.set()
        feeder.join()
        bird.stop()
    return {"full": (statistics.median(busy) - statistics.median(idle)) * 1e6, "memory": memory}


def library_figures(plan: list[str]) -> dict[str, float]:
    """What vipd-ospf-spf says."""
    lines = subprocess.run([program("bench/vipd-ospf-spf"), *plan], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    return {words[0]: float(words[1]) for words in (line.split() for line in lines)}


def main() -> int:
    """The table; 1: BIRD is faster, or needs less."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--routers", default="1000")
    parser.add_argument("--stubs", default="10000")
    parser.add_argument("--externals", default="0")
    parser.add_argument("--runs", type=int, default=11, help="changes of a link on BIRD, 5 s each")
    parser.add_argument("--alone", action="store_true", help="without BIRD")
    arguments = parser.parse_args()
    plan = [arguments.routers, arguments.stubs, arguments.externals]
    if not arguments.alone and not containment.contained():
        containment.require_root("bench/ospf-spf")
        return containment.run([sys.executable, *sys.argv])
    own = library_figures(plan)
    rows = [("", "vipd", "BIRD")]
    other: dict[str, float] = {} if arguments.alone else bird_figures(plan, arguments.runs)
    for name, of_bird, unit in (("full", "full", "us"), ("full-all-routes-change", "", "us"),
                                ("partial-ten-stubs", "", "us"), ("partial-external", "", "us"), ("feed", "", "us"),
                                ("first-run", "", "us"), ("memory-per-lsa", "", "bytes"), ("memory-lsas", "", "kB"),
                                ("memory-routes", "", "kB")):
        if name in own:
            theirs = f"{other[of_bird]:.0f} {unit}" if of_bird in other else ""
            rows.append((name, f"{own[name]:.1f} {unit}", theirs))
    memory = own["memory-lsas"] + own["memory-routes"]
    rows.append(("memory, both", f"{memory:.0f} kB", f"{other['memory']:.0f} kB" if other else ""))
    print(table(rows))
    if not other:
        return 0
    good = own["full"] <= other["full"] and memory <= other["memory"]
    print(f"to reach: not more than BIRD, in time and in memory: {'kept' if good else 'MISSED'}")
    return 0 if good else 1
