# SPDX-License-Identifier: Apache-2.0
"""One machine of the lab: a network namespace and the commands that run in it.

Commands are started with nsenter rather than `ip netns exec`, which would give each its own
view of the mounts for nothing, and which hides the daemon's process id behind its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Iterator, Sequence

CLONE_NEWNET = 0x40000000

# Linux renames an interface that is up since 6.2.
RENAMES_LIVE = [int(number) for number in re.findall(r"\d+", os.uname().release)][:2] >= [6, 2]
_libc = ctypes.CDLL(None, use_errno=True)


def find_tool(name: str) -> str:
    """The path of a tool; /usr/sbin counts even where PATH leaves it out."""
    for directory in (*os.get_exec_path(), "/usr/sbin", "/sbin"):
        path = os.path.join(directory, name)
        if os.access(path, os.X_OK):
            return path
    raise FileNotFoundError(f"{name} is not installed")


class Namespace:
    """A network namespace, by name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = Path("/run/netns") / name
        subprocess.run([find_tool("ip"), "netns", "add", name], check=True)

    def delete(self) -> None:
        """Take the name away; the kernel frees the rest with its last user."""
        subprocess.run([find_tool("ip"), "netns", "delete", self.name], check=True)

    def command(self, *words: str) -> list[str]:
        """The command line that runs `words` in this namespace."""
        return [find_tool("nsenter"), f"--net={self.path}", *words]

    def run(self, *words: str, check: bool = True) -> str:
        """Run a command to its end and return what it printed."""
        done = self.attempt(*words)
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.name}: {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command that may well fail, and return how it ended."""
        return subprocess.run(self.command(*words), check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def batch(self, lines: Sequence[str]) -> None:
        """Run many `ip` commands in one go."""
        subprocess.run([find_tool("ip"), "-n", self.name, "-batch", "-"], check=True, text=True,
                       input="".join(f"{line}\n" for line in lines))

    def ip(self, *words: str) -> None:
        """Run one `ip` command."""
        subprocess.run([find_tool("ip"), "-n", self.name, *words], check=True)

    def ip_json(self, *words: str) -> list[dict[str, Any]]:
        """Run one `ip` command and return its JSON."""
        done = subprocess.run([find_tool("ip"), "-n", self.name, "-j", *words], check=False,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return json.loads(done.stdout) if done.stdout.strip() else []

    def sysctl(self, settings: dict[str, str]) -> None:
        """Set the namespace's own sysctls; the names are those below net.ipv4 and net.ipv6."""
        with self.entered():
            for name, value in settings.items():
                Path("/proc/sys", name.replace(".", "/")).write_text(value, encoding="ascii")

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Let this thread live in the namespace: sockets opened meanwhile stay in it."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        away = os.open(self.path, os.O_RDONLY)
        try:
            _setns(away)
            yield
        finally:
            _setns(home)
            os.close(away)
            os.close(home)

    def route(self, prefix: str) -> list[dict[str, Any]]:
        """The kernel's routes for exactly this prefix."""
        family = "-6" if ":" in prefix else "-4"
        return self.ip_json(family, "route", "show", "exact", prefix)

    def route_count(self, table: str = "Main", family: int = 4) -> int:
        """How many routes the kernel has in table `Main` or `Local`, read at little cost.

        The kernel keeps both in one trie until a rule is added; then both say the sum. So only
        differences of this number mean anything. Of IPv6 it knows the sum alone.
        """
        if family == 6:
            with self.entered():
                text = Path("/proc/thread-self/net/rt6_stats").read_text(encoding="ascii")
            return int(text.split()[3], 16)
        with self.entered():
            text = Path("/proc/thread-self/net/fib_triestat").read_text(encoding="ascii")
        part = text.partition(f"\n{table}:")[2]
        return int(part.partition("Prefixes:")[2].split()[0])


def _setns(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
