# SPDX-License-Identifier: Apache-2.0
"""Where things are: the built programs, and a folder for what a run writes.

The folder of a run goes with its containment.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from .containment import BUILD, run_folder


def program(name: str) -> str:
    """The path of a built program, which must exist."""
    path = BUILD / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built: run ninja -C build")
    return str(path)


def scratch(name: str) -> Path:
    """A new folder for configurations, logs and state."""
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=run_folder()))
