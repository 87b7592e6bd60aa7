# SPDX-License-Identifier: Apache-2.0
"""One measurement in one containment, printed as one line of JSON.

    python3 -m lab.containment python3 -m bench.trial failover --server vipd --routers bird
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import time
from typing import Any, Callable

from lab import deadline, rip
from lab.capture import Capture, Datagram
from lab.routes import RouteWatch
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import StaticServer
from lab.topology import PHYSICAL, SERVER, VIP

# The failure comes at a random moment of this time, after the routers have become calm.
RANDOM_WAIT_S = 5.0
WITHDRAW_LIMIT_S = 30.0
ANNOUNCE_LIMIT_S = 60.0
PREFIX = f"{VIP}/32"


def failover(scene: Scene, options: argparse.Namespace) -> dict[str, Any]:
    """The NIC goes down: the outage that the client sees."""
    scene.settle(calm=True)
    deadline.watch(random.Random(options.seed).uniform(0, RANDOM_WAIT_S), lambda: None)
    outcome = scene.fail(scene.nic_down, limit=options.limit, patient=options.limit < 60)
    return {"ms": outcome.outage_ms, "lost": outcome.lost, "tcp": outcome.tcp_survived,
            "tcp_stall_ms": outcome.tcp_stall_ms, "after": outcome.carried_after}


def stop(scene: Scene, options: argparse.Namespace) -> dict[str, Any]:
    """The daemon is stopped cleanly: when both routers have dropped the route."""
    scene.settle(calm=True)
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


def rebind(scene: Scene, _options: argparse.Namespace) -> dict[str, Any]:
    """Unbind, and bind again as soon as that is on the wire: when the second is on the wire.

    The time runs from the start of the command that binds, `vip bind` or `ip address add`.
    """
    assert not isinstance(scene.server, StaticServer)
    scene.settle(calm=True)
    capture = Capture(scene.network.nodes[SERVER], "eth1", rip.PORT)
    scene.server.unbind(VIP)
    capture.wait_for(_says(lambda metric: metric >= rip.INFINITY, 0.0), WITHDRAW_LIMIT_S,
                     "the withdrawal is on the wire")
    begin = time.time()
    scene.server.bind(VIP)
    seen = capture.wait_for(_says(lambda metric: metric < rip.INFINITY, begin), ANNOUNCE_LIMIT_S,
                            "the announcement is on the wire")
    capture.close()
    return {"ms": (seen.at - begin) * 1000}


KINDS = {"failover": failover, "stop": stop, "rebind": rebind}


def main() -> None:
    """Run one trial."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--server", default="vipd")
    parser.add_argument("--routers", default="bird")
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--limit", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    name = f"{options.kind}-{options.server}-{options.routers}"
    with Scene(options.routers, options.server, scratch(name), options.rate) as scene:
        print(json.dumps(KINDS[options.kind](scene, options)), flush=True)


if __name__ == "__main__":
    main()
