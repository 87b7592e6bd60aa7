#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a process may do, tried: one line an action, with the kernel's answer. Two sandboxes that are
meant to be the same say the same.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import socket

libc = ctypes.CDLL(None, use_errno=True)
# The numbers of x86-64; elsewhere these are not tried.
CALLS = {"mount": 165, "umount2": 166, "swapon": 167, "reboot": 169, "sethostname": 170, "setdomainname": 171,
         "init_module": 175, "delete_module": 176, "quotactl": 179, "ptrace": 101, "syslog": 103, "chroot": 161,
         "acct": 163, "settimeofday": 164, "clock_settime": 227, "kexec_load": 246, "add_key": 248, "keyctl": 250,
         "unshare": 272, "setns": 308, "bpf": 321, "userfaultfd": 323, "perf_event_open": 298, "io_uring_setup": 425,
         "open_by_handle_at": 304, "pivot_root": 155, "vhangup": 153, "ioperm": 173, "capset": 126, "setgroups": 116,
         "setuid": 105, "setresuid": 117, "chown": 92, "clone3": 435, "pidfd_open": 434, "memfd_create": 319,
         "fanotify_init": 300, "seccomp": 317, "mlockall": 151, "adjtimex": 159, "landlock_create_ruleset": 444}
NAMESPACES = {"mnt": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000,
              "pid": 0x20000000, "net": 0x40000000}
# Not /run: with ProtectKernelTunables systemd 252 left it as it is in the lab, and ours is the stricter.
WRITTEN = ("/", "/etc", "/usr", "/tmp", "/var/tmp", "/var/lib", "/var/lib/vipd", "/dev", "/dev/shm",
           "/proc/sys/net", "/sys/fs/cgroup")
LISTED = ("/home", "/root", "/usr/lib/modules", "/run/vipd", "/var/lib/vipd", "/etc/vipd", "/tmp")
READ = ("/dev/null", "/dev/mem", "/dev/kmsg", "/proc/kmsg", "/dev/net/tun", "/proc/sys/kernel/hostname", "/etc/passwd")


def code(number: int) -> str:
    """The name of an error."""
    return errno.errorcode.get(number, str(number)) if number else "done"


def tried(action: object, *arguments: object) -> str:
    """What the kernel answers."""
    try:
        action(*arguments)  # type: ignore[operator]
    except OSError as error:
        return code(error.errno or 0)
    return "done"


def called(number: int, *arguments: int) -> str:
    """The same of a system call, with arguments that are of no use."""
    ctypes.set_errno(0)
    return code(ctypes.get_errno()) if libc.syscall(number, *arguments) < 0 else "done"


def in_child(number: int, *arguments: int) -> str:
    """A call that would change who tries it."""
    ends = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(ends[1], called(number, *arguments).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(ends[1])
    return os.read(ends[0], 64).decode()


def write(folder: str) -> None:
    """A file of ours."""
    os.close(os.open(f"{folder}/vipd-trial", os.O_CREAT | os.O_WRONLY))
    os.unlink(f"{folder}/vipd-trial")


def mark(mode: int) -> None:
    """A file that would lend its rights."""
    with open("/tmp/vipd-trial", "w", encoding="ascii") as made:
        os.fchmod(made.fileno(), mode)


def calls() -> None:
    """System calls by their numbers."""
    for name, bit in NAMESPACES.items():
        print("namespace", name, in_child(CALLS["unshare"], bit), in_child(56, bit | 17, 0, 0, 0, 0))
    for name, number in CALLS.items():
        print("call", name, in_child(number, *([-1] * 6)))
    print("personality", called(135, 0xFFFFFFFF), called(135, 8))


def main() -> None:
    """Try all."""
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Uid", "Gid", "Groups"):
        with open("/proc/self/status", encoding="ascii") as status:
            print(*next(line.split() for line in status if line.startswith(f"{name}:")))
    for folder in WRITTEN:
        print("write", folder, tried(write, folder))
    for folder in LISTED:
        print("list", folder, tried(os.listdir, folder))
    for path in READ:
        print("read", path, tried(lambda name=path: os.close(os.open(name, os.O_RDONLY | os.O_NONBLOCK))))
    for family in range(46):
        print("socket", family, tried(lambda number=family: socket.socket(number, socket.SOCK_DGRAM).close()))
    if os.uname().machine == "x86_64":
        calls()
    print("memory", tried(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)))
    for mode in (0o644, 0o4755, 0o2755):
        print("mode", oct(mode), tried(mark, mode))
    for policy in (os.SCHED_FIFO, os.SCHED_BATCH):
        print("policy", policy, tried(os.sched_setscheduler, 0, policy,
                                      os.sched_param(1 if policy == os.SCHED_FIFO else 0)))
    print("processes", sum(name.isdigit() for name in os.listdir("/proc")) > 3)
    print("mask", oct(os.umask(0)))


if __name__ == "__main__":
    main()
