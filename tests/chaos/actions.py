# SPDX-License-Identifier: Apache-2.0
"""What can happen to a server with VIPs.

An action is a function of the world and the random numbers; its row in ACTIONS says how often it is
drawn and whether it is gentle: then the anchor's client loses nothing. Each changes the model to
what has been promised.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
from dataclasses import dataclass
from typing import Callable

from lab import deadline
from lab.process import Process
from lab.scratch import program

from .model import ANCHOR, FILE_POOL, Fate
from .world import BOARD, World

ANSWER_LIMIT_S = 20.0
LOOK_LIMIT_S = 30.0
DONE, DONE_NOT_SAVED = 0, 5
BITES_WITHIN = 60
REFUSED = "vips: [nonsense"

Act = Callable[[World, random.Random], str]


@dataclass(frozen=True)
class Action:
    """A kind of event."""

    act: Act
    weight: int
    gentle: bool = False

    @property
    def name(self) -> str:
        """What it is called in the report."""
        return self.act.__name__


def _some(rng: random.Random, among: list[str], most: int) -> list[str]:
    return rng.sample(among, min(len(among), rng.randint(1, most)))


def _command(world: World, addresses: list[str], fate: Fate, *words: str) -> str:
    """Run a command that speaks of VIPs, and note what it has promised."""
    done = world.vipd.attempt(*words)
    if done.returncode in (DONE, DONE_NOT_SAVED):
        world.model.set(addresses, fate)
    else:
        world.model.doubt(addresses)
    return f"{' '.join(words)} -> {done.returncode}"


def bind(world: World, rng: random.Random) -> str:
    """Bind one or a few VIPs by hand."""
    chosen = _some(rng, world.model.of_hand(Fate.ABSENT), 3)
    return _command(world, chosen, Fate.BOUND, "bind", *chosen) if chosen else "all are bound"


def unbind(world: World, rng: random.Random) -> str:
    """Unbind some, also of the file, but never the anchor."""
    chosen = _some(rng, [each for each in world.model.having(Fate.BOUND, Fate.DRAINED)
                         if each != ANCHOR], 2)
    now = ["--now"] if rng.random() < 0.3 else []
    if not chosen:
        return "none is bound"
    return _command(world, chosen, Fate.ABSENT, "unbind", *now, *chosen)


def drain(world: World, rng: random.Random) -> str:
    """Drain one, also one of the file, but never the anchor."""
    chosen = _some(rng, [each for each in world.model.having(Fate.BOUND) if each != ANCHOR], 1)
    if not chosen:
        return "none is bound"
    return _command(world, chosen, Fate.DRAINED, "drain", "--no-wait", "--timeout", "1s", *chosen)


def undrain(world: World, rng: random.Random) -> str:
    """Take one back."""
    chosen = _some(rng, world.model.having(Fate.DRAINED), 1)
    return _command(world, chosen, Fate.BOUND, "undrain", *chosen) if chosen else "none is drained"


def apply(world: World, rng: random.Random) -> str:
    """Change the file and apply it."""
    chosen = rng.sample(FILE_POOL, rng.randint(0, len(FILE_POOL)))
    before = list(world.model.in_file)
    world.model.in_file = [ANCHOR, *chosen]
    world.write_config()
    world.model.in_file = before
    done = world.vipd.attempt("config", "apply")
    if done.returncode != 0:
        raise AssertionError(f"a good file is refused: {done.stderr}")
    world.model.write_file(chosen)
    return f"the file has {len(chosen)} VIPs beside the anchor"


def apply_refused(world: World, _: random.Random) -> str:
    """Apply a file that is wrong; nothing follows from it."""
    world.write_config(REFUSED)
    done = world.vipd.attempt("config", "apply")
    world.write_config()
    if done.returncode == 0:
        raise AssertionError("a file that is wrong was applied")
    world.vipd.vip("config", "apply")
    world.model.apply_again()
    return f"refused with {done.returncode}"


def apply_on_trial(world: World, rng: random.Random) -> str:
    """Apply a file that nobody confirms; all becomes as it was."""
    before = list(world.model.in_file)
    world.model.in_file = [ANCHOR, *rng.sample(FILE_POOL, rng.randint(0, len(FILE_POOL)))]
    world.write_config()
    world.model.in_file = before
    world.vipd.vip("config", "apply", "--confirm", "1s")
    deadline.until(lambda: not world.status()["config"]["on_trial"], LOOK_LIMIT_S,
                   "the trial is over")
    world.write_config()
    world.vipd.vip("config", "apply")
    world.model.apply_again()
    return "taken back"


def kill(world: World, _: random.Random) -> str:
    """kill -9, and start again within the grace time."""
    world.kill()
    world.vipd.restart()
    return "killed"


def die(world: World, _: random.Random) -> str:
    """kill -9, and start again when the guard has carried out the last will."""
    world.kill()
    deadline.until(lambda: not world.guards(), LOOK_LIMIT_S, "the guard has ended")
    if world.held():
        raise AssertionError(f"the will left {sorted(world.held())} in the kernel")
    world.vipd.restart()
    return "dead, and started again"


def stop(world: World, _: random.Random) -> str:
    """A clean stop, and a start: what hands have done ends with it."""
    world.vipd.stop()
    if world.held():
        raise AssertionError(f"a clean stop left {sorted(world.held())} in the kernel")
    world.model.set(world.model.of_hand(Fate.BOUND, Fate.DRAINED), Fate.ABSENT)
    world.model.set(world.model.in_file, Fate.BOUND)
    world.vipd.restart()
    return "stopped and started"


def hand_over(world: World, _: random.Random) -> str:
    """Hand over to a daemon that is started next."""
    world.vipd.vip("stop", "--hand-over")
    world.vipd.restart()
    return "handed over"


def pause(world: World, rng: random.Random) -> str:
    """SIGSTOP for a while."""
    world.vipd.signal(signal.SIGSTOP)
    deadline.watch(rng.uniform(0.1, 3.0), lambda: None)
    world.vipd.signal(signal.SIGCONT)
    return "paused"


def guard_killed(world: World, _: random.Random) -> str:
    """The guard dies; vipd starts another."""
    world.killed.update(world.guards())
    world.signal_guard(signal.SIGKILL)
    return "guard killed"


def guard_paused(world: World, rng: random.Random) -> str:
    """The guard does not run for a while."""
    world.signal_guard(signal.SIGSTOP)
    deadline.watch(rng.uniform(0.1, 2.0), lambda: None)
    world.signal_guard(signal.SIGCONT)
    return "guard paused"


def both_killed(world: World, _: random.Random,
                meanwhile: Callable[[], None] = lambda: None) -> str:
    """vipd and its guard die in one moment."""
    guards = world.guards()
    world.kill()
    for pid in guards:
        os.kill(pid, signal.SIGKILL)
    deadline.until(lambda: not world.guards(), LOOK_LIMIT_S, "the guard is dead")
    meanwhile()
    world.vipd.restart()
    return "both killed"


def damage(world: World, rng: random.Random) -> str:
    """A hand in the kernel takes something of vipd's away, or adds to it."""
    if not world.may_damage():
        return "not now: it would be a fight, which vipd gives up for a while"
    bound = world.model.having(Fate.BOUND)
    victim = rng.choice(bound)
    length = 128 if ":" in victim else 32
    words = rng.choice((
        ("ip", "address", "del", f"{victim}/{length}", "dev", BOARD),
        ("ip", "link", "set", BOARD, "down"),
        ("ip", "link", "del", BOARD),
        ("ip", "address", "flush", "dev", BOARD),
        ("nft", "delete", "table", "arp", "vipd"),
        ("nft", "flush", "ruleset"),
        ("ip", "address", "add", "10.99.0.1/32", "dev", BOARD),
        ("ip", "route", "flush", "protocol", "118"),
    ))
    done = world.server.attempt(*words)
    return f"{' '.join(words)} -> {done.returncode}"


