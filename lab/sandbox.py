#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The sandbox of a unit without systemd: reads a unit file and becomes the program that it names.

usage: sandbox.py UNIT PLACE [KEY | -- COMMAND...]

What the unit says of mounts, users, capabilities and system calls is done here as systemd 252 does it
(systemd.exec(5)); then the program of KEY, ExecStart unless said otherwise, or the command takes our
place. PLACE is what lab/units.py has made. Every key of the unit is either carried out here or named
in ELSEWHERE: one that is new fails loudly, so that nobody believes it is tried.

`Sandbox`, below, is the same for a test.
"""

from __future__ import annotations

import ctypes
import functools
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Callable, Sequence

# Keys that are no part of a sandbox.
ELSEWHERE = {
    "Type", "ExecStart", "ExecReload", "ExecStop", "TimeoutStopSec", "TimeoutStartSec", "WatchdogSec", "Restart",
    "RestartSec", "RestartPreventExitStatus", "KillMode", "OOMScoreAdjust", "StandardOutput",
    "StandardError", "RuntimeDirectoryPreserve", "TasksMax",
    # No IPC object is left to be removed.
    "RemoveIPC",
}
GROUPS = Path(__file__).with_name("syscalls.txt")
LAST_CAP = 40

CLONE_NEWNS, CLONE_NEWUTS = 0x20000, 0x4000000
NAMESPACES = 0x7E020080  # every CLONE_NEW*
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC = 1, 2, 4, 8, 0x1000, 0x4000
MS_SLAVE = 1 << 19
AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY = -100, 0x8000, 1
SYS_MOUNT_SETATTR = 442
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 24, 38, 47, 2
PR_SET_KEEPCAPS = 8
CAPABILITIES = {"CHOWN": 0, "KILL": 5, "SETGID": 6, "SETUID": 7, "SETPCAP": 8, "NET_BIND_SERVICE": 10, "NET_ADMIN": 12,
                "NET_RAW": 13, "SYS_PTRACE": 19, "SYS_NICE": 23, "PERFMON": 38, "BPF": 39}
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97

_libc = ctypes.CDLL(None, use_errno=True)
Unit = dict[str, list[str]]


def call(result: int, what: str) -> None:
    """A call of libc that must not fail."""
    if result < 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def unit_read(path: Path) -> Unit:
    """The keys of [Service], or of [Socket]; an empty value takes back what was there."""
    found: Unit = {}
    section = ""
    for line in path.read_text("ascii").splitlines():
        if line.startswith("["):
            section = line
        elif "=" in line and line[0] not in "#;" and section in ("[Service]", "[Socket]"):
            key, value = line.split("=", 1)
            found[key] = [*found.get(key, []), value] if value else []
    return found


# Mounts.

def mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """mount(2)."""
    call(_libc.mount(source.encode(), target.encode(), kind and kind.encode(), flags,
                     data.encode() or None), f"mount {target}")


def read_only(path: str, recursive: bool = True) -> None:
    """A mount at this place, of what is there already, that nobody can write."""
    mount(path, path, None, MS_BIND | MS_REC)
    protect(path, True, recursive)


def protect(path: str, on: bool, recursive: bool = True) -> None:
    """Make mounts read-only, or take it back."""
    bits = (ctypes.c_uint64 * 4)(MOUNT_ATTR_RDONLY if on else 0, 0 if on else MOUNT_ATTR_RDONLY, 0, 0)
    call(_libc.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, path.encode(), AT_RECURSIVE if recursive else 0,
                       bits, ctypes.sizeof(bits)), f"mount_setattr {path}")


def writable(path: str) -> None:
    """A place within what is read-only that can be written."""
    mount(path, path, None, MS_BIND | MS_REC)
    protect(path, False)


def empty(path: str, mode: str) -> None:
    """Nothing is seen of what is there."""
    mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, f"mode={mode}")


def hide(path: str) -> None:
    """Nobody can enter or read it."""
    if Path(path).is_dir():
        empty(path, "0")
        protect(path, True)
    elif Path(path).exists():
        mount("/run/sandbox-nothing", path, None, MS_BIND)


def devices_private() -> None:
    """A /dev with the few devices that harm nobody."""
    fresh = "/run/sandbox-dev"
    mount("tmpfs", fresh, "tmpfs", MS_NOSUID, "mode=755")
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        Path(fresh, name).touch()
        mount(f"/dev/{name}", f"{fresh}/{name}", None, MS_BIND)
    os.mkdir(f"{fresh}/shm")
    mount("/dev/shm", f"{fresh}/shm", None, MS_BIND)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"{fresh}/{name}")
    os.symlink("/proc/self/fd", f"{fresh}/fd")
    mount(fresh, "/dev", None, MS_BIND | MS_REC)
    protect("/dev", True, recursive=False)


def places(unit: Unit, place: Path, owner: int) -> list[str]:
    """Make the folders that the service has; those are writable."""
    state = place / "state"
    state.mkdir(exist_ok=True)
    mount("tmpfs", "/var/lib", "tmpfs", 0, "mode=755")
    # It is there for every service, as it is on a machine.
    Path("/var/lib/vipd").mkdir()
    mount(str(state), "/var/lib/vipd", None, MS_BIND)
    found = []
    for key, base in (("StateDirectory", "/var/lib"), ("RuntimeDirectory", "/run")):
        mode = int(unit.get(f"{key}Mode", ["0755"])[-1], 8)
        for name in unit.get(key, []):
            path = Path(base, name)
            path.mkdir(exist_ok=True)
            path.chmod(mode)
            os.chown(path, owner, owner)
            found.append(str(path))
    return found


def paths(unit: Unit, key: str) -> list[str]:
    """The paths that a key lists."""
    return " ".join(unit.get(key, [])).split()


def mounts(unit: Unit, place: Path, owner: int) -> None:
    """The file systems as the service sees them."""
    yes = {key for key, values in unit.items() if values[-1:] == ["yes"]}
    call(_libc.unshare(CLONE_NEWNS | (CLONE_NEWUTS if "ProtectHostname" in yes else 0)), "unshare")
    mount("", "/", None, MS_REC | MS_SLAVE)
    os.makedirs("/run/sandbox-dev", exist_ok=True)
    Path("/run/sandbox-nothing").touch(0)
    for name in ("passwd", "group"):
        mount(str(place / name), f"/etc/{name}", None, MS_BIND)
    kept = [*places(unit, place, owner), *paths(unit, "ReadWritePaths")]
    if unit.get("ProtectProc"):
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
              f"hidepid={unit['ProtectProc'][-1]}")
    if unit.get("ProtectSystem"):
        assert unit["ProtectSystem"] == ["strict"], unit["ProtectSystem"]
        protect("/", True)
        for path in ("/proc", "/sys", "/dev"):
            protect(path, False)
    if "PrivateDevices" in yes:
        devices_private()
    if "ProtectKernelTunables" in yes:
        for path in ("/proc/sys", "/proc/sysrq-trigger", "/proc/fs", "/proc/irq", "/sys"):
            if Path(path).exists():
                read_only(path)
    if "ProtectControlGroups" in yes and Path("/sys/fs/cgroup").exists():
        read_only("/sys/fs/cgroup")
    for path in kept:
        if Path(path.lstrip("-")).exists() or path[0] != "-":
            writable(path.lstrip("-"))
    if "PrivateTmp" in yes:
        for path in ("/tmp", "/var/tmp"):
            empty(path, "1777")
    hidden = paths(unit, "InaccessiblePaths")
    if "ProtectHome" in yes:
        hidden = [*hidden, "/home", "/root", "/run/user"]
    if "ProtectKernelLogs" in yes:
        hidden = [*hidden, "/proc/kmsg", "/dev/kmsg"]
    if "ProtectKernelModules" in yes:
        hidden = [*hidden, "/usr/lib/modules"]
    for path in hidden:
        hide(path.lstrip("-"))


# Users and capabilities.

def capability_set(names: Sequence[str]) -> set[int]:
    """The numbers of capabilities by their names."""
    return {CAPABILITIES[name.removeprefix("CAP_")] for words in names for name in words.split()}


def identity(unit: Unit, place: Path) -> int:
    """The number of the unit's user, who is called as his group."""
    name = unit["User"][-1]
    assert unit["Group"] == [name]
    for line in (place / "passwd").read_text("utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split(":")[2])
    raise LookupError(name)


def capset(numbers: set[int]) -> None:
    """Exactly these are permitted, in effect and inheritable."""
    low = sum(1 << number for number in numbers if number < 32)
    high = sum(1 << number - 32 for number in numbers if number >= 32)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)(low, low, low, high, high, high)
    call(_libc.capset(header, data), "capset")


