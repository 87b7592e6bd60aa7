# SPDX-License-Identifier: Apache-2.0
"""What a kernel tells over netlink, read by a thread as it comes.

The kernel puts an event into the socket's queue before the system call that caused it returns,
so a moment that is read here is never before the one at which it happened.
"""

from __future__ import annotations

import math
import socket
import struct
import threading
import time
from typing import Callable, Iterator

from .namespace import Namespace

HEADER = struct.Struct("=IHHII")
ATTRIBUTE_HEADER = struct.Struct("=HH")
ATTRIBUTE_TYPE_MASK = 0x3FFF
RECEIVE_BUFFER = 8 << 20
SO_RCVBUFFORCE = 33
POLL_S = 0.1


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The messages of one read: the type of each, and what is behind its header."""
    while len(data) >= HEADER.size:
        length, kind, *_ = HEADER.unpack_from(data)
        if length < HEADER.size:
            return
        yield kind, data[HEADER.size:length]
        data = data[(length + 3) & ~3:]


def attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The attributes of a message, from behind its own header on."""
    while len(data) >= ATTRIBUTE_HEADER.size:
        length, kind = ATTRIBUTE_HEADER.unpack_from(data)
        if length < ATTRIBUTE_HEADER.size:
            return
        yield kind & ATTRIBUTE_TYPE_MASK, data[ATTRIBUTE_HEADER.size:length]
        data = data[(length + 3) & ~3:]


class Listener:
    """A socket in some groups of one netlink family, and the thread that reads it."""

    def __init__(self, where: Namespace, family: int, groups: int,
                 take: Callable[[bytes], None]) -> None:
        self._take = take
        self._ends = math.inf
        with where.entered():
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        self._socket.bind((0, groups))
        self._socket.settimeout(POLL_S)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while time.monotonic() < self._ends:
            try:
                self._take(self._socket.recv(1 << 16))
            except TimeoutError:
                continue

    def close(self) -> None:
        """End it; what has been told until now is still read."""
        self._ends = time.monotonic() + POLL_S
        self._reader.join()
        self._socket.close()
