# SPDX-License-Identifier: Apache-2.0
"""What the lab tests share.

The whole of pytest goes into a containment: process, mount and network namespaces of its own.
So a test that fails, hangs or is interrupted leaves nothing behind.

A scene takes a second to stand up, so tests that do not harm it share one.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Callable, Iterator

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lab import containment, sanitizer  # noqa: E402  # pylint: disable=wrong-import-position
from lab.network import Network  # noqa: E402  # pylint: disable=wrong-import-position
from lab.scene import Scene  # noqa: E402  # pylint: disable=wrong-import-position
from lab.scratch import scratch  # noqa: E402  # pylint: disable=wrong-import-position
from lab.server import VipdServer  # noqa: E402  # pylint: disable=wrong-import-position
from lab.topology import SERVER, one_router  # noqa: E402  # pylint: disable=wrong-import-position

SceneMaker = Callable[[str, str], Scene]


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Start over inside a containment unless we are in one."""
    if containment.contained() or config.option.collectonly:
        return None
    if os.geteuid() != 0:
        raise pytest.UsageError("the lab makes network namespaces and needs root")
    words = [str(word) for word in config.invocation_params.args]
    return containment.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words])


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marks mean."""
    config.addinivalue_line("markers", "vipd: needs the built daemon")
    config.addinivalue_line("markers", "release: measures time or memory, or confines a program "
                            "more than a sanitizer bears; tools/check.py runs it on the release build")
    config.addinivalue_line("markers", "patient: waits for timers of seconds; tools/check.py runs "
                            "such files in a lane of their own")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the daemon its tests are skipped, and the reason is shown."""
    if (containment.BUILD / "vipd").exists():
        return
    for item in items:
        if item.get_closest_marker("vipd"):
            item.add_marker(pytest.mark.skip(reason="build/vipd is not built"))


@pytest.fixture(autouse=True)
def no_sanitizer_complains() -> Iterator[None]:
    """No daemon of a test has reported anything: it may have lost its stderr, and its test not look."""
    yield
    reports = sanitizer.take_reports()
    if reports:
        pytest.fail(f"a sanitizer has found something\n{reports}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The same of the daemons that have ended with the last test of a file."""
    reports = sanitizer.take_reports() if containment.contained() else ""
    if reports:
        print(f"\na sanitizer has found something\n{reports}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def make_scene(request: pytest.FixtureRequest) -> Iterator[SceneMaker]:
    """Makes scenes that are taken down at the end of the test."""
    made: list[Scene] = []

    def make(routers: str, server: str) -> Scene:
        scene = Scene(routers, server, scratch(request.node.name.translate(_SAFE)))
        made.append(scene)
        return scene.__enter__()

    yield make
    for scene in made:
        scene.__exit__()


_SAFE = str.maketrans("[]/", "---")


@pytest.fixture(params=("bird", "frr"))
def routers(request: pytest.FixtureRequest) -> str:
    """Each kind of router in turn."""
    return str(request.param)


@pytest.fixture(scope="module")
def calm_scene() -> Iterator[Scene]:
    """A scene with BIRD routers and vipd that is shared by the tests of one file."""
    with Scene("bird", "vipd", scratch("calm")) as scene:
        scene.settle()
        yield scene


@pytest.fixture
def lone_vipd() -> Iterator[VipdServer]:
    """A server on a LAN without routers. The test itself starts vipd on it."""
    network = Network(one_router())
    keeper = VipdServer(network.nodes[SERVER], ["eth1"], scratch("lone"))
    yield keeper
    keeper.stop()
    network.close()
