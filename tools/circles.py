#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what shows whether the middle of the house stays open, and says so when it closes again.

    tools/circles.py             the circles of files that include or call each other, the largest first
    tools/circles.py --names     the files outside of a speaker's folder that name one of its symbols
    tools/circles.py --lines     the lines of C without tests
    tools/circles.py --limits    all of it in three lines, exit 1 when one is over its limit: this is the test

`x.c` and `x.h` are one noun. A noun leans on another one when it includes the header of that one, or uses a function
or a table that is defined there. Nouns that lean on each other, if only by way of others, are a circle: none of them
can be understood, tested or moved without the rest. What counts is the files of the circle.

The sources are read as text: a build is not needed, and LTO cannot hide anything. House style makes that easy (a
definition begins in the first column), and what comes out is what `nm` says of the objects.

A limit is what was reached: lower it in the commit that goes below it, never raise it.
"""

from __future__ import annotations

import argparse
import re
import sys
from functools import cache
from pathlib import Path

LIMIT_CIRCLE = 8
# Files outside of proto/NAME that name NAME_ or its capitals.
LIMIT_NAMES = {"rip": 7, "ospf": 21}

NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
# Not a member, not the tag of a struct.
WORD = re.compile(r"(?<![.>\w])(?<!struct )(?<!enum )[A-Za-z_]\w*")
NO_GLOBAL = r"^(?!static|typedef|extern|enum|return|#)"
FUNCTION = re.compile(NO_GLOBAL + r"[A-Za-z_][^;{}()=#]*?\b(\w+)\([^;{}]*\)\s*\n\{", re.MULTILINE)
TABLE = re.compile(NO_GLOBAL + r"[A-Za-z_][\w \t*]*?\b(\w+)(?:\[[^\]\n]*\])*\s*=", re.MULTILINE)
# What a file declares for itself: a variable, a parameter, a static function.
OWN = re.compile(r"\b(?:static\b[^;={}()]*?|(?:struct|enum) \w+[ *]+|(?:const )?(?!return|else|case|goto)"
                 r"[a-z]\w*[ *]+)\b(\w+)\s*(?=[;=,)\[])")
OWN_STATIC = re.compile(r"^static[^;={}()]*?\b(\w+)\s*[\[=(]", re.MULTILINE)

def is_test(path: Path) -> bool:
    """Whether a file is a test or the stage of one."""
    return path.stem.endswith("_test")

def code_of(text: str) -> str:
    """A source without its comments and without what stands in quotes."""
    return NOT_CODE.sub(lambda found: '""' if found[0][0] == '"' else " ", text)

def noun_of(name: str) -> str:
    """`node/slot.c` and `node/slot.h` are `node/slot`."""
    return name.rsplit(".", 1)[0]

class Sources:
    """The C files below a folder, tests aside."""

    def __init__(self, src: Path) -> None:
        self.text = {path.relative_to(src).as_posix(): path.read_text(encoding="utf-8")
                     for path in sorted(src.rglob("*.[ch]")) if not is_test(path)}
        self.code = {name: code_of(text) for name, text in self.text.items()}
        self.includes = {name: [each for each in INCLUDE.findall(text) if each in self.text]
                         for name, text in self.text.items()}
        self.seen = cache(self._seen)
        self.defined: dict[str, list[str]] = {}
        for name, code in self.code.items():
            if name.endswith(".c"):
                for symbol in {*FUNCTION.findall(code), *TABLE.findall(code)} - {"main"}:
                    self.defined.setdefault(symbol, []).append(name)

    def _seen(self, name: str) -> frozenset[str]:
        """Every word of the headers that a file includes, also by way of others."""
        words: set[str] = set()
        waiting, met = [name], {name}
        while waiting:
            for header in self.includes[waiting.pop()]:
                if header not in met:
                    met.add(header)
                    waiting.append(header)
                    words.update(WORD.findall(self.code[header]))
        return frozenset(words)

    def used(self, name: str) -> set[str]:
        """The files whose functions and tables a .c file uses."""
        code = self.code[name]
        statics = set(OWN_STATIC.findall(code))
        own = set(OWN.findall(code))
        found: set[str] = set()
        for symbol in set(WORD.findall(code)) & self.defined.keys() & self.seen(name):
            if symbol in statics or (symbol in own and not re.search(rf"\b{symbol}\(", code)):
                continue
            places = self.defined[symbol]
            # Speakers have functions of the same name, each for itself.
            same = [place for place in places if place.rsplit("/", 1)[0] == name.rsplit("/", 1)[0]]
            near = [place for place in places if place.split("/")[0] == name.split("/")[0]]
            found.update(same or near or places)
        return found

    def graph(self) -> dict[str, set[str]]:
        """Each noun, and the nouns that it leans on."""
        leans: dict[str, set[str]] = {}
        for name, included in self.includes.items():
            others = set(included)
            if name.endswith(".c"):
                others |= self.used(name)
            leans.setdefault(noun_of(name), set()).update(map(noun_of, others))
        return leans

    def files(self, noun: str) -> list[str]:
        """The files of a noun."""
        return [noun + end for end in (".c", ".h") if noun + end in self.text]

def circles(leans: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected parts of a graph that have more than one node, the largest first (Tarjan)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    open_nodes: list[str] = []
    found: list[list[str]] = []

    def close(node: str) -> None:
        part = []
        while not part or part[-1] != node:
            part.append(open_nodes.pop())
        if len(part) > 1:
            found.append(sorted(part))

    for start in leans:
        if start in order:
            continue
        path = [(start, iter(sorted(leans[start])))]
        order[start] = low[start] = len(order)
        open_nodes.append(start)
        while path:
            node, rest = path[-1]
            for other in rest:
                if other not in order:
                    order[other] = low[other] = len(order)
                    open_nodes.append(other)
                    path.append((other, iter(sorted(leans.get(other, ())))))
                    break
                if other in open_nodes:
                    low[node] = min(low[node], order[other])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == order[node]:
                    close(node)
    return sorted(found, key=lambda part: (-len(part), part))

def count_files(sources: Sources, part: list[str]) -> int:
    """The size of a circle."""
    return sum(len(sources.files(noun)) for noun in part)

def files_naming(sources: Sources, speaker: str) -> list[str]:
    """The files outside of a speaker's folder whose code names one of its symbols."""
    symbol = re.compile(rf"\b(?:{speaker}|{speaker.upper()})_\w")
    return [name for name, code in sources.code.items()
            if not name.startswith(f"proto/{speaker}/") and symbol.search(code)]

