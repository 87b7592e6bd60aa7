# SPDX-License-Identifier: Apache-2.0
"""Who looks after the address and how quickly it notices, as a scene is made with it.

    setting = SETTINGS["vipd-bfd"]
    with setting.scene("bird", scratch("x"), FAILURES["silent"]) as scene:
        setting.settle(scene)
        setting.calm(scene)

The peers' tuned settings are the quickest that their manuals allow: BIRD with updates each second
and BFD, FRR, whose ripd has no BFD, with updates each five seconds. The routers are tuned as well.
vipd's settings leave RIP's timers at their defaults everywhere.

With OSPF all say hello each second: BIRD knows no less, and FRR was not quicker with other timers.
Who speaks to the server has its settings, whoever looks after the address.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Mapping

from . import deadline
from .bird import BgpSession, Bird
from .failure import Failure
from .frr import Frr
from .move import TwoServers
from .network import Network
from .ospf import Ospf, wait_until_quiet
from .scene import SETTLE_LIMIT_S, TRIGGER_HOLD_S, Scene
from .server import PeerServer, VipdServer
from .topology import CLIENT, SERVER, many_clients

UP_LIMIT_S = 30.0
BFD_INTERVAL_MS = 10
# What a machine bears that has other work too.
CALM_BFD_INTERVAL_MS = 50
MULTIPLIER = 3
PROBE_INTERVAL_MS = 100
ECHO_INTERVAL_MS = 10
HELLO_S, DEAD_S = 1, 4
HELLOS = 4  # in a dead interval of one second
PROTOCOLS = ("rip", "bgp", "ospf")
# So a server that is no host, as vipd is, is on nobody's way; and its own one leads over eth1.
SERVER_COSTS = {"eth1": 1000, "eth2": 2000}
# Where nothing fails; on a busy machine BFD would have it fail.
CALM_LAN = ("lc",)
# A client that is a router keeps to Router 1 by that, and is watched as the server is.
CLIENT_COSTS = {"lb": 15}
# The interfaces by which a router and the server meet.
SIDES = {"r1": ("la", "eth1"), "r2": ("lb", "eth2")}
# Who speaks BGP with whom. Each is a system of its own.
_SYSTEMS = {"10.1.0.1": 65001, "10.0.0.1": 65001, "10.2.0.2": 65002, "10.0.0.2": 65002,
            "10.1.0.10": 65010, "10.2.0.10": 65010}
_BGP = {"r1": (("10.0.0.1", "10.0.0.2"), ("10.1.0.1", "10.1.0.10")),
        "r2": (("10.0.0.2", "10.0.0.1"), ("10.2.0.2", "10.2.0.10")),
        SERVER: (("10.1.0.10", "10.1.0.1"), ("10.2.0.10", "10.2.0.2"))}


@dataclass(frozen=True)
class Setting:
    """A keeper of the address and how it is set; `watch` is bfd, probe, echo, hello (as often as
    it goes) or nothing.

    With BGP it is BIRD that speaks with BIRD routers, for scale.
    """

    name: str
    title: str
    server: str
    watch: str = ""
    tuned: bool = False
    protocol: str = "rip"
    bfd_ms: int = BFD_INTERVAL_MS
    helped: bool = False  # by routers that are told to bear a restart

    def possible(self, routers: str, failure: Failure, ipv6: bool) -> bool:
        """Say whether there is such a scene: a client speaks no BGP, and nobody does for IPv6; only
        FRR's ospfd, and vipd, say hello more often than each second."""
        if self.watch == "hello":
            return routers == "frr" and not ipv6
        if self.helped:
            return routers == "frr"
        return self.protocol != "bgp" or (
            routers == "bird" and not failure.client_routes and not ipv6)

    def scene(self, routers: str, folder: Path, failure: Failure | None = None, rate: int = 1000,
              ipv6: bool = False) -> Scene:
        """A scene, for one failure if there is one, not yet entered."""
        scene = Scene(routers, self.server, folder, rate, topology=many_clients(),
                      client_routes=failure is not None and failure.client_routes, ipv6=ipv6)
        if self.server == "vipd":
            scene.vipd.speaker = f"{self._speech(ipv6)}{self._watch()}, learn: all"
        for daemon in scene.routers.values():
            self._prepare(daemon, ipv6, CLIENT_COSTS if scene.client_router else {})
        if scene.client_router is not None:
            self._prepare(scene.client_router, ipv6, {})
        if self.server != "vipd":
            self._prepare(scene.peer.daemon, ipv6, SERVER_COSTS)
        return scene

    def two_servers(self, routers: str, folder: Path, rate: int = 1000) -> TwoServers:
        """Two servers with this setting, not yet entered."""
        scene = TwoServers(routers, self.server, folder, rate)
        for router in scene.routers.values():
            self._prepare(router, False, {})
        for server in scene.servers.values():
            if isinstance(server, PeerServer):
                self._prepare(server.daemon, False, SERVER_COSTS)
            elif isinstance(server, VipdServer):
                server.speaker = f"{self._speech(False)}{self._watch()}"
        return scene

    def _speech(self, ipv6: bool) -> str:
        if self.protocol == "rip":
            return "ripng: on" if ipv6 else "rip: {}"
        pace = f"hello-multiplier: {HELLOS}, dead: 1s" if self.watch == "hello" \
            else f"hello: {HELLO_S}s, dead: {DEAD_S}s"
        return f"{'ospfv3' if ipv6 else 'ospf'}: {{area: 0, {pace}}}"

    def _watch(self) -> str:
        if self.watch == "echo":
            return (f", probe: {{through: router, interval: {ECHO_INTERVAL_MS}ms, "
                    f"multiplier: {MULTIPLIER}}}")
        interval = {"bfd": self.bfd_ms, "probe": PROBE_INTERVAL_MS}.get(self.watch)
        if interval is None:
            return ""
        return f", {self.watch}: {{interval: {interval}ms, multiplier: {MULTIPLIER}}}"

    def _ospf(self, ipv6: bool, costs: Mapping[str, int]) -> Ospf:
        return Ospf(versions=(3,) if ipv6 else (2,), hello=HELLO_S, dead=DEAD_S, costs=costs,
                    unwatched=() if costs == CLIENT_COSTS else CALM_LAN,
                    hellos=HELLOS if self.watch == "hello" else 0,
                    bfd_ms=self.bfd_ms if self.watch == "bfd" else 0, stub=True,
                    helps=self.helped)

    def _prepare(self, daemon: Bird | Frr, ipv6: bool, costs: Mapping[str, int]) -> None:
        if self.protocol == "ospf":
            daemon.ospf = self._ospf(ipv6, costs)
        if isinstance(daemon, Bird):
            daemon.bfd = f"{self.bfd_ms} ms" if self.watch == "bfd" else ""
            daemon.speaker = "update time 1; timeout time 10; garbage time 10;" \
                if self.tuned else ""
            if self.protocol == "bgp":
                daemon.bgp = [BgpSession(local, _SYSTEMS[local], neighbor, _SYSTEMS[neighbor])
                              for local, neighbor in _BGP[daemon.where.name]]
        elif self.tuned:
            daemon.timers = "5 5 5"

    def settle(self, scene: Scene) -> None:
        """Wait until whoever watches does, and the routers know the way."""
        self._start_watching(scene)
        scene.settle_routes()
        if self.protocol == "ospf":
            deadline.until(scene.routers_settled, SETTLE_LIMIT_S,
                           "the routers know the way to each other")

    def is_well(self, scene: Scene) -> bool:
        """Say whether nothing has flapped meanwhile: on a busy machine BFD's sessions do."""
        return scene.routes_settled() and (not self._is_watched() or self._watches(scene))

    def calm(self, scene: Scene) -> None:
        """Wait until the routers send triggered updates at once again."""
        if self.protocol == "ospf":
            self.quiet(scene.network, scene.ipv6)
        elif self.tuned:
            # They are never silent, and hold nothing back for longer than their period.
            deadline.watch(TRIGGER_HOLD_S, lambda: None)
        else:
            scene.wait_for_silence()

    @staticmethod
    def quiet(network: Network, ipv6: bool = False) -> None:
        """Wait until OSPF's routers send a change at once again."""
        wait_until_quiet(network.nodes[CLIENT], "eth0", ipv6, TRIGGER_HOLD_S, SETTLE_LIMIT_S)

    def _start_watching(self, scene: Scene) -> None:
        if not self._is_watched():
            return
        if self.watch == "bfd" and self.protocol == "rip":
            for name, router in scene.routers.items():
                if isinstance(router, Frr):
                    self._start_bfd(scene, name, router)

        deadline.until(lambda: self._watches(scene), UP_LIMIT_S, "vipd watches both routers")

    def _is_watched(self) -> bool:
        return self.server == "vipd" and self.watch not in ("", "hello")

    def _watches(self, scene: Scene) -> bool:
        rows = [row for row in scene.vipd.neighbors()
                if row["protocol"].startswith(self.protocol)]
        return len(rows) == len(scene.interfaces(SERVER)) and all(
            (row[self.watch] or {}).get("state") == "up" for row in rows)

    def _start_bfd(self, scene: Scene, name: str, router: Frr) -> None:
        """Let a router watch the server, whose ripd does not: by the addresses that vipd has."""
        inner, outer = SIDES[name]
        local, peer = (scene.network.link_local(*port) if scene.ipv6
                       else scene.network.topology.port(*port).addresses[0].split("/")[0]
                       for port in ((name, inner), (SERVER, outer)))
        router.start_bfd(inner, local, peer, self.bfd_ms)


