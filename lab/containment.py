# SPDX-License-Identifier: Apache-2.0
"""A private world that vanishes with its owner.

A command is run in mount, process and network namespaces of its own:

    supervisor        outside; hands signals on, reports the exit status
      unshare         dies with the supervisor (setpriv --pdeathsig)
        inside        process 1 of the world; dies with unshare (--kill-child)
          daemons     die with process 1, as the kernel has it

So whatever ends the supervisor, a SIGKILL included, ends every process. The names of network
namespaces are mounts on a tmpfs over /run that only this world sees; with the last process and
the last mount the kernel takes the networks down too. Nothing has to be cleaned up, and nothing
can be forgotten.

FRR keeps files in /run/frr and /var/tmp/frr. Both places are covered by a tmpfs, and the source
tree is put back on top in case it lies below one of them.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Sequence

from . import sanitizer

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("VIPD_BUILD", ROOT / "build")).resolve()
MARK = "VIPD_LAB_RUN"
KEEP = "VIPD_LAB_KEEP"
HIDDEN_BUILD = "VIPD_LAB_BUILD"
COVERED = ("/run", "/var/tmp", "/var/log/frr")
SHOWN = Path("/run/vipd-build")
SHORT = Path("/run/vipd-run")
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
GRACE_S = 10.0


def _others_may_write(folder: Path) -> bool:
    """Say whether somebody else than root could put files of his own there."""
    status = folder.stat()
    shared = bool(status.st_mode & stat.S_ISVTX)
    return status.st_uid not in (0, os.geteuid()) or bool(status.st_mode & 0o022 and not shared)


def _runs() -> Path:
    """Where the folders of runs lie: below the build folder, unless that is a user's.

    A vipd that runs as root reads no configuration that somebody else may have written.
    """
    if any(_others_may_write(folder) for folder in (BUILD, *BUILD.parents) if folder.exists()):
        return Path("/tmp")
    return BUILD / "lab-runs"


RUNS = _runs()


def contained() -> bool:
    """Say whether this process already lives in a world of its own."""
    return MARK in os.environ


def require_root(who: str) -> None:
    """Leave with a sentence unless run by root."""
    if os.geteuid() != 0:
        sys.exit(f"{who} makes network namespaces and needs root: sudo {who}")


def require_mount_point(who: str, mountinfo: Path = Path("/proc/self/mountinfo")) -> None:
    """Leave with a sentence where the root is a mere folder, as chroot makes it, and not a mount.

    The kernel lets nobody make the mounts of such a root private, and nothing here could be done.
    """
    try:
        lines = mountinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        sys.exit(f"{who} needs /proc: mount -t proc proc /proc")
    if not any(line.split()[4] == "/" for line in lines):
        sys.exit(f"{who} makes mount namespaces, and this root is a folder that nothing is mounted on, as "
                 "chroot makes it. Outside: mount --bind ROOT ROOT, and then chroot ROOT")


def run(command: Sequence[str]) -> int:
    """Run `command` in a world of its own and return its exit status.

    The run gets a folder of its own, which goes with it unless VIPD_LAB_KEEP is set.
    """
    require_mount_point("the lab")
    RUNS.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="vipd-lab-", dir=RUNS)
    world = ["setpriv", "--pdeathsig", "KILL",
             "unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc",
             sys.executable, "-m", "lab.containment", *command]
    environment = dict(os.environ, **sanitizer.ENVIRONMENT,
                       **{MARK: folder, "PYTHONDONTWRITEBYTECODE": "1"})
    if HIDDEN_BUILD in environment:
        environment["VIPD_BUILD"] = environment.pop(HIDDEN_BUILD)
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    try:
        return _wait_forwarding(world, environment)
    finally:
        if KEEP in os.environ:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def enter(arguments: Sequence[str]) -> None:
    """Go on with the same Python command in a world of its own, unless already in one."""
    if not contained():
        sys.exit(run([sys.executable, *arguments]))


def run_folder() -> Path:
    """The folder of this run, from inside: under a short name, wherever the tree lies.

    A socket's path has 107 bytes, and that of a secret 94.
    """
    return SHORT


def _wait_forwarding(world: Sequence[str], environment: dict[str, str]) -> int:
    """Start the world, hand signals to its process 1, and end it if it does not react.

    unshare itself blocks SIGINT and SIGTERM while it waits. From a terminal the whole
    foreground group has got a Ctrl-C already; a second one inside does no harm. The handlers
    come before the child, so that it does not inherit a signal that is ignored.
    """
    children: list[subprocess.Popen[bytes]] = []

    def forward(number: int, _frame: object) -> None:
        for child in children:
            for pid in _children(child.pid):
                os.kill(pid, number)
        signal.setitimer(signal.ITIMER_REAL, GRACE_S)

    def end(_number: int, _frame: object) -> None:
        for child in children:
            child.kill()

    signal.signal(signal.SIGALRM, end)
    for number in FORWARDED:
        signal.signal(number, forward)
    children.append(subprocess.Popen(world, env=environment))
    return _exit_status(children[0].wait())


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(word) for word in text.split()]


def _exit_status(code: int) -> int:
    return 128 - code if code < 0 else code


def _mount(*arguments: str) -> None:
    # Without mtab, or the first mount would leave an empty /run/mount outside.
    subprocess.run(["mount", "--no-mtab", *arguments], check=True)


def cover(directory: str, keep: Path) -> None:
    """Put a tmpfs over `directory`; `keep` stays visible where it was."""
    place = Path(directory).resolve()
    if not place.is_dir():
        return
    if not keep.is_relative_to(place):
        _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(place))
        return
    held = os.open(keep, os.O_PATH)
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(place))
    keep.mkdir(parents=True)
    # As it stands: the name that the link shows is that of the empty folder now.
    _mount("--no-canonicalize", "--bind", f"/proc/{os.getpid()}/fd/{held}", str(keep))
    os.close(held)


def _show_programs() -> None:
    """Let every user reach the built programs, also where they lie in somebody's home.

    A service runs as a user of its own. What is installed can be reached by all; a build folder
    below /root cannot.
    """
    if all(folder.stat().st_mode & stat.S_IXOTH for folder in (BUILD, *BUILD.parents)):
        return
    SHOWN.mkdir()
    _mount("--bind", str(BUILD), str(SHOWN))
    # A world inside of this one covers the place, and starts from the folder itself.
    os.environ.update({"VIPD_BUILD": str(SHOWN), HIDDEN_BUILD: str(BUILD)})


def _shorten_run_folder() -> None:
    """Show the folder of this run at a place whose name does not grow with that of the tree."""
    SHORT.mkdir()
    _mount("--bind", os.environ[MARK], str(SHORT))


def _furnish() -> None:
    """Make the world: private places, and a loopback that works."""
    for directory in COVERED:
        cover(directory, ROOT)
    _shorten_run_folder()
    os.makedirs("/run/netns", exist_ok=True)
    sanitizer.make_folder()
    _show_programs()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def _supervise(command: Sequence[str]) -> int:
    """Be process 1: start the command, hand signals on, and reap what is left behind."""
    children: list[subprocess.Popen[bytes]] = []

    def forward(number: int, _frame: object) -> None:
        for child in children:
            child.send_signal(number)

    for number in FORWARDED:
        signal.signal(number, forward)
    children.append(subprocess.Popen(command))
    while True:
        pid, status = os.wait()
        if pid == children[0].pid:
            return _exit_status(os.waitstatus_to_exitcode(status))


def main() -> None:
    """Run a command: contained if this is the outside, furnished first if it is the inside."""
    if not contained():
        require_root("lab/containment.py")
        sys.exit(run(sys.argv[1:]))
    _furnish()
    sys.exit(_supervise(sys.argv[1:]))


if __name__ == "__main__":
    main()
