# SPDX-License-Identifier: Apache-2.0
"""The command line of vip: its help fits a screen, and shells complete all that the help names.

usage: command_line.py VIP COMPLETIONS

Prints TAP. A shell that is not installed is skipped, and says so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable

ROWS, COLUMNS = 24, 80
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
