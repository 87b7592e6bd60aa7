# SPDX-License-Identifier: Apache-2.0
"""Somebody takes away again and again what vipd puts back: it is left to him, and said."""

from __future__ import annotations

import time

import pytest

from lab import deadline
from lab.server import VipdServer
from lab.topology import VIP

BOARD = "vnic0"
ROUNDS_MAX = 6
PATIENCE_S = 10.0
PAUSE_S = 10.0
LATENESS_S = 3.0

pytestmark = pytest.mark.vipd


def board_is_up(keeper: VipdServer) -> bool:
    """Say whether the board is there, up, and has the VIP."""
    links = keeper.where.ip_json("address", "show", "dev", BOARD)
    return bool(links) and "UP" in links[0]["flags"] \
        and VIP in {each["local"] for each in links[0]["addr_info"]}


def is_silent(keeper: VipdServer) -> bool:
    """Say whether the kernel is silent about the VIP."""
    return VIP in keeper.where.attempt("nft", "list", "set", "arp", "vipd", "silent").stdout


def is_whole(keeper: VipdServer) -> bool:
    """Say whether all that belongs to the VIP is in the kernel."""
    return board_is_up(keeper) and is_silent(keeper)


def state(keeper: VipdServer) -> str:
    """The state of the VIP."""
    return str(keeper.show(VIP)["state"])


def fight(keeper: VipdServer, words: tuple[str, ...]) -> int:
    """Do that harm whenever it has been repaired, until vipd gives up; how often it was done."""
    for rounds in range(1, ROUNDS_MAX + 1):
        deadline.until(lambda: is_whole(keeper), PATIENCE_S, "all is as it was")
        keeper.where.run(*words)
        deadline.until(lambda: is_whole(keeper) or state(keeper) == "failed", PATIENCE_S,
                       "it is repaired or given up")
        if state(keeper) == "failed":
            return rounds
    return ROUNDS_MAX + 1


@pytest.mark.parametrize(("words", "reason"), (
    (("ip", "address", "del", f"{VIP}/32", "dev", BOARD), "takes it from the kernel"),
    (("ip", "link", "del", BOARD), "removes the board or sets it down"),
    (("ip", "link", "set", BOARD, "down"), "removes the board or sets it down"),
    (("nft", "flush", "ruleset"), "takes it from the kernel"),
), ids=("address", "board", "board down", "silence"))
def test_a_fight_ends_in_failed_with_the_reason_and_is_taken_up_again_later(
        lone_vipd: VipdServer, words: tuple[str, ...], reason: str) -> None:
    lone_vipd.start()
    assert fight(lone_vipd, words) == ROUNDS_MAX
    given_up_at = time.monotonic()
    assert reason in lone_vipd.show(VIP)["reason"]
    assert "again and again" in lone_vipd.show(VIP)["reason"]
    assert "again and again" in lone_vipd.vip("events")
    assert lone_vipd.attempt("status", "--exit-code").returncode == 5
    deadline.until(lambda: state(lone_vipd) == "announced" and is_whole(lone_vipd),
                   PAUSE_S + LATENESS_S, "it is tried again")
    assert time.monotonic() - given_up_at >= PAUSE_S - LATENESS_S
