# SPDX-License-Identifier: Apache-2.0
"""One sample of a bench in its short form, printed as one line of JSON: figures by name, each a list of values.

    python3 -m lab.containment python3 -m bench.short scale

What is measured is the programs of VIPD_BUILD, whichever commit they are of: nothing here may know more of them than
their contracts, which are the command line, the configuration, the API and the wire. BIRD routers, no peers, no
targets; the benches themselves have all of that. The ledger (bench/ledger.py) compares two builds with it.

Samples with a stage wait for routers to become calm. They may run beside each other, and act one after the other.
"""

from __future__ import annotations

import argparse
import json
import statistics
import threading
import time
from pathlib import Path
from typing import Callable

from lab import deadline
from lab.failure import FAILURES
from lab.guard import guards
from lab.namespace import Namespace
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.setting import SETTINGS
from lab.topology import SERVER, one_router

from . import ncf, repair, scale, source, start, trial
from .stage import Stage

Figures = dict[str, list[float]]

MANY = 10_000
SAVED = 4096
REBINDS = 7
RELOADS = 100
SCRAPES = 5
CONNECTS = 40_000
CONNECT_RUNS = 5
BFD_WATCH_S = 8.0
NCF_MOVES = 3
SCALE_LIMIT_S = 60.0
# A second VIP that is bound and unbound while nothing else happens.
PAUSE_S = 0.3


def get(path: Path, resource: str) -> float:
    """How long an answer of the API takes, in milliseconds."""
    connection = scale.UnixConnection(path)
    begin = time.monotonic()
    connection.request("GET", resource)
    response = connection.getresponse()
    response.read()
    took = (time.monotonic() - begin) * 1000
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"vipd answered {response.status} to {resource}")
    return took


def waits_beside(path: Path, work: Callable[[], object]) -> float:
    """The longest that somebody else waits for a small answer while the work is done."""
    waits: list[float] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            waits.append(get(path, "/v1/interfaces"))

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        work()
    finally:
        done.set()
        asker.join()
    return max(waits)


def raw_routes(where: Namespace) -> float:
    """The yardstick: the same routes in a plain netlink batch, on a board that goes again."""
    where.batch([f"link add name {scale.RAW_BOARD} type bridge", f"link set {scale.RAW_BOARD} up"])
    try:
        return scale.batch(where, "route", scale.RAW_BOARD, MANY)
    finally:
        where.ip("link", "delete", scale.RAW_BOARD)


def of_scale() -> Figures:
    """Ten thousand VIPs: the call that binds them, what they weigh, and what it costs to read them."""
    with Scene("bird", "vipd", scratch("scale"), topology=one_router(), vips=()) as scene:
        path = scene.vipd.socket
        server, router = scene.network.nodes[SERVER], scene.network.nodes[scale.ROUTER]
        routes = raw_routes(server)
        known = router.route_count()
        empty = scale.memory_kb(scene.server.pids())
        begin = time.monotonic()
        answered = scale.post_vips(path, scale.body_of(scale.FIRST, MANY))
        arrived = scale.milliseconds_until(begin, lambda: router.route_count() >= known + MANY,
                                           SCALE_LIMIT_S, "all VIPs are in the router")
        # Before anybody reads them: what an answer leaves behind is counted by itself.
        memory = scale.memory_kb(scene.server.pids())
        scrapes = [get(path, "/metrics") for _ in range(SCRAPES)]
        lists = [get(path, "/v1/vips") for _ in range(SCRAPES)]
        wait = waits_beside(path, lambda: [get(path, "/metrics") for _ in range(SCRAPES)])
        after = scale.memory_kb(scene.server.pids())
        stall = scale.stall(server, lambda: scale.post_vips(path, scale.body_of(scale.SECOND_FIRST, MANY)))
    return {"scale: raw batch of the same routes": [routes], "scale: bind in one call": [answered],
            "scale: all in the router": [arrived], "scale: memory without VIPs": [empty],
            "scale: memory": [memory], "scale: memory when all were read": [after],
            "scale: /metrics": scrapes, "scale: wait beside /metrics": [wait],
            "scale: /v1/vips": lists, "scale: stall of other work": [stall]}


def of_start() -> Figures:
    """4,096 VIPs that stand in the configuration, and that were bound by hand before a crash."""
    configured, killed = start.configured_round(SAVED), start.killed_round(SAVED)
    return {"start: configured, announced": [configured.announced],
            "start: configured, all on the wire": [configured.on_wire],
            "start: configured, all in the router": [start.routed_round(SAVED)],
            "start: killed, announced": [killed.announced],
            "start: killed, all on the wire": [killed.on_wire]}


