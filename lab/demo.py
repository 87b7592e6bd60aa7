# SPDX-License-Identifier: Apache-2.0
"""The demo: figure 1, where an address dies with its NIC, and figure 2, where it does not.

It shows both live, ends with a table and a picture, and exits 0 only if the client of figure 1
was really cut off and the client of figure 2 really went on.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass

from . import containment, deadline
from .containment import BUILD
from .ospf import Ospf
from .scene import Outcome, Scene
from .scratch import scratch
from .server import VipdServer
from .source import FAR, source_to
from .terminal import GREEN, RED, Screen, table
from .timeline import Row, draw
from .topology import PHYSICAL, SERVER, VIP

RATE = 1000
BEFORE_S = 2.0
FIGURE_ONE_WATCH_S = 5.0
FIGURE_TWO_LIMIT_S = 15.0
LINGER_S = 4.0
ROUTER_NAMES = {"bird": "BIRD", "frr": "FRR"}
TIMERS = {"rip": "default timers", "ospf": "hellos each second"}
# RFC 2328's default would have the Designated Routers elected after 40 s.
OSPF = Ospf(hello=1, dead=4)
OSPF_SPEAKER = "ospf: {area: 0, hello: 1s, dead: 4s}"


@dataclass(frozen=True)
class Act:
    """One part of the demo."""

    figure: int
    routers: str
    server: str
    title: str
    address: str
    limit: float
    linger: float
    protocol: str = "rip"

    def as_hoped(self, outcome: Outcome) -> bool:
        """Figure 1 must die for good; figure 2 must go on, its connection too."""
        if self.figure == 1:
            return not outcome.recovered and outcome.carried_after == "nobody"
        return outcome.recovered and outcome.tcp_survived


def figure_one(routers: str, protocol: str) -> Act:
    """The client talks to the physical address of eth1."""
    return Act(1, routers, "static", "Figure 1: the server's physical address",
               f"{PHYSICAL} on eth1", FIGURE_ONE_WATCH_S, 0.0, protocol)


def figure_two(routers: str, protocol: str) -> Act:
    """The client talks to the VIP that vipd holds."""
    name = ROUTER_NAMES[routers]
    by = {"rip": "", "ospf": " and OSPF"}[protocol]
    return Act(2, routers, "vipd", f"Figure 2: a virtual IP address, {name} routers{by}",
               f"{VIP} on a virtual board, announced by vipd", FIGURE_TWO_LIMIT_S, LINGER_S,
               protocol)


def play(act: Act, screen: Screen) -> Outcome:
    """Play one act on the screen."""
    screen.title(act.title)
    folder = scratch(f"demo-figure{act.figure}-{act.routers}")
    scene = Scene(act.routers, act.server, folder, RATE)
    if act.protocol == "ospf":
        for router in scene.routers.values():
            router.ospf = OSPF
    if isinstance(scene.server, VipdServer):
        scene.server.settings = "source: auto\n"
        if act.protocol == "ospf":
            scene.server.speaker = OSPF_SPEAKER
    with scene:
        screen.say("   ... the routers get to know the network")
        scene.settle(calm=act.figure == 2)
        stage = Stage(act, scene, screen)
        if isinstance(scene.server, VipdServer):
            screen.say("   ... connections that the server opens itself come from "
                       f"{source_to(scene.network.nodes[SERVER], FAR)}")
        stage.note = "the client talks to the server"
        deadline.watch(BEFORE_S, stage.show)
        outcome = scene.fail(stage.break_nic, act.limit, act.linger, stage.show)
        stage.note = describe(outcome)
        stage.show()
    good = act.as_hoped(outcome)
    screen.say("   " + screen.paint(describe(outcome), GREEN if outcome.recovered else RED)
               + ("" if good else "  (not what should happen)"))
    return outcome


class Stage:
    """What the screen shows of a scene at the moment."""

    def __init__(self, act: Act, scene: Scene, screen: Screen) -> None:
        self.act = act
        self.scene = scene
        self.screen = screen
        self.note = ""
        self.failed = False
        screen.changed(self._drawing())

    def _drawing(self) -> list[str]:
        routers = f"({ROUTER_NAMES[self.act.routers]}, {TIMERS[self.act.protocol]})"
        return self.screen.network(routers, self.act.address, self.failed)

    def break_nic(self) -> None:
        """The failure itself, and the drawing of it."""
        self.scene.nic_down()
        self.failed = True
        self.note = "NIC eth1 of the server is down"
        self.screen.changed(self._drawing())

    def show(self) -> None:
        """Bring the screen up to date."""
        assert self.scene.udp is not None
        self.screen.update(self._drawing(), self.note, self.scene.udp.samples(), RATE)


def describe(outcome: Outcome) -> str:
    """One sentence on what became of the client."""
    if not outcome.recovered:
        return "The client is cut off, and stays cut off."
    return (f"The client goes on: {outcome.outage_ms:.0f} ms without a reply, "
            f"{outcome.lost} of {outcome.sent} packets lost.")


def results(played: list[tuple[Act, Outcome]]) -> str:
    """The table at the end."""
    rows = [("", "outage", "packets lost", "TCP survived", "carried before", "carried after")]
    for act, outcome in played:
        outage = f"{outcome.outage_ms:.0f} ms" if outcome.outage_ms is not None else "for good"
        rows.append((act.title, outage, str(outcome.lost),
                     "yes" if outcome.tcp_survived else "no",
                     outcome.carried_before, outcome.carried_after))
    return table(rows)


def write_picture(played: list[tuple[Act, Outcome]]) -> str:
    """Write the SVG and return its path."""
    rows = [Row(act.title, describe(outcome), outcome.recovered, outcome.failed_at,
                outcome.samples) for act, outcome in played]
    path = BUILD / "demo" / "timeline.svg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draw(rows, RATE), encoding="utf-8")
    return str(path)


def perform(routers: str, protocol: str) -> bool:
    """Play all acts and say whether each went as it should."""
    screen = Screen()
    kinds = ["bird", "frr"] if routers == "both" else [routers]
    acts = [figure_one(kinds[0], protocol), *(figure_two(kind, protocol) for kind in kinds)]
    played = [(act, play(act, screen)) for act in acts]
    screen.say()
    screen.say(results(played))
    screen.say()
    screen.say(f"   The timeline as a picture: {write_picture(played)}")
    return all(act.as_hoped(outcome) for act, outcome in played)


def main() -> int:
    """Read the command line and perform, contained."""
    parser = argparse.ArgumentParser(prog="./demo", description="An address that survives.")
    parser.add_argument("--routers", choices=("bird", "frr", "both"), default="both",
                        help="whose routers figure 2 is run with (default: both)")
    parser.add_argument("--protocol", choices=("rip", "ospf"), default="rip",
                        help="what routers and server speak (default: rip)")
    parser.add_argument("--keep", action="store_true",
                        help="keep the configurations and logs")
    options = parser.parse_args()
    containment.require_root("./demo")
    if options.keep:
        os.environ[containment.KEEP] = "1"
    containment.enter(["-m", "lab.demo", *sys.argv[1:]])
    try:
        return 0 if perform(options.routers, options.protocol) else 1
    except KeyboardInterrupt:
        print("\nStopped. Nothing is left behind.")
        return 130
    except (deadline.Missed, RuntimeError, FileNotFoundError) as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
