# SPDX-License-Identifier: Apache-2.0
"""`vip doctor` finds what the host's own filter does to RIP and RIPng, on the way in and out."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest

from lab.network import Network
from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import SERVER, one_router

IN = "chain c { type filter hook input priority 0; policy %s; %s }"
OUT = "chain c { type filter hook output priority 0; policy %s; %s }"
DROPS, MAY, PASSES = "problem", "note", None

# A table, what is found of RIP on the way that it is about, and what is named.
CASES: dict[str, tuple[str, str | None, str]] = {
    "in-rule": ("table inet w { %s }" % (IN % ("accept", "udp dport 520 drop;")), DROPS, "handle"),
    "in-reject": ("table ip w { %s }" % (IN % ("accept", "udp dport 520 reject;")),
                  DROPS, "ip w c"),
    "in-policy": ("table inet w { %s }" % (
        IN % ("drop", "ct state established,related accept; iifname lo accept; "
              "udp dport { 53, 67 } accept; ip protocol icmp accept; tcp dport 22 accept;")),
        DROPS, "inet w c, its policy"),
    "in-let": ("table inet w { %s }" % (IN % ("drop", "udp dport 520 accept;")), PASSES, ""),
    "in-let-new": ("table inet w { %s }" % (
        IN % ("drop", "ct state new udp dport 500-600 ip daddr 224.0.0.0/4 accept;")), PASSES, ""),
    "in-some": ("table ip w { %s }" % (IN % ("drop", "ip saddr 10.0.0.0/8 udp dport 520 accept;")),
                MAY, "its policy"),
    "in-limit": ("table ip w { %s }" % (
        IN % ("accept", "udp dport 520 limit rate over 5/second drop;")), MAY, "handle"),
    "in-raw": ("table ip w { chain c { type filter hook prerouting priority -300; "
               "ip daddr 224.0.0.9 drop; } }", DROPS, "ip w c"),
    "in-device": ("table netdev w { chain c { type filter hook ingress device eth1 priority 0; "
                  "udp dport 520 drop; } }", DROPS, "netdev w c"),
    "in-other": ("table inet w { %s }" % (
        IN % ("accept", 'iifname "eth7" drop; udp dport 521 drop; meta l4proto tcp drop;')),
        PASSES, ""),
    "in-jump": ("table inet w { chain d { meta l4proto udp goto e; } "
                "chain e { udp sport 520 counter log drop; } %s }" % (
                    IN % ("accept", "jump d;")), DROPS, "chain e"),
    "in-return": ("table inet w { chain d { udp dport 520 return; drop; } %s }" % (
        IN % ("accept", "jump d;")), PASSES, ""),
    "in-map": ("table inet w { %s }" % (
        IN % ("accept", "udp dport vmap { 53 : accept, 520 : drop };")), DROPS, "handle"),
    "in-interval": ("table inet w { set s { type inet_service; flags interval; "
                    "elements = { 1-100, 500-530, 4000 } } %s }" % (
                        IN % ("accept", "udp dport @s drop;")), DROPS, "handle"),
    "in-beside": ("table inet w { set s { type inet_service; flags interval; "
                  "elements = { 1-100, 521-530, 4000 } } %s }" % (
                      IN % ("accept", "udp dport @s drop;")), PASSES, ""),
    "in-not": ("table inet w { %s }" % (IN % ("accept", "udp dport != { 53, 123 } drop;")),
               DROPS, "handle"),
    "in-odd": ("table ip w { set d { type ipv4_addr . inet_service; } %s }" % (
        IN % ("accept", "meta mark set 1; ct mark set 1; ip dscp set 1; "
              "fib daddr type local drop; ip saddr . udp dport @d drop; "
              "numgen random mod 10 == 1 accept; udp dport 520 drop;")), MAY, "handle"),
    "in-empty": ("table inet w { map m { type inet_service : verdict; } set s { type ipv4_addr; } "
                 "%s }" % (IN % ("accept", "udp dport vmap @m; ip saddr @s drop;")), PASSES, ""),
    "in-deep": ("table inet w { " + "".join(
        f"chain d{k} {{ jump d{k + 1}; }} " for k in range(14, -1, -1)).replace(
            "jump d15;", "udp dport 520 drop;") + "%s }" % (IN % ("accept", "jump d0;")),
                DROPS, "chain d14"),
    "out-rule": ("table inet w { %s }" % (OUT % ("accept", "oifname eth1 udp dport 520 drop;")),
                 DROPS, "handle"),
    "out-policy": ("table ip w { %s }" % (
        OUT % ("drop", "ct state established accept; oif lo accept; tcp dport 443 accept;")),
        DROPS, "its policy"),
    "out-late": ("table ip w { chain c { type filter hook postrouting priority 0; "
                 "ip daddr 224.0.0.0/4 drop; } }", DROPS, "ip w c"),
    "out-user": ("table ip w { %s }" % (OUT % ("accept", "meta skuid 4711 udp dport 520 drop;")),
                 MAY, "handle"),
    "out-let": ("table inet w { %s }" % (OUT % ("drop", "udp dport 520-521 accept;")), PASSES, ""),
}

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="server")
def server_that_speaks_both() -> Iterator[VipdServer]:
    """A server on a LAN without routers, with RIP and RIPng."""
    network = Network(one_router())
    keeper = VipdServer(network.nodes[SERVER], ["eth1"], scratch("filters"))
    keeper.speaker = "rip: {}, ripng: {}"
    keeper.start()
    yield keeper
    keeper.stop()
    network.close()


def findings(server: VipdServer) -> list[dict[str, Any]]:
    """What doctor says of the host's own filter."""
    document = json.loads(server.attempt("--json", "doctor").stdout)
    return [each for each in document["findings"] if "own filter" in each["finding"]]


