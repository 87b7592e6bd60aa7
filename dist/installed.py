#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is installed lies where it is read, is all there is, and goes again.

usage: installed.py BUILD PREFIX
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Where each reader looks, for what is installed into /usr and into /usr/local.
READ = {
    "NetworkManager.conf(5)": r"(/etc|/usr/lib)/NetworkManager/conf\.d/.*\.conf",
    "systemd.unit(5)": r"/usr(/local)?/lib/systemd/system/.*\.(service|socket)",
    "systemd.network(5)": r"/usr(/local)?/lib/systemd/network/.*\.network",
    "sysusers.d(5)": r"/usr(/local)?/lib/sysusers\.d/.*\.conf",
    "tmpfiles.d(5)": r"/usr(/local)?/lib/tmpfiles\.d/.*\.conf",
    "man(1)": r"/usr(/local)?/share/man/man[1578]/.*",
    "the shells": r"/usr(/local)?/share/(bash-completion/completions|zsh/site-functions|fish/vendor_completions\.d)/.*",
    "PATH": r"/usr(/local)?/s?bin/vipd?",
    "vipd": r"/usr(/local)?/libexec/vipd/vipd-[a-z-]+",
    "whoever begins": r"/usr(/local)?/share/doc/vipd/examples/vipd\.yaml",
}
# Other prefixes are for whoever knows what he does.
KNOWN = ("/usr", "/usr/local")


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def complaints(root):
    files = [path for path in root.rglob("*") if not path.is_dir()]
    names = {"/" + str(path.relative_to(root)) for path in files}
    for name in sorted(names):
        # The simulator is a tool of ours, and is installed by nobody.
        if not any(re.fullmatch(pattern, name) for pattern in READ.values()):
            yield f"{name}: nobody reads it there"
    for reader, pattern in READ.items():
        if not any(re.fullmatch(pattern, name) for name in names):
            yield f"{reader}: there is nothing to read"
    for path in files:
        if path.suffix != ".service":
            continue
        for program in re.findall(r"(?m)^Exec\w+=\+?(/\S+)", path.read_text("ascii")):
            if program not in names:
                yield f"{path.name}: there is no {program}"


def main():
    build, prefix = Path(sys.argv[1]), sys.argv[2]
    if prefix not in KNOWN:
        print(f"skipped: nobody knows who reads {prefix}")
        return 77
    log = build / "meson-logs" / "install-log.txt"
    with tempfile.TemporaryDirectory() as folder:
        kept = shutil.copy(log, f"{folder}/log") if log.exists() else None
        root = Path(folder) / "root"
        try:
            run("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", root)
            wrong = list(complaints(root))
            run("ninja", "-C", build, "uninstall")
            wrong += [f"{path}: is left" for path in root.rglob("*") if not path.is_dir()]
        finally:
            # The next uninstall is for what somebody has really installed.
            log.unlink(missing_ok=True)
            if kept:
                shutil.copy(kept, log)
    print("\n".join(wrong))
    return 1 if wrong else 0


sys.exit(main())