SETTINGS = {each.name: each for each in (
    Setting("vipd-bfd", f"vipd, BFD {BFD_INTERVAL_MS} ms x {MULTIPLIER}", "vipd", "bfd"),
    Setting("vipd-bfd-calm", f"vipd, BFD {CALM_BFD_INTERVAL_MS} ms x {MULTIPLIER}", "vipd", "bfd",
            bfd_ms=CALM_BFD_INTERVAL_MS),
    Setting("vipd-probe", f"vipd, probe {PROBE_INTERVAL_MS} ms x {MULTIPLIER}", "vipd", "probe"),
    Setting("vipd-echo", f"vipd, echo {ECHO_INTERVAL_MS} ms x {MULTIPLIER}", "vipd", "echo"),
    Setting("vipd", "vipd alone", "vipd"),
    Setting("bird", "BIRD", "bird"),
    Setting("bird-tuned", f"BIRD, 1 s updates, BFD {BFD_INTERVAL_MS} ms x {MULTIPLIER}", "bird",
            "bfd", tuned=True),
    Setting("bird-bgp", f"BIRD, BGP, BFD {BFD_INTERVAL_MS} ms x {MULTIPLIER}", "bird", "bfd",
            protocol="bgp"),
    Setting("frr", "FRR", "frr"),
    Setting("frr-tuned", "FRR, 5 s updates", "frr", tuned=True),
    Setting("vipd-ospf", "vipd, OSPF", "vipd", protocol="ospf"),
    Setting("vipd-ospf-helped", "vipd, OSPF, routers that help", "vipd", protocol="ospf",
            helped=True),
    Setting("vipd-ospf-bfd", f"vipd, OSPF, BFD {BFD_INTERVAL_MS} ms x {MULTIPLIER}", "vipd", "bfd",
            protocol="ospf"),
    Setting("vipd-ospf-echo", f"vipd, OSPF, echo {ECHO_INTERVAL_MS} ms x {MULTIPLIER}", "vipd",
            "echo", protocol="ospf"),
    Setting("vipd-ospf-hello", f"vipd, OSPF, {HELLOS} hellos a second", "vipd", "hello",
            protocol="ospf"),
    Setting("bird-ospf", "BIRD, OSPF", "bird", protocol="ospf"),
    Setting("bird-ospf-bfd", f"BIRD, OSPF, BFD {BFD_INTERVAL_MS} ms x {MULTIPLIER}", "bird", "bfd",
            protocol="ospf"),
    Setting("frr-ospf", "FRR, OSPF", "frr", protocol="ospf"),
    Setting("frr-ospf-bfd", f"FRR, OSPF, BFD {BFD_INTERVAL_MS} ms x {MULTIPLIER}", "frr", "bfd",
            protocol="ospf"),
    Setting("frr-ospf-hello", f"FRR, OSPF, {HELLOS} hellos a second", "frr", "hello",
            protocol="ospf"),
)}
