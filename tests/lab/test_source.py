# SPDX-License-Identifier: Apache-2.0
"""Connections that name no source get the first VIP, as long as there is one."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Iterator

import pytest

from lab.network import Network
from lab.scratch import scratch
from lab.server import VipdServer
from lab.source import FAR, source_to, wait_for_source, why_not
from lab.topology import PHYSICAL, SERVER, VIP, one_router

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="lan")
def lone_lan() -> Iterator[Network]:
    """A server and a router that speaks no RIP."""
    network = Network(one_router())
    yield network
    network.close()


@pytest.fixture(scope="module", name="server")
def lone_server(lan: Network) -> Iterator[VipdServer]:
    """A server with one VIP."""
    keeper = VipdServer(lan.nodes[SERVER], ["eth1"], scratch("source"))
    keeper.start()
    try:
        if reason := why_not(keeper):
            pytest.skip(reason)
        yield keeper
    finally:
        keeper.stop()


def test_the_first_vip_is_the_source_and_a_switch_counts_for_the_next_connection(
        server: VipdServer) -> None:
    wait_for_source(server.where, VIP)
    server.vip("source", "off")
    assert source_to(server.where, FAR) == PHYSICAL
    server.vip("source", "on")
    assert source_to(server.where, FAR) == VIP
    server.vip("source", "off", "--interface", "eth1")
    assert source_to(server.where, FAR) == PHYSICAL
    server.vip("source", "on", "--interface", "eth1")
    assert source_to(server.where, FAR) == VIP


def test_why_says_what_a_socket_really_gets(server: VipdServer) -> None:
    wait_for_source(server.where, VIP)
    why = server.ask("source", "why", FAR)
    assert why["source"] == why["got"] == VIP and why["agrees"]
    server.vip("source", "off", "--interface", "eth1")
    why = server.ask("source", "why", FAR)
    assert why["got"] == PHYSICAL and why["agrees"] and why["by"] == "linux"
    assert any("eth1" in sentence for sentence in why["reasons"])
    server.vip("source", "on", "--interface", "eth1")
    assert server.ask("source", "why", "127.0.0.1")["got"] == "127.0.0.1"


def test_an_address_that_stands_for_an_ipv4_one_is_explained_as_that(server: VipdServer) -> None:
    """A socket of IPv6 that connects to it does so by IPv4, and gets the IPv4 VIP."""
    wait_for_source(server.where, VIP)
    why = server.ask("source", "why", f"::ffff:{FAR}")
    assert (why["destination"], why["source"], why["got"]) == (FAR, VIP, VIP)
    really = server.where.run("/usr/bin/python3", "-c", f"""
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.connect(("::ffff:{FAR}", 9))
print(s.getsockname()[0])""").strip()
    assert really == f"::ffff:{VIP}"


def test_a_socket_that_has_its_port_already_is_refused_and_that_is_explained(
        server: VipdServer) -> None:
    wait_for_source(server.where, VIP)
    really = server.where.run("/usr/bin/python3", "-c", f"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 0))
s.connect(("{FAR}", 9))
print(s.getsockname()[0])""").strip()
    assert really == PHYSICAL
    assert server.ask("source")["connections"]["refused"] > 0
    assert "refused: the socket had its port already" in server.vip("source")


def test_a_vip_that_is_not_the_oldest_takes_over_when_that_is_unbound(server: VipdServer) -> None:
    server.bind("10.9.1.2")
    assert source_to(server.where, FAR) == VIP
    server.unbind(VIP)
    assert source_to(server.where, FAR) == "10.9.1.2"
    server.bind(VIP)
    assert source_to(server.where, FAR) == "10.9.1.2"
    server.unbind("10.9.1.2")
    assert source_to(server.where, FAR) == VIP


def test_a_daemon_that_is_killed_leaves_the_host_as_it_was(server: VipdServer) -> None:
    wait_for_source(server.where, VIP)
    server.kill()
    wait_for_source(server.where, PHYSICAL)
    server.restart()
    wait_for_source(server.where, VIP)


CONNECTS = """
import errno, socket, sys
listener = socket.create_server(("10.1.0.1", 0)) if sys.argv[1] == "listen" else None
if listener:
    print(listener.getsockname()[1], flush=True)
    while True:
        listener.accept()[0].close()
port, failed, sources = int(sys.argv[2]), [], set()
for i in range(int(sys.argv[3])):
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\\1\\0\\0\\0\\0\\0\\0\\0")
    try:
        made.connect(("10.1.0.1", port))
        sources.add(made.getsockname()[0])
    except OSError as error:
        failed.append(errno.errorcode[error.errno])
    made.close()
print(len(failed), *sorted(set(failed)), *sorted(sources), flush=True)
"""


def test_no_connection_fails_while_vips_come_and_go(lan: Network, server: VipdServer) -> None:
    """The race of a connect() with an unbind; bench/source runs it at its full length."""
    router = lan.nodes["r1"]
    router.ip("route", "replace", "10.9.0.0/16", "via", PHYSICAL)
    listener = subprocess.Popen(router.command(sys.executable, "-c", CONNECTS, "listen"),
                                stdout=subprocess.PIPE, text=True)
    assert listener.stdout is not None
    port = listener.stdout.readline().strip()
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            for address in ("10.9.3.1", "10.9.3.2"):
                server.attempt("bind", address, "--no-announce")
            server.attempt("unbind", VIP)
            server.attempt("bind", VIP, "--no-announce")
            for address in ("10.9.3.1", "10.9.3.2"):
                server.attempt("unbind", address)

    worker = threading.Thread(target=churn)
    worker.start()
    try:
        done = server.where.run(sys.executable, "-c", CONNECTS, "connect", port, "20000")
    finally:
        stop.set()
        worker.join()
        listener.kill()
        listener.wait()
    words = done.split()
    assert words[0] == "0", done
    assert VIP in words and "10.9.3.1" in words
