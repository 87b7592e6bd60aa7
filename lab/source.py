# SPDX-License-Identifier: Apache-2.0
"""Which source address connections get that name none."""

from __future__ import annotations

import socket

from . import deadline
from .namespace import Namespace
from .server import VipdServer

PATIENCE_S = 30.0
FAR = "192.0.2.7"


def source_to(where: Namespace, destination: str) -> str:
    """The address that a socket gets which names none; nothing is sent."""
    with where.entered():
        made = socket.socket(socket.AF_INET6 if ":" in destination else socket.AF_INET,
                             socket.SOCK_DGRAM)
    with made:
        made.connect((destination, 9))
        return str(made.getsockname()[0])


def wait_for_source(where: Namespace, wanted: str, destination: str = FAR) -> None:
    """Wait until connections get an address."""
    deadline.until(lambda: source_to(where, destination) == wanted, PATIENCE_S,
                   f"a connection to {destination} gets {wanted}")


def why_not(keeper: VipdServer) -> str:
    """Why sources cannot be chosen: the kernel, or the build, has no BPF. Empty when they can."""
    deadline.until(lambda: keeper.ask("source")["ready"] is not None, PATIENCE_S,
                   "it is known whether sources can be chosen")
    state = keeper.ask("source")
    return "" if state["ready"] else str(state["error"])
