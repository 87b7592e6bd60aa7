# SPDX-License-Identifier: Apache-2.0
"""Two builds side by side: a commit, and the working tree. Both as they are shipped.

The commit's files and its build lie in a folder below build-ledger, which goes with whoever made it, also when that is
killed: a janitor waits for the end of a pipe that only its master holds.

What measures is taken from the working tree on both sides, so that a yardstick is the same one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from lab.containment import ROOT

PLACE = ROOT / "build-ledger"
OWN = ROOT / "build-release"
OPTIONS = ("-Db_lto=true", "-Dtests=disabled")
PROGRAMS = ("vipd", "vip", "vipd-guard", "vipd-check", "vipd-check-https")
MEASURES = ("lab/vipd-probe", "bench/vipd-nlbatch", "bench/vipd-connects", "bench/vipd-metronome")
# Whoever still builds there is told to end, too, and may need a moment.
JANITOR = """
import os, shutil, sys, time
folder = sys.argv[1]
sys.stdin.read()
for _ in range(100):
    shutil.rmtree(folder, ignore_errors=True)
    if not os.path.exists(folder):
        break
    time.sleep(0.1)
try:
    os.rmdir(os.path.dirname(folder))
except OSError:
    pass  # somebody else's is there
"""


class Failed(RuntimeError):
    """Something could not be built; the text says what was said."""


@dataclass(frozen=True)
class Build:
    """Programs, and where they are."""

    name: str
    folder: Path

    def sizes(self) -> dict[str, list[float]]:
        """The code and data of each program in kB, without what debuggers read."""
        figures = {}
        for program in PROGRAMS:
            told = subprocess.run(["size", self.folder / program], check=True, text=True, stdout=subprocess.PIPE)
            figures[f"size: {program}"] = [int(told.stdout.splitlines()[1].split()[3]) / 1024]
        return figures


def _run(*words: str | Path, cwd: Path = ROOT) -> str:
    # A commit that was built before is found by ccache, in whichever folder that was.
    done = subprocess.run(("setpriv", "--pdeathsig", "TERM", *words), cwd=cwd, env=dict(os.environ, CCACHE_NOHASHDIR="1"), check=False, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-20:])
        raise Failed(f"{' '.join(map(str, words))} failed:\n{tail}")
    return done.stdout


def _build(tree: Path, folder: Path, *targets: str) -> None:
    if not (folder / "build.ninja").exists():
        _run("meson", "setup", *OPTIONS, folder, tree)
    _run("ninja", "-C", folder, *targets)


class Pair:
    """The builds of a commit and of the working tree; a context, at whose end the commit's goes."""

    def __init__(self, commit: str) -> None:
        try:
            self.commit = _run("git", "rev-parse", "--verify", "--short", f"{commit}^{{commit}}").strip()
        except Failed:
            raise Failed(f"there is no commit {commit}") from None
        changed = _run("git", "status", "--porcelain", "--untracked-files=no").strip()
        head = _run("git", "rev-parse", "--short", "HEAD").strip()
        self.name = f"{head} and changes" if changed else head

    def __enter__(self) -> Pair:
        PLACE.mkdir(exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.commit}-", dir=PLACE))
        # A session of its own: Ctrl-C is for whoever is in the foreground.
        self._janitor = subprocess.Popen([sys.executable, "-c", JANITOR, self.folder], stdin=subprocess.PIPE,
                                         start_new_session=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        assert self._janitor.stdin is not None
        self._janitor.stdin.close()
        self._janitor.wait()

    def make(self) -> tuple[Build, Build]:
        """Build both, the commit's first."""
        tree, folder = self.folder / "tree", self.folder / "build"
        tree.mkdir()
        archive = self.folder / "tree.tar"
        _run("git", "archive", "-o", archive, self.commit)
        _run("tar", "-xf", archive, "-C", tree)
        archive.unlink()
        _build(ROOT, OWN, *PROGRAMS, *MEASURES)
        _build(tree, folder, *PROGRAMS)
        for name in MEASURES:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copy2(OWN / name, folder / name)
        return Build(self.commit, folder), Build(self.name, OWN)
