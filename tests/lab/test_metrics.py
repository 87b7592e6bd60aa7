# SPDX-License-Identifier: Apache-2.0
"""/metrics is what Prometheus takes, and says what is so."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Iterator

import pytest
from prometheus_client import parser

from lab import deadline
from lab.scene import Scene
from lab.scratch import scratch
from lab.server import VipdServer
from lab.topology import VIP

PATIENCE_S = 30.0
PROMTOOL = os.environ.get("PROMTOOL") or shutil.which("promtool")

pytestmark = pytest.mark.vipd


@pytest.fixture(scope="module", name="text")
def metrics_of_a_server_that_is_well() -> Iterator[str]:
    """What a scrape gets."""
    with Scene("bird", "vipd", scratch("metrics")) as scene:
        deadline.until(lambda: len(scene.vipd.show(VIP)["accepted_by"]) == 2, 60.0,
                       "both routers have accepted the VIP")
        yield scene.vipd.scrape()


def test_what_is_so_is_said(text: str) -> None:
    lines = text.splitlines()
    assert f'vipd_vip_announced{{vip="{VIP}"}} 1' in lines
    assert f'vipd_vip_accepted_by{{vip="{VIP}"}} 2' in lines
    assert f'vipd_vip_conflict{{vip="{VIP}"}} 0' in lines
    assert 'vipd_interface_speaking{interface="eth1"} 1' in lines
    assert 'vipd_neighbor_up{protocol="rip",interface="eth2",neighbor="10.2.0.2"} 1' in lines
    # 0 in place of absent: a rate over it works from the first scrape on.
    assert 'vipd_rip_packets_dropped_total{interface="eth1",reason="off-link"} 0' in lines


def test_all_lines_of_a_family_stand_together(text: str) -> None:
    seen: list[str] = []
    for line in text.splitlines():
        name = line.split()[2] if line.startswith("# HELP") else line.split("{")[0].split()[0]
        if line.startswith("# TYPE"):
            continue
        if not seen or seen[-1] != name:
            assert name not in seen, name
            seen.append(name)


def test_a_reader_of_prometheus_takes_all_of_it(text: str) -> None:
    """With promtool, if it is there, what it has to say of names and help is looked at as well."""
    families = {family.name: family for family in parser.text_string_to_metric_families(text)}
    samples = [sample for family in families.values() for sample in family.samples]
    assert len(samples) == sum(not line.startswith("#") for line in text.splitlines())
    assert all(family.type != "unknown" and family.documentation for family in families.values())
    if PROMTOOL:
        done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
