# SPDX-License-Identifier: Apache-2.0
"""What a sanitizer finds in a daemon is seen, whoever the daemon has become and whatever it closed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab import sanitizer
from lab.scratch import scratch

# Closes its stderr, gives up its rights, and reads behind the end of what it has.
BROKEN = r"""
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	char *bytes = malloc(4);

	if (setuid(65534) < 0)
		return 3;
	close(2);
	return bytes[4];
}
"""

# A sum that does not fit.
UNDEFINED = r"""
int main(int argc, char **argv)
{
	(void)argv;
	return (0x7fffffff + argc) == 0;
}
"""


def built(name: str, text: str) -> Path:
    """The program, built as tools/check.py builds the daemons."""
    folder = scratch("sanitizer")
    folder.chmod(0o755)
    source = folder / f"{name}.c"
    source.write_text(text, encoding="ascii")
    subprocess.run(["clang-14", "-g", "-fsanitize=address,undefined", "-o", folder / name,
                    source], check=True)
    return folder / name


@pytest.mark.parametrize("name, text, what", (
    ("broken", BROKEN, "heap-buffer-overflow"),
    ("undefined", UNDEFINED, "signed integer overflow"),
), ids=("broken", "undefined"))
def test_a_report_is_found(name: str, text: str, what: str) -> None:
    program = built(name, text)
    assert sanitizer.take_reports() == ""
    subprocess.run([program], check=False)
    assert what in sanitizer.take_reports()
    assert sanitizer.take_reports() == ""
