# SPDX-License-Identifier: Apache-2.0
"""The echo through the kernel of a router, with the guard alone: proofs, tracks, and no effect on the host."""

from __future__ import annotations

import json
import signal
import socket
import struct
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

from lab import deadline
from lab.echo import Proof, Prover
from lab.network import Network
from lab.scratch import scratch
from lab.topology import PHYSICAL, PHYSICAL6, SERVER, VIP, VIP6, in_both_families, in_ipv6, one_router

pytestmark = pytest.mark.vipd

ROUTER = "10.1.0.1"
FAMILIES = [(ROUTER, PHYSICAL, VIP), (in_ipv6(ROUTER), PHYSICAL6, VIP6)]
# Without a word from vipd or a router's daemon in between: the guard's own detection.
STOPPED_LIMIT_S = 0.150

FILTER = "table inet wall { chain f { type filter hook forward priority 0; udp dport 3785 %s; }; }"
# Behind the shield, and before all else that could be touched: what comes so far has passed it.
WITNESS = """table inet witness {
  chain p { type filter hook prerouting priority -440;
    udp dport 3785 counter
    icmp type redirect counter
    icmpv6 type nd-redirect counter
    icmp type destination-unreachable counter
    icmpv6 type destination-unreachable counter
  }
  chain c { type filter hook prerouting priority 0; ct state new counter; }
}"""


@pytest.fixture(name="network")
def a_router_with_routes_to_the_vips() -> Iterator[Network]:
    """One router, which has the routes to both VIPs in its kernel; the host has strict filters."""
    network = Network(in_both_families(one_router()))
    server, router = network.nodes[SERVER], network.nodes["r1"]
    router.run("ip", "route", "add", f"{VIP}/32", "via", PHYSICAL)
    router.run("ip", "-6", "route", "add", f"{VIP6}/128", "via", PHYSICAL6)
    # Linux counts redirects and errors in one bucket: a second error within a second is not sent.
    router.sysctl({"net.ipv4.icmp_ratelimit": "0", "net.ipv6.icmp.ratelimit": "0"})
    server.run("ip", "address", "add", f"{VIP}/32", "dev", "lo")
    server.run("ip", "address", "add", f"{VIP6}/128", "dev", "lo")
    server.sysctl({"net.ipv4.conf.all.rp_filter": "1", "net.ipv4.conf.eth1.rp_filter": "1",
                   "net.ipv4.conf.all.log_martians": "1", "net.ipv4.conf.all.accept_redirects": "1",
                   "net.ipv4.conf.eth1.accept_redirects": "1"})
    yield network
    network.close()


@pytest.fixture(name="prover")
def a_guard(network: Network) -> Iterator[Prover]:
    """A guard at the server."""
    with Prover(network.nodes[SERVER], "eth1", scratch("echo")) as prover:
        yield prover


def prove(prover: Prover, family: int) -> Proof:
    """Whether the VIP of a family is proven by the router."""
    return prover.prove(*FAMILIES[family])


@pytest.mark.parametrize("family", [0, 1])
def test_a_vip_that_the_router_forwards_is_proven(prover: Prover, family: int) -> None:
    proof = prove(prover, family)
    assert (proof.outcome, proof.interface, proof.ttl) == ("returned", prover.index, 254)
    assert 0 < proof.time_us < 1_000_000
    print(f"\n{proof.time_us} us")


@pytest.mark.parametrize("family", [0, 1])
def test_a_router_without_the_route_says_so(network: Network, prover: Prover, family: int) -> None:
    words = ("-6",) if family else ()
    network.nodes["r1"].run("ip", *words, "route", "delete", FAMILIES[family][2])
    proof = prove(prover, family)
    assert (proof.outcome, proof.refusal, proof.tries) == ("refused", "no-route", 3)


@pytest.mark.parametrize("family", [0, 1])
def test_a_router_that_accepts_and_drops_is_found(network: Network, prover: Prover,
                                                  family: int) -> None:
    router = network.nodes["r1"]
    router.run("nft", FILTER % "drop")
    assert prove(prover, family).outcome == "lost"
    router.run("nft", "delete table inet wall")
    router.run("nft", FILTER % "reject with icmpx admin-prohibited")
    proof = prove(prover, family)
    assert (proof.outcome, proof.refusal) == ("refused", "prohibited")
    router.run("nft", "delete table inet wall")
    assert prove(prover, family).outcome == "returned"


def test_a_router_that_is_not_there_is_not_reached(prover: Prover) -> None:
    proof = prover.prove("10.1.0.99", PHYSICAL, VIP)
    assert (proof.outcome, proof.tries) == ("unreached", 0)


