#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every literal example of vipd.yaml(5) is a configuration that `vipd --check` takes.

usage: examples.py VIPD PAGE
       examples.py VIP PAGE SECTION

With a section its examples are NetWare scripts that `vip run-ncf --dry-run` takes.
"""
import subprocess
import sys
import tempfile

ABOUT_HOST = (" fits no interface that is there now", " lies outside of the networks that ")


def examples(page, section):
    text, inside, current = [], False, None
    for line in page:
        if line.startswith(".Sh "):
            current = line[len(".Sh "):].strip()
        if line.startswith(".Bd -literal") and section in (None, current):
            text, inside = [], True
        elif line.startswith(".Ed") and inside:
            inside = False
            yield "".join(text)
        elif inside:
            text.append(line)


def main():
    program, page, *rest = sys.argv[1:]
    section = rest[0] if rest else None
    command = [program, "run-ncf", "--dry-run"] if section else [program, "--check", "--config"]
    failed = count = 0
    with open(page, encoding="utf-8") as lines:
        for example in examples(lines, section):
            count += 1
            with tempfile.NamedTemporaryFile("w", suffix=".ncf" if section else ".yaml") as file:
                file.write(example)
                file.flush()
                run = subprocess.run([*command, file.name],
                                     capture_output=True, text=True, check=False)
            # A script may have notes; a configuration that is right has none, but for what is
            # said of this host, which has other interfaces.
            notes = [line for line in run.stderr.splitlines()
                     if not any(part in line for part in ABOUT_HOST)]
            if run.returncode != 0 or (notes and not section):
                failed += 1
                print(f"{example}\n{run.stderr}")
    print(f"{count} examples, {failed} failed")
    return 1 if failed or not count else 0


sys.exit(main())
