#!/usr/bin/env python3
"""Sets everything up on a fresh machine: uv, two Pythons, two locked environments.  Runs on any Python from 3.8 on.

Nothing is installed outside this folder.  A second run finds everything and does nothing.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
UV_VERSION = "0.13.9"
# house: clock 2 - nothing of ours is installed yet, and it only measures how long a step took
BEGUN = time.perf_counter()


def say(what):
    print("%6.1f s  %s" % (time.perf_counter() - BEGUN, what), flush=True)


def fail(sentence, log=""):
    tail = "\n".join(log.strip().splitlines()[-12:])
    sys.exit("\n%s\n%s" % (tail, sentence))


def run(command, folder=ROOT):
    """Run quietly; the output is shown only when something goes wrong."""
    environment = dict(os.environ, UV_PYTHON_PREFERENCE="system", UV_NO_PROGRESS="1")
    # pyenv pins its children to the Python and the folder this script began with, and would hide the other Python from uv.
    for pinned in ("PYENV_VERSION", "PYENV_DIR"):
        environment.pop(pinned, None)
    done = subprocess.run(command, cwd=str(folder), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def find_uv():
    """uv from the path, from .tools, or fetched into .tools."""
    ours = TOOLS / "bin" / "uv"
    for candidate in (str(ours) if ours.exists() else None, shutil.which("uv")):
        if candidate:
            return candidate
    say("fetching uv %s into .tools ..." % UV_VERSION)
    code, log = run([sys.executable, "-m", "venv", str(TOOLS)])
    if code == 0:
        code, log = run([str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv==" + UV_VERSION])
    else:
        # Debian ships Python without the venv module's pip: install into a folder with the pip there is.
        code, log = run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(TOOLS), "uv==" + UV_VERSION])
    if code != 0 or not ours.exists():
        fail("uv could not be fetched. Check the network or proxy, or install uv yourself, and run this again.", log)
    return str(ours)


def environment(uv, folder, version, name):
    """One locked environment.  A stamp of the lock inside it says whether it is up to date."""
    lock, home = folder / "requirements.lock", folder / ".venv"
    stamp, wanted = home / ".lock-stamp", hashlib.sha256((folder / "requirements.lock").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return say("%s: environment is up to date" % name)
    say("%s: finding Python %s ..." % (name, version))
    code, log = run([uv, "venv", "--quiet", "--clear", "--python", version, str(home)], folder)
    if code != 0:
        fail(
            "Python %s was not found and could not be fetched. Install it (pyenv install %s, or your system's package) "
            "and run this again." % (version, version),
            log,
        )
    say("%s: installing the locked packages (some minutes on a slow line) ..." % name)
    code, log = run([uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(home), str(lock)], folder)
    if code == 0 and folder == ROOT:
        code, log = run([uv, "pip", "install", "--quiet", "--no-deps", "--python", str(home), "--editable", "."], folder)
    if code != 0:
        fail("The packages of %s could not be installed. Check the network and the disk, and run this again." % name, log)
    stamp.write_text(wanted)
    return say("%s: environment installed" % name)


def main():
    free_mb = shutil.disk_usage(str(ROOT)).free // 2**20
    if free_mb < 500 or (free_mb < 4_000 and not (ROOT / "bot" / ".venv" / ".lock-stamp").exists()):
        fail("The disk has %d MB left; the two environments need about 4,000 MB. Free some space and run this again." % free_mb)
    uv = find_uv()
    environment(uv, ROOT, "3.12", "karez")
    environment(uv, ROOT / "bot", "3.10", "assistant")
    say("set-up is complete")


if __name__ == "__main__":
    main()