@pytest.mark.parametrize("family", [0, 1])
def test_a_router_that_stops_forwarding_is_down_at_once(network: Network, prover: Prover,
                                                        family: int) -> None:
    router = network.nodes["r1"]
    peer, local, _ = FAMILIES[family]
    switch = ("net.ipv6.conf.all.forwarding", "net.ipv4.ip_forward")[family == 0]
    key = prover.track(peer, local)
    prover.wait_for(key, "up")
    before = time.monotonic()
    router.sysctl({switch: "0"})
    after = time.monotonic()
    seconds = prover.wait_for(key, "down") - before
    print(f"\ndown within {seconds * 1000:.1f} ms, {(after - before) * 1000:.1f} of them the sysctl")
    # It answers who asks for its address all the while.
    assert seconds < STOPPED_LIMIT_S
    router.sysctl({switch: "1"})
    prover.wait_for(key, "up")


def test_a_track_of_a_link_local_path_has_a_source_of_its_own(network: Network,
                                                              prover: Prover) -> None:
    peer, local = network.link_local("r1", "la"), network.link_local(SERVER, "eth1")
    key = prover.track(peer, local, source=PHYSICAL6)
    prover.wait_for(key, "up")


def counts(network: Network, table: str) -> list[int]:
    """What the rules of a table have counted."""
    found = json.loads(network.nodes[SERVER].run("nft", "-j", "list", "table", "inet", table))
    rules = [each["rule"]["expr"] for each in found["nftables"] if "rule" in each]
    return [int(expr["counter"]["packets"]) for rule in rules for expr in rule if "counter" in expr]


def snmp(network: Network) -> dict[str, int]:
    """What the host's stack has counted, of ICMP."""
    lines = network.nodes[SERVER].run("nstat", "-asz", "-j")
    return dict(json.loads(lines)["kernel"])


def neighbors(network: Network) -> list[dict[str, Any]]:
    """The host's entries of ARP and ND, by what they are of."""
    return [{"dst": each["dst"], "lladdr": each.get("lladdr")}
            for each in network.nodes[SERVER].ip_json("neighbor", "show")]


def send_stranger(network: Network) -> None:
    """A packet of the same kind with another's magic number, to the same router."""
    router_mac = network.nodes["r1"].ip_json("link", "show", "dev", "la")[0]["address"]
    with network.nodes[SERVER].entered():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind(("eth1", 0x0800))
    here = socket.inet_aton(PHYSICAL)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 36, 0, 0, 255, 17, 0, here, here)
    words = sum(struct.unpack("!10H", head))
    words = (words & 0xffff) + (words >> 16)
    head = head[:10] + struct.pack("!H", ~words & 0xffff) + head[12:]
    s.send(bytes.fromhex(router_mac.replace(":", "")) + s.getsockname()[4] + b"\x08\0" + head
           + struct.pack("!HHHH", 50000, 3785, 16, 0) + b"stranger")
    s.close()


def test_nothing_of_it_reaches_the_host(network: Network, prover: Prover) -> None:
    """Strict reverse path filters, martians logged, redirects taken, connections tracked."""
    server, router = network.nodes[SERVER], network.nodes["r1"]
    router.sysctl({"net.ipv4.conf.all.send_redirects": "1", "net.ipv4.conf.la.send_redirects": "1"})
    server.run("nft", WITNESS)
    known, before = neighbors(network), snmp(network)
    keys = [prover.track(peer, local) for peer, local, _ in FAMILIES]
    for key in keys:
        prover.wait_for(key, "up")
    for family in (0, 1):
        assert prove(prover, family).outcome == "returned"
    # With errors about them, too.
    router.run("nft", FILTER % "reject with icmpx admin-prohibited")
    for family in (0, 1):
        assert prove(prover, family).outcome == "refused"
    router.run("nft", "delete table inet wall")
    sent = int(json.loads(router.run("nstat", "-asz", "-j"))["kernel"]["IcmpOutRedirects"])
    shield, after = counts(network, "vipd_echo"), snmp(network)
    print(f"\nthe shield has stopped {shield}, {sent} redirects of IPv4 among it")
    assert len(shield) == 5 and shield[0] > 0 and shield[1] > 0 and shield[2] > 0
    # The witness's rules, and that of new connections: the router's own ARP and ND have none.
    assert counts(network, "witness")[:5] == [0, 0, 0, 0, 0]
    for name in ("IcmpInRedirects", "Icmp6InRedirects", "IcmpOutMsgs", "Icmp6OutDestUnreachs",
                 "IcmpInDestUnreachs", "Icmp6InDestUnreachs"):
        assert after[name] == before[name], name
    assert not [each for each in neighbors(network) if each not in known
                and each["dst"] not in (ROUTER, in_ipv6(ROUTER), network.link_local("r1", "la"))]
    # The witness sees what is not ours.
    send_stranger(network)
    deadline.until(lambda: counts(network, "witness")[0] == 1, 5.0, "a stranger's packet passes")


