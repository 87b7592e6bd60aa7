# SPDX-License-Identifier: Apache-2.0
"""Who looks after the address and how quickly it notices, as a scene is made with it.

    setting = SETTINGS["vipd-bfd"]
    with setting.scene("bird", scratch("x"), FAILURES["silent"]) as scene:
        setting.settle(scene)
        setting.calm(scene)

The peers' tuned settings are the quickest that their manuals allow: BIRD with updates each second
and BFD, FRR, whose ripd has no BFD, with updates each five seconds. The routers are tuned as well.
vipd's settings leave RIP's timers at their defaults everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import deadline
from .bird import BgpSession, Bird
from .failure import Failure
from .frr import Frr
from .scene import TRIGGER_HOLD_S, Scene
from .topology import SERVER, many_clients

UP_LIMIT_S = 30.0
BFD_INTERVAL_MS = 10
# What a machine bears that has other work too.
CALM_BFD_INTERVAL_MS = 50
MULTIPLIER = 3
PROBE_INTERVAL_MS = 100
ECHO_INTERVAL_MS = 10
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
    """A keeper of the address and how it is set; `watch` is bfd, probe, echo or
    nothing.

    With `bgp` it is BIRD that speaks BGP with BIRD routers, for scale.
    """

    name: str
    title: str
    server: str
    watch: str = ""
    tuned: bool = False
    bgp: bool = False
    bfd_ms: int = BFD_INTERVAL_MS

    def possible(self, routers: str, failure: Failure, ipv6: bool) -> bool:
        """Say whether there is such a scene: a client speaks no BGP, and nobody does for IPv6."""
        return not self.bgp or (routers == "bird" and not failure.client_routes and not ipv6)

    def scene(self, routers: str, folder: Path, failure: Failure, rate: int = 1000,
              ipv6: bool = False) -> Scene:
        """A scene for one failure, not yet entered."""
        scene = Scene(routers, self.server, folder, rate, topology=many_clients(),
                      client_routes=failure.client_routes, ipv6=ipv6)
        if self.server == "vipd":
            protocol = "ripng: on" if ipv6 else "rip: {}"
            scene.vipd.speaker = f"{protocol}{self._watch()}, learn: all"
        daemons = [*scene.routers.values()]
        if scene.client_router is not None:
            daemons.append(scene.client_router)
        if self.server != "vipd":
            daemons.append(scene.peer.daemon)
        for daemon in daemons:
            self._prepare(daemon)
        return scene

    def _watch(self) -> str:
        if self.watch == "echo":
            return (f", probe: {{through: router, interval: {ECHO_INTERVAL_MS}ms, "
                    f"multiplier: {MULTIPLIER}}}")
        interval = {"bfd": self.bfd_ms, "probe": PROBE_INTERVAL_MS}.get(self.watch)
        if interval is None:
            return ""
        return f", {self.watch}: {{interval: {interval}ms, multiplier: {MULTIPLIER}}}"

    def _prepare(self, daemon: Bird | Frr) -> None:
        if isinstance(daemon, Bird):
            daemon.bfd = f"{self.bfd_ms} ms" if self.watch == "bfd" else ""
            daemon.speaker = "update time 1; timeout time 10; garbage time 10;" \
                if self.tuned else ""
            if self.bgp:
                daemon.bgp = [BgpSession(local, _SYSTEMS[local], neighbor, _SYSTEMS[neighbor])
                              for local, neighbor in _BGP[daemon.where.name]]
        elif self.tuned:
            daemon.timers = "5 5 5"

    def settle(self, scene: Scene) -> None:
        """Wait until whoever watches does, and the routers know the way."""
        self._start_watching(scene)
        scene.settle_routes()

    def calm(self, scene: Scene) -> None:
        """Wait until the routers send triggered updates at once again."""
        if self.tuned:
            # They are never silent, and hold nothing back for longer than their period.
            deadline.watch(TRIGGER_HOLD_S, lambda: None)
        else:
            scene.wait_for_silence()

    def _start_watching(self, scene: Scene) -> None:
        if self.server != "vipd" or not self.watch:
            return
        if self.watch == "bfd":
            for name, router in scene.routers.items():
                if isinstance(router, Frr):
                    self._start_bfd(scene, name, router)

        def watching() -> bool:
            rows = [row for row in scene.vipd.neighbors() if row["protocol"].startswith("rip")]
            return len(rows) == len(scene.interfaces(SERVER)) and all(
                (row[self.watch] or {}).get("state") == "up" for row in rows)

        deadline.until(watching, UP_LIMIT_S, "vipd watches both routers")

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
            bgp=True),
    Setting("frr", "FRR", "frr"),
    Setting("frr-tuned", "FRR, 5 s updates", "frr", tuned=True),
)}
