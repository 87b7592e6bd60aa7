# SPDX-License-Identifier: Apache-2.0
"""How soon a VIP is proven after a router's kernel has its route, how soon a router is found out that
accepts and drops, and what the rounds cost with many VIPs and routers. Nobody else proves an
address; so there is nobody to compare with but vipd without it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time

from lab import containment, deadline
from lab.guard import guards
from lab.routes import RouteWatch
from lab.scene import Scene
from lab.scratch import scratch
from lab.terminal import table
from lab.topology import SERVER, VIP, host_prefix, one_router

from .scale import body_of, memory_kb, post_vips, processor_seconds

ROUTER = "10.1.0.1"
LIMIT_S = 60.0
PROVEN_MS, FOUND_S, PACKETS, PROCESSOR, MEMORY_KB = 50.0, 31.0, 200.0, 0.005, 512.0
WALL = "table inet wall { chain f { type filter hook forward priority 0; ip daddr %s drop; }; }"
VIPS = 10_000
# With the two that speak RIP they are ten.
MORE = {"r1": "10.1.0.{}", "r2": "10.2.0.{}"}
EACH = range(21, 25)
WINDOW_S = 20.0


def proven_ms(scene: Scene, address: str) -> float:
    """How long after the router's kernel has the route of a new VIP it is proven."""
    watch = RouteWatch(scene.network.nodes["r1"])
    try:
        begun = time.monotonic()
        scene.vipd.vip("bind", address)
        deadline.until(lambda: scene.vipd.show(address)["state"] == "proven", LIMIT_S, "it is proven", 0.001)
        proven = time.monotonic() - scene.vipd.show(address)["age"]
        there = watch.wait_present(host_prefix(address), begun, LIMIT_S)
    finally:
        watch.close()
    return max(0.0, (proven - there) * 1000)


def found_s(scene: Scene) -> float:
    """How long after a router has begun to drop what it accepts it is found out."""
    router = scene.network.nodes["r1"]
    begun = time.monotonic()
    router.run("nft", WALL % VIP)
    deadline.until(lambda: scene.vipd.show(VIP)["not_forwarded_by"], LIMIT_S, "it is found out")
    took = time.monotonic() - begun
    router.run("nft", "delete table inet wall")
    deadline.until(lambda: scene.vipd.show(VIP)["state"] == "proven", LIMIT_S, "it forwards again")
    return took


def times(routers: str, runs: int) -> tuple[list[float], list[float]]:
    """Both, with one router of a kind."""
    with Scene(routers, "vipd", scratch("proof"), topology=one_router()) as scene:
        deadline.until(lambda: scene.vipd.show(VIP)["accepted_by"], LIMIT_S, "the router accepts it")
        deadline.until(lambda: scene.vipd.show(VIP)["state"] == "proven", LIMIT_S, "it is proven")
        proven = [proven_ms(scene, f"10.9.77.{run + 1}") for run in range(runs)]
        return proven, [found_s(scene) for _ in range(min(runs, 3))]


def packets(scene: Scene) -> float:
    """How many have been sent to prove something, questions where routers are included."""
    names = ("vipd_proof_packets_total", "vipd_proof_questions_total")
    return sum(float(line.split()[1]) for line in scene.vipd.scrape().split("\n") if line.split(" ")[0] in names)


def cost(forwarding: bool) -> tuple[float, float, float]:
    """Packets a second, the share of a processor, and memory in kB: of vipd and its guard, with ten routers."""
    made = Scene("bird", "vipd", scratch("proof"), vips=())
    lists = {"eth1": [MORE["r1"].format(k) for k in EACH], "eth2": [MORE["r2"].format(k) for k in EACH]}
    made.vipd.speaker = "rip: {}"
    for name, port in (("r1", "la"), ("r2", "lb")):
        for last in EACH:
            made.network.nodes[name].run("ip", "address", "add", f"{MORE[name].format(last)}/24", "dev", port)
    made.vipd.interfaces = []
    made.vipd.settings = "".join(f'  {name}: {{rip: {{}}, routers: {json.dumps(routers)}}}\n'
                                 for name, routers in lists.items())
    made.vipd.settings += f"proof: {{forwarding: {'on' if forwarding else 'off'}}}\n"
    with made as scene:
        post_vips(scene.vipd.socket, body_of("10.20.0.0", VIPS))
        deadline.until(lambda: scene.vipd.ask("status")["announced"] == VIPS, LIMIT_S, "all are announced")
        deadline.watch(WINDOW_S, lambda: None)
        pids = [*scene.server.pids(), *guards(scene.server.scratch / "vipd-state")]
        sent, used, begun = packets(scene), sum(map(processor_seconds, pids)), time.monotonic()
        deadline.watch(WINDOW_S, lambda: None)
        passed = time.monotonic() - begun
        used = sum(map(processor_seconds, pids)) - used
        return (packets(scene) - sent) / passed, used / passed, memory_kb(pids)


def main() -> int:
    """Measure, print the table, and say whether all is reached."""
    parser = argparse.ArgumentParser(prog="bench/proof", description="Proof by forwarding: how soon, and what it costs.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=("times", "cost"))
    options = parser.parse_args()
    containment.require_root("bench/proof")
    containment.enter(["-m", "bench.proof", *sys.argv[1:]])
    rows = [("", "median", "max", "to reach")]
    met = []
    for routers in ("bird", "frr") if options.only != "cost" else ():
        proven, found = times(routers, options.runs)
        met += [statistics.median(proven) <= PROVEN_MS, max(found) <= FOUND_S]
        rows += [(f"{routers}: route in its kernel → proven", f"{statistics.median(proven):.0f} ms", f"{max(proven):.0f} ms",
                  f"{PROVEN_MS:.0f} ms"),
                 (f"{routers}: accepts and drops → found out", f"{statistics.median(found):.1f} s", f"{max(found):.1f} s",
                  f"{FOUND_S:.0f} s")]
    if options.only != "times":
        without, beside = cost(False), cost(True)
        met += [beside[0] <= PACKETS, beside[1] - without[1] <= PROCESSOR, beside[2] - without[2] <= MEMORY_KB]
        rows += [(f"10 routers, {VIPS} VIPs: packets a second", f"{beside[0]:.0f}", "-", f"{PACKETS:.0f}"),
                 ("processor, vipd and guard", f"{(beside[1] - without[1]) * 100:.2f} %", f"{beside[1] * 100:.2f} % in all",
                  f"{PROCESSOR * 100:.1f} %"),
                 ("memory, vipd and guard", f"{beside[2] - without[2]:.0f} kB", f"{beside[2]:.0f} kB in all",
                  f"{MEMORY_KB:.0f} kB")]
    print(table(rows))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