def load(server: VipdServer, rules: str) -> None:
    """Put rules into the kernel. What is in braces ends with a line."""
    rules = rules.replace("; }", ";\n}\n").replace("} }", "}\n}\n")
    subprocess.run(server.where.command("nft", "-f", "-"), input=rules, text=True, check=True)


@pytest.mark.parametrize("name", CASES)
def test_what_a_filter_does_to_rip_is_found_and_the_fix_lets_it_pass(server: VipdServer,
                                                                     name: str) -> None:
    rules, severity, named = CASES[name]
    way = "says" if name.startswith("out") else "hears"
    load(server, rules)
    try:
        found = [each for each in findings(server) if f"what RIP {way} on eth1 " in each["finding"]]
        assert [each["severity"] for each in found] == ([severity] if severity else [])
        assert all(named in each["finding"] and each["interface"] == "eth1" for each in found)
        for each in found:
            load(server, each["fix"].removeprefix("nft "))
            assert not [again for again in findings(server)
                        if f"what RIP {way} " in again["finding"]]
    finally:
        load(server, "flush ruleset")


@pytest.mark.parametrize("family, port, dropped", [
    ("ip6", 521, {"RIPng"}), ("inet", 521, {"RIPng"}), ("ip", 520, {"RIP"}), ("ip6", 520, set()),
    ("inet", 520, {"RIP"})])
def test_each_protocol_is_looked_at_by_itself(server: VipdServer, family: str, port: int,
                                              dropped: set[str]) -> None:
    load(server, f"table {family} w {{ %s }}" % (OUT % ("accept", f"udp dport {port} drop;")))
    try:
        assert {each["finding"].split()[1] for each in findings(server)} == dropped
    finally:
        load(server, "flush ruleset")


OLD_CASES: dict[str, tuple[int, dict[str, Any], str, str | None, str]] = {
    "out": (4, {"OUTPUT": [{"port": 520, "out": "eth1", "to": "drop"}]}, "RIP says", DROPS,
            "table filter, chain OUTPUT"),
    "other": (4, {"OUTPUT": [{"port": 520, "out": "eth7", "to": "drop"},
                             {"port": 53, "to": "drop"}]}, "RIP says", PASSES, ""),
    "policy": (4, {"INPUT": [{"port": 53, "to": "accept"}], "INPUT:policy": "drop"}, "RIP hears",
               DROPS, "chain INPUT"),
    "let": (4, {"INPUT": [{"port": 520, "to": "accept"}], "INPUT:policy": "drop"}, "RIP hears",
            PASSES, ""),
    "some": (4, {"INPUT": [{"port": 520, "source": "10.0.0.0", "to": "accept"}],
                 "INPUT:policy": "drop"}, "RIP hears", MAY, "chain INPUT"),
    "jump": (4, {"INPUT": [{"to": "mine"}], "mine": [{"port": 53, "to": "accept"},
                                                     {"port": 520, "to": "drop"}]},
             "RIP hears", DROPS, "chain INPUT"),
    "return": (4, {"INPUT": [{"to": "mine"}], "mine": [{"port": 520, "to": "return"},
                                                       {"to": "drop"}]}, "RIP hears", PASSES, ""),
    "six": (6, {"OUTPUT": [{"port": 521, "to": "drop"}]}, "RIPng says", DROPS, "chain OUTPUT"),
    "six-in": (6, {"INPUT": [{"port": 521, "to": "accept"}], "INPUT:policy": "drop"},
               "RIPng hears", PASSES, ""),
}


@pytest.mark.parametrize("name", OLD_CASES)
def test_the_old_iptables_is_gone_through_as_well(server: VipdServer, name: str) -> None:
    if not Path("/proc/net/ip_tables_names").exists():
        pytest.skip("this kernel has no old iptables")
    version, chains, what, severity, named = OLD_CASES[name]
    server.where.run("/usr/bin/python3", "-B", "-m", "lab.old_filters", str(version),
                     json.dumps(chains))
    try:
        found = [each for each in findings(server) if f"what {what} on eth1" in each["finding"]]
        assert [each["severity"] for each in found] == ([severity] if severity else [])
        assert all(named in each["finding"] and "-legacy -t filter" in each["fix"]
                   for each in found)
    finally:
        server.where.run("/usr/bin/python3", "-B", "-m", "lab.old_filters", str(version), "{}")
    assert not findings(server)


def test_a_large_filter_is_read_whole(server: VipdServer) -> None:
    many = "".join(f"udp dport {port} accept;" for port in range(20000, 22000))
    load(server, "table inet w { %s }" % (OUT % ("accept", many + "udp dport 520 drop;")))
    try:
        assert [each["severity"] for each in findings(server)] == [DROPS]
    finally:
        load(server, "flush ruleset")