def send_forged(network: Network, count: int) -> None:
    """The router sends what looks like a return, but for the cookie and the tag."""
    server_mac = network.nodes[SERVER].ip_json("link", "show", "dev", "eth1")[0]["address"]
    with network.nodes["r1"].entered():
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind(("la", 0x0800))
    here = socket.inet_aton(PHYSICAL)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 52, 0, 0, 254, 17, 0, here, here)
    words = sum(struct.unpack("!10H", head))
    words = (words & 0xffff) + (words >> 16)
    head = head[:10] + struct.pack("!H", ~words & 0xffff) + head[12:]
    frame = (bytes.fromhex(server_mac.replace(":", "")) + s.getsockname()[4] + b"\x08\0" + head
             + struct.pack("!HHHH", 50000, 3785, 32, 0) + b"vipE" + bytes(20))
    for _ in range(count):
        s.send(frame)
    s.close()


def test_a_flood_of_forged_returns_is_counted_and_wakes_nobody(network: Network,
                                                               prover: Prover) -> None:
    flood = 20_000
    key = prover.track(ROUTER, PHYSICAL)
    prover.wait_for(key, "up")
    before = counts(network, "vipd_echo")[0]
    send_forged(network, flood)
    deadline.until(lambda: counts(network, "vipd_echo")[0] >= before + flood, 5.0,
                   "all of them are dropped and counted")
    # Its counters come each second.
    deadline.watch(2.5, lambda: prover.state(key))
    assert [state for _, state in prover.states[key]].count("down") == 0
    assert sum(prover.drops) < 10, prover.drops


@pytest.mark.parametrize("held_up_s", [0.05, 0.2, 1.0])
def test_a_guard_that_is_held_up_finds_nobody_dead(prover: Prover, held_up_s: float) -> None:
    keys = [prover.track(peer, local) for peer, local, _ in FAMILIES]
    for key in keys:
        prover.wait_for(key, "up")
    for _ in range(3):
        prover.process.signal(signal.SIGSTOP)
        time.sleep(held_up_s)
        prover.process.signal(signal.SIGCONT)
        deadline.watch(0.3, lambda: None)
    for key in keys:
        assert prover.state(key) == "up"
        assert [state for _, state in prover.states[key]].count("down") == 0


def test_the_shield_is_there_while_the_echo_is_used_and_its_remains_go(network: Network) -> None:
    server = network.nodes[SERVER]

    def shielded() -> bool:
        return server.attempt("nft", "list", "table", "inet", "vipd_echo").returncode == 0

    with Prover(server, "eth1", scratch("echo")) as prover:
        assert not shielded()
        prover.track(ROUTER, PHYSICAL)
        deadline.until(shielded, 5.0, "the shield is there")
        server.run("nft", "flush", "ruleset")
        deadline.until(shielded, 5.0, "it is made again")
        prover.process.kill()
        prover.process.child.wait()
        assert shielded()
    with Prover(server, "eth1", scratch("echo")) as prover:
        deadline.until(lambda: not shielded(), 5.0, "the next guard clears up")
        prover.track(ROUTER, PHYSICAL)
        deadline.until(shielded, 5.0, "the shield is there")
    deadline.until(lambda: not shielded(), 5.0, "it goes with the guard")


def test_who_comes_at_once_behind_another_can_prove(prover: Prover) -> None:
    assert prove(prover, 0).outcome == "returned"
    for _ in range(3):
        # With the one who leaves everything goes, the shield too, without which nothing is sent.
        prover.come_again()
        assert prove(prover, 0).outcome == "returned"


def turns(prover: Prover) -> int:
    """How often the guard has gone to sleep."""
    status = Path(f"/proc/{prover.process.pid}/status").read_text(encoding="ascii")
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])


def test_a_guard_that_has_nothing_to_do_sleeps(prover: Prover) -> None:
    for _ in range(2):
        before = turns(prover)
        deadline.watch(1.0, lambda: None)
        # It may look after the shield.
        assert turns(prover) - before <= 3
        # And again when the echo was used; what is asked for comes by, and goes.
        assert prove(prover, 0).outcome == "returned"
        deadline.watch(0.1, lambda: None)
