# SPDX-License-Identifier: Apache-2.0
"""OSPF as routers are told to speak it, in place of RIP: one setting for BIRD and FRR.

    scene.routers["r1"].ospf = Ospf(versions=(2, 3), kind="nssa", hello=1, dead=4)

And what is seen of it: whether a network is quiet, and how often a router has lost a neighbour.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Mapping

from . import deadline
from .namespace import Namespace

BACKBONE = "0.0.0.0"

# What each digest is called by BIRD and by FRR.
BIRD_DIGESTS = {"md5": "keyed md5", "hmac-sha-1": "hmac sha1", "hmac-sha-256": "hmac sha256",
                "hmac-sha-384": "hmac sha384", "hmac-sha-512": "hmac sha512"}
FRR_DIGESTS = {"md5": "md5", "hmac-sha-1": "hmac-sha-1", "hmac-sha-256": "hmac-sha-256",
               "hmac-sha-384": "hmac-sha-384", "hmac-sha-512": "hmac-sha-512"}

FRR_PROFILE = "lab"
PROTOCOL = 89
UPDATE = 4  # RFC 2328 A.3.1
GROUPS = {4: "224.0.0.5", 6: "ff02::5"}
RECEIVE_S = 0.2
# What a router says when a neighbour that was full is it no more: BIRD, and FRR's two daemons.
LOST = re.compile(r"changed state from Full to |: Full -> |\[Full->")


@dataclass(frozen=True)
class Ospf:
    """How all interfaces of a router speak, but for the networks of a few."""

    versions: tuple[int, ...] = (2,)
    area: str = "0.0.0.0"
    kind: str = "normal"  # or stub, nssa
    summaries: bool = True  # without them a stub area is totally stubby
    backbone: tuple[str, ...] = ()  # interfaces in the area 0 beside that one
    hello: int = 1  # seconds
    dead: int = 4
    networks: Mapping[str, str] = field(default_factory=dict)  # of an interface: point-to-point
    costs: Mapping[str, int] = field(default_factory=dict)  # of an interface: not 10
    auth: str = ""  # as in vipd.yaml
    secret: str = ""
    hellos: int = 0  # in a dead interval of one second; only FRR's ospfd can do that
    bfd_ms: int = 0  # the interval of BFD, three times; 0: none
    unwatched: tuple[str, ...] = ()  # interfaces without it
    priority: int = 1
    more: str = ""  # in the daemon's own words, of each interface
    stub: bool = False  # what a server announces is a link of its router-LSA, and no external
    helps: bool = False  # neighbours that restart; BIRD does so in any case

    def network(self, interface: str) -> str:
        """The kind of network of an interface."""
        return self.networks.get(interface, "broadcast")

    def bird(self, interfaces: list[str], export: str, board: str = "") -> str:
        """Protocols of bird.conf. What is on a board is announced as stub links."""
        stub = f'    interface "{board}" {{ stub; cost 1; }};\n' if board else ""
        return "".join(f"""
protocol ospf v{version} {{
  debug {{ events }};
  {"ipv4" if version == 2 else "ipv6"} {{ import all; export {self._exports(export)}; }};
{self._bird_area(BACKBONE, "", [name for name in interfaces if name in self.backbone])
}{self._bird_area(self.area, self._bird_kind(),
                  [name for name in interfaces if name not in self.backbone], stub)}}}
