# SPDX-License-Identifier: Apache-2.0
"""Tables of the old iptables, put into the kernel by hand: its programs may not be installed.

    python3 -m lab.old_filters 4 '{"OUTPUT": [{"port": 520, "to": "drop"}]}'

A rule has `port` (UDP, from and to it), `source` (an IPv4 network's address, mask /8), `out` (an
interface), and `to`: drop, accept, return, or the name of a chain that is a member too. `policy` of
a hook is a member of its own: {"OUTPUT:policy": "drop"}.
"""

from __future__ import annotations

import ctypes
import json
import socket
import struct
import sys
from typing import Any

HOOKS = {"INPUT": 1, "FORWARD": 2, "OUTPUT": 3}
VERDICTS = {"drop": -1, "accept": -2, "return": -5}
GET_INFO = SET_REPLACE = 64
UDP = 17


def _header(six: bool, rule: dict[str, Any]) -> bytes:
    """What a rule says of addresses, interfaces and the protocol."""
    out = rule.get("out", "").encode("ascii")
    mask = b"\xff" * (len(out) + 1) if out else b""
    protocol = UDP if "port" in rule else 0
    names = struct.pack("16s16s16s16s", b"", out, b"", mask)
    if six:
        return bytes(64) + names + struct.pack("<HBBB3x", protocol, 0, 1 if protocol else 0, 0)
    source = socket.inet_aton(rule["source"]) if "source" in rule else bytes(4)
    source_mask = b"\xff\0\0\0" if "source" in rule else bytes(4)
    return source + bytes(4) + source_mask + bytes(4) + names + struct.pack("<HBB", protocol, 0, 0)


def _rule(six: bool, rule: dict[str, Any], target: bytes) -> bytes:
    """A rule of the kernel's table."""
    match = b""
    if "port" in rule:
        port = rule["port"]
        match = struct.pack("<H29sB4HB7x", 48, b"udp", 0, 0, 65535, port, port, 0)
    header = _header(six, rule)
    length = len(header) + (12 + 4 + 16 if six else 12 + 16)
    offsets = struct.pack("<IHHI", 0, length + len(match), length + len(match) + len(target), 0)
    return header + offsets + (bytes(4) if six else b"") + bytes(16) + match + target


def _verdict(number: int) -> bytes:
    return struct.pack("<H29sBi4x", 40, b"", 0, number)


def _error(name: str) -> bytes:
    return struct.pack("<H29sB30s2x", 64, b"ERROR", 0, name.encode("ascii"))


def _entries(raw: socket.socket, level: int) -> int:
    """How many rules the table has now: so many counters the kernel gives back."""
    info = ctypes.create_string_buffer(b"filter", 84)
    size = ctypes.c_uint32(84)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.getsockopt(raw.fileno(), level, GET_INFO, info, ctypes.byref(size)) < 0:
        raise OSError(ctypes.get_errno(), "there is no table filter")
    return int(struct.unpack_from("<I", info.raw, 76)[0])


def put(six: bool, chains: dict[str, Any]) -> None:
    """Make it the table `filter` of this network namespace."""
    own = [name for name in chains if name not in HOOKS and ":" not in name]
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    blob, count = b"", 0
    # Twice: where a chain lies is known after the first time.
    for _ in range(2):
        blob, count = b"", 0
        for name in (*HOOKS, *own):
            if name in own:
                blob += _rule(six, {}, _error(name))
                count += 1
            starts[name] = len(blob)
            for rule in chains.get(name, ()):
                number = VERDICTS.get(rule["to"], starts.get(rule["to"], 0))
                blob += _rule(six, rule, _verdict(number))
                count += 1
            ends[name] = len(blob)
            last = "return" if name in own else chains.get(f"{name}:policy", "accept")
            blob += _rule(six, {}, _verdict(VERDICTS[last]))
            count += 1
        blob += _rule(six, {}, _error("ERROR"))
        count += 1
    level = socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW,
                       socket.IPPROTO_RAW) as raw:
        before = _entries(raw, level)
        counters = ctypes.create_string_buffer(16 * before)
        head = struct.pack("<32sIII5I5IIQ", b"filter", sum(1 << hook for hook in HOOKS.values()),
                           count, len(blob), 0, *(starts[name] for name in HOOKS), 0,
                           0, *(ends[name] for name in HOOKS), 0, before,
                           ctypes.addressof(counters))
        raw.setsockopt(level, SET_REPLACE, head + blob)


if __name__ == "__main__":
    put(sys.argv[1] == "6", json.loads(sys.argv[2]))