def nic(world: World, rng: random.Random) -> str:
    """A NIC or a cable fails, and comes back when the other path has been seen to work."""
    interface = rng.choice(("eth1", "eth2"))
    fail, mend = rng.choice(((world.network.nic_down, world.network.nic_up),
                             (world.network.unplug, world.network.plug_in)))
    if not world.has_headroom(interface):
        return "not now: the last rescue is not over"
    fail("server", interface)
    away, other = ("r1", "r2") if interface == "eth1" else ("r2", "r1")
    try:
        deadline.until(lambda: world.routed(away, ANCHOR) == "lc" and world.routed(other, ANCHOR),
                       LOOK_LIMIT_S, f"{away} goes round by {other}")
    finally:
        mend("server", interface)
    return f"{fail.__name__} {interface}"


def flap(world: World, rng: random.Random) -> str:
    """A NIC goes down and up a few times."""
    interface = rng.choice(("eth1", "eth2"))
    if not world.has_headroom(interface):
        return "not now: the last rescue is not over"
    for _ in range(rng.randint(2, 5)):
        world.network.nic_down("server", interface)
        world.network.nic_up("server", interface)
    return f"{interface} flapped"


def _commands(world: World, rng: random.Random) -> str:
    return ", ".join(rng.choice((bind, unbind, drain, undrain))(world, rng)
                     for _ in range(rng.randint(1, 4)))


def _until_it_bites(world: World) -> None:
    """Bind and unbind one VIP until something could not be written down.

    A disk that is full has room in the last page of a file that is there already.
    """
    spare = next(iter(world.model.of_hand(Fate.ABSENT)), "")
    for _ in range(BITES_WITHIN):
        if not spare or world.status()["degraded"]:
            return
        _command(world, [spare], Fate.BOUND, "bind", spare)
        _command(world, [spare], Fate.ABSENT, "unbind", "--now", spare)
    raise AssertionError(f"the disk is full, and vipd has not noticed in {BITES_WITHIN} rounds")


def _heal(world: World) -> None:
    world.heal_disk()
    deadline.until(lambda: not world.status()["degraded"], LOOK_LIMIT_S, "all is saved again")


