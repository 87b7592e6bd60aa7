# SPDX-License-Identifier: Apache-2.0
"""The guards that run, as /proc has them: nobody else knows their process ids. And who speaks to one instead of vipd.

    channel = Channel(state)
    channel.send(PROBE_SET, {PATH: path(index, peer, local), PROBE_INTERVAL: tagged.number(100_000)})
"""

from __future__ import annotations

import ipaddress
import os
import select
import socket
from pathlib import Path

from . import deadline, tagged

# src/guard/message.h and message.c
VERSION = 6
HELLO, WELCOME, BYE, BFD_SET, BFD_STATE, PROBE_SET, PROBE_STATE, COUNTERS = 1, 2, 4, 6, 8, 9, 11, 12
ECHO_SET, ECHO_REMOVE, ECHO_STATE, PROVE, PROVED = 15, 16, 17, 18, 19
GRACE, PATH, BFD, PROBE_INTERVAL, PROBE_MULTIPLIER, STATE, COUNTED = 1, 2, 3, 4, 5, 6, 10
ECHO, REQUEST, PROOF = 11, 12, 13
GRACE_NS = 60_000_000_000
LISTEN_LIMIT_S = 10.0
MESSAGE_BYTES = 4096


def guards(state: Path | None = None) -> list[int]:
    """The process ids of all guards of this world, or of those of one state directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if Path(os.fsdecode(words[0])).name == "vipd-guard" \
                and (state is None or os.fsencode(state) in words):
            found.append(int(entry.name))
    return found


def path(interface: int, peer: str, local: str) -> bytes:
    """The key of a session."""
    return tagged.encode({1: tagged.number(interface), 2: ipaddress.ip_address(peer).packed,
                          3: ipaddress.ip_address(local).packed})


class Channel:
    """The connection to a guard, by its state directory; it waits until the guard listens."""

    def __init__(self, state: Path) -> None:
        deadline.until((state / "guard.sock").exists, LISTEN_LIMIT_S, "the guard listens")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        folder = os.open(state, os.O_PATH)
        self.socket.connect(f"/proc/self/fd/{folder}/guard.sock")
        os.close(folder)
        self.send(HELLO, {GRACE: tagged.duration(GRACE_NS)})
        kind, version = self.socket.recv(MESSAGE_BYTES)[:2]
        assert (kind, version) == (WELCOME, VERSION), (kind, version)

    def send(self, kind: int, record: dict[int, bytes]) -> None:
        """Say something."""
        self.socket.send(bytes((kind, VERSION)) + tagged.encode(record))

    def hear(self, seconds: float = 0.0) -> tuple[int, dict[int, list[bytes]]] | None:
        """What the guard says next, or None when it says nothing in time."""
        if not select.select([self.socket], [], [], seconds)[0]:
            return None
        message = self.socket.recv(MESSAGE_BYTES)
        if not message:
            raise RuntimeError("the guard has ended")
        return message[0], tagged.decode(message[2:])

    def close(self) -> None:
        """Send the guard away."""
        self.send(BYE, {})

    def hang_up(self) -> None:
        """After its end."""
        self.socket.close()
