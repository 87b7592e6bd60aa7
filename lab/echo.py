# SPDX-License-Identifier: Apache-2.0
"""A guard that is asked for the echo by us, in place of vipd: tracks and proofs through real routers.

    with Prover(network.nodes[SERVER], "eth1", scratch("echo")) as prover:
        prover.track("10.1.0.1", "10.1.0.10")
        print(prover.prove("10.1.0.1", "10.1.0.10", "10.9.1.1").outcome)
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass
from pathlib import Path

from . import guard, tagged
from .namespace import Namespace
from .process import Process
from .scratch import program

# src/proto/echo/echo.h
OUTCOMES = ("returned", "lost", "refused", "unreached")
REFUSALS = ("nothing", "no-route", "prohibited", "no-host", "no-port", "ttl-exceeded", "other")
STATES = ("unknown", "up", "down")
SPACING_US = 50_000
ANSWER_LIMIT_S = 10.0
# Of the guard's counters, src/guard/message.c
DROPS = 13


@dataclass(frozen=True)
class Proof:
    """How a proof came out."""

    outcome: str
    refusal: str
    tries: int
    interface: int
    ttl: int
    time_us: int
    seconds: float


class Prover:
    """A guard of its own, and what it has said."""

    def __init__(self, where: Namespace, interface: str, folder: Path) -> None:
        state = folder / "state"
        state.mkdir()
        self.index = int(where.ip_json("link", "show", "dev", interface)[0]["ifindex"])
        self.process = Process(where, [program("vipd-guard"), "--state-dir", str(state), "--stay"],
                               folder / "guard.log")
        self.directory = state
        self.channel = guard.Channel(state)
        self.states: dict[bytes, list[tuple[float, str]]] = {}
        self.proofs: dict[int, Proof] = {}
        self.drops: list[int] = []
        self.token = 0

    def __enter__(self) -> Prover:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.running():
            self.channel.close()
        self.process.stop()
        self.channel.hang_up()

    def come_again(self) -> None:
        """Leave in good order, as a vipd that stops, and come at once, as the next one."""
        self.channel.close()
        self.channel.hang_up()
        self.channel = guard.Channel(self.directory)

    def _listen(self, seconds: float = 0.0) -> None:
        while heard := self.channel.hear(seconds):
            kind, record = heard
            if kind == guard.ECHO_STATE:
                self.states.setdefault(record[guard.PATH][0], []).append(
                    (time.monotonic(), STATES[tagged.first_number(record, guard.STATE)]))
            elif kind == guard.COUNTERS:
                counted = tagged.decode(record.get(guard.COUNTED, [b""])[0])
                self.drops = [int.from_bytes(each, "big") for each in counted.get(DROPS, [])]
            elif kind == guard.PROVED:
                found = tagged.decode(record.get(guard.PROOF, [b""])[0])
                number = [tagged.first_number(found, tag) for tag in range(10)]
                self.proofs[number[1]] = Proof(OUTCOMES[number[2]], REFUSALS[number[3]], number[4],
                                               number[7], number[8], number[9], time.monotonic())
            seconds = 0.0

    def track(self, peer: str, local: str, interval_us: int = 10_000, source: str = "") -> bytes:
        """Ask for a track, three times the interval; returns its key."""
        key = guard.path(self.index, peer, local)
        record = {1: tagged.number(interval_us), 2: tagged.number(3)}
        if source:
            record[3] = ipaddress.ip_address(source).packed
        self.channel.send(guard.ECHO_SET, {guard.PATH: key, guard.ECHO: tagged.encode(record)})
        return key

    def forget(self, key: bytes) -> None:
        """End a track."""
        self.channel.send(guard.ECHO_REMOVE, {guard.PATH: key})

    def state(self, key: bytes) -> str:
        """What the guard has said last of a track."""
        self._listen()
        return self.states.get(key, [(0.0, "nothing")])[-1][1]

    def wait_for(self, key: bytes, state: str, seconds: float = ANSWER_LIMIT_S) -> float:
        """The time at which the guard has said so; it is waited for without polling."""
        end = time.monotonic() + seconds
        while self.state(key) != state:
            left = end - time.monotonic()
            assert left > 0, f"{self.states.get(key)}, not {state}"
            self._listen(left)
        return self.states[key][-1][0]

    def prove(self, peer: str, local: str, destination: str, source: str = "",
              tries: int = 3) -> Proof:
        """Whether packets to the destination come to us through the router."""
        self.token += 1
        self.channel.send(guard.PROVE, {
            guard.PATH: guard.path(self.index, peer, local),
            guard.REQUEST: tagged.encode({
                1: tagged.number(self.token), 2: tagged.number(tries),
                3: tagged.number(SPACING_US),
                4: guard.path(self.index, peer, local),
                5: ipaddress.ip_address(source or local).packed,
                6: ipaddress.ip_address(destination).packed})})
        end = time.monotonic() + ANSWER_LIMIT_S
        while self.token not in self.proofs:
            assert time.monotonic() < end, "the guard says nothing of the proof"
            self._listen(0.1)
        return self.proofs[self.token]
