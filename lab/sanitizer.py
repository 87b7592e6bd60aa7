# SPDX-License-Identifier: Apache-2.0
"""What the sanitizers of a daemon have to say.

A build with -Db_sanitize=address,undefined reports what it finds on stderr, which a daemon may have
closed, and which a test may not look at. So every program of a contained run is told to write its
reports into one folder, which anybody may write to: whoever a program becomes, and whatever it
closes, a report is found there.
"""

from __future__ import annotations

from pathlib import Path

# On the tmpfs that the containment puts over /run.
FOLDER = Path("/run/sanitizer")

# How reports are asked for. To have found something ends the program: nothing goes on in ruins.
ENVIRONMENT = {
    "ASAN_OPTIONS": f"log_path={FOLDER}/address:detect_leaks=1:abort_on_error=0",
    "UBSAN_OPTIONS": f"log_path={FOLDER}/undefined:print_stacktrace=1:halt_on_error=1",
    "LSAN_OPTIONS": f"log_path={FOLDER}/leak",
}


def make_folder() -> None:
    """Make the place for reports."""
    FOLDER.mkdir()
    FOLDER.chmod(0o1777)


def take_reports() -> str:
    """What was reported since the last time; empty when all is well."""
    if not FOLDER.is_dir():
        return ""
    texts = []
    for path in sorted(FOLDER.iterdir()):
        texts.append(f"{path.name}:\n{path.read_text(encoding='utf-8', errors='replace')}")
        path.unlink()
    return "\n".join(texts)