""" for version in self.versions)

    def _bird_kind(self) -> str:
        if self.kind == "normal":
            return ""
        return f"    {self.kind}; summary {'yes' if self.summaries else 'no'};\n"

    def _bird_area(self, area: str, kind: str, interfaces: list[str], stub: str = "") -> str:
        inside = "".join(self._bird_interface(name) for name in interfaces) + stub
        return f"  area {area} {{\n{kind}{inside}  }};\n" if inside else ""

    def _exports(self, export: str) -> str:
        # A stub area has no externals.
        return "none" if self.kind == "stub" else f"where {export}"

    def _is_watched(self, interface: str) -> bool:
        return self.bfd_ms > 0 and interface not in self.unwatched

    def _bird_interface(self, name: str) -> str:
        kind = {"broadcast": "bcast", "point-to-point": "ptp",
                "point-to-multipoint": "ptmp"}[self.network(name)]
        return (f'    interface "{name}" {{ type {kind}; hello {self.hello}; dead {self.dead}; '
                f"wait {self.dead}; priority {self.priority}; cost {self.costs.get(name, 10)}; "
                f"{'bfd on; ' if self._is_watched(name) else ''}{self._bird_auth()}{self.more} }};\n")

    def _bird_auth(self) -> str:
        if not self.auth:
            return ""
        if self.auth == "simple":
            return f'authentication simple; password "{self.secret}"; '
        return (f'authentication cryptographic; password "{self.secret}" '
                f'{{ id 1; algorithm {BIRD_DIGESTS[self.auth]}; }}; ')

    def frr(self, interfaces: list[str], router_id: str, version: int, board: str = "") -> str:
        """The configuration of ospfd, or of ospf6d. What is on a board is announced as well."""
        of_interfaces = "".join(self._frr_interface(name, version) for name in interfaces)
        if board:
            of_interfaces += self._frr_board(board, version)
        word = "ospf" if version == 2 else "ospf6"
        lines = [f"{word} router-id {router_id}", "log-adjacency-changes"]
        if self.kind != "normal":
            lines.append(f"area {self.area} {self.kind}"
                         f"{'' if self.summaries else ' no-summary'}")
        if self.helps:
            # Without the first ospfd drops what asks for it.
            lines += ["capability opaque"] if version == 2 else []
            lines.append("graceful-restart helper enable")
        return (f"log stdout informational\n{self._frr_keys()}{of_interfaces}router {word}\n"
                + "".join(f" {line}\n" for line in lines))

    def frr_bfd(self) -> str:
        """The configuration of bfdd. With timers on the interfaces ospfd has others at first."""
        return (f"bfd\n profile {FRR_PROFILE}\n  transmit-interval {self.bfd_ms}\n"
                f"  receive-interval {self.bfd_ms}\n  detect-multiplier 3\n")

    def _frr_board(self, board: str, version: int) -> str:
        word = "ip ospf" if version == 2 else "ipv6 ospf6"
        return (f"interface {board}\n {word} area {self.area}\n {word} cost 1\n"
                f" {word} passive\nexit\n")

    def _frr_keys(self) -> str:
        if not self.auth or self.auth in ("simple", "md5"):
            return ""
        return (f"key chain lab\n key 1\n  key-string {self.secret}\n"
                f"  cryptographic-algorithm {FRR_DIGESTS[self.auth]}\nexit\n")

    def _frr_interface(self, name: str, version: int) -> str:
        word = "ip ospf" if version == 2 else "ipv6 ospf6"
        area = BACKBONE if name in self.backbone else self.area
        lines = [f"{word} area {area}", f"{word} priority {self.priority}"]
        lines += [f"{word} dead-interval minimal hello-multiplier {self.hellos}"] if self.hellos \
            else [f"{word} hello-interval {self.hello}", f"{word} dead-interval {self.dead}"]
        if name in self.costs:
            lines.append(f"{word} cost {self.costs[name]}")
        if self.network(name) != "broadcast":
            lines.append(f"{word} network {self.network(name)}")
        if self._is_watched(name):
            lines += [f"{word} bfd", f"{word} bfd profile {FRR_PROFILE}"]
        if self.auth == "simple":
            lines += ["ip ospf authentication", f"ip ospf authentication-key {self.secret}"]
        elif self.auth == "md5":
            lines += ["ip ospf authentication message-digest",
                      f"ip ospf message-digest-key 1 md5 {self.secret}"]
        elif self.auth:
            lines.append(f"{word} authentication keychain lab" if version == 3
                         else f"{word} authentication key-chain lab")
        if self.more:
            lines.append(self.more)
        return f"interface {name}\n" + "".join(f" {line}\n" for line in lines) + "exit\n"


def wait_until_quiet(where: Namespace, interface: str, ipv6: bool, quiet: float,
                     limit: float) -> None:
    """Wait until no router has sent an LSA to a network for so long.

    What a router holds back is sent before that, and the next change is its first one again.
    """
    with where.entered():
        family = socket.AF_INET6 if ipv6 else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_RAW, PROTOCOL)
        index = socket.if_nametoindex(interface)
    if ipv6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                            socket.inet_pton(family, GROUPS[6]) + struct.pack("@I", index))
    else:
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                            socket.inet_aton(GROUPS[4]) + struct.pack("@4si", bytes(4), index))
    listener.settimeout(RECEIVE_S)
    last = time.monotonic()

    def silent() -> bool:
        nonlocal last
        try:
            packet = listener.recv(2048)
        except TimeoutError:
            packet = b""
        if packet[0 if ipv6 else (packet[:1] or b"\0")[0] % 16 * 4:][1:2] == bytes([UPDATE]):
            last = time.monotonic()
        return time.monotonic() - last > quiet

    with listener:
        deadline.until(silent, limit, "the routers have nothing to say")


def flaps(log: str) -> int:
    """How often a router has lost a full neighbour, by its log."""
    return len(LOST.findall(log))
