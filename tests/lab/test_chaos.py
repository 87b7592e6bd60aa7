# SPDX-License-Identifier: Apache-2.0
"""A few actions of chaos; tests/chaos/chaos does as many as one likes, by any seed."""

from __future__ import annotations

import pytest

from lab.scratch import scratch
from tests.chaos.run import chaos
from tests.chaos.world import World

SEED = 20
ACTIONS = 20

pytestmark = pytest.mark.vipd


def test_every_promise_holds_after_each_of_twenty_actions() -> None:
    with World(scratch("chaos")) as world:
        run = chaos(world, SEED, ACTIONS)
    assert not run.findings, f"seed {SEED}: {run.findings[0]}"
    assert sum(run.done.values()) == ACTIONS
