# SPDX-License-Identifier: Apache-2.0
"""A bind of several VIPs has all of them, or none."""

from __future__ import annotations

import pytest

from lab import deadline
from lab.server import VipdServer

PATIENCE_S = 10.0
BOARD = "vnic0"
# As under a service manager that lets nobody change the kernel's settings.
READ_ONLY = ("unshare", "--mount", "sh", "-c",
             "mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec \"$@\"",
             "-")

pytestmark = pytest.mark.vipd


def held(keeper: VipdServer) -> set[str]:
    """The global addresses that the kernel holds on the board."""
    links = keeper.where.ip_json("address", "show", "dev", BOARD)
    return {each["local"] for link in links for each in link.get("addr_info", ())
            if each["scope"] == "global"}


def without_ipv6(keeper: VipdServer) -> None:
    """Interfaces that are made from now on have no IPv6."""
    keeper.where.sysctl({"net.ipv6.conf.default.disable_ipv6": "1"})


@pytest.mark.parametrize("hold", ("address", "route"))
def test_ipv6_is_enabled_on_a_board_where_links_are_made_without_it(lone_vipd: VipdServer,
                                                                    hold: str) -> None:
    without_ipv6(lone_vipd)
    lone_vipd.start()
    lone_vipd.vip("bind", "10.9.2.1", "2001:db8:9::1", "--hold", hold)
    assert {vip["address"] for vip in lone_vipd.vips()} >= {"10.9.2.1", "2001:db8:9::1"}
    # Somebody who takes IPv6 from the board takes its addresses with it.
    lone_vipd.where.sysctl({f"net.ipv6.conf.{BOARD}.disable_ipv6": "1"})
    deadline.until(lambda: (lone_vipd.where.ip_json("-6", "route", "show", "table", "local",
                                                    "exact", "2001:db8:9::1")
                            and lone_vipd.show("2001:db8:9::1")["state"] != "failed"),
                   PATIENCE_S, "it is put back")


def test_of_two_of_which_the_kernel_refuses_one_none_stays(lone_vipd: VipdServer) -> None:
    without_ipv6(lone_vipd)
    lone_vipd.wrapper = READ_ONLY
    lone_vipd.start()
    before = held(lone_vipd)
    done = lone_vipd.attempt("bind", "10.9.2.1", "2001:db8:9::1", "10.9.2.2")
    assert done.returncode == 1
    assert "IPv6 is disabled on vnic0 and cannot be enabled (Read-only file system)" in done.stderr
    assert held(lone_vipd) == before
    assert {vip["address"] for vip in lone_vipd.vips()} == set(lone_vipd.addresses)
    # It is as if nobody had asked: also for the next life.
    lone_vipd.kill()
    lone_vipd.launch()
    assert {vip["address"] for vip in lone_vipd.vips()} == set(lone_vipd.addresses)
    lone_vipd.vip("bind", "10.9.2.1", "10.9.2.2")
    assert held(lone_vipd) == before | {"10.9.2.1", "10.9.2.2"}
