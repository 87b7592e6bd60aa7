#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tables of keys in the manuals come from the tables of the program.

usage: keys.py KEYS PAGE... [--write]

KEYS is the program that prints the tables (keys.c). In a page, a list of keys stands between two comments,

    .\\" keys: vips
    .Bl -tag ...
    .It Cm metric
    A number from 1 to 15: the metric to announce it with.
    .\\" by hand
    Default: the metric of rip.
    .El
    .\\" keys end

What is above `by hand` is written by --write and compared without it; what is below is prose. A list may be a part of a table
("keys: checks tcp-file"), but every key of a table must be somewhere. `.\\" names: vips` stands above one line with the names alone.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

BEGIN, END, HAND, NAMES = '.\\" keys: ', '.\\" keys end', '.\\" by hand', '.\\" names: '


def marked(text: str) -> list[str]:
    """Text with `words` as lines of mdoc."""
    lines: list[str] = []
    for n, part in enumerate(re.split(r"`([^`]*)`", text)):
        part = part.strip()
        if n % 2:
            lines.append(f".Cm {part}")
        elif part and re.match(r"^[.,;:]", part):
            lines[-1] += f" {part[0]}"
            lines += [part[1:].strip()] if part[1:].strip() else []
        elif part:
            lines.append(part)
    return lines


class Key:
    """A row of a table."""

    def __init__(self, line: str) -> None:
        self.table, self.name, self.kind, self.form, words, self.default, self.help = line.split("\t")
        self.words = words.split()

    def head(self) -> list[str]:
        """What stands in a page under the key."""
        text = self.help[:1].upper() + self.help[1:]
        if self.kind == "word":
            *most, last = (f".Cm {word}" for word in self.words)
            lines = marked(f"{text}:") + [f"{each} ," for each in most[:-1]] + most[-1:] + ["or", f"{last} ."]
        elif self.kind == "bool":
            lines = marked(f"A boolean: {self.help}.")
        else:
            lines = marked(f"{self.form[:1].upper()}{self.form[1:]}: {self.help}.")
        if self.default:
            lines += ["Default:", f".Cm {self.default} ." if self.kind in ("bool", "word") else f".Li {self.default} ."]
        return lines


def tables(program: str) -> dict[str, dict[str, Key]]:
    """The tables that the program has, by their names."""
    found: dict[str, dict[str, Key]] = {}
    for line in subprocess.run([program], check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines():
        key = Key(line)
        found.setdefault(key.table, {})[key.name] = key
    return found


def items(lines: list[str]) -> tuple[list[str], list[tuple[str, list[str]]], list[str]]:
    """A list of mdoc: what opens it, its items with their keys, and what closes it."""
    depth, found, opening = 0, [], []
    for number, line in enumerate(lines):
        if line.startswith(".Bl"):
            depth += 1
        if depth == 1 and line.startswith(".It Cm "):
            found.append((line.split()[2], []))
        elif depth == 1 and line.startswith(".El"):
            return opening, found, lines[number:]
        elif found:
            found[-1][1].append(line)
        else:
            opening.append(line)
        if line.startswith(".El"):
            depth -= 1
    raise SystemExit(f"a list of keys does not end: {lines[0]}")


def prose(lines: list[str]) -> list[str]:
    """What is written by hand in an item."""
    return lines[lines.index(HAND):] if HAND in lines else []


class Page:
    """A page as it should be."""

    def __init__(self, known: dict[str, dict[str, Key]]) -> None:
        self.known = known
        self.seen: dict[str, list[str]] = {}

    def block(self, name: str, lines: list[str]) -> list[str]:
        """A list with the heads of its items as the table has them."""
        table = self.known[name]
        opening, found, closing = items(lines)
        made = list(opening)
        for key, text in found:
            if key not in table:
                raise SystemExit(f"there is no key '{key}' in the table of {name}")
            self.seen.setdefault(name, []).append(key)
            rest = prose(text)
            made += [f".It Cm {key}", *table[key].head(), *rest[:1], *self.made(rest[1:])]
        return made + closing

    def made(self, lines: list[str]) -> list[str]:
        """Lines with all lists of keys in them as they should be."""
        out: list[str] = []
        at = 0
        while at < len(lines):
            line = lines[at]
            out.append(line)
            at += 1
            if line.startswith(NAMES):
                names = " , ".join(name for name in self.known[line.removeprefix(NAMES)])
                out.append(f".Va {names} .")
                at += 1
            elif line.startswith(BEGIN):
                depth, end = 1, at
                while depth:
                    depth += lines[end].startswith(BEGIN) - (lines[end] == END)
                    end += 1
                out += self.block(line.removeprefix(BEGIN), lines[at:end - 1]) + [END]
                at = end
        return out

    def missing(self) -> list[str]:
        """The keys that the tables of the page have, and the page has not."""
        return [f"'{key}' of {name}" for name, keys in self.seen.items() for key in self.known[name]
                if key not in keys]


def main() -> int:
    """Compare the pages, or write them."""
    program, *rest = sys.argv[1:]
    write = "--write" in rest
    known = tables(program)
    bad = 0
    for path in (Path(name) for name in rest if name != "--write"):
        page = Page(known)
        text = path.read_text(encoding="utf-8")
        made = "\n".join(page.made(text.split("\n")))
        for key in page.missing():
            print(f"{path}: {key} is missing")
            bad = 1
        if made != text and write:
            path.write_text(made, encoding="utf-8")
        elif made != text:
            print(f"{path}: the tables of keys are others now: keys.py --write")
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
