# SPDX-License-Identifier: Apache-2.0
"""Every command in the EXAMPLES of the manual does what it says, with a real daemon."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Iterator

import pytest

from lab.containment import ROOT
from lab.network import Network
from lab.scratch import program, scratch
from lab.server import VipdServer
from lab.topology import SERVER, one_router

# What an example of this beginning finds bound.
BOUND_BEFORE = {"vip drain": "10.9.1.1"}
DEGRADED = 5

pytestmark = pytest.mark.vipd


def literal(page: str, section: str | None) -> list[str]:
    """The literal displays of a page, or of one of its sections."""
    found: list[str] = []
    inside, current = False, None
    for line in (ROOT / "man" / page).read_text("utf-8").splitlines():
        if line.startswith(".Sh "):
            current = line[len(".Sh "):]
        elif line.startswith(".Bd -literal"):
            inside = section in (None, current)
            found += [""] if inside else []
        elif line.startswith(".Ed"):
            inside = False
        elif inside:
            found[-1] += line + "\n"
    return found


EXAMPLES = literal("vip.1", "EXAMPLES")


@pytest.fixture(scope="module", name="server")
def server_in_a_folder() -> Iterator[VipdServer]:
    """A daemon without VIPs, and the files that the examples name."""
    network = Network(one_router())
    keeper = VipdServer(network.nodes[SERVER], ["eth1"], scratch("manual"), ())
    (keeper.scratch / "addresses.txt").write_text("10.9.5.1\n10.9.5.2/24  # a comment\n", "ascii")
    (keeper.scratch / "homes.ncf").write_text("BIND IP VNIC Mask=FF.FF.FF.FF Address=10.9.1.1\n",
                                              "ascii")
    keeper.start()
    yield keeper
    keeper.stop()
    network.close()


def run(server: VipdServer, line: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the manual, in the folder with its files."""
    folder: Path = server.scratch
    words = line.split()
    words[0] = program(words[0]) if words[0] == "vip" else words[0]
    return subprocess.run(server.where.command(*words), cwd=folder, check=False, text=True,
                          capture_output=True,
                          env={**os.environ, "VIPD_SOCKET": str(server.socket)})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.splitlines()[0])
def test_an_example_of_vip_works(server: VipdServer, example: str) -> None:
    server.vip("purge")
    for begin, address in BOUND_BEFORE.items():
        if example.startswith(begin):
            server.bind(address)
    for line in example.splitlines():
        if line == "vipd":
            assert server.process is not None
            server.process.child.wait(10.0)
            server.launch()
            continue
        done = run(server, line)
        good = (0, DEGRADED) if "--exit-code" in line else (0,)
        assert done.returncode in good, done.stderr


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 8


def test_the_example_of_the_api_works(server: VipdServer) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    line = literal("vipd-api.7", None)[0].splitlines()[0]
    done = run(server, line.replace("/run/vipd/vipd.sock", str(server.socket)))
    assert done.returncode == 0 and '"schema":1' in done.stdout
