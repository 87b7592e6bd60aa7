# SPDX-License-Identifier: Apache-2.0
"""OSPF with keys: each kind that the routers have, one after the other, and the wrong one."""

from __future__ import annotations

import time
from pathlib import Path
import pytest

from lab import deadline
from lab.bird import Bird
from lab.frr import Frr
from lab.ospf import BIRD_DIGESTS
from lab.ospf_scene import (PATIENCE_S, assert_goes_well, nobody_knows_a_way, ospf_scene, rows)
from lab.scene import Scene
from lab.scratch import scratch
from lab.topology import VIP

SECRET = "open-sesame"
OTHER = "melon-seeds"
# Until all is well, on a busy machine; and hellos of so many dead intervals.
FULL_S = 16
AFTER_S = 9

pytestmark = [pytest.mark.vipd, pytest.mark.patient]


def secret_in(name: str, secret: str) -> Path:
    """A file that has the secret."""
    path = scratch("ospf-key") / name
    path.write_text(f"{secret}\n", encoding="ascii")
    path.chmod(0o600)
    return path


# FRR before 9.1 has the bytes of a number the wrong way round in what it signs of OSPFv3 (its issue
# 15800): nobody else believes it. Its ospfd of 8.4 has no HMACs.
AUTHS = [("bird", "simple", (2,)), ("bird", "md5", (2,)), ("bird", "hmac-sha-1", (2, 3)),
         ("bird", "hmac-sha-256", (2, 3)), ("bird", "hmac-sha-384", (2, 3)),
         ("bird", "hmac-sha-512", (2, 3)), ("frr", "simple", (2,)), ("frr", "md5", (2,))]


@pytest.mark.parametrize("routers,kind,versions", AUTHS)
def test_with_a_key(routers: str, kind: str, versions: tuple[int, ...]) -> None:
    secret = "seed" if kind == "simple" else SECRET
    path = secret_in("key", secret)
    with ospf_scene(routers, f", auth: {{type: {kind}, secret: 'file:{path}'}}", versions=versions,
                    auth=kind, secret=secret) as scene:
        assert_goes_well(scene, versions)


@pytest.mark.parametrize("routers", ["bird", "frr"])
def test_with_another_key_there_is_nobody(routers: str) -> None:
    path = secret_in("key", OTHER)
    with ospf_scene(routers, f", auth: {{type: md5, secret: 'file:{path}'}}", versions=(2,),
                    auth="md5", secret=SECRET) as scene:
        deadline.until(lambda: "auth-digest" in scene.vipd.vip("--json", "interfaces"), PATIENCE_S,
                       "it is counted")
        deadline.watch(3.0, lambda: None)
        assert not rows(scene)
        assert nobody_knows_a_way(scene, VIP)


def at(form: str, seconds: float) -> str:
    """A time of the clock, in UTC, in a form."""
    return time.strftime(form, time.gmtime(seconds))


def two_keys(kind: str, change: float) -> str:
    """The `auth` of vipd: the second key from the change on, and both are believed."""
    when = at("%Y-%m-%dT%H:%M:%SZ", change)
    first, second = secret_in("first", SECRET), secret_in("second", OTHER)
    return (f", auth: {{type: {kind}, keys: [{{id: 1, secret: 'file:{first}', send: {{until: '{when}'}}}}, "
            f"{{id: 2, secret: 'file:{second}', send: {{from: '{when}'}}}}]}}")


def bird_keys(kind: str, change: float) -> str:
    """The same in BIRD's words; it reads times as those of the place where it is, which is UTC."""
    when = at("%Y-%m-%d %H:%M:%S", change)
    digest = BIRD_DIGESTS[kind]
    return (f'authentication cryptographic; '
            f'password "{SECRET}" {{ id 1; algorithm {digest}; generate to "{when}"; }}; '
            f'password "{OTHER}" {{ id 2; algorithm {digest}; generate from "{when}"; }};')


def in_use(scene: Scene) -> set[int]:
    """The keys that vipd sends with now."""
    return {row[protocol]["auth"]["key"] for row in scene.vipd.ask("interfaces")["interfaces"]
            for protocol in ("ospf", "ospfv3") if row.get(protocol)}


def take_over(scene: Scene) -> None:
    """FRR of 8.4 sends with the last of its keys and believes no other: it gets the second one now."""
    for router, interface in (("r1", "la"), ("r2", "lb")):
        daemon = scene.routers[router]
        if isinstance(daemon, Frr):
            daemon.configure(f"interface {interface}", f"ip ospf message-digest-key 2 md5 {OTHER}")


@pytest.mark.parametrize("routers,kind,versions", [
    ("bird", "md5", (2,)), ("bird", "hmac-sha-256", (2, 3)), ("frr", "md5", (2,))])
def test_another_key_takes_over_and_nobody_is_lost(routers: str, kind: str,
                                                   versions: tuple[int, ...]) -> None:
    change = time.time() + FULL_S
    own_words = bird_keys(kind, change) if routers == "bird" else (
        f"ip ospf authentication message-digest\n ip ospf message-digest-key 1 md5 {SECRET}")
    with ospf_scene(routers, f"{two_keys(kind, change)}, network: point-to-point",
                    versions=versions, more=own_words,
                    networks={"la": "point-to-point", "lb": "point-to-point"}) as scene:
        assert_goes_well(scene, versions)
        assert time.time() < change and in_use(scene) == {1}
        deadline.until(lambda: in_use(scene) == {2}, FULL_S + AFTER_S, "the other one is used")
        take_over(scene)
        deadline.watch(AFTER_S, lambda: None)
        ages = [row["age"] for row in scene.vipd.ask("ospf", "neighbors")["neighbors"]]
        assert len(ages) == 2 * len(versions) and min(ages) > AFTER_S
        assert {row["state"] for row in rows(scene)} == {"full"}
        assert not {reason for row in rows(scene) for reason, count in row["drops"].items()
                    if count and reason.startswith("auth")}
        for router in scene.routers.values():
            if isinstance(router, Bird):
                assert "Authentication failed" not in router.log.read_text(encoding="utf-8")