def become(unit: Unit, user: int) -> None:
    """The unit's user, with the unit's capabilities and with no way to more."""
    bounding = capability_set(unit.get("CapabilityBoundingSet", []))
    ambient = capability_set(unit.get("AmbientCapabilities", []))
    assert ambient <= bounding
    if "CapabilityBoundingSet" in unit:
        for number in range(LAST_CAP + 1):
            if number not in bounding:
                call(_libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0), "PR_CAPBSET_DROP")
    call(_libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "PR_SET_KEEPCAPS")
    os.setgroups([user])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    capset(ambient)
    for number in ambient:
        call(_libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0), "PR_CAP_AMBIENT")
    if unit.get("NoNewPrivileges") == ["yes"]:
        call(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS")


# System calls.

@functools.cache
def groups_read() -> dict[str, list[str]]:
    """The table of system call groups. It is first read outside of the sandbox, which may hide it."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in GROUPS.read_text("ascii").splitlines():
        if line.startswith("@"):
            name, line = line.split(":", 1)
            found[name] = []
        if not line.startswith("#"):
            found[name] += line.split()
    return found


def expand(words: str, groups: dict[str, list[str]]) -> set[str]:
    """The system calls that words of SystemCallFilter= stand for."""
    found: set[str] = set()
    for word in words.split():
        found |= expand(" ".join(groups[word]), groups) if word[0] == "@" else {word}
    return found


def allowed_calls(lines: Sequence[str]) -> set[str]:
    """What several SystemCallFilter= allow, the first of which is a list of what is allowed."""
    groups = groups_read()
    assert not lines[0].startswith("~")
    allowed: set[str] = expand("@default", groups)
    for line in lines:
        if line.startswith("~"):
            allowed -= expand(line[1:], groups)
        else:
            allowed |= expand(line, groups)
    return allowed


def filters(unit: Unit) -> None:
    """Every filter of system calls that the unit asks for; the list of what is allowed comes last."""
    import seccomp  # pylint: disable=import-outside-toplevel,import-error
    rule = seccomp.Arg
    yes = {key for key, values in unit.items() if values[-1:] == ["yes"]}

    def forbid(add: Callable[[seccomp.SyscallFilter], None]) -> None:
        made = seccomp.SyscallFilter(seccomp.ALLOW)
        made.set_attr(seccomp.Attr.CTL_NNP, 0)
        add(made)
        made.load()

    def deny(made: seccomp.SyscallFilter, name: str, *arguments: seccomp.Arg, error: int = EPERM) -> None:
        made.add_rule(seccomp.ERRNO(error), name, *arguments)

    def families(made: seccomp.SyscallFilter) -> None:
        words = " ".join(unit["RestrictAddressFamilies"]).split()
        known = {int(getattr(socket, word)) for word in words}
        for family in range(64):
            if family not in known:
                deny(made, "socket", rule(0, seccomp.EQ, family), error=EAFNOSUPPORT)
        deny(made, "socket", rule(0, seccomp.GT, 63), error=EAFNOSUPPORT)

    def namespaces(made: seccomp.SyscallFilter) -> None:
        deny(made, "clone3", error=ENOSYS)
        deny(made, "setns")
        for bit in (1 << number for number in range(32) if NAMESPACES & 1 << number):
            for name in ("unshare", "clone"):
                deny(made, name, rule(0, seccomp.MASKED_EQ, bit, bit))

    def special_modes(made: seccomp.SyscallFilter) -> None:
        for bit in (0o4000, 0o2000):
            for name, place in (("chmod", 1), ("fchmod", 1), ("fchmodat", 2), ("mkdir", 1), ("mkdirat", 2),
                                ("mknod", 1), ("mknodat", 2), ("creat", 1)):
                deny(made, name, rule(place, seccomp.MASKED_EQ, bit, bit))
            for name, flags in (("open", 1), ("openat", 2)):
                deny(made, name, rule(flags, seccomp.MASKED_EQ, os.O_CREAT, os.O_CREAT),
                     rule(flags + 1, seccomp.MASKED_EQ, bit, bit))

    def writable_code(made: seccomp.SyscallFilter) -> None:
        deny(made, "mmap", rule(2, seccomp.MASKED_EQ, 6, 6))
        for name in ("mprotect", "pkey_mprotect"):
            deny(made, name, rule(2, seccomp.MASKED_EQ, 4, 4))
        deny(made, "shmat", rule(2, seccomp.MASKED_EQ, 0o100000, 0o100000))

    def real_time(made: seccomp.SyscallFilter) -> None:
        for policy in (os.SCHED_FIFO, os.SCHED_RR, 6):
            deny(made, "sched_setscheduler", rule(1, seccomp.MASKED_EQ, 0xFF, policy))

    def groups(made: seccomp.SyscallFilter, *names: str) -> None:
        for name in sorted(expand(" ".join(names), groups_read())):
            try:
                deny(made, name)
            except (RuntimeError, ValueError, OSError):
                continue  # another architecture's

    if unit.get("RestrictAddressFamilies"):
        forbid(families)
    if "RestrictNamespaces" in yes:
        forbid(namespaces)
    if "RestrictSUIDSGID" in yes:
        forbid(special_modes)
    if "MemoryDenyWriteExecute" in yes:
        forbid(writable_code)
    if "RestrictRealtime" in yes:
        forbid(real_time)
    if "LockPersonality" in yes:
        forbid(lambda made: deny(made, "personality", rule(0, seccomp.NE, 0)))
    if "ProtectHostname" in yes:
        forbid(lambda made: groups(made, "sethostname", "setdomainname"))
    if "ProtectClock" in yes:
        forbid(lambda made: groups(made, "@clock"))
    if "ProtectKernelLogs" in yes:
        forbid(lambda made: groups(made, "syslog"))
    if "ProtectKernelModules" in yes:
        forbid(lambda made: groups(made, "@module"))
    if "PrivateDevices" in yes:
        forbid(lambda made: groups(made, "@raw-io"))
    if unit.get("SystemCallFilter"):
        assert unit["SystemCallErrorNumber"] == ["EPERM"] and unit["SystemCallArchitectures"] == ["native"]
        allow_only(allowed_calls(unit["SystemCallFilter"]))


def allow_only(names: set[str]) -> None:
    """Every other system call fails with EPERM."""
    import seccomp  # pylint: disable=import-outside-toplevel,import-error
    made = seccomp.SyscallFilter(seccomp.ERRNO(EPERM))
    made.set_attr(seccomp.Attr.CTL_NNP, 0)
    for name in sorted(names):
        try:
            made.add_rule(seccomp.ALLOW, name)
        except (RuntimeError, ValueError, OSError):
            continue  # another architecture's
    made.load()


CARRIED_OUT = {
    "User", "Group", "StateDirectory", "StateDirectoryMode", "RuntimeDirectory", "RuntimeDirectoryMode",
    "AmbientCapabilities", "CapabilityBoundingSet", "LimitMEMLOCK", "UMask", "NoNewPrivileges", "ProtectSystem",
    "ReadWritePaths", "InaccessiblePaths", "ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectHostname",
    "ProtectClock", "ProtectControlGroups", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables",
    "ProtectProc", "RestrictAddressFamilies", "RestrictNamespaces", "RestrictSUIDSGID", "RestrictRealtime", "LockPersonality",
    "MemoryDenyWriteExecute", "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber",
}


def listen(path: Path, place: Path) -> None:
    """The socket that a socket unit listens on, as descriptor 3."""
    unit = unit_read(path)
    name = unit["ListenSequentialPacket"][-1]
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # It gets its name when it is ready.
    fresh = f"{name}.new"
    made.bind(fresh)
    user = identity({"User": unit["SocketUser"], "Group": unit["SocketUser"]}, place)
    os.chown(fresh, user, -1)
    os.chmod(fresh, int(unit["SocketMode"][-1], 8))
    made.listen()
    os.rename(fresh, name)
    descriptor = made.detach()
    os.dup2(descriptor, 3)
    os.set_inheritable(3, True)
    if descriptor != 3:
        os.close(descriptor)


def become_service(unit_path: Path, place: Path, words: Sequence[str], main_one: bool) -> None:
    """The last step: everything that the unit says, then the program."""
    # A + says that the sandbox is not for this one.
    full = words[0].startswith("+")
    words = [words[0].lstrip("+"), *words[1:]]
    unit = unit_read(unit_path)
    unknown = set(unit) - ELSEWHERE - CARRIED_OUT
    assert not unknown, f"the sandbox does not know {unknown}"
    user = identity(unit, place)
    sockets = unit_path.with_suffix(".socket")
    if sockets.exists() and main_one:
        listen(sockets, place)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
    if not full:
        if unit.get("LimitMEMLOCK") == ["infinity"]:
            subprocess.run(["prlimit", f"--pid={os.getpid()}", "--memlock=unlimited"], check=False,
                           stderr=subprocess.DEVNULL)
        groups_read()
        os.umask(int(unit.get("UMask", ["0022"])[-1], 8))
        mounts(unit, place, user)
        become(unit, user)
        filters(unit)
    os.execv(words[0], words)


def main(arguments: Sequence[str]) -> None:
    """The command line."""
    unit_path, place = Path(arguments[0]), Path(arguments[1])
    rest = list(arguments[2:])
    if rest[:1] == ["--"]:
        words = rest[1:]
    else:
        line = unit_read(unit_path)[rest[0] if rest else "ExecStart"][-1]
        words = shlex.split(line.replace("%n", unit_path.name))
    words[0] = shutil.which(words[0]) or words[0]
    become_service(unit_path, place, words, not rest)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    main(sys.argv[1:])
