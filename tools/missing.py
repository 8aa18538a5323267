"""Says before a test run what this machine lacks, and which tests will therefore be left out."""

import os
import shutil
import sys
from pathlib import Path

NEEDS = {
    "PostgreSQL": (
        lambda: bool(list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))) or bool(shutil.which("initdb")),
        "apt install postgresql",
    ),
    "NATS": (lambda: bool(shutil.which("nats-server")), "apt install nats-server"),
    "Chromium": (lambda: bool(shutil.which("chromium") and shutil.which("chromedriver")), "apt install chromium chromium-driver"),
}


def main() -> None:
    missing = {name: how for name, (found, how) in NEEDS.items() if not found()}
    for name, how in missing.items():
        sys.stdout.write(f"left out: the tests that need {name} (to run them: {how})\n")
    if missing and os.environ.get("CI"):
        sys.exit("In CI nothing may be left out.")


if __name__ == "__main__":
    main()