def lines(root: Path) -> int:
    """The lines of C without tests: find src bpf -name '*.[ch]' ! -name '*_test.[ch]' | xargs cat | wc -l."""
    return sum(path.read_bytes().count(b"\n")
               for folder in ("src", "bpf") for path in (root / folder).rglob("*.[ch]")
               if not is_test(path))

def show_circles(sources: Sources) -> None:
    """Print every circle."""
    for part in circles(sources.graph()):
        print(f"{count_files(sources, part)} files, {len(part)} nouns:")
        for noun in part:
            print(f"    {' '.join(sources.files(noun))}")

def check_limits(root: Path, sources: Sources) -> int:
    """Print what is counted and compare it with the limits; the exit status."""
    sizes = [count_files(sources, part) for part in circles(sources.graph())]
    counted = [("files in the largest circle", max(sizes, default=0), LIMIT_CIRCLE)]
    for speaker, limit in LIMIT_NAMES.items():
        counted.append((f"files outside of proto/{speaker} that name {speaker}_",
                        len(files_naming(sources, speaker)), limit))
    for what, count, limit in counted:
        print(f"{what}: {count} (limit {limit})")
        if count < limit:
            print(f"    fewer than its limit: lower it in {Path(__file__).name}")
    print(f"lines of C without tests: {lines(root)}")
    return 1 if any(count > limit for _, count, limit in counted) else 0

def main() -> int:
    """Do what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("root", nargs="?", type=Path, default=Path(__file__).resolve().parent.parent)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--names", action="store_true", help="who names a symbol of a speaker")
    what.add_argument("--lines", action="store_true", help="the lines of C without tests")
    what.add_argument("--limits", action="store_true", help="exit 1 when a count is over its limit")
    options = parser.parse_args()
    if options.lines:
        print(lines(options.root))
        return 0
    sources = Sources(options.root / "src")
    if options.limits:
        return check_limits(options.root, sources)
    if options.names:
        for speaker in LIMIT_NAMES:
            names = files_naming(sources, speaker)
            print(f"{speaker}: {len(names)} files", *names, sep="\n    ")
        return 0
    show_circles(sources)
    return 0

if __name__ == "__main__":
    sys.exit(main())
