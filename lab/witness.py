# SPDX-License-Identifier: Apache-2.0
"""Traffic in both directions while something fails, and what the failure has cost.

    with Witnesses(scene) as witnesses:
        toll = witnesses.endure(FAILURES["silent"].inflict, limit=10.0)

Five look on: a client that asks the VIP and counts the answers, probes that the server sends to the
client and nobody answers, one connection that the client has opened, one that the server has opened
from the VIP, and the clock. Probes have numbers, so what is lost is known and not guessed.

All of it uses one address of the client, one to which the server's way leads over the interface
that will fail: so both directions are hit, which is the worst case.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Callable

from . import deadline
from .failure import INTERFACE
from .probe import SINK_PORT, Echo, Numbered, Reporter, Sink, TcpProbe, UdpProbe
from .scene import SETTLE_LIMIT_S, Scene
from .topology import CLIENT, MORE_CLIENT_ADDRESSES, SERVER, in_ipv6

LINGER_S = 2.0
PING_RATE = 100
ALIVE_LIMIT_S = 1.0
IDLE_POLL_S = 0.5


@dataclass(frozen=True)
class Toll:
    """What a failure has cost. Times are in milliseconds.

    The client's time without an answer is the sum, so that a link that flaps is counted whole;
    None says that it was not answered when the watch ended. `outward` is the same for what the
    server sends, one way; it tells nothing unless it was `exposed`, that is, went over the
    interface that failed. A connection that was reset has not survived.
    """

    unanswered: float | None
    longest: float
    outward: float | None
    exposed: bool
    inward_stall: float
    outward_stall: float
    survived: bool


class Witnesses:
    """The traffic of one scene whose routes have settled."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        client, server = scene.network.nodes[CLIENT], scene.network.nodes[SERVER]
        vip, behind = scene.server.address, self._address_behind(INTERFACE)
        away, self.exposed = behind or self._client_addresses()[0], bool(behind)
        pings = min(PING_RATE, scene.rate)
        self._all: list[Reporter] = []
        try:
            for where, address in ((server, vip), (client, away)):
                self._all.append(Echo(where, address))
            self.asking = UdpProbe(client, vip, scene.rate, away)
            self.heard = Sink(client, away, scene.rate)
            self._all += [self.asking, self.heard,
                          UdpProbe(server, away, scene.rate, vip, SINK_PORT)]
            deadline.until(self._flowing_since(time.monotonic()), SETTLE_LIMIT_S,
                           "both directions are open")
            self.connections = [TcpProbe(client, vip, pings, away),
                                TcpProbe(server, away, pings, vip)]
            self._all += self.connections
        except BaseException:
            self.close()
            raise

    def _client_addresses(self) -> list[str]:
        return [in_ipv6(each) if self.scene.ipv6 else each for each in MORE_CLIENT_ADDRESSES]

    def _address_behind(self, interface: str) -> str | None:
        server = self.scene.network.nodes[SERVER]
        for address in self._client_addresses():
            routes = server.ip_json("route", "get", address, "from", self.scene.server.address,
                                    "ipproto", "udp")
            if routes and routes[0].get("dev") == interface:
                return address
        return None

    def __enter__(self) -> Witnesses:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all probes, the services last."""
        for each in reversed(self._all):
            each.stop()

    def _flowing_since(self, moment: float) -> Callable[[], bool]:
        conditions = [each.flowing_since(moment) for each in (self.asking, self.heard)]
        return lambda: all(condition() for condition in conditions)

    def endure(self, act: Callable[[Scene], None], limit: float, linger: float = LINGER_S,
               patient: bool = True) -> Toll:
        """Fail or heal, and watch until all goes on, or to the limit.

        A patient watch also waits for the connections, which come back later than the network.
        """
        began = time.monotonic()
        act(self.scene)
        flowing = self._flowing_since(time.monotonic() + 0.2)
        deadline.comes_true(
            lambda: flowing() and (not patient or all(each.flowing() for each in self.connections)),
            limit, interval=deadline.POLL_INTERVAL_S if patient else IDLE_POLL_S)
        deadline.watch(linger, lambda: None)
        alive = {each: deadline.comes_true(each.flowing_since(time.monotonic()), ALIVE_LIMIT_S)
                 for each in (self.asking, self.heard)}
        self.close()
        inward, outward = (each.stall_ms() for each in self.connections)
        return Toll(
            unanswered=self._lost_ms(self.asking, began) if alive[self.asking] else None,
            longest=self.asking.losses(began).outage_ms,
            outward=self._lost_ms(self.heard, began) if alive[self.heard] else None,
            exposed=self.exposed, inward_stall=inward, outward_stall=outward,
            survived=all(each.survived() for each in self.connections))

    def _lost_ms(self, probe: Numbered, since: float) -> float:
        return probe.losses(since).lost * 1000 / self.scene.rate
