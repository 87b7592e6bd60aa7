# SPDX-License-Identifier: Apache-2.0
"""OSPF as routers are told to speak it, in place of RIP: one setting for BIRD and FRR.

    scene.routers["r1"].ospf = Ospf(versions=(2, 3), kind="nssa", hello=1, dead=4)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping

# What each digest is called by BIRD and by FRR.
BIRD_DIGESTS = {"md5": "keyed md5", "hmac-sha-1": "hmac sha1", "hmac-sha-256": "hmac sha256",
                "hmac-sha-384": "hmac sha384", "hmac-sha-512": "hmac sha512"}
FRR_DIGESTS = {"md5": "md5", "hmac-sha-1": "hmac-sha-1", "hmac-sha-256": "hmac-sha-256",
               "hmac-sha-384": "hmac-sha-384", "hmac-sha-512": "hmac-sha-512"}


@dataclass(frozen=True)
class Ospf:
    """How all interfaces of a router speak, but for the networks of a few."""

    versions: tuple[int, ...] = (2,)
    area: str = "0.0.0.0"
    kind: str = "normal"  # or stub, nssa
    hello: int = 1  # seconds
    dead: int = 4
    networks: Mapping[str, str] = field(default_factory=dict)  # of an interface: point-to-point
    costs: Mapping[str, int] = field(default_factory=dict)  # of an interface: not 10
    auth: str = ""  # as in vipd.yaml
    secret: str = ""
    bfd: bool = False
    priority: int = 1
    more: str = ""  # in the daemon's own words, of each interface

    def network(self, interface: str) -> str:
        """The kind of network of an interface."""
        return self.networks.get(interface, "broadcast")

    def bird(self, interfaces: list[str], export: str) -> str:
        """Protocols of bird.conf."""
        return "".join(f"""
protocol ospf v{version} {{
  {"ipv4" if version == 2 else "ipv6"} {{ import all; export {self._exports(export)}; }};
  area {self.area} {{
    {"" if self.kind == "normal" else self.kind + ";"}
{"".join(self._bird_interface(name) for name in interfaces)}  }};
}}
""" for version in self.versions)

    def _exports(self, export: str) -> str:
        # A stub area has no externals.
        return "none" if self.kind == "stub" else f"where {export}"

    def _bird_interface(self, name: str) -> str:
        kind = {"broadcast": "bcast", "point-to-point": "ptp",
                "point-to-multipoint": "ptmp"}[self.network(name)]
        return (f'    interface "{name}" {{ type {kind}; hello {self.hello}; dead {self.dead}; '
                f"wait {self.dead}; priority {self.priority}; cost {self.costs.get(name, 10)}; "
                f"{'bfd on; ' if self.bfd else ''}{self._bird_auth()}{self.more} }};\n")

    def _bird_auth(self) -> str:
        if not self.auth:
            return ""
        if self.auth == "simple":
            return f'authentication simple; password "{self.secret}"; '
        return (f'authentication cryptographic; password "{self.secret}" '
                f'{{ id 1; algorithm {BIRD_DIGESTS[self.auth]}; }}; ')

    def frr(self, interfaces: list[str], router_id: str, version: int) -> str:
        """The configuration of ospfd, or of ospf6d."""
        of_interfaces = "".join(self._frr_interface(name, version) for name in interfaces)
        word = "ospf" if version == 2 else "ospf6"
        kind = "" if self.kind == "normal" else f" area {self.area} {self.kind}\n"
        keys = self._frr_keys()
        identity = f" {'ospf' if version == 2 else 'ospf6'} router-id {router_id}\n"
        return f"{keys}{of_interfaces}router {word}\n{identity}{kind}"

    def _frr_keys(self) -> str:
        if not self.auth or self.auth in ("simple", "md5"):
            return ""
        return (f"key chain lab\n key 1\n  key-string {self.secret}\n"
                f"  cryptographic-algorithm {FRR_DIGESTS[self.auth]}\nexit\n")

    def _frr_interface(self, name: str, version: int) -> str:
        word = "ip ospf" if version == 2 else "ipv6 ospf6"
        lines = [f"{word} area {self.area}", f"{word} hello-interval {self.hello}",
                 f"{word} dead-interval {self.dead}", f"{word} priority {self.priority}"]
        if name in self.costs:
            lines.append(f"{word} cost {self.costs[name]}")
        if self.network(name) != "broadcast":
            lines.append(f"{word} network {self.network(name)}")
        if self.bfd:
            lines.append(f"{word} bfd")
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