def disk_full(world: World, rng: random.Random) -> str:
    """The disk is full while commands are given, and perhaps a death comes on top."""
    world.fill_disk()
    told = _commands(world, rng)
    _until_it_bites(world)
    told += ", " + _commands(world, rng)
    if rng.random() < 0.5:
        world.model.doubt(world.model.having(*Fate))
        world.kill()
        rng.choice((world.heal_disk, lambda: None))()
        world.vipd.restart()
        told += ", killed"
    _heal(world)
    return told


def disk_read_only(world: World, rng: random.Random) -> str:
    """The disk is read-only when vipd starts, and while commands are given.

    A file system that is written to is made read-only by nobody but its own errors, so all who
    have it open die first.
    """
    both_killed(world, rng, world.lock_disk)
    told = _commands(world, rng)
    _heal(world)
    return told


def damaged_state(world: World, rng: random.Random) -> str:
    """The state file is damaged while vipd is dead: what can be read is kept."""
    world.kill()
    path = world.state / "state"
    content = bytearray(path.read_bytes()) if path.exists() else bytearray()
    kind = rng.choice(("cut", "flipped", "empty", "foreign", "gone", "longer"))
    if kind == "cut" and content:
        del content[rng.randrange(len(content)):]
    elif kind == "flipped" and content:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    elif kind == "empty":
        content.clear()
    elif kind == "foreign":
        content[:] = rng.randbytes(rng.randint(1, 4000))
    elif kind == "longer":
        content += rng.randbytes(rng.randint(1, 200))
    if kind == "gone":
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(content)
    if kind != "longer":
        world.model.doubt(world.model.having(*Fate))
    world.vipd.restart()
    return kind


def second_daemon(world: World, _: random.Random) -> str:
    """Another vipd is started beside ours, in the same network namespace: it must refuse."""
    config = world.scratch / "second.yaml"
    config.write_text("vips:\n  - 10.9.8.1\ninterfaces:\n  eth1: {rip: {}}\n", encoding="ascii")
    log = world.scratch / "second.log"
    log.unlink(missing_ok=True)
    second = Process(world.server, [program("vipd"), "--config", str(config), "--socket",
                                    "/run/vipd-second.sock", "--state-dir",
                                    str(world.scratch / "second-state")], log)
    try:
        status = second.child.wait(ANSWER_LIMIT_S)
    except subprocess.TimeoutExpired:
        second.stop()
        raise AssertionError("a second daemon runs beside the first") from None
    if status == 0 or str(world.vipd.socket) not in second.log_text():
        raise AssertionError(f"the second daemon ended with {status}: {second.log_text()[-300:]}")
    return "refused"


def router_restarted(world: World, rng: random.Random) -> str:
    """A router's daemon is killed or stopped, and started again."""
    name = rng.choice(sorted(world.routers))
    router = world.routers[name]
    end = rng.choice((router.kill, router.stop))
    end()
    world.start_router(name)
    return f"{router.name} {end.__name__}"


def renumbered(world: World, rng: random.Random) -> str:
    """An interface's own address changes, and changes back."""
    interface, old, new = rng.choice((("eth1", "10.1.0.10/24", "10.1.0.77/24"),
                                      ("eth2", "10.2.0.10/24", "10.2.0.77/24")))
    world.server.ip("address", "add", new, "dev", interface)
    world.server.ip("address", "del", old, "dev", interface)
    gateway = old.split("/", maxsplit=1)[0]
    router = "r1" if interface == "eth1" else "r2"

    def led_by() -> bool:
        routes = world.network.nodes[router].route(f"{ANCHOR}/32")
        return bool(routes) and routes[0].get("gateway") != gateway

    try:
        deadline.until(led_by, LOOK_LIMIT_S, f"{router} has left the next hop {gateway}")
    finally:
        world.server.ip("address", "add", old, "dev", interface)
        world.server.ip("address", "del", new, "dev", interface)
    return f"{interface} was {new} for a while"


ACTIONS = (
    Action(bind, 10, gentle=True),
    Action(unbind, 7, gentle=True),
    Action(drain, 4, gentle=True),
    Action(undrain, 5, gentle=True),
    Action(apply, 5, gentle=True),
    Action(apply_refused, 2, gentle=True),
    Action(apply_on_trial, 2, gentle=True),
    Action(kill, 6, gentle=True),
    Action(die, 2),
    Action(stop, 2),
    Action(hand_over, 3, gentle=True),
    Action(pause, 2, gentle=True),
    Action(guard_killed, 3, gentle=True),
    Action(guard_paused, 2, gentle=True),
    Action(both_killed, 2, gentle=True),
    Action(damage, 5),
    Action(nic, 4),
    Action(flap, 2),
    Action(disk_full, 4, gentle=True),
    Action(disk_read_only, 2, gentle=True),
    Action(damaged_state, 3, gentle=True),
    Action(second_daemon, 3, gentle=True),
    Action(router_restarted, 2),
    Action(renumbered, 2),
)
