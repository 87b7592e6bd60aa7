#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every folder of src/ includes only what its layer allows, and that files stay readable.

The rule stands in ALLOWED below and in doc/architecture.md; a folder may always include itself. Speakers
(src/proto/*) may not include each other. Exits 1 and names each offence.
"""

import re
import sys
from pathlib import Path

# folder: what it may include. A test may also include base (for unit.h) and whatever its folder may.
ALLOWED = {
    "base": [],
    "wire": ["base"],
    "net": ["base", "wire"],
    "fields": ["base", "wire", "net"],
    "proto": ["base", "wire", "net", "fields"],
    "node": ["base", "wire", "net", "fields", "proto"],
    "config": ["base", "net", "fields", "proto", "node"],
    "check": ["base", "wire"],
    "director": ["base", "net"],
    "linux": ["base", "wire", "net", "fields", "proto", "node", "config", "check", "director"],
    "guard": ["base", "wire", "net", "fields", "proto", "node", "linux"],
    "sim": ["base", "wire", "net", "fields", "proto", "node", "config", "director"],
    "api": ["base", "net", "fields", "node"],
    "vipd": ["base", "wire", "net", "fields", "proto", "node", "config", "director", "linux", "guard", "api"],
    "vip": ["base", "net", "fields"],
    "console": ["base", "net"],
}

# Who may share a header with the BPF programs in bpf/, outside of src/.
BPF = {"linux", "director"}

# What all speakers have in common; it knows none of them.
FACE = "proto/speaker.h"

# The private headers of a folder: nobody else may include them.
PRIVATE = {"proto/rip/instance.h", "proto/bfd/instance.h", "proto/probe/instance.h", "proto/echo/instance.h", "proto/echo/packet.h", "proto/acd/instance.h", "proto/ospf/database.h", "proto/ospf/instance.h", "proto/ospf/lsa_wire.h", "proto/ospf/machine.h", "node/core.h", "node/command.h", "node/save.h"}

# The floors of src/node: a file may include what is on its own floor and below. What lies in node/ itself belongs to
# all of them, but for ABOVE, which is the roof; nobody outside of the node sees what is on a floor.
FLOORS = ["kernel", "route", "vip", "read"]
ABOVE = {"node/command.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def unit_of(path: str) -> str:
    """The unit that keeps to itself: a speaker for src/proto, the folder elsewhere."""
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "proto" else parts[0]


def floor_of(path: str) -> int:
    """How high a file of src/node lies; -1 for what belongs to all floors and for what is no file of it."""
    parts = path.split("/")
    if path in ABOVE:
        return len(FLOORS)
    return FLOORS.index(parts[1]) if parts[0] == "node" and parts[1] in FLOORS else -1


def is_upward(name: str, included: str) -> bool:
    """Whether a file on one floor includes something of a higher one."""
    return 0 <= floor_of(name) < floor_of(included)


def offences(root: Path):
    src = root / "src"
    for file in sorted(src.rglob("*.[ch]")):
        name = file.relative_to(src).as_posix()
        folder, unit = name.split("/")[0], unit_of(name)
        if folder not in ALLOWED:
            yield f"src/{name}: the folder {folder} has no layer; give it one in tools/layers.py"
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            included = match.group(1)
            where = f"src/{name}:{number}"
            if included.startswith("bpf/"):
                # A skeleton is made by the build from the program of that name.
                source = included.replace(".skel.h", ".bpf.c")
                if folder not in BPF or not (root / source).exists():
                    yield f"{where}: {folder} must not include {included}"
            elif "/" not in included:
                yield f'{where}: include with the folder: "{included}"'
            elif not (src / included).exists():
                yield f"{where}: there is no src/{included}"
            elif folder == "proto" and included == FACE:
                continue
            elif unit_of(included) == unit:
                if is_upward(name, included):
                    yield f"{where}: {included} is on a higher floor"
            elif included in PRIVATE or floor_of(included) >= 0:
                yield f"{where}: {included} is private to its folder"
            elif included.split("/")[0] == folder or included.split("/")[0] not in ALLOWED[folder]:
                yield f"{where}: {unit} must not include {included}"


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = list(offences(root))
    for offence in found:
        print(offence)
    print(f"{len(found)} offences against the layers")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
