# SPDX-License-Identifier: Apache-2.0
"""What is left of vipd when it has ended, and what was never its own."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest

from lab import deadline
from lab.process import Process
from lab.server import VipdServer
from lab.states import TOLD

PATIENCE_S = 10.0
STOP_LIMIT_S = 0.5
REPAIR_LIMIT_S = 0.5
PROTOCOL = "118"
BOARD = "vnic0"

pytestmark = pytest.mark.vipd


def marked_routes(keeper: VipdServer) -> list[dict[str, Any]]:
    """The routes with vipd's mark in all tables of both families."""
    return [route for family in ("-4", "-6")
            for route in keeper.where.ip_json(family, "route", "show", "table", "all",
                                              "protocol", PROTOCOL)]


def boards(keeper: VipdServer) -> list[dict[str, Any]]:
    """The links that are called as a board is."""
    return keeper.where.ip_json("link", "show", "dev", BOARD)


def run_with_everything(keeper: VipdServer) -> None:
    """A daemon that has made each kind of object there is."""
    keeper.start()
    keeper.vip("bind", "10.9.2.1/24", "10.9.3.1/25")
    keeper.vip("bind", "10.9.4.1", "2001:db8:9::1", "--hold", "route")
    keeper.vip("bind", "2001:db8:9::2")
    kinds = {(route.get("type", "unicast"), route["dst"]) for route in marked_routes(keeper)}
    assert {("unreachable", "10.9.2.0/24"), ("unreachable", "10.9.3.0/25"),
            ("local", "10.9.4.1"), ("local", "2001:db8:9::1")} <= kinds
    assert len(boards(keeper)) == 1


def assert_nothing_left(keeper: VipdServer) -> None:
    """No link, no address and no route speaks of vipd."""
    assert not marked_routes(keeper)
    assert not boards(keeper)
    addresses = str(keeper.where.ip_json("address", "show"))
    assert "10.9." not in addresses and "2001:db8:9:" not in addresses


def wait_ended(keeper: VipdServer) -> int:
    """Wait for the end of the daemon; its exit status."""
    assert keeper.process is not None
    return keeper.process.child.wait(PATIENCE_S)


def test_a_daemon_that_is_told_to_stop_leaves_nothing(lone_vipd: VipdServer) -> None:
    run_with_everything(lone_vipd)
    lone_vipd.vip("stop")
    assert wait_ended(lone_vipd) == 0
    assert_nothing_left(lone_vipd)
    assert not lone_vipd.socket.exists()


@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGINT))
def test_a_daemon_that_is_sent_a_signal_leaves_nothing(lone_vipd: VipdServer,
                                                       number: signal.Signals) -> None:
    run_with_everything(lone_vipd)
    lone_vipd.signal(number)
    assert wait_ended(lone_vipd) == 0
    assert_nothing_left(lone_vipd)


def kill_and_watch(keeper: VipdServer) -> str:
    """Kill the daemon and start it again; what the kernel told of addresses and routes meanwhile."""
    assert keeper.process is not None
    monitor = Process(keeper.where, ["ip", "monitor", "address", "route"],
                      keeper.scratch / "monitor")

    def watched() -> bool:
        # ip(8) does not say when it has subscribed: something happens until it is told.
        keeper.where.ip("address", "replace", "192.0.2.77/32", "dev", "lo")
        keeper.where.ip("address", "del", "192.0.2.77/32", "dev", "lo")
        return "192.0.2.77" in monitor.log_text()

    deadline.until(watched, PATIENCE_S, "the kernel is watched")
    keeper.process.kill()
    keeper.launch()
    deadline.until(lambda: all(vip["state"] in (*TOLD, "healthy")
                               for vip in keeper.vips()), PATIENCE_S, "all are as before")
    monitor.stop()
    return monitor.log_text()


def test_a_daemon_that_was_killed_is_followed_by_one_that_adopts_all(lone_vipd: VipdServer) -> None:
    run_with_everything(lone_vipd)
    before = {vip["address"] for vip in lone_vipd.vips()}
    index = boards(lone_vipd)[0]["ifindex"]
    told = kill_and_watch(lone_vipd)
    assert {vip["address"] for vip in lone_vipd.vips()} == before
    assert boards(lone_vipd)[0]["ifindex"] == index
    assert "10.9." not in told and "2001:db8:9:" not in told
    lone_vipd.vip("stop")
    assert wait_ended(lone_vipd) == 0
    assert_nothing_left(lone_vipd)


def test_a_daemon_that_hands_over_leaves_all_to_the_next(lone_vipd: VipdServer) -> None:
    run_with_everything(lone_vipd)
    before = {vip["address"] for vip in lone_vipd.vips()}
    lone_vipd.vip("stop", "--hand-over")
    assert wait_ended(lone_vipd) == 0
    assert "10.9.2.1" in str(lone_vipd.where.ip_json("address", "show"))
    lone_vipd.launch()
    assert {vip["address"] for vip in lone_vipd.vips()} == before
    lone_vipd.vip("purge")
    assert not lone_vipd.vips()
    lone_vipd.vip("stop")
    assert wait_ended(lone_vipd) == 0
    assert_nothing_left(lone_vipd)


def link_and_addresses(keeper: VipdServer) -> tuple[object, object]:
    """All that is to be seen of whatever is called as a board is."""
    return boards(keeper), keeper.where.ip_json("address", "show", "dev", BOARD)


def run_beside_a_foreign_board(keeper: VipdServer) -> tuple[object, object]:
    """A daemon whose board's name belongs to somebody else's bridge; how that was before."""
    keeper.where.batch([f"link add {BOARD} type bridge", f"link set {BOARD} up",
                        f"address add 192.0.2.1/24 dev {BOARD}"])
    before = link_and_addresses(keeper)
    keeper.configure()
    keeper.launch()
    deadline.until(lambda: keeper.show(keeper.addresses[0])["state"] == "failed", PATIENCE_S,
                   "the VIP is said to have failed")
    return before


def test_an_interface_of_somebody_else_with_a_boards_name_is_not_touched(
        lone_vipd: VipdServer) -> None:
    before = run_beside_a_foreign_board(lone_vipd)
    address = lone_vipd.addresses[0]
    reason = lone_vipd.show(address)["reason"]
    assert BOARD in reason and "not" in reason and len(reason.split()) > 3
    done = lone_vipd.attempt("bind", "10.9.2.1")
    assert done.returncode == 1
    assert BOARD in done.stderr
    assert BOARD in lone_vipd.vip("events")
    assert lone_vipd.attempt("status", "--exit-code").returncode == 5
    lone_vipd.vip("stop")
    assert wait_ended(lone_vipd) == 0
    assert link_and_addresses(lone_vipd) == before


def test_a_board_that_cannot_be_made_does_not_hold_up_the_end(lone_vipd: VipdServer) -> None:
    run_beside_a_foreign_board(lone_vipd)
    begun = time.monotonic()
    lone_vipd.vip("stop")
    assert wait_ended(lone_vipd) == 0
    assert time.monotonic() - begun <= STOP_LIMIT_S


def test_a_board_is_made_at_once_when_its_name_becomes_free(lone_vipd: VipdServer) -> None:
    run_beside_a_foreign_board(lone_vipd)
    freed_at = time.monotonic()
    lone_vipd.where.ip("link", "del", BOARD)
    deadline.until(lambda: lone_vipd.show(lone_vipd.addresses[0])["state"] == "announced",
                   PATIENCE_S, "the VIP is announced")
    assert time.monotonic() - freed_at <= REPAIR_LIMIT_S
