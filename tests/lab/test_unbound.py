# SPDX-License-Identifier: Apache-2.0
"""What a hand has unbound of the configuration: it is seen, and one rule says how long it holds."""

from __future__ import annotations

import signal
from typing import Callable

import pytest

from lab import deadline
from lab.server import VipdServer
from lab.topology import VIP

PATIENCE_S = 20.0

pytestmark = pytest.mark.vipd


def is_bound(keeper: VipdServer) -> bool:
    """Say whether the VIP is there."""
    return VIP in [vip["address"] for vip in keeper.vips()]


def assert_said(keeper: VipdServer) -> None:
    """Everybody can see that the VIP is not bound, and why."""
    assert "unbound by hand" in keeper.show(VIP)["reason"]
    assert "absent" in keeper.vip("list") and "unbound by hand" in keeper.vip("list")
    assert "unbound     1 of the configuration, by hand" in keeper.vip("status")
    assert keeper.process is not None
    assert f"{VIP} stands in the configuration" in keeper.process.log_text()


def unbound(keeper: VipdServer, *words: str) -> None:
    """Start it, and unbind its VIP."""
    keeper.start()
    keeper.vip(*words)
    assert not is_bound(keeper)
    assert_said(keeper)


def dies(keeper: VipdServer) -> None:
    """End it without a word."""
    keeper.kill()


def hands_over(keeper: VipdServer) -> None:
    """End it for the next one."""
    keeper.vip("stop", "--hand-over")
    assert keeper.process is not None
    keeper.process.child.wait(PATIENCE_S)


@pytest.mark.parametrize("words", (("unbind", VIP), ("purge",)), ids=("unbind", "purge"))
@pytest.mark.parametrize("end", (dies, hands_over))
def test_it_outlives_a_daemon_that_is_followed_by_the_next(
        lone_vipd: VipdServer, end: Callable[[VipdServer], None], words: tuple[str, ...]) -> None:
    unbound(lone_vipd, *words)
    end(lone_vipd)
    lone_vipd.launch()
    assert not is_bound(lone_vipd)
    assert_said(lone_vipd)
    # It is not in what would be saved, and what is applied anew has it again.
    assert VIP not in lone_vipd.vip("config", "show")
    assert lone_vipd.ask("config", "diff")["changes"]
    lone_vipd.vip("config", "apply")
    deadline.until(lambda: is_bound(lone_vipd), PATIENCE_S, "it is bound")
    assert lone_vipd.ask("status")["unbound"] == 0


def test_it_ends_with_a_stop(lone_vipd: VipdServer) -> None:
    unbound(lone_vipd, "unbind", VIP)
    lone_vipd.vip("bind", "10.9.2.1")
    lone_vipd.stop()
    lone_vipd.launch()
    deadline.until(lambda: is_bound(lone_vipd), PATIENCE_S, "it is bound")
    assert [vip["address"] for vip in lone_vipd.vips()] == [VIP]


def test_it_ends_when_a_hand_binds_it_or_the_daemon_is_told_to_read_its_files(
        lone_vipd: VipdServer) -> None:
    unbound(lone_vipd, "unbind", VIP)
    lone_vipd.vip("bind", VIP)
    assert lone_vipd.ask("status")["unbound"] == 0
    assert lone_vipd.show(VIP)["configured"]
    lone_vipd.kill()
    lone_vipd.launch()
    assert is_bound(lone_vipd)
    lone_vipd.vip("unbind", VIP)
    lone_vipd.signal(signal.SIGHUP)
    deadline.until(lambda: is_bound(lone_vipd), PATIENCE_S, "it is bound")