def of_rebind() -> Figures:
    """One VIP, from the command that binds it to the wire; one router, which need not be calm."""
    times = []
    with Scene("bird", "vipd", scratch("rebind"), topology=one_router()) as scene:
        for _ in range(REBINDS):
            times.append(trial.rebound_ms(scene))
            deadline.watch(PAUSE_S, lambda: None)
    return {"rebind": times}


def of_reload() -> Figures:
    """An unchanged configuration is applied again under a 1 kHz probe."""
    took: list[float] = []
    with Scene("bird", "vipd", scratch("reload")) as scene:
        scene.settle_routes()

        def reload() -> None:
            for _ in range(RELOADS):
                begun = time.monotonic()
                scene.vipd.vip("config", "apply")
                took.append((time.monotonic() - begun) * 1000)

        losses = scene.losses_during(reload)
    return {"reload": [statistics.median(took)], "reload: lost": [losses.lost]}


def of_repair() -> Figures:
    """Each harm once."""
    return {f"repair: {name}": values for name, values in repair.own_times(1).items()}


def of_source() -> Figures:
    """A connect() of UDP that gets the first VIP, and one that nothing is attached to."""
    times: Figures = {}
    with source.standing() as server:
        ways = source.modes(server)
        for name, figure in (("not attached", "source: connect() without it"), (source.ON, "source: connect()")):
            enter, expected = ways[name]
            enter()
            deadline.until(lambda s=expected: source.source_to(server.where, source.ROUTER) == s, 10.0, name)
            times[figure] = [source.connects(server, "udp", CONNECTS)["ns"] for _ in range(CONNECT_RUNS)]
    return times


def of_bfd() -> Figures:
    """Two sessions at 10 ms with BIRD: what they cost the guard while nothing happens."""
    setting, folder = SETTINGS["vipd-bfd"], scratch("bfd")
    with setting.scene("bird", folder, FAILURES["silent"]) as scene:
        setting.settle(scene)
        [guard] = guards(folder / "vipd-state")

        def flaps() -> int:
            return sum((row.get("bfd") or {}).get("flaps", 0) for row in scene.vipd.neighbors())

        before, began, flapped = scale.processor_seconds(guard), time.monotonic(), flaps()
        deadline.watch(BFD_WATCH_S, lambda: None)
        share = (scale.processor_seconds(guard) - before) / (time.monotonic() - began) * 100
        return {"bfd: processor of the guard": [share], "bfd: flaps": [flaps() - flapped],
                "bfd: memory of the guard": [scale.memory_kb([guard])]}


def of_trial(kind: str, figure: str, key: str = "ms", *words: str) -> Callable[[str, int], Figures]:
    """A sample that is a trial of bench/trial.py."""
    def sample(stage: str, seed: int) -> Figures:
        result = trial.trial(trial.parser().parse_args(
            [kind, "--stage", stage, "--seed", str(seed), *words]))
        if result[key] is None:
            raise RuntimeError(f"{figure}: never")
        return {figure: [result[key]]}
    return sample


def of_ncf(stage: str, seed: int) -> Figures:
    """The scripts of a cluster move a service."""
    return {"ncf: outage": [each.outage_ms for each in
                            ncf.run("bird", NCF_MOVES, 0.0, seed, Stage(stage))]}


# Those that need the machine for themselves.
ALONE: dict[str, Callable[[], Figures]] = {
    "scale": of_scale, "start": of_start, "rebind": of_rebind, "reload": of_reload, "repair": of_repair,
    "source": of_source, "bfd": of_bfd}
# Those that wait most of their time.
STAGED: dict[str, Callable[[str, int], Figures]] = {
    "failover-told": of_trial("failover", "failover: NIC down", "ms", "--setting", "vipd", "--failure", "nic-down"),
    "failover-bfd": of_trial("failover", "failover: silent switch, BFD", "ms",
                             "--setting", "vipd-bfd", "--failure", "silent"),
    "stop": of_trial("stop", "stop: routers drop the route"),
    "crash": of_trial("crash", "crash: lost", "lost"),
    "move": of_trial("move", "move: outage"),
    "take": of_trial("take", "move with --take: lost", "lost"),
    "ncf": of_ncf}


def main() -> None:
    """Take one sample."""
    parser = argparse.ArgumentParser(prog="bench/short", description=__doc__.splitlines()[0])
    parser.add_argument("bench", choices=(*ALONE, *STAGED))
    parser.add_argument("--stage", default="", help="a file that samples take turns with")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.bench in ALONE:
        figures = ALONE[options.bench]()
    else:
        figures = STAGED[options.bench](options.stage or str(scratch("stage") / "alone"), options.seed)
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
