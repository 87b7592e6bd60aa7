# SPDX-License-Identifier: Apache-2.0
"""What somebody damages by hand: how long until it is put right.

One server with one VIP stands on a LAN with a BIRD router. Each harm is done again and again, with
a pause in between that keeps it from being taken for a fight. The time runs from the start of the
command that does it until the kernel tells that what was taken is back: the address, the board
that is up, or the ARP silence.

The peers are BIRD and FRR, with the address put on an interface by hand as their manuals have it:
nothing puts it back. And keepalived (tools/install-deps.sh bench), which holds the address as
the master of a LAN on which it is alone.
"""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import sys
import time
from typing import Sequence

from lab import containment, deadline
from lab.keepalived import Keepalived
from lab.kernel import KernelWatch
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import PEER_BOARD, VipdServer
from lab.terminal import table
from lab.topology import SERVER, VIP, one_router

from .report import show

BOARD = "vnic0"
LIMIT_MS = 200.0
OWN_LIMIT_S = 10.0
PEER_LIMIT_S = 15.0
# Six losses in ten seconds are a fight.
PAUSE_S = 2.5

# What is done; the words, with the board's name to be filled in; what went and is to come back.
HARMS: Sequence[tuple[str, str, str]] = (
    ("ip address del VIP", f"ip address del {VIP}/32 dev {{board}}", "address"),
    ("ip link set BOARD down", "ip link set {board} down", "up"),
    ("ip link del BOARD", "ip link del {board}", "address"),
    ("nft flush ruleset", "nft flush ruleset", "silent"),
    ("nft delete element", f"nft delete element arp vipd silent {{{{ {VIP} }}}}", "silent"),
)


def repaired_ms(scene: Scene, command: str, board: str, sign: str, limit: float) -> float:
    """Do the harm; how long until it was repaired, endless when it was not."""
    server = scene.network.nodes[SERVER]
    which = board if sign == "up" else VIP
    watch = KernelWatch(server)
    begin = time.time()
    server.run(*command.format(board=board).split())

    def back() -> list[float]:
        went = watch.moments(sign, False, which)
        return [at for at in watch.moments(sign, True, which) if not went or at >= min(went)]

    deadline.comes_true(back, limit)
    watch.close()
    return (back()[0] - begin) * 1000 if back() else math.inf


def own_times(runs: int) -> dict[str, list[float]]:
    """How long vipd takes for each harm."""
    times: dict[str, list[float]] = {name: [] for name, _, _ in HARMS}
    with Scene("bird", "vipd", scratch("repair"), topology=one_router()) as scene:
        assert isinstance(scene.server, VipdServer)
        for _ in range(runs):
            for name, command, sign in HARMS:
                times[name].append(repaired_ms(scene, command, BOARD, sign, OWN_LIMIT_S))
                deadline.watch(PAUSE_S, lambda: None)
    return times


def peer_times(kind: str) -> dict[str, float]:
    """The same for a peer, once for each harm that there is for it, on a new server."""
    times = {}
    for name, command, sign in HARMS:
        if sign == "silent":
            continue
        folder = scratch(f"repair-{kind}")
        keeper = "static" if kind == "keepalived" else kind
        with Scene("bird", keeper, folder, topology=one_router()) as scene:
            peer = Keepalived(scene.network.nodes[SERVER], folder, "eth1", PEER_BOARD, VIP) \
                if kind == "keepalived" else None
            times[name] = repaired_ms(scene, command, PEER_BOARD, sign, PEER_LIMIT_S)
            if peer is not None:
                peer.stop()
    return times


def peers() -> dict[str, dict[str, float]]:
    """All peers that are installed."""
    kinds = {"BIRD": "bird", "FRR": "frr"}
    if shutil.which("keepalived", path="/usr/sbin:/usr/bin"):
        kinds["keepalived"] = "keepalived"
    return {name: peer_times(kind) for name, kind in kinds.items()}


def print_table(own: dict[str, list[float]], others: dict[str, dict[str, float]]) -> None:
    """A line for each harm."""
    rows = [("", "runs", "min", "median", "max", *others)]
    for name, values in own.items():
        rows.append((name, str(len(values)), show(min(values)), show(statistics.median(values)),
                     show(max(values)), *(show(times[name]) if name in times else "-"
                                          for times in others.values())))
    print(table(rows))


def main() -> int:
    """Read the command line and run the bench, contained."""
    parser = argparse.ArgumentParser(prog="bench/repair", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7, help="of each harm")
    parser.add_argument("--quick", action="store_true", help="five runs, no peers")
    options = parser.parse_args()
    containment.require_root("bench/repair")
    containment.enter(["-m", "bench.repair", *sys.argv[1:]])
    own = own_times(5 if options.quick else options.runs)
    print_table(own, {} if options.quick else peers())
    good = all(max(values) <= LIMIT_MS for values in own.values())
    print(f"   {'reached' if good else 'MISSED '}  each harm repaired within {LIMIT_MS:.0f} ms")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
