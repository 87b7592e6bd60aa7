# SPDX-License-Identifier: Apache-2.0
"""The command line of vip: its help fits a screen, shells complete all that the help names, and
what the daemon says in lines is told as it comes.

usage: command_line.py VIP COMPLETIONS

Prints TAP. A shell that is not installed is skipped, and says so.
"""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable

ROWS, COLUMNS = 24, 80
PATIENCE_S = 20.0
COMMON = {"--json", "--socket", "--help"}
# Lines and where their last word may lead; the daemon is not asked.
LINES = ("vip ", "vip b", "vip bind --", "vip bind --hold ", "vip bind --hold=r", "vip board ",
         "vip board l", "vip --json st", "vip run-ncf --", "vip nonsense ")

VIP = Path(sys.argv[1]).resolve()
COMPLETIONS = Path(sys.argv[2])
# Nobody listens there, so that the answers are the same wherever the test runs.
ENVIRONMENT = {**os.environ, "VIPD_SOCKET": "/dev/null",
               "PATH": f"{VIP.parent}:{os.environ['PATH']}"}


class Skipped(Exception):
    """A test cannot run here; the text says why."""


def run(*words: str) -> str:
    """What a command prints."""
    return subprocess.run(words, env=ENVIRONMENT, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def offered(*words: str) -> list[str]:
    """What vip offers for the last of some words."""
    return [line.split("\t")[0] for line in run(str(VIP), "complete", *words).splitlines()]


def offered_for(line: str) -> list[str]:
    """What vip offers for a command line."""
    words = line.split()[1:]
    return offered(*words, *([""] if line.endswith(" ") else []))


def commands() -> list[str]:
    """The commands that `vip --help` names."""
    return re.findall(r"^  ([a-z][a-z-]*)  +\S", run(str(VIP), "--help"), re.MULTILINE)


def options(command: str) -> tuple[set[str], set[str]]:
    """The options of a command's help: those of its first line, and those that are explained."""
    usage, _, details = run(str(VIP), command, "--help").partition("\n")
    return (set(re.findall(r"(?<=[ \[])--?[a-z][a-z-]*", usage.partition(f" {command}")[2])),
            set(re.findall(r"^  (--?[a-z][a-z-]*)", details, re.MULTILINE)))


def test_help_fits_a_screen() -> None:
    """24 rows of 80 columns, with a row for the prompt."""
    for command in commands():
        lines = run(str(VIP), command, "--help").splitlines()
        assert len(lines) < ROWS, f"{command}: {len(lines)} lines"
        for line in lines:
            assert len(line) <= COLUMNS, line
    for line in run(str(VIP), "--help").splitlines():
        assert len(line) <= COLUMNS, line


def test_the_manual_has_the_options_of_bind() -> None:
    """As `vip bind --help` has them, which come from the table of a VIP, with the names of values."""
    page = (Path(__file__).parent.parent / "man" / "vip.1").read_text(encoding="utf-8")
    synopsis = page.partition(".It Xo Ic bind ")[2].partition(".Xc\n")[0]
    named = {(option.replace("Fl -", "--").replace("Fl ", "-"), value)
             for option, value in re.findall(r"^\.Op (Fl \S+)(?: Ar (\S+))?$", synopsis, re.MULTILINE)}
    details = run(str(VIP), "bind", "--help").partition("\n")[2]
    explained = set(re.findall(r"^  (--?[a-z][a-z-]*)(?: ([A-Z]+))? ", details, re.MULTILINE))
    assert named == explained, named ^ explained


def test_every_option_is_explained() -> None:
    """What the synopsis of a command names has a line of its own."""
    for command in commands():
        used, explained = options(command)
        assert used <= explained, f"{command}: {used - explained}"


def test_every_command_and_option_is_offered() -> None:
    """And nothing else is."""
    assert offered("") == commands()
    for command in commands():
        expected = options(command)[1] | COMMON
        assert set(offered(command, "-")) == expected, command


def test_what_is_offered_is_what_may_follow() -> None:
    """Values, words that stand for themselves, files, and options before the command."""
    assert offered("bind", "--hold", "") == ["auto", "address", "route"]
    assert offered("bind", "--hold=r") == ["--hold=route"]
    assert offered("board", "") == ["add", "del", "list"]
    assert offered("board", "list", "") == []
    assert offered("run-ncf", "") == [":files"]
    assert offered("--socket", "") == [":files"]
    assert offered("--socket", "x", "--json", "stat") == ["status"]
    assert offered("unbind", "") == []


def test_bash_completes_what_vip_offers() -> None:
    """Behind a = bash puts in the rest only."""
    script = f"""
        source {COMPLETIONS}/vip.bash
        while IFS= read -r COMP_LINE; do
            COMP_POINT=${{#COMP_LINE}}
            _vip
            echo "${{COMPREPLY[*]}}"
        done"""
    done = subprocess.run(["bash", "-c", script], env=ENVIRONMENT, check=True, text=True,
                          input="".join(f"{line}\n" for line in LINES), stdout=subprocess.PIPE)
    for line, answer in zip(LINES, done.stdout.splitlines(), strict=True):
        expected = [word.rpartition("=")[2] for word in offered_for(line)]
        assert answer.split() == expected, f"{line}: {answer}"


def test_bash_completes_files() -> None:
    """Where vip asks for a file."""
    script = f"source {COMPLETIONS}/vip.bash; COMP_LINE='vip run-ncf {COMPLETIONS}/vip.'; " \
             "COMP_POINT=${#COMP_LINE}; _vip; printf '%s\\n' \"${COMPREPLY[@]}\""
    assert set(run("bash", "-c", script).splitlines()) == {
        f"{COMPLETIONS}/vip.bash", f"{COMPLETIONS}/vip.fish"}


def test_fish_completes_what_vip_offers() -> None:
    """Fish can be asked what it would offer."""
    if not shutil.which("fish"):
        raise Skipped("fish is not installed")
    for line in LINES:
        answer = run("fish", "--no-config", "-c",
                     f"source {COMPLETIONS}/vip.fish; complete -C '{line}'")
        found = [word.split("\t")[0] for word in answer.splitlines()]
        assert sorted(found) == sorted(offered_for(line)), line


def test_zsh_completes_what_vip_offers() -> None:
    """The function is run with stand-ins for what the completion system gives it."""
    if not shutil.which("zsh"):
        raise Skipped("zsh is not installed")
    for line in LINES:
        words = line.split() + ([""] if line.endswith(" ") else [])
        quoted = " ".join(f"'{word}'" for word in words)
        script = f"""
            _describe() {{ print -rl -- "${{(@)candidates}}" }}
            words=({quoted}); CURRENT={len(words)}
            source {COMPLETIONS}/_vip"""
        found = [re.split(r"(?<!\\):", word)[0]
                 for word in run("zsh", "-fc", script).splitlines() if word]
        assert found == offered_for(line), line


class Daemon:
    """One that answers one request: the test says what, and when."""

    def __init__(self, *words: str) -> None:
        self.folder = tempfile.mkdtemp()
        path = f"{self.folder}/socket"
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path)
            listening.listen()
            self.vip = subprocess.Popen([str(VIP), "--socket", path, *words], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            listening.settimeout(PATIENCE_S)
            self.client = listening.accept()[0]
        self.request = b""
        self.client.settimeout(PATIENCE_S)
        while b"\r\n\r\n" not in self.request:
            self.request += self.client.recv(4096)

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.vip.kill()
        self.vip.communicate()
        shutil.rmtree(self.folder)

    def say(self, text: str) -> None:
        """Send a part of the answer."""
        self.client.sendall(text.encode())

    def chunk(self, *documents: dict[str, Any]) -> None:
        """Send lines as a chunk of the body; none: the end of it."""
        body = "".join(f"{json.dumps({'schema': 1, **document})}\n" for document in documents)
        self.say(f"{len(body):x}\r\n{body}\r\n")

    def line(self) -> str:
        """The next line that vip prints, while it still waits for the rest."""
        assert self.vip.stdout
        if not select.select([self.vip.stdout], [], [], PATIENCE_S)[0]:
            return ""
        return self.vip.stdout.readline()

    def end(self) -> tuple[int, str, str]:
        """The exit code, and what else is said, when the daemon has hung up."""
        self.client.close()
        out, err = self.vip.communicate(timeout=PATIENCE_S)
        return self.vip.returncode, out, err


STREAM = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
QUICK = {"kind": "proof", "neighbor": "10.2.0.2", "interface": "eth2", "source": "10.2.0.10",
         "outcome": "proven", "packets": 1, "way_in": "eth2", "time_us": 160, "routers": 1}
SLOW = {"kind": "proof", "neighbor": "10.1.0.1", "interface": "eth1", "source": "10.1.0.10",
        "outcome": "lost", "packets": 5}
VERDICT = {"kind": "verdict", "address": "10.9.1.1", "asked": 2, "proven": 1, "not_forwarded": 1}


def test_each_router_that_is_asked_is_told_before_the_next_has_answered() -> None:
    """The daemon says nothing of the slow one until the line of the quick one was read."""
    with Daemon("prove", "10.9.1.1") as daemon:
        assert daemon.request.startswith(b"POST /v1/prove/10.9.1.1?stream=1 HTTP/1.1\r\n")
        daemon.say(STREAM)
        daemon.chunk(QUICK)
        assert daemon.line() == ("10.2.0.2 is asked on eth2 from 10.2.0.10: came back by eth2 in 0.16 ms, "
                                 "1 router passed\n")
        daemon.chunk(SLOW)
        assert daemon.line().startswith("10.1.0.1 is asked on eth1 from 10.1.0.10: lost: ")
        daemon.chunk(VERDICT)
        daemon.chunk()
        assert daemon.end() == (1, "10.9.1.1 is not forwarded to us by 10.1.0.1\n", "")


def test_an_answer_about_routers_that_breaks_off_is_no_proof() -> None:
    """Neither in the middle of it, nor when it ends well without a verdict."""
    for ends in (False, True):
        with Daemon("prove", "10.9.1.1", "--neighbor", "10.2.0.2") as daemon:
            assert daemon.request.startswith(b"POST /v1/prove/10.9.1.1?stream=1&neighbor=10.2.0.2 ")
            daemon.say(STREAM)
            daemon.chunk(QUICK)
            if ends:
                daemon.chunk()
            code, out, err = daemon.end()
            assert code not in (0, 1) and out.count("\n") == 1, (code, out)
            assert "broke off" in err or "not vipd's" in err, err


def test_a_program_has_the_proofs_as_one_document() -> None:
    """As it was before there were lines."""
    with Daemon("--json", "prove", "10.9.1.1") as daemon:
        assert daemon.request.startswith(b"POST /v1/prove/10.9.1.1 HTTP/1.1\r\n")
        document = json.dumps({"schema": 1, "address": "10.9.1.1", "proofs": [QUICK, SLOW]})
        daemon.say(f"HTTP/1.1 200 OK\r\nContent-Length: {len(document)}\r\n\r\n{document}")
        code, out, err = daemon.end()
        assert (code, json.loads(out), err) == (1, json.loads(document), "")


def outcome(number: int, test: Callable[[], None]) -> bool:
    """Run one test and print its line; False when it has failed."""
    name = test.__name__.removeprefix("test_").replace("_", " ")
    try:
        test()
    except Skipped as why:
        print(f"ok {number} - {name} # SKIP {why}")
    except AssertionError as what:
        print(f"not ok {number} - {name}\n# {what}")
        return False
    else:
        print(f"ok {number} - {name}")
    return True


def main() -> int:
    """Run all tests."""
    tests = [value for name, value in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    return 0 if all([outcome(number, test) for number, test in enumerate(tests, 1)]) else 1


if __name__ == "__main__":
    sys.exit(main())
