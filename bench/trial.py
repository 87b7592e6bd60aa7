# SPDX-License-Identifier: Apache-2.0
"""One measurement in one containment, printed as one line of JSON.

    python3 -m lab.containment python3 -m bench.trial stop --server vipd --routers bird
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import signal
import time
from datetime import datetime
from typing import Any, Callable

from lab import deadline, rip
from lab.capture import Capture, Datagram
from lab.failure import FAILURES, KEEPER_DOWN_S
from lab.move import TwoServers
from lab.ospf import flaps
from lab.probe import Losses
from lab.routes import RouteWatch
from lab.scene import TRIGGER_HOLD_S, Scene
from lab.scratch import scratch
from lab.server import StaticServer
from lab.setting import SETTINGS
from lab.topology import OTHER, PHYSICAL, SERVER, VIP
from lab.witness import Witnesses

from .stage import Stage

# The failure comes at a random moment of this time, after the routers have become calm.
RANDOM_WAIT_S = 5.0
READY_LIMIT_S = 120.0
# Who waits longer for the end of a failure does not wait for its connections.
PATIENCE_S = 60.0
LINGER_S = 1.0
WITHDRAW_LIMIT_S = 30.0
ANNOUNCE_LIMIT_S = 60.0
PREFIX = f"{VIP}/32"
# A daemon that was killed is started again after a random time below this, within vipd's grace.
DOWN_MAX_S = 5.0
# So long after its restart the client is watched.
RESTARTED_S = 10.0
# The time that `vip bind --take` waits at most; whoever moves by hand waits as long.
CHANGE_OVER_S = 7.0
MOVED_S = 3.0
NOMINAL_RATE = 1000


def stage_of(options: argparse.Namespace) -> Stage:
    """The stage of a trial: one of its own unless it has been given one."""
    return Stage(options.stage or str(scratch("stage") / "alone"))


def calm(scene: Scene, stage: Stage, options: argparse.Namespace) -> None:
    """Scene.settle(calm=True), and off the stage while the routers become silent."""
    setting = SETTINGS[options.setting or options.server]
    setting.settle(scene)
    stage.leave()
    setting.calm(scene)
    stage.enter()
    scene.start_probes()


def seen_by_server(scene: Scene, struck: float) -> dict[str, float | None]:
    """What vipd alone has measured, in milliseconds after the failure.

    `left`: a neighbour has gone, and nothing counts any more that comes back through it. `proven`: all
    that are left have been asked anew, and bring back the VIP.
    """
    said = [json.loads(line) for line in scene.vipd.vip("--json", "events", "-n", "500").splitlines()]

    def first(kind: str, reason: str) -> float | None:
        times = [datetime.fromisoformat(each["time"]).timestamp() for each in said
                 if each["kind"] == kind and reason in each.get("reason", "")]
        return next(((at - struck) * 1000 for at in times if at >= struck), None)

    return {"left": first("neighbor", "down"), "proven": first("proof", "brings back 1 of 1 VIPs")}


def failover(options: argparse.Namespace) -> dict[str, Any]:
    """One failure with one setting: what it has cost.

    Only what takes the processor is done on the stage: the waiting in between disturbs nobody.
    """
    setting, failure = SETTINGS[options.setting], FAILURES[options.failure]
    stage = stage_of(options)
    with stage, setting.scene(options.routers, scratch("failover"), failure,
                              options.rate, options.ipv6) as scene:
        setting.settle(scene)
        stage.leave()
        moments = random.Random(options.seed)

        def ready() -> bool:
            setting.calm(scene)
            deadline.watch(moments.uniform(0, RANDOM_WAIT_S), lambda: None)
            stage.enter()
            if setting.is_well(scene):
                return True
            stage.leave()
            return False

        deadline.until(ready, READY_LIMIT_S, "nothing flaps")
        patient = options.limit < PATIENCE_S
        # A failure that lasts for minutes is watched beside others.
        struck: list[float] = []

        def inflict(scene: Scene) -> None:
            struck.append(time.time())
            failure.inflict(scene)

        with Witnesses(scene) as witnesses:
            if not patient:
                stage.leave()
            toll = witnesses.endure(inflict, options.limit, LINGER_S, patient)
            stage.enter()
        flaps, seen = 0, {}
        if setting.server == "vipd":
            flaps = sum((row.get("bfd") or {}).get("flaps", 0) for row in scene.vipd.neighbors())
            seen = seen_by_server(scene, struck[0])
    return {"ms": toll.unanswered, **dataclasses.asdict(toll), "flaps": flaps, **seen}


def stop(scene: Scene, stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    """The daemon is stopped cleanly: when both routers have dropped the route."""
    calm(scene, stage, options)
    watches = [RouteWatch(scene.network.nodes[name]) for name in scene.routers]
    begin = time.monotonic()
    scene.server.signal(signal.SIGTERM)
    try:
        gone = [watch.wait_gone(PREFIX, begin, options.limit) for watch in watches]
    except deadline.Missed:
        return {"ms": None}
    finally:
        for watch in watches:
            watch.close()
    return {"ms": (max(gone) - begin) * 1000}


def _says(metric: Callable[[int], bool], since: float) -> Callable[[Datagram], bool]:
    """A condition: the server says the VIP with such a metric, after some time."""
    def said(datagram: Datagram) -> bool:
        if datagram.source != PHYSICAL or datagram.at < since:
            return False
        message = rip.decode(datagram.payload)
        return message.command == rip.RESPONSE and any(
            entry.prefix == PREFIX and metric(entry.metric) for entry in message.entries)

    return said


def rebound_ms(scene: Scene) -> float:
    """Unbind, and bind again as soon as that is on the wire: when the second is on the wire.

    The time runs from the start of the command that binds, `vip bind` or `ip address add`.
    """
    assert not isinstance(scene.server, StaticServer)
    capture = Capture(scene.network.nodes[SERVER], "eth1", rip.PORT)
    scene.server.unbind(VIP)
    capture.wait_for(_says(lambda metric: metric >= rip.INFINITY, 0.0), WITHDRAW_LIMIT_S,
                     "the withdrawal is on the wire")
    begin = time.time()
    scene.server.bind(VIP)
    seen = capture.wait_for(_says(lambda metric: metric < rip.INFINITY, begin), ANNOUNCE_LIMIT_S,
                            "the announcement is on the wire")
    capture.close()
    return (seen.at - begin) * 1000


def rebind(scene: Scene, stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    """An address is unbound and bound again while the routers are calm."""
    calm(scene, stage, options)
    return {"ms": rebound_ms(scene)}


def _lost(losses: Losses, options: argparse.Namespace) -> dict[str, Any]:
    """What was lost, as if the probe had run at 1 kHz whatever its rate was."""
    return {"ms": losses.outage_ms, "lost": losses.lost * NOMINAL_RATE / options.rate}


def _flaps(scene: Scene) -> int:
    """How often the routers have lost an adjacency so far."""
    return sum(flaps(router.log_text()) for router in scene.routers.values())


def crash(scene: Scene, stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    """The daemon is killed and started again: what the client has lost."""
    assert not isinstance(scene.server, StaticServer)
    calm(scene, stage, options)
    assert scene.udp is not None
    before = _flaps(scene)
    begin = time.monotonic()
    scene.server.kill()
    # An adjacency of OSPF's ends sooner than a route of RIP's.
    down = KEEPER_DOWN_S if options.setting \
        else random.Random(options.seed).uniform(0, DOWN_MAX_S)
    deadline.watch(down, lambda: None)
    scene.server.restart()
    deadline.watch(RESTARTED_S, lambda: None)
    deadline.comes_true(scene.udp.flowing_since(time.monotonic()), options.limit)
    scene.udp.stop()
    losses = scene.udp.losses(begin)
    return {**_lost(losses, options), "flaps": _flaps(scene) - before}


def _settled_move(scene: TwoServers, stage: Stage, options: argparse.Namespace) -> None:
    """The first server has the VIP, the client is answered, no triggered update is held back."""
    scene.servers[SERVER].bind(VIP)
    scene.wait_for_all(SERVER, options.limit)
    scene.start_probe()
    stage.leave()
    if options.setting:
        SETTINGS[options.setting].quiet(scene.network)
    else:
        deadline.watch(TRIGGER_HOLD_S, lambda: None)
    deadline.watch(random.Random(options.seed).uniform(0, RANDOM_WAIT_S), lambda: None)
    stage.enter()


def _moved(scene: TwoServers, options: argparse.Namespace) -> dict[str, Any]:
    scene.wait_for_all(OTHER, options.limit)
    scene.wait_for_answers(options.limit)
    deadline.watch(MOVED_S, lambda: None)
    losses = scene.losses()
    return _lost(losses, options)


def move(scene: TwoServers, stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    """Unbound on the old server, then bound on the new one: the outage that the client sees."""
    _settled_move(scene, stage, options)
    scene.servers[SERVER].unbind(VIP)
    scene.servers[OTHER].bind(VIP)
    return _moved(scene, options)


def take(scene: TwoServers, stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    """Taken over by the new server, then unbound on the old one: what the client has lost."""
    _settled_move(scene, stage, options)
    begin = time.monotonic()
    if options.server == "vipd":
        scene.new.vip("bind", VIP, "--take")
    else:
        scene.servers[OTHER].bind(VIP)
        deadline.watch(CHANGE_OVER_S, lambda: None)
    took = (time.monotonic() - begin) * 1000
    scene.servers[SERVER].unbind(VIP)
    return {**_moved(scene, options), "took": took}


def join(scene: TwoServers, stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    """Bound on the new server, then unbound on the old one at once: what the client has lost."""
    _settled_move(scene, stage, options)
    scene.servers[OTHER].bind(VIP)
    scene.servers[SERVER].unbind(VIP)
    return _moved(scene, options)


ONE_SERVER: dict[str, Callable[[Scene, Stage, argparse.Namespace], dict[str, Any]]] = {
    "stop": stop, "rebind": rebind, "crash": crash}
TWO_SERVERS: dict[str, Callable[[TwoServers, Stage, argparse.Namespace], dict[str, Any]]] = {
    "move": move, "take": take, "join": join}


def trial(options: argparse.Namespace) -> dict[str, Any]:
    """Stand the network up and run one trial in it."""
    if options.kind == "failover":
        return failover(options)
    folder, stage = scratch(f"{options.kind}-{options.server}-{options.routers}"), stage_of(options)
    setting = SETTINGS[options.setting] if options.setting else None
    if options.kind in TWO_SERVERS:
        pair = setting.two_servers(options.routers, folder, options.rate) if setting \
            else TwoServers(options.routers, options.server, folder, options.rate)
        with stage, pair as two:
            return TWO_SERVERS[options.kind](two, stage, options)
    made = setting.scene(options.routers, folder, None, options.rate, options.ipv6) if setting \
        else Scene(options.routers, options.server, folder, options.rate)
    with stage, made as scene:
        return ONE_SERVER[options.kind](scene, stage, options)


def parser() -> argparse.ArgumentParser:
    """The command line of a trial."""
    words = argparse.ArgumentParser()
    words.add_argument("kind", choices=sorted(("failover", *ONE_SERVER, *TWO_SERVERS)))
    words.add_argument("--server", default="vipd")
    words.add_argument("--setting", choices=SETTINGS, 
                       help="of failover, and of others that do not speak RIP")
    words.add_argument("--failure", choices=FAILURES)
    words.add_argument("--ipv6", action="store_true", help="where there is a setting")
    words.add_argument("--stage", help="a file that trials take turns with")
    words.add_argument("--routers", default="bird")
    words.add_argument("--rate", type=int, default=1000)
    words.add_argument("--limit", type=float, default=15.0)
    words.add_argument("--seed", type=int, default=0)
    return words


def main() -> None:
    """Run one trial."""
    print(json.dumps(trial(parser().parse_args())), flush=True)


if __name__ == "__main__":
    main()
