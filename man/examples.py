#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every literal example of vipd.yaml(5) is a configuration that `vipd --check` takes.

usage: examples.py VIPD PAGE
"""
import subprocess
import sys
import tempfile


def examples(page):
    text, inside = [], False
    for line in page:
        if line.startswith(".Bd -literal"):
            text, inside = [], True
        elif line.startswith(".Ed") and inside:
            inside = False
            yield "".join(text)
        elif inside:
            text.append(line)


def main():
    vipd, page = sys.argv[1:]
    failed = count = 0
    with open(page, encoding="utf-8") as lines:
        for example in examples(lines):
            count += 1
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(example)
                file.flush()
                run = subprocess.run([vipd, "--check", "--config", file.name],
                                     capture_output=True, text=True, check=False)
            if run.returncode != 0 or run.stderr:
                failed += 1
                print(f"{example}\n{run.stderr}")
    print(f"{count} examples, {failed} failed")
    return 1 if failed or not count else 0


sys.exit(main())
