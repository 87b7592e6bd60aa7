# SPDX-License-Identifier: Apache-2.0
"""Trials that wait side by side and act one after the other.

A lab that waits for its routers to become calm takes nearly no processor time, one that stands up
or fails does. So trials run side by side, and whoever acts is alone on the stage.
"""

from __future__ import annotations

import fcntl
import os


class Stage:
    """The stage of all trials that have been given the same file; entered as a context."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def enter(self) -> None:
        """Wait until nobody else is on the stage. Whoever is there already stays."""
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def leave(self) -> None:
        """Let the next one enter."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def __enter__(self) -> Stage:
        self.enter()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
