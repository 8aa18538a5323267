"""Ways an editor breaks a content file, and what is told of it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from click.testing import Result
from typer.testing import CliRunner

from care.cli import app
from care.content.reading import LOADER
from care.studio.checking import check_content

DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
TOLD = re.compile(r"content/[\w/.@-]+:\d+: .+: .+")


def told(words: Path) -> list[str]:
    """Everything that keeps a folder from being used."""
    return [str(problem) for problem in check_content(words)[1]]


def change(file: Path, old: str, new: str) -> int:
    """Replace the first `old`; returns the line it stood on."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} no longer holds {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def without_key(file: Path, key: str) -> int:
    """Remove a key that stands on one line; returns the line."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    [number] = [number for number, line in enumerate(lines) if line.startswith(f"{key}:")]
    file.write_text("".join(lines[:number] + lines[number + 1 :]), encoding="utf-8")
    return number + 1


def karez(*command: str, asked: str = "", **settings: object) -> subprocess.CompletedProcess[str]:
    """The command as an operator types it, with these settings; `asked` is what is typed into it."""
    environment = os.environ | {f"KAREZ_{name.upper()}": str(value) for name, value in settings.items()}
    typed = [sys.executable, "-m", "care.cli", *command]
    return subprocess.run(typed, env=environment, input=asked, capture_output=True, text=True, check=False, timeout=120)


def content(*command: str) -> Result:
    """A command of `karez content`, as it is typed, in this process: reading the program takes longer than most of them."""
    return CliRunner().invoke(app, ["content", *command])


def keys_of(file: Path) -> list[str]:
    """The keys of a file, or of its header."""
    return list(yaml.load(split(file)[0], LOADER))


def rewrite(file: Path, key: str, value: object) -> None:
    """Give a key another value."""
    header, rest = split(file)
    written = dump(yaml.load(header, LOADER) | {key: value})
    file.write_text(f"---\n{written}---\n{rest}" if file.suffix == ".md" else written, encoding="utf-8")


def dump(values: dict[str, Any]) -> str:
    """As a program writes YAML, in C: a file of phrases takes a second otherwise."""
    return str(yaml.dump(values, Dumper=DUMPER, allow_unicode=True, sort_keys=False, width=1000))


def split(file: Path) -> tuple[str, str]:
    """What is YAML in a file, and the text below it."""
    text = file.read_text(encoding="utf-8")
    return (text.split("---\n", 2)[1], text.split("---\n", 2)[2]) if file.suffix == ".md" else (text, "")
